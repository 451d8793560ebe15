/** Faults planted in what the daemon is joined to: it reads, writes or remembers wrongly in one way. */
import type { DaemonGiven } from '../controller/daemon.ts';
import { makeEvents } from '../controller/events.ts';
import type { Disk } from '../store/disk.ts';
import { ownershipTags, TAGS } from '../model/ownership.ts';
import type { DaemonLifeGiven } from './daemon-life.ts';
import { OWNER } from './settings.ts';
import { readStored } from './stored-app.ts';
import { nameOf } from './truth.ts';
import { RESOURCE_GROUP, SUBSCRIPTION } from './virtual-azure.ts';

function withAzure(daemon: DaemonGiven, changed: Partial<DaemonGiven['azure']>): DaemonGiven {
  return { ...daemon, azure: { ...daemon.azure, ...changed } };
}

function wholeProfile({ azure }: DaemonLifeGiven, name: string): string {
  const profile = azure.profile(name);
  const endpoints = [...(profile?.endpoints.values() ?? [])].map(({ name: endpoint, target, weight, enabled }) => {
    return { name: endpoint, properties: { target, weight, endpointStatus: enabled ? 'Enabled' : 'Disabled' } };
  });
  const dnsConfig = { relativeName: name, ttl: profile?.ttl };
  return JSON.stringify({ location: 'global', properties: { trafficRoutingMethod: 'Weighted', dnsConfig, endpoints } });
}

export function putWholeProfile(daemon: DaemonGiven, given: DaemonLifeGiven): DaemonGiven {
  return withAzure(daemon, {
    enableEndpoint: async (address, ...rest) => {
      const path = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.Network/trafficManagerProfiles/${address.profile}`;
      const query = new URLSearchParams({ 'api-version': '2022-04-01' });
      const request = {
        method: 'PUT',
        path,
        query,
        headers: {},
        body: wholeProfile(given, address.profile),
        base: '',
      };
      given.onRequest(request, { at: given.time.now(), isAlive: false });
      await given.azure.face(request);
      return daemon.azure.enableEndpoint(address, ...rest);
    },
  });
}

/** What says neither good nor bad counts as a success. */
export function takeVagueForHealthy(daemon: DaemonGiven): DaemonGiven {
  return {
    ...daemon,
    measure: async (...given) => {
      const measured = await daemon.measure(...given);
      return measured.kind === 'inconclusive'
        ? { at: measured.at, kind: 'success', detail: measured.detail }
        : measured;
    },
  };
}

/** A group is tagged with those of its role alone, as if it had no others. */
export function dropOtherTags(daemon: DaemonGiven): DaemonGiven {
  return withAzure(daemon, {
    tagGroup: (address, tags, changer) => {
      const others = new Set<string>(Object.values(TAGS));
      const own = Object.entries(tags).filter(([name]) => !others.has(name));
      return daemon.azure.tagGroup(address, Object.fromEntries(own), changer);
    },
  });
}

/** Every group in the list carries our marks. */
export function takeForeignGroups(daemon: DaemonGiven): DaemonGiven {
  const own = (name: string) =>
    ownershipTags({
      owner: OWNER,
      app: name.split('-')[0] ?? name,
      releaseId: 'x',
      templateHash: 'x',
      stackId: 'deadbeef',
      tags: new Map(),
    });
  return withAzure(daemon, {
    getGroup: async (address, caller) => {
      const seen = await daemon.azure.getGroup(address, caller);
      if (!seen.known || seen.value === undefined || !address.name.endsWith('by-hand')) return seen;
      return { ...seen, value: { ...seen.value, tags: own(address.name) } };
    },
    listGroups: async (...list) => {
      const seen = await daemon.azure.listGroups(...list);
      if (!seen.known) return seen;
      const value = seen.value.map((group) =>
        group.name.endsWith('by-hand') ? { ...group, tags: own(group.name) } : group,
      );
      return { ...seen, value };
    },
  });
}

/** Groups that are not in rotation are never seen in a list. */
export function forgetOrphans(daemon: DaemonGiven, { azure }: DaemonLifeGiven): DaemonGiven {
  return withAzure(daemon, {
    listGroups: async (...list) => {
      const seen = await daemon.azure.listGroups(...list);
      if (!seen.known) return seen;
      const endpoints = azure.profiles.list(SUBSCRIPTION).flatMap((profile) => [...profile.endpoints.values()]);
      const inRotation = new Set(endpoints.filter(({ enabled }) => enabled).map(({ target }) => nameOf(target)));
      return { ...seen, value: seen.value.filter(({ name }) => inRotation.has(name)) };
    },
  });
}

/** With no rollout under way, only the live stack's endpoints are seen to be enabled. */
export function overlookOthers(daemon: DaemonGiven, { azure, documents }: DaemonLifeGiven): DaemonGiven {
  return withAzure(daemon, {
    getProfile: async (resourceGroup, name, caller) => {
      const seen = await daemon.azure.getProfile(resourceGroup, name, caller);
      const { live, rollout } = readStored(documents.peek(name)?.state);
      if (!seen.known || seen.value === undefined || live === undefined || rollout !== undefined) return seen;
      const names = new Set(live.groups.map(({ name }) => name));
      const endpoints = seen.value.endpoints.map((endpoint) =>
        names.has(azure.groupBehind(endpoint.target ?? '')?.key.name ?? '')
          ? endpoint
          : { ...endpoint, enabled: false },
      );
      return { ...seen, value: { ...seen.value, endpoints } };
    },
  });
}

/** A removal takes effect long after it was asked for. */
export function removeSlowly(daemon: DaemonGiven, { time }: DaemonLifeGiven): DaemonGiven {
  return withAzure(daemon, {
    disableEndpoint: async (...disable) => {
      await time.sleep(25_000);
      return daemon.azure.disableEndpoint(...disable);
    },
  });
}

/** An endpoint is led elsewhere long after that was asked for. */
export function retargetSlowly(daemon: DaemonGiven, { time }: DaemonLifeGiven): DaemonGiven {
  return withAzure(daemon, {
    retargetEndpoint: async (...retarget) => {
      await time.sleep(25_000);
      return daemon.azure.retargetEndpoint(...retarget);
    },
  });
}

/** Leads an endpoint elsewhere by writing its weight as well. */
export function writeAllOnSwap(daemon: DaemonGiven, { azure }: DaemonLifeGiven): DaemonGiven {
  return withAzure(daemon, {
    retargetEndpoint: (address, { target }, changer) => {
      const { weight = 1, enabled = true } = azure.profile(address.profile)?.endpoints.get(address.name) ?? {};
      const settings = { target, weight: enabled ? weight : 1, isNew: false };
      return daemon.azure.enableEndpoint(address, settings, changer);
    },
  });
}

export function askForNoSuccess(daemon: DaemonGiven): DaemonGiven {
  const apps = daemon.settings.apps.map((app) =>
    app.probe === undefined ? app : { ...app, probe: { ...app.probe, successes: 0 } },
  );
  return { ...daemon, settings: { ...daemon.settings, apps } };
}

export function newFirst(daemon: DaemonGiven): DaemonGiven {
  const strategy = { kind: 'recreate', order: 'newFirst' } as const;
  const apps = daemon.settings.apps.map((app) => ({ ...app, rollout: { ...app.rollout, strategy } }));
  return { ...daemon, settings: { ...daemon.settings, apps } };
}

/** Each state is written when the next one comes. */
export function actBeforeSave(daemon: DaemonGiven): DaemonGiven {
  const waiting = new Map<string, { save: () => Promise<string> }>();
  return {
    ...daemon,
    store: {
      ...daemon.store,
      save: async (app, state, version) => {
        await waiting.get(app)?.save();
        const next = String(Number(version ?? 0) + 1);
        waiting.set(app, { save: () => daemon.store.save(app, state, version) });
        return next;
      },
    },
  };
}

/** What failed by its own fault is forgotten as soon as it is written. */
export function forgetCondemned(daemon: DaemonGiven): DaemonGiven {
  return withLoaded(daemon, (state) => ({ ...state, condemned: [] }));
}

/** What it has stored reads differently at each start. */
export function withLoaded(daemon: DaemonGiven, change: (state: object) => object): DaemonGiven {
  return {
    ...daemon,
    store: {
      ...daemon.store,
      load: async (app) => {
        const stored = await daemon.store.load(app);
        if (stored === undefined || typeof stored.state !== 'object' || stored.state === null) return stored;
        return { ...stored, state: change(stored.state) };
      },
    },
  };
}

/** The newest tags are missing from every other list, and it is believed. */
export function believePartialLists(daemon: DaemonGiven): DaemonGiven {
  return {
    ...daemon,
    openRepository: (registry, name) => {
      const repository = daemon.openRepository(registry, name);
      let polls = 0;
      return {
        checkCandidate: (asked) => repository.checkCandidate(asked),
        listTags: async () => {
          const list = await repository.listTags();
          polls += 1;
          if (list.kind === 'unknown' || polls % 2 === 0) return list;
          const ordered = [...list.tags].sort((a, b) => (a.pushedAt ?? 0) - (b.pushedAt ?? 0));
          return { ...list, tags: ordered.slice(0, Math.max(1, ordered.length - 1)) };
        },
      };
    },
  };
}

/** Each group that was listed before and is lacking now is found to be gone by name, too. */
export function believePartialGroupLists(daemon: DaemonGiven): DaemonGiven {
  const listed = new Set<string>();
  const once = new Set<string>();
  return withAzure(daemon, {
    listGroups: async (...list) => {
      const seen = await daemon.azure.listGroups(...list);
      listed.clear();
      for (const { name } of seen.known ? seen.value : []) {
        listed.add(name);
        once.add(name);
      }
      return seen;
    },
    getGroup: async (address, caller) => {
      const seen = await daemon.azure.getGroup(address, caller);
      return seen.known && once.has(address.name) && !listed.has(address.name) ? { ...seen, value: undefined } : seen;
    },
  });
}

/** A whole file is written where the old one is. */
export function writeInPlace(disk: Disk): Disk {
  const texts = new Map<string, string>();
  return {
    ...disk,
    write: async (file, text) => void texts.set(file, text),
    rename: (from, to) => disk.write(to, texts.get(from) ?? ''),
  };
}

export function sayTwice(daemon: DaemonGiven, given: DaemonLifeGiven): DaemonGiven {
  const log = given.log(() => false);
  const again = makeEvents(log);
  return {
    ...daemon,
    events: {
      ...daemon.events,
      rolloutChanged: (rollout, change) => {
        daemon.events.rolloutChanged(rollout, change);
        again.rolloutChanged(rollout, change);
      },
    },
  };
}

/** Writes whatever it knows over whatever is there, and takes its time: a pause in between lets another one write. */
export function ignoreEtag(daemon: DaemonGiven, { time }: DaemonLifeGiven): DaemonGiven {
  return {
    ...daemon,
    store: {
      ...daemon.store,
      save: async (app, state, expected) => {
        await time.sleep(10_000);
        const found = await daemon.store.load(app);
        return daemon.store.save(app, state, found?.version ?? expected);
      },
    },
  };
}

/** Takes every lease that it once had for its own for ever. */
export function keepActing(daemon: DaemonGiven): DaemonGiven {
  if (daemon.sharing === undefined) return daemon;
  const { leases, wall } = daemon.sharing;
  const held = new Set<number>();
  return {
    ...daemon,
    sharing: {
      wall,
      leases: {
        ...leases,
        durationMs: Number.MAX_SAFE_INTEGER,
        acquire: async (partition) => {
          const leaseId = await leases.acquire(partition);
          if (leaseId !== undefined) held.add(partition);
          return leaseId;
        },
        renew: async (partition, leaseId) => (await leases.renew(partition, leaseId)) || held.has(partition),
      },
    },
  };
}

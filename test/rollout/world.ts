/** A tiny world for tests of the pure machine: it does effects at once and shows what is there, with virtual time. */
import type { App, Tags } from '../../src/model/app.ts';
import type { NameAnswers } from '../../src/model/confirmed-gone.ts';
import type { Measurement } from '../../src/model/check.ts';
import { makeRelease } from '../../src/model/release.ts';
import type { Release } from '../../src/model/release.ts';
import { decide } from '../../src/rollout/decide.ts';
import { watching } from '../../src/rollout/watching.ts';
import type { Change, Decision } from '../../src/rollout/decide.ts';
import { effectKey } from '../../src/rollout/effect.ts';
import type { Effect, Refusal, Stack } from '../../src/rollout/effect.ts';
import type { Observation, ObservedEndpoint, ObservedGroup, Seen, Vote } from '../../src/rollout/observation.ts';
import type { Rollout } from '../../src/rollout/state.ts';

/** An hour of looks every half second, and some more. */
const MOST_LOOKS = 10_000;
export const START = Date.UTC(2026, 0, 1, 12, 0, 0);

export const app: App = {
  name: 'web',
  images: [
    {
      container: 'web',
      registry: 'demo.azurecr.io',
      repository: 'web',
      policy: { kind: 'semver', range: '*', prerelease: false },
    },
  ],
  template: { file: '/web.yaml', document: {}, hash: 'aaaa', containers: ['web'] },
  resourceGroup: 'demo',
  locations: ['westeurope'],
  replicas: 2,
  traffic: { resourceGroup: 'demo', profile: 'web', weight: 100 },
  probe: {
    scheme: 'http',
    port: 80,
    path: '/',
    host: undefined,
    statuses: [{ from: 200, to: 299 }],
    intervalMs: 1000,
    timeoutMs: 1000,
    successes: 2,
    failures: 3,
    graceMs: 0,
  },
  settleMs: 0,
  repairAfterMs: 600_000,
  rollout: {
    strategy: { kind: 'blueGreen' },
    propagationMarginMs: 5000,
    drainMs: 2000,
    observeIntervalMs: 1000,
    deadlines: {
      provisionMs: 60_000,
      verifyMs: 60_000,
      registerMs: 60_000,
      onlineMs: 60_000,
      deregisterMs: 60_000,
      retireMs: 60_000,
    },
  },
};

export function release(version: string): Release {
  const digest = `sha256:${version.replaceAll('.', '').padStart(64, '0')}`;
  return makeRelease(
    [{ container: 'web', registry: 'demo.azurecr.io', repository: 'web', tag: version, digest }],
    'aaaa',
  );
}

export function stack(id: string, version: string, replicas = 2): Stack {
  const groups = Array.from({ length: replicas }, (_, index) => {
    const name = `web-${id}-westeurope-${index + 1}`;
    return { name, location: 'westeurope', replica: index + 1, endpoint: `viridian.${name}` };
  });
  return { id, release: release(version), groups };
}

export class World {
  now = START;
  ttlSeconds = 10;
  routingMethod = 'Weighted';
  /** How long a look at the profile was under way before it was answered. */
  lookMs = 0;
  profileKnown = true;
  profileExists = true;
  /** What each look at the name servers gives: targets that are answered; by default they cannot be asked. */
  names: () => readonly string[] | undefined = () => undefined;
  nameServers = 4;
  /** False: every GET of a group fails. */
  groupsKnown = true;
  /** False: what can be seen of a failed candidate is never told. */
  evidenceKnown = true;
  readonly groups = new Map<string, ObservedGroup>();
  readonly endpoints = new Map<string, ObservedEndpoint>();
  readonly refusals = new Map<string, Refusal>();
  readonly log: string[] = [];
  /** What a job has written. */
  readonly logs = new Map<string, string>();
  readonly changes: Change[] = [];
  /** What a probe of a group answers; true by default. */
  isHealthy: (group: string) => boolean = () => true;
  /** Monitor status of an enabled endpoint. */
  monitor: (endpoint: string) => string = () => 'Online';
  /** What a check measures; a success by default. */
  measure: (check: string) => Measurement['kind'] = () => 'success';
  /** By how much it puts its answer off. */
  retryAfterMs: (check: string) => number | undefined = () => undefined;
  votes: readonly Vote[] = [];
  /** Called before an effect is done; false: it has no effect. */
  allows: (effect: Effect) => boolean = () => true;

  addStack(of: Stack, options: { inRotation: boolean }): void {
    for (const group of of.groups) {
      this.groups.set(group.name, running(group.name, of.id));
      if (options.inRotation) this.setEndpoint(group.endpoint, `${group.name}.example`, true);
    }
  }

  setEndpoint(name: string, target: string, enabled: boolean, weight?: number): void {
    const monitorStatus = enabled ? this.monitor(name) : 'Disabled';
    this.endpoints.set(name, { ...this.endpoints.get(name), name, target, enabled, monitorStatus, weight });
  }

  /** Sets what only some routing methods have. */
  mapEndpoint(name: string, mapping: Partial<ObservedEndpoint>): void {
    const endpoint = this.endpoints.get(name);
    if (endpoint !== undefined) this.endpoints.set(name, { ...endpoint, ...mapping });
  }

  observe(rollout: Rollout): Observation {
    const watch = watching(rollout);
    for (const [key, endpoint] of this.endpoints) {
      const monitorStatus = endpoint.enabled ? this.monitor(endpoint.name) : 'Disabled';
      this.endpoints.set(key, { ...endpoint, monitorStatus });
    }
    return {
      groups: new Map(watch.groups.map((name) => [name, this.#group(name)])),
      profile: this.#profile(),
      names: watch.nameAsks === 0 || !this.profileKnown ? undefined : this.#names(watch.nameAsks),
      probes: new Map(
        watch.probes.map((name) => [
          name,
          { at: this.now, ok: this.isHealthy(name), detail: this.isHealthy(name) ? '200' : '503' },
        ]),
      ),
      refusals: this.refusals,
      checks: new Map(
        watch.checks
          .filter(({ dueAt }) => dueAt <= this.now)
          .map(({ key, check }) => [key, this.#measured(check.name)]),
      ),
      votes: this.votes,
      evidence: watch.evidence && this.evidenceKnown ? { at: this.now, items: [], isCut: false } : undefined,
      logs: new Map(
        watch.logs.map(({ group }) => [group, { known: true, at: this.now, value: this.logs.get(group) ?? '' }]),
      ),
    };
  }

  #measured(check: string): Measurement {
    const retryAfterMs = this.retryAfterMs(check);
    if (retryAfterMs !== undefined) return { at: this.now, kind: 'inconclusive', detail: '409', retryAfterMs };
    return { at: this.now, kind: this.measure(check), detail: 'measured' };
  }

  #group(name: string): Seen<ObservedGroup | undefined> {
    if (!this.groupsKnown) return { known: false, at: this.now, reason: 'HTTP 500' };
    return { known: true, at: this.now, value: this.groups.get(name) };
  }

  #profile(): Observation['profile'] {
    if (!this.profileKnown) return { known: false, at: this.now, reason: 'HTTP 500' };
    if (!this.profileExists) return { known: true, at: this.now, value: undefined };
    const endpoints = [...this.endpoints.values()];
    const value = {
      name: 'web',
      fqdn: 'web.trafficmanager.net',
      ttlSeconds: this.ttlSeconds,
      routingMethod: this.routingMethod,
      enabled: true,
      endpoints,
    };
    return { known: true, at: this.now, askedAt: this.now - this.lookMs, value };
  }

  #names(answersEach: number): Seen<NameAnswers> {
    const targets = this.names();
    if (targets === undefined) return { known: false, at: this.now, reason: 'port 53 is closed' };
    const value = { servers: this.nameServers, answersEach, targets, ttlSeconds: this.ttlSeconds };
    return { known: true, at: this.now, askedAt: this.now, value };
  }

  /** One decision with its effects; time does not move. */
  step(rollout: Rollout): Decision {
    const decision = decide(rollout, this.observe(rollout), this.now);
    if (decision.change !== undefined) this.changes.push(decision.change);
    this.perform(decision.effects);
    return decision;
  }

  perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      this.log.push(`${effect.kind} ${effect.group.name}`);
      if (this.allows(effect)) this.#do(effect);
    }
  }

  /** Refuses the first so many of the tries that fit (all of them where there is no limit), as Azure would. */
  refuse(fits: (effect: Effect) => boolean, refusal: Omit<Refusal, 'at' | 'retryAfterMs'>, times = Infinity): void {
    let left = times;
    this.allows = (effect) => {
      this.refusals.delete(effectKey(effect));
      if (!fits(effect) || left <= 0) return true;
      left -= 1;
      this.refusals.set(effectKey(effect), { ...refusal, at: this.now, retryAfterMs: undefined });
      return false;
    };
  }

  #do(effect: Effect): void {
    const { group } = effect;
    switch (effect.kind) {
      case 'createGroup':
        this.groups.set(group.name, withTags(running(group.name, effect.stack.id), effect.tags));
        return;
      case 'tagGroup':
        this.#tag(group.name, effect.tags);
        return;
      case 'createJob':
        this.groups.set(group.name, running(group.name, `${/-([0-9a-f]{8}-job)-/.exec(group.name)?.[1]}`));
        return;
      case 'deleteJob':
      case 'deleteGroup':
        this.groups.delete(group.name);
        return;
      case 'stopGroup':
        this.groups.set(group.name, stopped(group.name, this.groups.get(group.name)?.tags['viridian-rollout'] ?? ''));
        return;
      case 'startGroup':
        this.groups.set(group.name, running(group.name, this.groups.get(group.name)?.tags['viridian-rollout'] ?? ''));
        return;
      case 'enableEndpoint':
        this.setEndpoint(group.endpoint, effect.target, true, effect.weight ?? app.traffic?.weight);
        this.mapEndpoint(group.endpoint, { ...effect.mapping, location: group.location });
        return;
      case 'retargetEndpoint': {
        const { enabled = true, weight } = this.endpoints.get(group.endpoint) ?? {};
        this.setEndpoint(group.endpoint, effect.target, enabled, weight);
        return;
      }
      case 'disableEndpoint': {
        const { target = '', weight } = this.endpoints.get(group.endpoint) ?? {};
        this.setEndpoint(group.endpoint, target, false, weight);
        return;
      }
      case 'deleteEndpoint':
        this.endpoints.delete(group.endpoint);
    }
  }

  #tag(name: string, tags: Tags): void {
    const group = this.groups.get(name);
    if (group !== undefined) this.groups.set(name, { ...group, tags });
  }

  /** Runs until the rollout has finished or `until` says so; at most an hour of virtual time, without going round in it. */
  run(rollout: Rollout, until: (rollout: Rollout) => boolean = () => false): Rollout {
    let current = rollout;
    const end = this.now + 3_600_000;
    for (let looks = 0; current.finished === undefined && !until(current); looks += 1) {
      if (this.now > end || looks > MOST_LOOKS)
        throw new Error(`not finished within an hour: ${JSON.stringify(current.cursor)}`);
      const decision = this.step(current);
      // What is stored comes back from JSON: a restart between any two decisions changes nothing.
      current = JSON.parse(JSON.stringify(decision.rollout)) as Rollout;
      this.now = Math.max(this.now, decision.wakeAt);
    }
    return current;
  }
}

function withTags(group: ObservedGroup, tags: Tags = {}): ObservedGroup {
  return { ...group, tags: { ...tags, ...group.tags } };
}

export function running(name: string, stackId: string): ObservedGroup {
  return {
    name,
    location: 'westeurope',
    tags: { 'viridian-rollout': stackId },
    provisioningState: 'Succeeded',
    state: 'Running',
    fqdn: `${name}.example`,
    ip: '127.0.0.2',
    containers: [
      {
        name: 'web',
        image: 'demo.azurecr.io/web@sha256:0',
        state: 'Running',
        detail: undefined,
        exitCode: undefined,
        restarts: 0,
      },
    ],
    warnings: [],
  };
}

/** On request. */
export function stopped(name: string, stackId: string): ObservedGroup {
  const group = running(name, stackId);
  const detail = 'Container stopped per client request';
  const containers = group.containers.map((one) => ({ ...one, state: 'Terminated', exitCode: 0, detail }));
  return { ...group, state: 'Stopped', containers };
}

export function crashing(name: string, stackId: string): ObservedGroup {
  const [container] = running(name, stackId).containers;
  const detail = 'CrashLoopBackOff: Back-off 10s restarting failed';
  if (container === undefined) throw new Error('a running group has a container');
  const looping = { ...container, state: 'Waiting', detail, exitCode: 3, restarts: 2 };
  return { ...running(name, stackId), containers: [looping] };
}

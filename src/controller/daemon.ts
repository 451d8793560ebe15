/** All apps of a config, each in its loop, fed by one poller: what `viridian run` runs. */
import type { Azure } from '../azure/azure.ts';
import type { RegistrySettings } from '../azure/cloud.ts';
import { isSameApp } from '../config/changes.ts';
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import type { TagList } from '../model/tag.ts';
import type { Clock } from '../model/time.ts';
import { Poller } from '../registry/poller.ts';
import type { PolledRepository, PollerGiven, Subscription } from '../registry/poller.ts';
import { AppLoop } from './app-loop.ts';
import type { AppEdges } from './app-edges.ts';
import { configHash } from './config-hash.ts';
import { Gates } from './gates.ts';
import { controlOf } from './control.ts';
import { Fleet } from './fleet.ts';
import { sweepsOf } from './idle.ts';
import { Leader } from './leader.ts';
import type { LeaderGiven } from './leader.ts';
import { ALONE } from './leadership.ts';
import type { Leadership } from './leadership.ts';
import type { Events } from './events.ts';
import type { Machine } from './machine.ts';
import type { Removal } from './removed.ts';
import { RemovedApps } from './see-to-removed.ts';
import { SecretVersions } from './watch-versions.ts';
import type { VersionWatchGiven } from './version-watch.ts';
import type {
  FollowedConfig,
  Measure,
  ReadSecrets,
  RenderGroup,
  RenderJob,
  ServeApi,
  StateStore,
  TagSource,
  TakePushes,
  TakeRequests,
} from './ports.ts';

export interface DaemonGiven {
  readonly settings: Settings;
  readonly azure: Azure;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly events: Events;
  readonly render: RenderGroup;
  readonly measure: Measure;
  readonly takeRequests?: TakeRequests;
  readonly renderJob: RenderJob;
  readonly readSecrets: ReadSecrets;
  /** The newest version of a key vault's secret; throws where it cannot be told. For apps whose secrets' versions count. */
  readonly newestVersion?: VersionWatchGiven['newestVersion'];
  readonly schedule: PollerGiven['schedule'];
  readonly openRepository: (registry: RegistrySettings, repository: string) => PolledRepository;
  /** Where registries tell of pushes; polls alone where absent. */
  readonly takePushes?: TakePushes;
  /** Where operators ask and command; nobody can where absent. */
  readonly serveApi?: ServeApi;
  /** Where the config may change while it runs; it is that of the start where absent. */
  readonly followed?: FollowedConfig;
  /** Where several daemons share the work; the wall clock may step. */
  readonly sharing?: Pick<LeaderGiven, 'leases' | 'wall' | 'onDaemons'>;
  /** Where one daemon alone may have to hold back; it may always act where absent. */
  readonly leadership?: Leadership;
  /** The real one where absent. */
  readonly machine?: Machine;
}

/** Runs until the signal aborts, then ends what is in flight. Throws at once where it cannot take pushes or serve the API. */
export async function runDaemon(given: DaemonGiven, signal: AbortSignal): Promise<void> {
  const daemon = new Daemon(given, signal);
  const pushes = await given.takePushes?.((repository) => daemon.poller.push(repository), signal);
  let api: Awaited<ReturnType<ServeApi>> | undefined;
  try {
    const latest: TagSource['latest'] = (source) => daemon.poller.latest(keyOf(source));
    api = await given.serveApi?.(
      controlOf({ ...given, machine: daemon.versions.machine, fleet: daemon.fleet, latest }),
      signal,
    );
    await daemon.run(signal);
  } finally {
    await Promise.all([pushes?.close(), api?.close(), daemon.versions.stop()]);
    await daemon.poller.stop();
  }
}

class Daemon {
  readonly poller: Poller;
  readonly fleet: Fleet;
  readonly versions: SecretVersions;
  readonly #given: DaemonGiven;
  readonly #leader: Leader | undefined;
  readonly #gates: Gates;
  readonly #edges: AppEdges;
  readonly #removed: RemovedApps;
  #settings: Settings;
  #sweeps: ReturnType<typeof sweepsOf>;
  #daemons = 1;

  constructor(given: DaemonGiven, signal: AbortSignal) {
    const { settings, clock, events } = given;
    this.#given = given;
    this.#settings = settings;
    this.#sweeps = sweepsOf(settings.apps);
    const onChange = (repository: string, list: TagList, before: TagList | undefined) => {
      announcePoll(events, repository, { list, before });
      for (const loop of this.fleet.loops()) if (follows(loop.app, repository)) loop.wake();
    };
    this.poller = new Poller({ ...given, onChange });
    this.versions = new SecretVersions(given, (apps) => this.#wake(apps));
    this.#leader = this.#makeLeader();
    const leadership = this.#leader ?? given.leadership ?? ALONE;
    const sweep = (app: string) => this.#sweeps(app);
    const { pin, machine } = this.versions;
    const tags = tagsOf(this.poller);
    this.#edges = { ...given, machine, pin, leadership, owner: settings.owner, tags, sweep };
    const wake = (app: string) => this.#wake([app]);
    this.#gates = new Gates({ ...this.#edges, settings, share: () => this.#daemons, wake });
    this.fleet = new Fleet((app, { removal, commands }) => {
      const edges = { ...this.#edges, commands };
      return removal === undefined
        ? new AppLoop(app, { ...edges, gates: this.#gates })
        : new AppLoop(app, { ...edges, leadership: this.#whileAgreed(), removal });
    }, signal);
    const leader = this.#leader;
    const isAgreed = leader === undefined ? undefined : () => leader.isAgreed();
    const run = (app: App, removal: Removal) => {
      this.#leader?.add(app.name);
      return this.fleet.remove(app, removal);
    };
    this.#removed = new RemovedApps({ ...given, clock, events, settings, isAgreed, run });
  }

  async run(signal: AbortSignal): Promise<void> {
    this.poller.follow(subscriptionsOf(this.#settings, this.#given));
    this.versions.follow(this.#settings.apps);
    this.fleet.follow(this.#settings.apps);
    const leading = this.#leader?.run(signal);
    const following = this.#given.followed?.follow((next) => this.#follow(next), signal);
    await Promise.all([this.fleet.ended(), this.#removed.run(signal), following]);
    // Those that another config has brought.
    await this.fleet.ended();
    await leading;
    await this.#leader?.leave();
  }

  /** All of it in one turn of the event loop: nothing sees one part of a config with another part of the one before. */
  #follow(next: Settings): void {
    const before = new Map(this.#settings.apps.map((app) => [app.name, app]));
    // Apps that are as before are the same object, which is how all parts know them.
    const apps = next.apps.map((app) => {
      const same = before.get(app.name);
      return same !== undefined && isSameApp(same, app) ? same : app;
    });
    const settings = { ...next, apps };
    // First, as opening a registry is the one thing that may fail.
    this.poller.follow(subscriptionsOf(settings, this.#given));
    this.#settings = settings;
    this.#sweeps = sweepsOf(apps);
    this.#leader?.follow({ apps: apps.map(({ name }) => name), config: configHash(settings) });
    this.#gates.follow(settings);
    this.versions.follow(apps);
    this.fleet.follow(apps);
    this.#removed.follow(settings);
    this.#wake(apps.map(({ name }) => name));
  }

  #wake(apps: readonly string[]): void {
    for (const app of apps) this.fleet.find(app)?.wake();
  }

  /** While configs differ, an app that has left this one's may be in another's. */
  #whileAgreed(): Leadership {
    const leader = this.#leader;
    if (leader === undefined) return this.#edges.leadership;
    return { term: (name) => (leader.isAgreed() ? leader.term(name) : undefined) };
  }

  #makeLeader(): Leader | undefined {
    const { settings, sharing, clock, events } = this.#given;
    if (sharing === undefined) return undefined;
    return new Leader({
      ...sharing,
      clock,
      events,
      apps: settings.apps.map(({ name }) => name),
      config: configHash(settings),
      onChange: (apps) => this.#wake(apps),
      onDaemons: (count) => {
        this.#daemons = count;
        sharing.onDaemons?.(count);
      },
    });
  }
}

function tagsOf(poller: Poller): TagSource {
  return {
    latest: (source) => poller.latest(keyOf(source)),
    lookedAt: (source) => poller.lookedAt(keyOf(source)),
    look: (source) => void poller.push(keyOf(source)),
    want: (source, tag) => poller.want(keyOf(source), tag),
    check: (source, asked) => poller.check(keyOf(source), asked),
  };
}

function subscriptionsOf(
  { apps, registries }: Settings,
  { openRepository }: Pick<DaemonGiven, 'openRepository'>,
): readonly Subscription[] {
  return apps
    .flatMap((app) => app.images)
    .flatMap((source) => {
      const registry = registries.find(({ host }) => host === source.registry);
      if (registry === undefined) return [];
      const { schedule, jitterMs, ...access } = registry;
      const open = () => openRepository(registry, source.repository);
      return [{ key: keyOf(source), schedule, jitterMs, access: JSON.stringify(access), open }];
    });
}

function announcePoll(
  events: Events,
  repository: string,
  polled: { list: TagList; before: TagList | undefined },
): void {
  const { list, before } = polled;
  if (list.kind === 'unknown') events.pollFailed(repository, list.reason, list.stalled);
  else if (before?.kind === 'unknown') events.pollRecovered(repository, list.tags.length);
}

function keyOf(source: { readonly registry: string; readonly repository: string }): string {
  return `${source.registry}/${source.repository}`;
}

function follows(app: App, repository: string): boolean {
  return app.images.some((source) => keyOf(source) === repository);
}

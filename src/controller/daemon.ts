/** All apps of a config, each in its loop, fed by one poller: what `viridian run` runs. */
import type { Azure } from '../azure/azure.ts';
import type { RegistrySettings } from '../azure/cloud.ts';
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import type { TagList } from '../model/tag.ts';
import type { Clock } from '../model/time.ts';
import { Poller } from '../registry/poller.ts';
import type { PolledRepository, PollerGiven } from '../registry/poller.ts';
import { AppLoop } from './app-loop.ts';
import type { AppEdges } from './app-loop.ts';
import { configHash } from './config-hash.ts';
import { Gates } from './gates.ts';
import { controlOf } from './control.ts';
import { sweepIntervalMs, sweepOffsetMs } from './idle.ts';
import { Leader } from './leader.ts';
import type { LeaderGiven } from './leader.ts';
import { ALONE } from './leadership.ts';
import type { Leadership } from './leadership.ts';
import type { Events } from './events.ts';
import { MACHINE } from './machine.ts';
import type { Machine } from './machine.ts';
import type { Removal } from './removed.ts';
import { seeToRemoved } from './see-to-removed.ts';
import { watchVersions } from './watch-versions.ts';
import type { VersionWatchGiven } from './version-watch.ts';
import type {
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
  /** Where several daemons share the work; the wall clock may step. */
  readonly sharing?: Pick<LeaderGiven, 'leases' | 'wall' | 'onDaemons'>;
  /** Where one daemon alone may have to hold back; it may always act where absent. */
  readonly leadership?: Leadership;
  /** The real one where absent. */
  readonly machine?: Machine;
}

/** Runs until the signal aborts, then ends what is in flight. Throws at once where it cannot take pushes or serve the API. */
export async function runDaemon(edges: DaemonGiven, signal: AbortSignal): Promise<void> {
  const loops = new Set<AppLoop>();
  const watch = watchVersions(edges, loops);
  const given = { ...edges, ...watch };
  const onChange = (repository: string, list: TagList, before: TagList | undefined) => {
    announcePoll(given.events, repository, { list, before });
    for (const loop of loops) if (follows(loop.app, repository)) loop.wake();
  };
  const poller = new Poller({ ...given, onChange });
  const pushes = await given.takePushes?.((repository) => poller.push(repository), signal);
  const latest: TagSource['latest'] = (source) => poller.latest(keyOf(source));
  const control = controlOf({ machine: MACHINE, ...given, loops, latest });
  let api: Awaited<ReturnType<ServeApi>> | undefined;
  try {
    api = await given.serveApi?.(control, signal);
    await runApps(given, { poller, loops }, signal);
  } finally {
    await Promise.all([pushes?.close(), api?.close(), watch?.stop()]);
    await poller.stop();
  }
}

async function runApps(
  given: DaemonGiven & Pick<AppEdges, 'pin'>,
  { poller, loops }: { poller: Poller; loops: Set<AppLoop> },
  signal: AbortSignal,
): Promise<void> {
  const { settings } = given;
  const tags: TagSource = {
    latest: (source) => poller.latest(keyOf(source)),
    lookedAt: (source) => poller.lookedAt(keyOf(source)),
    look: (source) => void poller.push(keyOf(source)),
    want: (source, tag) => poller.want(keyOf(source), tag),
    check: (source, asked) => poller.check(keyOf(source), asked),
  };
  addRepositories(poller, given);
  const wake = (apps: readonly string[]) => {
    for (const loop of loops) if (apps.includes(loop.app.name)) loop.wake();
  };
  let daemons = 1;
  const leader = makeLeader(given, {
    onChange: wake,
    onDaemons(count) {
      daemons = count;
      given.sharing?.onDaemons?.(count);
    },
  });
  const leadership = leader ?? given.leadership ?? ALONE;
  const sweepMs = sweepIntervalMs(settings.apps.length);
  const edges = { machine: MACHINE, ...given, leadership, owner: settings.owner, tags, sweepMs };
  const gates = new Gates({ ...edges, share: () => daemons, wake: (app) => wake([app]) });
  for (const [index, app] of settings.apps.entries())
    loops.add(new AppLoop(app, { ...edges, gates, sweepOffsetMs: sweepOffsetMs(index, settings.apps.length) }));
  poller.start();
  const running = [...loops].map((loop) => loop.run(signal));
  const leading = leader?.run(signal);
  const isAgreed = leader === undefined ? undefined : () => leader.isAgreed();
  const run = async (app: App, removal: Removal) => {
    leader?.add(app.name);
    // While configs differ, an app that has left this one's may be in another's.
    const term = (name: string) => (leader?.isAgreed() === true ? leader.term(name) : undefined);
    const loop = new AppLoop(app, { ...edges, leadership: leader === undefined ? leadership : { term }, removal });
    loops.add(loop);
    await loop.run(signal);
    loops.delete(loop);
  };
  await Promise.all([...running, seeToRemoved({ ...given, isAgreed, run }, signal)]);
  await leading;
  await leader?.leave();
}

function makeLeader(
  { settings, sharing, clock, events }: DaemonGiven,
  told: Required<Pick<LeaderGiven, 'onChange' | 'onDaemons'>>,
): Leader | undefined {
  if (sharing === undefined) return undefined;
  const apps = settings.apps.map(({ name }) => name);
  return new Leader({ ...sharing, ...told, clock, apps, config: configHash(settings), events });
}

function addRepositories(poller: Poller, given: DaemonGiven): void {
  const { settings, openRepository } = given;
  for (const source of settings.apps.flatMap((app) => app.images)) {
    const registry = settings.registries.find(({ host }) => host === source.registry);
    if (registry === undefined) continue;
    const { schedule, jitterMs } = registry;
    poller.add(keyOf(source), openRepository(registry, source.repository), { schedule, jitterMs });
  }
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

/** The whole daemon in virtual time: its own code from the SDK clients up, on the model, for one life. */
import { connectAzure } from '../azure/connect.ts';
import { RequestCounter } from '../azure/request-counter.ts';
import type { UnknownError } from '../azure/unknown-errors.ts';
import { renderGroup } from '../config/render.ts';
import { renderJob } from '../config/render-job.ts';
import type { Settings } from '../config/settings.ts';
import type { Control } from '../controller/control.ts';
import { runDaemon } from '../controller/daemon.ts';
import type { DaemonGiven } from '../controller/daemon.ts';
import { makeEvents } from '../controller/events.ts';
import type { Events } from '../controller/events.ts';
import type { EventLog } from '../controller/event-log.ts';
import type { FollowedConfig, Leases } from '../controller/ports.ts';
import { AcrRepository } from '../registry/acr.ts';
import type { CandidateAsked, CandidateCheck } from '../registry/candidate.ts';
import type { HttpRequest } from '../simulator/http.ts';
import type { Chance } from './chance.ts';
import type { CheckAnswers } from './check-answers.ts';
import type { Documents } from './documents.ts';
import type { AskedCheck, Measurement } from '../model/check.ts';
import type { Clock, Instant } from '../model/time.ts';
import { Life } from './life.ts';
import type { Plant } from './plant.ts';
import { makeTransport } from './transport.ts';
import type { TransportGiven } from './transport.ts';
import type { VirtualAzure } from './virtual-azure.ts';
import type { VirtualTime } from './virtual-time.ts';

/** `isAlive`: of this life still, not a late arrival of one that is over. */
export interface Sent {
  readonly at: Instant;
  readonly isAlive: boolean;
}

export interface DaemonLifeGiven {
  readonly name: string;
  /** How far its clock is ahead of the true time, all its life. */
  readonly skewMs: number;
  /** How far its wall clock has stepped from that; asked at each look. */
  readonly wallStepMs: () => number;
  /** Where several daemons share the work. */
  readonly leases: Leases | undefined;
  readonly time: VirtualTime;
  readonly azure: VirtualAzure;
  readonly documents: Documents;
  readonly settings: Settings;
  readonly chance: Chance;
  readonly trouble: TransportGiven['trouble'];
  /** Who is asked by checks other than by TCP; every check goes by who is healthy where absent. */
  readonly answers?: CheckAnswers | undefined;
  /** Whether Traffic Manager's name servers cannot be asked now; they can where absent. */
  readonly namesFail?: () => boolean;
  readonly onRequest: (request: HttpRequest, sent: Sent) => (() => void) | undefined;
  readonly onProbe: (fqdn: string, ok: boolean) => void;
  readonly log: (isOver: () => boolean) => EventLog;
  readonly plant: Plant | undefined;
  /** Told of every effect and every save, just before it (gives its number) and just after it; it may end this life. */
  readonly onWrite: (when: 'before' | 'after', write?: number) => number;
  /** Where its config may change. */
  readonly followed?: (edges: { readonly clock: Clock; readonly events: Events }) => FollowedConfig;
  /** Given what operators can do, where they are to be heard. */
  readonly onControl?: (control: Control) => void;
}

const POLL_MS = 30_000;
const NO_ANSWER_MS = 3000;

/** Starts it; it lives until it is killed. */
export function startLife(given: DaemonLifeGiven): Life {
  const life = new Life();
  const daemon = edges(given, life);
  void runDaemon(given.plant?.daemon?.(daemon, given) ?? daemon, new AbortController().signal);
  return life;
}

function edges(given: DaemonLifeGiven, life: Life): DaemonGiven {
  const { time, settings, chance, documents, skewMs } = given;
  const store = documents.open(life, given.plant?.disk);
  const whole = time.clock(() => skewMs);
  const clock = {
    now: () => whole.now(),
    wait: life.bound((ms: number, signal?: AbortSignal) => whole.wait(ms, signal)),
  };
  const credential = { getToken: async () => ({ token: given.azure.bearer, expiresOnTimestamp: 8e15 }) };
  const onRequest = (request: HttpRequest, at: Instant) => given.onRequest(request, { at, isAlive: !life.isOver });
  const httpClient = makeTransport({ ...given, onRequest, face: given.azure.face });
  const events = makeEvents(given.log(() => life.isOver));
  const onUnknownError = (error: UnknownError) => events.unknownError(error);
  const { cloud } = settings;
  const counter = new RequestCounter();
  return {
    settings,
    clock,
    azure: boundAzure(
      given,
      { life, clock },
      connectAzure({ cloud, credential, clock, httpClient, onUnknownError, counter }),
    ),
    takeRequests: (app) => counter.take(app),
    store: { ...store, save: counted(given, life, (...save) => store.save(...save)) },
    ...sharing(given, life),
    ...heard(given),
    ...(given.followed === undefined ? {} : { followed: given.followed({ clock, events }) }),
    random: chance.next,
    newId: () => chance.hex(8),
    events,
    render: async (asked) => renderGroup({ ...asked, owner: settings.owner }),
    renderJob: async (asked) => renderJob({ ...asked, owner: settings.owner }),
    readSecrets: async () => [],
    measure: life.bound((check, asked) =>
      given.answers === undefined || check.source.kind === 'tcp'
        ? measureIn(given, asked.targets, check)
        : given.answers.measure(check, asked, clock),
    ),
    schedule: (_, tick) => every(time, POLL_MS, () => (life.isOver ? undefined : tick())),
    openRepository: (registry, repository) => {
      const acr = new AcrRepository(
        { host: registry.host, endpoint: registry.endpoint, repository },
        { credential, audience: cloud.audience, httpClient, onUnknownError },
      );
      return {
        listTags: life.bound(() => acr.listTags()),
        checkCandidate: life.bound((asked) => checkTag(acr, asked)),
      };
    },
  };
}

function heard({ onControl }: DaemonLifeGiven): Pick<DaemonGiven, 'serveApi'> {
  if (onControl === undefined) return {};
  const serveApi: DaemonGiven['serveApi'] = async (control) => {
    onControl(control);
    return { close: async () => undefined };
  };
  return { serveApi };
}

/** The images of the simulation have no contents: only whether the tag still has the digest can be told. */
async function checkTag(acr: AcrRepository, { tag, digest }: CandidateAsked): Promise<CandidateCheck> {
  try {
    const now = tag === undefined ? digest : await acr.resolveDigest(tag);
    if (now === digest) return { kind: 'fit', imageDigest: digest };
    return { kind: 'unfit', why: 'moved', reason: `tag ${tag} has moved to ${now}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'unknown', reason, stalled: false, retryAfterMs: undefined };
  }
}

function sharing({ time, leases, skewMs, wallStepMs }: DaemonLifeGiven, life: Life): Pick<DaemonGiven, 'sharing'> {
  if (leases === undefined) return {};
  const bound: Leases = {
    durationMs: leases.durationMs,
    acquire: life.bound((partition) => leases.acquire(partition)),
    renew: life.bound((partition, id) => leases.renew(partition, id)),
    release: life.bound((partition, id) => leases.release(partition, id)),
    attend: life.bound((config) => leases.attend(config)),
    leave: life.bound(() => leases.leave()),
  };
  return { sharing: { leases: bound, wall: () => time.now() + skewMs + wallStepMs() } };
}

function boundAzure(
  given: DaemonLifeGiven,
  { life, clock }: { life: Life; clock: Pick<Clock, 'now'> },
  azure: DaemonGiven['azure'],
): DaemonGiven['azure'] {
  const { time, chance, onProbe } = given;
  return {
    listGroups: life.bound((...list) => azure.listGroups(...list)),
    getGroup: life.bound((...get) => azure.getGroup(...get)),
    logs: life.bound((...logs) => azure.logs(...logs)),
    getProfile: life.bound((...get) => azure.getProfile(...get)),
    createGroup: counted(given, life, (...create) => azure.createGroup(...create)),
    tagGroup: counted(given, life, (...tag) => azure.tagGroup(...tag)),
    deleteGroup: counted(given, life, (...remove) => azure.deleteGroup(...remove)),
    stopGroup: counted(given, life, (...stop) => azure.stopGroup(...stop)),
    startGroup: counted(given, life, (...start) => azure.startGroup(...start)),
    enableEndpoint: counted(given, life, (...enable) => azure.enableEndpoint(...enable)),
    retargetEndpoint: counted(given, life, (...retarget) => azure.retargetEndpoint(...retarget)),
    disableEndpoint: counted(given, life, (...disable) => azure.disableEndpoint(...disable)),
    deleteEndpoint: counted(given, life, (...remove) => azure.deleteEndpoint(...remove)),
    nameAnswers: life.bound(async (fqdn, asksEach) => {
      const askedAt = clock.now();
      const answer = await askNames(given, () => given.azure.nameAnswers(fqdn, asksEach));
      const at = clock.now();
      if (answer === undefined) return { known: false, at, reason: `name servers of ${fqdn} do not answer` };
      return { known: true, at, askedAt, value: answer };
    }),
    probe: life.bound(async (target) => {
      await time.sleep(chance.whole(1, 50));
      const ok = given.azure.serves(given.azure.groupBehind(target));
      onProbe(target, ok);
      return { at: time.now(), ok, detail: ok ? '200' : '503' };
    }),
  };
}

/** What was asked is so at some moment until the answer is there; undefined where there is none in time. */
async function askNames<Answer>(
  { time, chance, namesFail = () => false }: Pick<DaemonLifeGiven, 'time' | 'chance' | 'namesFail'>,
  ask: () => Answer,
): Promise<Answer | undefined> {
  await time.sleep(chance.whole(1, 50));
  if (namesFail()) {
    await time.sleep(NO_ANSWER_MS);
    return undefined;
  }
  const answer = ask();
  await time.sleep(chance.whole(1, 50));
  return answer;
}

/** A call that changes something: the moments before and after it are where a daemon may die. */
function counted<Given extends readonly unknown[], Result>(
  { onWrite }: DaemonLifeGiven,
  life: Life,
  call: (...given: Given) => Promise<Result>,
): (...given: Given) => Promise<Result> {
  const bound = life.bound(call);
  return async (...given) => {
    const write = onWrite('before');
    const result = await bound(...given);
    onWrite('after', write);
    return life.bound(async () => result)();
  };
}

function every(time: VirtualTime, ms: number, tick: () => void): () => void {
  let cancel: () => void = () => undefined;
  const round = () => {
    cancel = time.after(ms, round);
    tick();
  };
  cancel = time.after(ms, round);
  return () => cancel();
}

/** A release that is bad by itself fails; what the world has broken, or does not answer, tells nothing of it. */
async function measureIn(
  { time, azure, chance }: Pick<DaemonLifeGiven, 'time' | 'azure' | 'chance'>,
  targets: readonly string[],
  { timeoutMs }: AskedCheck,
): Promise<Measurement> {
  await time.sleep(chance.whole(1, 100));
  const groups = targets.map((target) => azure.groupBehind(target));
  const told = (kind: Measurement['kind'], detail: string) => ({ at: time.now(), kind, detail });
  if (groups.some((group) => group?.program.healthy === false || group?.program.crash === true))
    return told('failure', 'a bad release');
  const measured = new Set(groups.map((group) => group && azure.measuredOf(group)));
  if (measured.has('failure')) return told('failure', 'it serves, and does not do what it should');
  if (measured.has('inconclusive')) return told('inconclusive', 'neither good nor bad');
  return groups.every((group) => group !== undefined && azure.serves(group))
    ? told('success', 'a good release')
    : told('error', `nothing measured within ${timeoutMs} ms`);
}

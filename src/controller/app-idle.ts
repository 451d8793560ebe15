/**
 * What an app does while no rollout is under way: finds its own groups after a loss of state, starts a rollout when the
 * release that it should run is another one, repairs what is broken, and takes away strays.
 */
import type { App, ImageSource, Strategy } from '../model/app.ts';
import { releaseName } from '../model/release.ts';
import type { Release, ReleaseImage } from '../model/release.ts';
import { MINUTE } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import type { Platform } from '../registry/manifest.ts';
import type { ObservedProfile } from '../rollout/observation.ts';
import { startRollout } from '../rollout/start.ts';
import { isNotifyOnly, sayAvailable, sayFaults } from './app-notify.ts';
import { hasJustFailedToPutBack, putBack, repair, retag } from './app-repair.ts';
import { ripensAt } from './desired.ts';
import type { Hold } from './gates.ts';
import type { Desired } from './desired.ts';
import {
  isNews,
  lookAgainMs,
  newStack,
  nextSweepAt,
  refusalToStart,
  sayHeld,
  SWEEP_INTERVAL_MS,
  waitForProfile,
} from './idle.ts';
import type { IdleGiven, IdleTurn } from './idle.ts';
import type { WantedRollback } from './operator-state.ts';
import { versionNews } from './pin-secrets.ts';
import { misfitOf } from './profile-fit.ts';
import { rememberTemplate } from './retained.ts';
import { wayBack } from './way-back.ts';
import { cleanUp, leftOver, leftOverFirst } from './left-over.ts';
import { lookAround } from './look-around.ts';
import type { Looked } from './look-around.ts';
import { waitForSet, waitOnWhileHeld } from './settling.ts';
import { takeOut } from './take-out.ts';
import { heldTtl } from './ttl-memory.ts';

const RETAG_PAUSE_MS = 15 * MINUTE;
/** Left over stacks that a newer release does not wait for. */
const MOST_STRAYS = 2;

type Wanted = Extract<Desired, { kind: 'release' }>;

export async function idleTurn(given: IdleGiven): Promise<IdleTurn> {
  const { app, state, memory, clock } = given;
  const known = { latest: (source: ImageSource) => given.tags.latest(source), now: clock.now() };
  const desired = given.machine.desiredRelease(app, state.live?.release, known);
  if (desired.kind === 'unresolved') given.tags.want(desired.source, desired.tag);
  const { rollback } = state.operator;
  const rollbackAt = rollback === undefined ? undefined : rollbackDueAt(given, rollback);
  if (rollback !== undefined && rollbackAt === undefined) return wayBack(given, rollback);
  const isSweepDue = clock.now() >= sweepDueAt(given);
  const wanted =
    desired.kind === 'release' && desired.release.id !== state.live?.release.id ? because(desired, given) : undefined;
  const refusal = wanted === undefined ? undefined : await holdOf(given, wanted.release);
  if (desired.kind === 'release' && wanted === undefined) memory.settling = undefined;
  if (wanted !== undefined && refusal !== undefined) waitOnWhileHeld(given, wanted.release);
  const allowed = refusal === undefined ? wanted : undefined;
  const settledAt = allowed === undefined ? undefined : waitForSet(given, allowed.release);
  if (isSweepDue || (allowed !== undefined && settledAt === undefined)) {
    const looked = await lookAround(given);
    if ('turn' in looked) return looked.turn;
    // What is broken is replaced at once, so by what is newest.
    const isDue = settledAt === undefined || looked.faults.broken !== undefined;
    const next = await nextTurn(given, looked, isDue ? allowed : undefined);
    if (next !== undefined) return next;
  }
  if (wanted !== undefined && refusal?.hold === 'notify') {
    const unfit = memory.availableId === wanted.release.id ? undefined : await checkImages(given, wanted.release);
    if (unfit !== undefined) return unfit;
    sayAvailable(given, wanted.release, wanted.reasons);
  } else if (rollback !== undefined && rollbackAt !== undefined) sayPutOff(given, rollback, rollbackAt);
  else if (refusal !== undefined) sayHeld(given, refusal.hold, refusal.reason);
  else if (settledAt === undefined && !memory.isHalfAdopted) sayIdle(given, desired);
  const others = [refusal?.until, settledAt, rollbackAt, ripensAt(app, known)].filter((at) => at !== undefined);
  return { wakeAt: Math.min(sweepDueAt(given), ...others) };
}

/** With what is new of its secrets beside those that the live release was made with. */
function because(desired: Wanted, { app, state }: IdleGiven): Wanted {
  const before = state.live === undefined ? undefined : state.templates[state.live.release.templateHash];
  return { ...desired, reasons: [...desired.reasons, ...versionNews(before, app.template.document)] };
}

/** When one that met an outage is tried again; undefined: now. */
function rollbackDueAt({ state: { retry }, clock }: IdleGiven, { to }: WantedRollback): Instant | undefined {
  return retry?.releaseId === to && clock.now() < retry.notBefore ? retry.notBefore : undefined;
}

function sayPutOff(given: IdleGiven, { name }: WantedRollback, at: Instant): void {
  const attempts = given.state.retry?.attempts ?? 0;
  const when = new Date(at).toISOString();
  sayHeld(given, 'retry', `${name} could not be rolled back to, attempt ${attempts}; trying again at ${when}`);
}

/** Only what is new is held: what serves is put right, and what is left over taken away, whatever the hold. */
async function holdOf(given: IdleGiven, release: Release): Promise<Hold | undefined> {
  const refusal = refusalToStart(given, release);
  if (refusal !== undefined) return refusal;
  if (isNotifyOnly(given.app)) return { hold: 'notify', reason: 'it only reports' };
  return given.gates?.holdOf(given.app, given.state, release);
}

/**
 * What serves comes first, what is left over last: it must not keep an app from its newest release. But stacks that
 * cannot be taken away must not pile up with each try, either: they bill.
 */
async function nextTurn(given: IdleGiven, looked: Looked, wanted: Wanted | undefined): Promise<IdleTurn | undefined> {
  if (isNotifyOnly(given.app)) {
    sayFaults(given, looked);
    return undefined;
  }
  const { faults, strays, profile } = looked;
  const { live } = given.state;
  const { drift, broken, mistagged } = faults;
  const hasJustFailed = hasJustFailedToPutBack(given);
  if (live !== undefined && drift !== undefined && !hasJustFailed) return putBack(given, live, drift);
  // What nothing needs is taken away as a whole, where nothing newer waits for it to be out.
  const isKept = (id: string) => given.state.retained.some((one) => one.stack.id === id);
  const beside = wanted === undefined ? looked.beside.filter(({ stack }) => isKept(stack.id)) : looked.beside;
  const first = takeOut(given, { beside, profile }) ?? leftOverFirst(given, looked);
  if (first !== undefined) return first;
  const [stray] = leftOver(given, looked);
  if (stray !== undefined && strays.length > MOST_STRAYS) return cleanUp(given, stray);
  const turn =
    wanted !== undefined
      ? // What cannot be put back into rotation cannot serve while the rest is replaced piece by piece, either.
        await begin(given, wanted, { profile, isLiveBroken: broken !== undefined || drift !== undefined })
      : live !== undefined && broken !== undefined
        ? repair(given, live, { reason: broken, profile })
        : undefined;
  if (turn?.state !== undefined) return turn;
  if (stray !== undefined) return cleanUp(given, stray);
  // Nobody is served by a tag: it comes last, and is not tried again and again.
  const mayTag = live !== undefined && mistagged !== undefined && !hasJustMended(given);
  return mayTag ? retag(given, live, mistagged) : turn;
}

function hasJustMended({ state, clock }: IdleGiven): boolean {
  const last = state.history.findLast(({ reason }) => reason === 'drift');
  return last !== undefined && clock.now() < last.endedAt + RETAG_PAUSE_MS;
}

function sweepDueAt(given: IdleGiven): Instant {
  const { app, memory, clock } = given;
  const { sweptAt } = memory;
  if (sweptAt === undefined) return clock.now();
  const isSeenOnce = memory.strays.size > 0 || memory.live.broken.size > 0;
  return isSeenOnce ? sweptAt + lookAgainMs(app) : nextSweepAt(sweptAt, given);
}

async function begin(
  given: IdleGiven,
  desired: Wanted,
  { profile, isLiveBroken }: { profile: ObservedProfile | undefined; isLiveBroken: boolean },
): Promise<IdleTurn> {
  const { app, owner, state, clock, events } = given;
  const candidate = newStack(given, desired.release);
  // As its plan: what cannot serve is replaced all at once.
  const strategy: Strategy = isLiveBroken ? { kind: 'blueGreen' } : app.rollout.strategy;
  const misfit = misfitOf({ app, owner, profile, live: state.live, candidate, strategy });
  if (misfit !== undefined)
    return waitForProfile(given, `${releaseName(desired.release)} is not rolled out: ${misfit}`);
  const refused = await checkImages(given, desired.release);
  if (refused !== undefined) return refused;
  // The world was looked at meanwhile, which may have taken until its windows closed.
  if (given.gates?.isClosed(app, state) === true) return { wakeAt: clock.now() };
  const heldTtlSeconds = heldTtl(state.ttl, clock.now());
  const stacks = { live: state.live, candidate };
  const rollout = startRollout({ app, owner, profile, ...stacks, isLiveBroken, heldTtlSeconds, now: clock.now() });
  given.memory.settling = undefined;
  const bypassed = given.gates?.bypassOf(app, state) ?? [];
  const announce = () => events.rolloutStarted(rollout, desired.reasons.concat(bypassed));
  return { state: { ...rememberTemplate(state, app), rollout }, announce, wakeAt: clock.now() };
}

/** What does not run yet is looked at once more before anything is made of it: a wait where it does not fit. */
async function checkImages(given: IdleGiven, release: Release): Promise<IdleTurn | undefined> {
  const { app, state, clock, tags } = given;
  const isRunning = ({ container, digest }: ReleaseImage) =>
    state.live?.release.images.some((image) => image.container === container && image.digest === digest) === true;
  for (const image of release.images.filter((one) => !isRunning(one))) {
    const { tag, digest, container } = image;
    const verify = app.images.find((source) => source.container === container)?.verify;
    // A pinned digest that no tag has stands for itself: it cannot move.
    const asked = { tag: tag === digest ? undefined : tag, digest, platform: platformOf(app), verify };
    const check = await tags.check(image, asked);
    if (check.kind === 'fit') continue;
    sayHeld(given, 'registry', `${releaseName(release)} is not rolled out: ${check.reason}`);
    const pauseMs = check.kind === 'unknown' ? Math.max(lookAgainMs(app), check.retryAfterMs ?? 0) : SWEEP_INTERVAL_MS;
    return { wakeAt: clock.now() + pauseMs, isStill: check.kind === 'unfit' || check.stalled };
  }
  return undefined;
}

/** Container instances run on amd64 only. */
function platformOf({ template }: App): Platform {
  const { properties } = template.document;
  const osType =
    typeof properties === 'object' && properties !== null && 'osType' in properties ? properties['osType'] : '';
  return { os: osType === 'Windows' ? 'windows' : 'linux', architecture: 'amd64' };
}

function sayIdle(given: IdleGiven, desired: Desired): void {
  const { live } = given.state;
  const release = live === undefined ? undefined : releaseName(live.release);
  const kept = release === undefined ? 'nothing runs yet' : `keeps ${release}`;
  const reason =
    desired.kind === 'release' ? `up to date with ${releaseName(desired.release)}` : `${kept}: ${desired.reason}`;
  if (isNews(given.memory, `idle ${reason}`)) given.events.appIdle(given.app, release, reason);
}

/** Makes rollouts: the plan is compiled once, here, and fixed from then on. */
import { InvariantError } from '../model/errors.ts';
import type { App } from '../model/app.ts';
import { checksOn } from '../model/check.ts';
import { isJobStack } from '../model/ownership.ts';
import type { Instant } from '../model/time.ts';
import type { Stack } from './effect.ts';
import type { ObservedProfile } from './observation.ts';
import { release } from './held.ts';
import { isProven } from './state.ts';
import type { KeptCandidate, Proof, Reason, Rollout, Step } from './state.ts';
import { planRemoval } from './strategies/blue-green.ts';
import { deregister } from './strategies/phases.ts';
import { planRollout } from './strategies/plan.ts';
import { STEPS } from './steps/index.ts';
import { arrange } from './switching.ts';
import type { Arranged } from './switching.ts';

export interface RolloutOrigin {
  readonly app: App;
  readonly live: Stack | undefined;
  readonly candidate: Stack;
  /** The live stack is broken, and the candidate is the same release. */
  readonly isRepair?: boolean;
  /** Of the live stack something is broken; the candidate is another release. */
  readonly isLiveBroken?: boolean;
  /** The candidate was live before: no gate is asked, no bake waited for. */
  readonly isRollback?: boolean;
  /** Where the candidate stands already. */
  readonly proofs?: Readonly<Record<string, Proof>>;
  /** Where the candidate was kept stopped. */
  readonly kept?: KeptCandidate | undefined;
  /** The candidate's own where absent. */
  readonly id?: string;
  /** As it is now; absent: Weighted, as versions before this one had it. */
  readonly profile?: ObservedProfile | undefined;
  /** Whose endpoints they are; given with the profile. */
  readonly owner?: string;
  /** Clients may hold answers of such a TTL from before. */
  readonly heldTtlSeconds?: number;
  readonly now: Instant;
}

export function startRollout(origin: RolloutOrigin): Rollout {
  const { now } = origin;
  const { live, candidate, pairs, routing } = arranged(origin);
  const reason = reasonOf(origin);
  const app = {
    ...origin.app,
    rollout: { ...origin.app.rollout, checks: checksOn(origin.app.rollout.checks, reason) },
  };
  const plan = planRollout({
    live: live?.groups ?? [],
    candidate: candidate.groups,
    pairs,
    hasTraffic: app.traffic !== undefined,
    settings: app.rollout,
    isRepair: origin.isRepair === true,
    isRollback: origin.isRollback === true,
    isLiveBroken: origin.isLiveBroken === true,
  });
  const rollout = makeRollout({
    app,
    live,
    candidate,
    now,
    plan,
    reason,
    id: origin.id ?? candidate.id,
  });
  const { proofs = {}, heldTtlSeconds = 0, kept } = origin;
  return { ...rollout, routing, proofs, maxTtlSeconds: heldTtlSeconds, ...(kept === undefined ? {} : { kept }) };
}

function arranged({ app, live, candidate, profile, owner }: RolloutOrigin): Arranged {
  if (profile === undefined || owner === undefined || app.traffic === undefined)
    return { live, candidate, pairs: undefined, routing: undefined };
  return arrange({ app, owner, profile, live, candidate });
}

function reasonOf({ live, isRepair, isRollback }: RolloutOrigin): Reason {
  if (live === undefined) return 'firstDeployment';
  if (isRollback === true) return 'rollback';
  return isRepair === true ? 'repair' : 'newRelease';
}

/** Takes away a stack of ours that is neither live nor a candidate, with the full wait of a live one. */
export function startCleanUp(origin: {
  readonly app: App;
  readonly stray: Stack;
  readonly id: string;
  readonly now: Instant;
  readonly heldTtlSeconds?: number;
  /** Its app has left the config: nobody need serve in its place. */
  readonly isRemoval?: boolean;
}): Rollout {
  const { app, stray, id, now } = origin;
  const reason = origin.isRemoval === true ? 'removal' : 'cleanUp';
  // A job serves nobody, so nothing is drained.
  const traffic = isJobStack(stray.id) ? undefined : app.traffic;
  const plan = planRemoval(traffic !== undefined);
  const rollout = makeRollout({ app: { ...app, traffic }, live: stray, candidate: undefined, now, plan, reason, id });
  return { ...rollout, maxTtlSeconds: origin.heldTtlSeconds ?? 0 };
}

/**
 * Writes the live stack's endpoints again as they should be. Groups that nobody knows to be proven, as of a stack that was
 * found after a loss of state, prove themselves before they get traffic, and the others do not wait for them.
 */
export function startDriftRepair(origin: {
  readonly app: App;
  readonly live: Stack;
  /** By group. */
  readonly proofs: Readonly<Record<string, Proof>>;
  readonly id: string;
  readonly now: Instant;
}): Rollout {
  const { app, live, proofs, id, now } = origin;
  const names = live.groups.map(({ name }) => name);
  const isKnown = (name: string) => isProven({ proofs }, name);
  const plan = planPuttingBack({ proven: names.filter(isKnown), others: names.filter((name) => !isKnown(name)) });
  const rollout = makeRollout({ app, live, candidate: undefined, now, plan, reason: 'drift', id });
  return { ...rollout, proofs };
}

/** Gives the groups of the live stack the tags of what is live. */
export function startRetag(origin: {
  readonly app: App;
  readonly live: Stack;
  readonly id: string;
  readonly now: Instant;
}): Rollout {
  const plan: readonly Step[] = [{ kind: 'tag', side: 'live', as: 'live' }];
  return makeRollout({ ...origin, candidate: undefined, plan, reason: 'drift' });
}

/** Takes what is in rotation beside the live stack out of it, and no more: it is neither drained nor deleted. */
export function startTakeOut(origin: {
  readonly app: App;
  readonly stack: Stack;
  readonly id: string;
  readonly now: Instant;
}): Rollout {
  const { app, stack, id, now } = origin;
  return makeRollout({ app, live: stack, candidate: undefined, now, plan: [deregister()], reason: 'takeOut', id });
}

function planPuttingBack({
  proven,
  others,
}: {
  proven: readonly string[];
  others: readonly string[];
}): readonly Step[] {
  if (others.length === 0) return [{ kind: 'register', side: 'live' }];
  const known: Step[] = [{ kind: 'register', side: 'live', part: 'proven', only: proven }];
  return [
    ...(proven.length === 0 ? [] : known),
    { kind: 'verify', side: 'live', part: 'others', only: others },
    { kind: 'register', side: 'live', part: 'others', only: others },
  ];
}

function makeRollout(given: {
  app: App;
  live: Stack | undefined;
  candidate: Stack | undefined;
  now: Instant;
  plan: readonly Step[];
  reason: Reason;
  id: string;
}): Rollout {
  const { app, live, candidate, now, plan, reason, id } = given;
  const rollout: Rollout = {
    id,
    app: app.name,
    reason,
    live,
    candidate,
    settings: app.rollout,
    probe: app.probe,
    resourceGroup: app.resourceGroup,
    traffic: app.traffic,
    plan,
    backPlan: undefined,
    cursor: 0,
    turnedBack: undefined,
    startedAt: now,
    enteredAt: now,
    deadlineAt: undefined,
    heldMs: 0,
    // The live ones are there already.
    spans: Object.fromEntries((live?.groups ?? []).map(({ name }) => [name, { from: now }])),
    requests: { reads: 0, writes: 0 },
    attempts: {},
    targets: {},
    proofs: {},
    tallies: {},
    exposed: app.traffic === undefined ? [] : (live?.groups ?? []).map((group) => group.name),
    removedAt: {},
    seenOutAt: {},
    maxTtlSeconds: 0,
    finished: undefined,
  };
  return enter(rollout, 0, now);
}

/** Sets the cursor on a step: its deadline begins, tries count from zero. */
export function enter(rollout: Rollout, cursor: number, now: Instant): Rollout {
  if (cursor < 0) throw new InvariantError(`rollout ${rollout.id} has no step ${cursor}`);
  const step = (rollout.backPlan ?? rollout.plan)[cursor];
  const deadlineMs = step === undefined ? undefined : STEPS[step.kind].deadlineMs(rollout, step);
  const { told } = rollout;
  return {
    ...release(rollout, now),
    cursor,
    enteredAt: now,
    progress: undefined,
    pausedMs: undefined,
    told: told === undefined ? undefined : { ...told, step: undefined },
    deadlineAt: deadlineMs === undefined ? undefined : now + deadlineMs,
    attempts: {},
    onlineStreak: undefined,
  };
}

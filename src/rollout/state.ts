/**
 * The state of one rollout, as it is stored: plain data, everything that `decide` may remember. Whatever can be seen
 * again is not kept here; what can only be seen once (when a removal was observed, the largest TTL) is.
 */
import type { Gate, ProbeSettings, RolloutSettings, TrafficSettings } from '../model/app.ts';
import type { Instant } from '../model/time.ts';
import type { Check, Phase } from '../model/check.ts';
import type { RoutingMethod } from '../model/routing.ts';
import type { Tally } from './check-tally.ts';
import type { Fault, Stack, StackGroup } from './effect.ts';
import type { Evidence, JobLog, ProbeLine } from './evidence.ts';
import type { JobRun } from './job.ts';

/** Which of the two stacks a step works on. */
export type Side = 'live' | 'candidate';

/** What a stack is just now, by which its groups are tagged; `retired`: it was live, and has left rotation. */
export const ROLES = ['candidate', 'live', 'retired'] as const;
export type Role = (typeof ROLES)[number];

export const STEP_KINDS = [
  'provision',
  'verify',
  'check',
  'gate',
  'register',
  'online',
  'weigh',
  'swap',
  'bake',
  'deregister',
  'drain',
  'retire',
  'stop',
  'tag',
  'capture',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** One step of a plan: plain data. The plan is fixed when the rollout starts, but for the rest of it in replan.ts and candidate-first.ts. */
export interface Step {
  readonly kind: StepKind;
  readonly side: Side;
  /** For people, where a plan has several steps of a kind: `batch 2`, `westeurope`, `10 %`. */
  readonly part?: string | undefined;
  /** Names of the groups that it works on; absent: all of its side. */
  readonly only?: readonly string[] | undefined;
  /**
   * Of what goes out of rotation: how many endpoints of either stack have to serve without it; absent: as many as the
   * candidate has.
   */
  readonly keeps?: number | undefined;
  /** Of deregister: names of the groups that have to serve in place of those that go. */
  readonly needs?: readonly string[] | undefined;
  /** Of swap: names of the groups of the other side whose endpoints are led to those of the step. */
  readonly from?: readonly string[] | undefined;
  /** Of retire: what goes is made again on the way back, so that the rollout may still turn back. */
  readonly mayReturn?: boolean | undefined;
  /** Of weigh: percent of new answers that lead to the candidate, above 0 and below 100; absent: it is alone in rotation. */
  readonly share?: number | undefined;
  /** Of bake. */
  readonly forMs?: number | undefined;
  /** Of check: which of the settings' checks. */
  readonly phase?: Phase | undefined;
  /** Of gate. */
  readonly gate?: Gate | undefined;
  /** Of tag: as what. */
  readonly as?: Role | undefined;
}

export const OUTCOMES = ['Succeeded', 'RolledBack', 'Aborted', 'Superseded', 'Failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const REASONS = [
  'firstDeployment',
  'newRelease',
  'repair',
  'rollback',
  'drift',
  'takeOut',
  'cleanUp',
  'removal',
] as const;
/**
 * Why there is a rollout: `repair` replaces a broken live stack by the same release, `drift` puts its endpoints back as
 * they were written, `takeOut` takes out what is in rotation beside it, `cleanUp` takes a stack of ours away that nothing needs any more, `removal` one whose app
 * has left the config, also where it is the last that serves.
 */
export type Reason = (typeof REASONS)[number];

/** Tries of one effect within one step: it is repeated only after a pause that grows. */
export interface Attempts {
  readonly count: number;
  readonly lastAt: Instant;
}

/** What probes and restarts have shown of one candidate group. */
export interface Proof {
  /** When the group was first seen running in this verification; it starts again after a restart. */
  readonly runningSince: Instant | undefined;
  readonly restarts: number;
  /** `at` of the last probe result that was counted. */
  readonly probedAt: Instant | undefined;
  readonly successes: number;
  readonly failures: number;
  readonly lastDetail: string;
  readonly verifiedAt: Instant | undefined;
}

/** How often in a row all endpoints of the step were found Online, and the look that was counted last. */
export interface OnlineStreak {
  readonly looks: number;
  readonly at: Instant;
}

/** An endpoint in rotation, in all looks from the first to the last. */
export interface HandedOut {
  /** Its smallest part of new answers: `shareOf`. */
  readonly share: number;
  readonly since: Instant;
  readonly seenAt: Instant;
}

/** What Traffic Manager's own name servers have answered since the removal of an endpoint was seen. */
export interface Confirmation {
  /** Answers of each server in a row without the target. */
  readonly answers: number;
  /** The most that were asked. */
  readonly servers: number;
  /** Of the last answers that count. */
  readonly at: Instant;
  /** When the target was answered last. */
  readonly shownAt?: Instant | undefined;
  /** When it came to count as gone from all of them. */
  readonly goneAt?: Instant | undefined;
}

/** From when until when a group was there; no end while it is. */
export interface Span {
  readonly from: Instant;
  readonly until?: Instant | undefined;
}

/** A group that cannot be taken for gone yet: when it was asked for, since when it is not there, whether it was seen made. */
export interface Unsettled {
  readonly askedAt?: Instant | undefined;
  readonly goneAt?: Instant | undefined;
  readonly isMade?: boolean | undefined;
}

/** Why and to what end a rollout was turned back. */
export interface TurnBack {
  readonly outcome: Exclude<Outcome, 'Succeeded'>;
  readonly reason: string;
  readonly fault: Fault;
  /** It is not tried again before somebody says so. */
  readonly needsPerson?: boolean | undefined;
  readonly at: Instant;
}

/** Until when it was kept (absent: until newer ones push it out), and who asked for it by which name, when: so that it can be asked for again. */
export interface KeptCandidate {
  readonly until?: Instant | undefined;
  readonly by: string;
  readonly name: string;
  readonly at: Instant;
}

export interface Rollout {
  readonly id: string;
  readonly app: string;
  readonly reason: Reason;
  /** The stack in rotation at the start; of a clean-up, or where it is taken out: the stack that goes. */
  readonly live: Stack | undefined;
  readonly candidate: Stack | undefined;
  readonly settings: RolloutSettings;
  readonly probe: ProbeSettings | undefined;
  readonly resourceGroup: string;
  readonly traffic: TrafficSettings | undefined;
  /** Of the profile, as it was first seen; Weighted where an earlier version wrote it. */
  readonly routing?: RoutingMethod | undefined;
  readonly plan: readonly Step[];
  /** Compiled when the rollout turns back. */
  readonly backPlan: readonly Step[] | undefined;
  /** Index into the plan in force; its length when all is done. */
  readonly cursor: number;
  readonly turnedBack: TurnBack | undefined;
  /** The step of the plan from which it was turned back, the furthest one: what was done up to there may have to be undone. */
  readonly reached?: number | undefined;
  /** Its way back was given up once, since the live stack had died. */
  readonly hasTurnedForward?: boolean | undefined;
  readonly startedAt: Instant;
  readonly enteredAt: Instant;
  /** When the current step is overdue; undefined after the last one. */
  readonly deadlineAt: Instant | undefined;
  /** The most that was ready, verified or written in this step so far, and when it came to be so. */
  readonly progress?: { readonly best: number; readonly at: Instant } | undefined;
  /** Milliseconds in which it was held, without the present wait of `heldSince`. */
  readonly heldMs: number;
  /** While people are waited for. */
  readonly heldSince?: Instant | undefined;
  /** Milliseconds of the present step in which somebody had paused it. */
  readonly pausedMs?: number | undefined;
  /** What was said to be late, where it is waited for all the same: the step, anew for each, or the whole rollout. */
  readonly told?: { readonly step?: boolean | undefined; readonly rollout?: boolean | undefined } | undefined;
  /** Of groups that were seen, by name. */
  readonly spans: Readonly<Record<string, Span>>;
  /** Of a single writer, by group. */
  readonly unsettled?: Readonly<Record<string, Unsettled>> | undefined;
  /** Sent to Azure Resource Manager for it, up to the last transition. */
  readonly requests: { readonly reads: number; readonly writes: number };
  readonly attempts: Readonly<Record<string, Attempts>>;
  /** FQDN (or address) by group name, as last seen. */
  readonly targets: Readonly<Record<string, string>>;
  readonly proofs: Readonly<Record<string, Proof>>;
  /** Of the step that the cursor is on, where it waits for Online. */
  readonly onlineStreak?: OnlineStreak | undefined;
  /** What checks have measured, by `tallyKey`. */
  readonly tallies: Readonly<Record<string, Tally>>;
  /** Jobs that may be there, by the names of their groups. */
  readonly jobs?: Readonly<Record<string, JobRun>> | undefined;
  /** Of jobs that failed, the last ones. */
  readonly jobLogs?: readonly JobLog[] | undefined;
  /** The last probes of each group, oldest first. */
  readonly transcripts?: Readonly<Record<string, readonly ProbeLine[]>> | undefined;
  /** What was seen of the candidate on the way back, before it goes. */
  readonly evidence?: Evidence | undefined;
  /** Groups that an enabled endpoint may have pointed at. */
  readonly exposed: readonly string[];
  /** When the removal of a group's endpoint from rotation was observed. */
  readonly removedAt: Readonly<Record<string, Instant>>;
  /** When the last look was asked for that saw the group's endpoint there, and out of rotation. */
  readonly seenOutAt: Readonly<Record<string, Instant>>;
  /** How endpoints were handed out while they were in rotation, by group; of those that were at the last such look. */
  readonly handedOut?: Readonly<Record<string, HandedOut>> | undefined;
  /** By group, where the name servers are asked. */
  readonly confirmations?: Readonly<Record<string, Confirmation>> | undefined;
  /** Largest TTL seen on the profile while this rollout lasted. */
  readonly maxTtlSeconds: number;
  /** Of a rollback: the candidate was kept, stopped, and is put back so where it cannot be brought back. */
  readonly kept?: KeptCandidate | undefined;
  readonly finished: { readonly outcome: Outcome; readonly at: Instant } | undefined;
}

export function stepsInForce(rollout: Rollout): readonly Step[] {
  return rollout.backPlan ?? rollout.plan;
}

export function currentStep(rollout: Rollout): Step | undefined {
  return stepsInForce(rollout)[rollout.cursor];
}

export function groupsOf(rollout: Rollout, side: Side): readonly StackGroup[] {
  return rollout[side]?.groups ?? [];
}

/** True where the group was not made by this rollout. */
export function isOld({ id, candidate }: Rollout, name: string): boolean {
  return candidate?.id !== id || !candidate.groups.some((group) => group.name === name);
}

/** The groups that a step works on. */
export function groupsIn(rollout: Rollout, { side, only }: Step): readonly StackGroup[] {
  const groups = groupsOf(rollout, side);
  return only === undefined ? groups : groups.filter(({ name }) => only.includes(name));
}

/** Only there do weights count. */
export function isWeighted({ routing = 'Weighted' }: Pick<Rollout, 'routing'>): boolean {
  return routing === 'Weighted';
}

/** Of the group's endpoint where no share of traffic is asked for. */
export function weightOf({ traffic }: Pick<Rollout, 'traffic'>, { adopted }: StackGroup): number | undefined {
  return adopted?.weight ?? traffic?.weight;
}

/** The checks that a step asks for. */
export function checksOf({ settings }: Rollout, { phase }: Step): readonly Check[] {
  return phase === undefined ? [] : (settings.checks?.[phase] ?? []);
}

/** Of a check in the step that the cursor is on: the same check is measured anew in each step. */
export function tallyKey({ cursor }: Rollout, check: string): string {
  return `${cursor} ${check}`;
}

/** `retire live batch 2`: tells a step from the others of its plan. */
export function stepName({ kind, side, part }: Step): string {
  return part === undefined ? `${kind} ${side}` : `${kind} ${side} ${part}`;
}

/** It has passed its verification in this rollout, and stands by that. */
export function isProven({ proofs }: Pick<Rollout, 'proofs'>, name: string): boolean {
  return proofs[name]?.verifiedAt !== undefined;
}

/** It puts right what is there, or takes endpoints out: no stack comes or goes by it. */
export function leavesStacks({ reason }: Pick<Rollout, 'reason'>): boolean {
  return reason === 'drift' || reason === 'takeOut';
}

export function otherSide(side: Side): Side {
  return side === 'live' ? 'candidate' : 'live';
}

/**
 * True from the first deletion of a live group on that is not made again, or from its stop: then there is only forward. Who
 * wants a stopped stack back rolls back to it afterwards.
 */
export function isPastNoReturn(rollout: Rollout): boolean {
  if (rollout.reason === 'cleanUp' || rollout.reason === 'removal') return true;
  if (rollout.backPlan !== undefined) return false;
  return rollout.plan.slice(0, rollout.cursor + 1).some(isFinal);
}

function isFinal({ kind, side, mayReturn }: Step): boolean {
  return side === 'live' && (kind === 'stop' || (kind === 'retire' && mayReturn !== true));
}

/** True once live endpoints are being taken out: a newer release then waits until this rollout has finished. */
export function isSwitching(rollout: Rollout): boolean {
  return rollout.plan.slice(0, rollout.cursor + 1).some(({ kind, side }) => side === 'live' || kind === 'swap');
}

/** What `decide` needs to see next, so that no more is asked for. Pure. */
import { isAsked } from '../model/check.ts';
import type { AskedCheck, Phase } from '../model/check.ts';
import type { Instant } from '../model/time.ts';
import { dueAt } from './check-tally.ts';
import { asksEach } from './confirmation.ts';
import { emptyingOf, measuredNextAt } from './drain-until.ts';
import type { StackGroup } from './effect.ts';
import { LEAVING } from './candidate-first.ts';
import { jobGroups, jobLogsWanted } from './job.ts';
import { PROVING } from './note.ts';
import { checksOf, currentStep, groupsIn, groupsOf, tallyKey } from './state.ts';
import type { Rollout, Step, StepKind } from './state.ts';
import { isWaitingForLive } from './turn-forward.ts';

/** Steps that change groups, beside those in which they prove themselves. */
const SEEING: ReadonlySet<StepKind> = new Set(['retire', 'stop', 'tag']);

export interface Watch {
  readonly groups: readonly string[];
  readonly profile: boolean;
  /** Groups to be probed directly. */
  readonly probes: readonly string[];
  /** Checks that are measured now. */
  readonly checks: readonly WatchedCheck[];
  /** Jobs whose log is to be read. */
  readonly logs: readonly { readonly group: string; readonly container: string }[];
  /** What can be seen of the candidate is to be kept. */
  readonly evidence: boolean;
  /** How often each of Traffic Manager's own name servers is asked for the profile's name; 0: not at all. */
  readonly nameAsks: number;
}

export interface WatchedCheck {
  readonly key: string;
  readonly check: AskedCheck;
  readonly phase: Phase;
  /** Names of the groups that it is about; the candidate's where absent. */
  readonly of?: readonly string[];
  /** When its next measurement is due. */
  readonly dueAt: Instant;
}

export function watching(rollout: Rollout): Watch {
  const step = currentStep(rollout);
  const logs = jobLogsWanted(rollout);
  if (step === undefined)
    return { groups: jobGroups(rollout), profile: false, probes: [], checks: [], logs, evidence: false, nameAsks: 0 };
  const names = groupsIn(rollout, step).map((group) => group.name);
  const isGoingOnline = step.kind === 'online' && rollout.backPlan === undefined;
  const needsGroups = isGoingOnline || SEEING.has(step.kind) || PROVING.has(step.kind);
  const isUnseen = (name: string) => rollout.targets[name] === undefined;
  const unseen = (rollout.live?.groups ?? []).map((group) => group.name).filter(isUnseen);
  const probes =
    PROVING.has(step.kind) && step.kind !== 'provision' && rollout.probe !== undefined
      ? names.filter((name) => rollout.targets[name] !== undefined && rollout.proofs[name] !== undefined)
      : [];
  return {
    groups: [
      ...new Set([
        ...(needsGroups ? names : []),
        ...(step.kind === 'provision' || rollout.cursor === 0 ? unseen : []),
        // Whoever else leads there is known by where that is.
        ...(step.kind === 'drain' ? names.filter(isUnseen) : []),
        ...jobGroups(rollout),
        ...(isWaitingForLive(rollout) || isLateToLeave(rollout, step)
          ? groupsOf(rollout, 'candidate').map((group) => group.name)
          : []),
      ]),
    ],
    profile: rollout.traffic !== undefined,
    probes,
    checks: watchedChecks(rollout, step),
    logs,
    evidence: step.kind === 'capture' && rollout.evidence === undefined,
    nameAsks: asksEach(rollout, removedIn(rollout, step)),
  };
}

/** It waits on, though too few others serve: what has come of the candidate may not be there any more, or be elsewhere. */
function isLateToLeave({ told, backPlan }: Rollout, { kind, side }: Step): boolean {
  return LEAVING.has(kind) && side === 'live' && backPlan === undefined && told?.step === true;
}

/** Those whose removal the name servers are asked about: in retire only where that had to be done again. */
function removedIn(rollout: Rollout, step: Step): readonly StackGroup[] {
  if (step.kind !== 'drain' && step.kind !== 'retire') return [];
  const isNew = ({ name }: StackGroup) => (rollout.removedAt[name] ?? 0) > rollout.enteredAt;
  return groupsIn(rollout, step).filter((group) => step.kind === 'drain' || isNew(group));
}

function watchedChecks(rollout: Rollout, step: Step): readonly WatchedCheck[] {
  const { phase } = step;
  const emptying = emptyingOf(rollout, step);
  if (emptying !== undefined) {
    const { key, check, groups } = emptying;
    return [{ key, check, phase: 'after', of: groups, dueAt: measuredNextAt(emptying) }];
  }
  if (step.kind !== 'check' || phase === undefined) return [];
  return checksOf(rollout, step).flatMap((check) => {
    if (!isAsked(check)) return [];
    const key = tallyKey(rollout, check.name);
    const at = dueAt(check, rollout.tallies[key]);
    return at === undefined ? [] : [{ key, check, phase, dueAt: at }];
  });
}

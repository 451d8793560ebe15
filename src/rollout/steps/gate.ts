/**
 * Gate: people are waited for. So many different ones have to promote the rollout; nobody's time runs out unseen, since a
 * gate says until when it waits and what happens then.
 */
import type { Gate } from '../../model/app.ts';
import type { Instant } from '../../model/time.ts';
import type { Scene, StepLogic } from '../verdict.ts';
import { isoTime } from './drain.ts';
import { stillProven } from './still-proven.ts';

export const gate: StepLogic = {
  judge(scene) {
    const unproven = stillProven(scene);
    if (unproven !== undefined) return unproven;
    const { gate: wanted } = scene.step;
    if (wanted === undefined) return { kind: 'done' };
    const voters = votersFor(scene);
    if (voters.length >= wanted.approvals) return { kind: 'done' };
    const timeoutAt = scene.rollout.enteredAt + wanted.timeoutMs;
    const opensAt = opensByItselfAt(scene.rollout.enteredAt, wanted);
    if (opensAt !== undefined && scene.now >= opensAt) return { kind: 'done' };
    if (scene.now >= timeoutAt) {
      const reason = `nobody promoted it within ${wanted.timeoutMs / 1000} s`;
      return { kind: 'broken', fault: 'operator', reason, needsPerson: true };
    }
    const waitingOn = sentence(wanted, voters, { opensAt, timeoutAt });
    return { kind: 'waiting', waitingOn, effects: [], until: opensAt ?? timeoutAt, isHeld: true };
  },
  /** What is not proven when people's time is over is given as long as a verification. */
  deadlineMs: ({ settings }, { gate: wanted }) => (wanted?.timeoutMs ?? 0) + settings.deadlines.verifyMs,
  undo: () => [],
  overdueFault: () => 'world',
};

/** When it opens though nobody has promoted the rollout. */
function opensByItselfAt(enteredAt: Instant, { autoAfterMs, timeoutMs, onTimeout }: Gate): Instant | undefined {
  if (autoAfterMs !== undefined) return enteredAt + autoAfterMs;
  return onTimeout === 'promote' ? enteredAt + timeoutMs : undefined;
}

function sentence(
  { approvals }: Gate,
  voters: readonly string[],
  { opensAt, timeoutAt }: { opensAt: Instant | undefined; timeoutAt: Instant },
): string {
  const by = voters.length === 0 ? '' : ` (so far ${voters.join(', ')})`;
  const whom = approvals === 1 ? 'somebody' : `${approvals} different people`;
  const then =
    opensAt === undefined
      ? `until ${isoTime(timeoutAt)}, then it is rolled back`
      : `or for ${isoTime(opensAt)}, then it goes on by itself`;
  return `waiting for ${whom} to promote it${by} ${then}`;
}

/**
 * Each person counts once, and those who promoted the whole rollout are among them: where two are asked for, one cannot
 * leave the other out.
 */
function votersFor({ observation, rollout }: Scene): readonly string[] {
  const votes = (observation.votes ?? []).filter(({ at, full }) => full || at >= rollout.enteredAt);
  return [...new Set(votes.map(({ by }) => by))];
}

/** Somebody wants it to go on from where it is. */
export function isPromoted(scene: Scene): boolean {
  return votersFor(scene).length > 0;
}

/** Somebody wants all checks and bakes of this rollout left out; a gate counts it as a vote. */
export function isPromotedInFull({ observation }: Scene): boolean {
  return (observation.votes ?? []).some(({ full }) => full);
}

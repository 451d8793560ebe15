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
    const { enteredAt, pausedMs = 0 } = scene.rollout;
    const timeoutAt = enteredAt + wanted.timeoutMs + pausedMs;
    // A pause keeps a timer from opening it, and does not stop the timer; people are given their whole time.
    const opensAt = wanted.autoAfterMs === undefined ? undefined : enteredAt + wanted.autoAfterMs;
    if (opensAt !== undefined && scene.now >= opensAt) return { kind: 'done' };
    if (scene.now >= timeoutAt) {
      if (wanted.onTimeout === 'promote') return { kind: 'done' };
      const reason = `nobody promoted it within ${wanted.timeoutMs / 1000} s`;
      return { kind: 'broken', fault: 'operator', reason, needsPerson: true };
    }
    const byItselfAt = opensAt ?? (wanted.onTimeout === 'promote' ? timeoutAt : undefined);
    const waitingOn = sentence(wanted, voters, { opensAt: byItselfAt, timeoutAt });
    return { kind: 'waiting', waitingOn, effects: [], until: byItselfAt ?? timeoutAt, isHeld: true };
  },
  /** What is not proven when people's time is over is given as long as a verification. */
  deadlineMs: ({ settings }, { gate: wanted }) => (wanted?.timeoutMs ?? 0) + settings.deadlines.verifyMs,
  undo: () => [],
  overdueFault: () => 'world',
};

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

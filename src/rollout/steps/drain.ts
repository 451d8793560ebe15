/**
 * Drain: clients may hold the old answer for the TTL, Traffic Manager's own servers learn of the change within the
 * margin, and open connections get the drain time. The clock runs from the observed removal, and anew if it is undone.
 */
import { drainedAt, drainWaitMs } from '../state.ts';
import { count, waiting } from '../verdict.ts';
import type { StepLogic } from '../verdict.ts';
import { profileOf } from './profile.ts';
import { takeOutAgain } from './take-out-again.ts';

export const drain: StepLogic = {
  judge(scene) {
    const profile = profileOf(scene);
    if ('waitingOn' in profile) return { ...profile, kind: 'waiting', effects: [], isPatient: true };
    const { rollout, groups, now } = scene;
    const back = takeOutAgain(scene, profile);
    if (back !== undefined) return back;
    const until = drainedAt(rollout, groups);
    if (until === undefined) return waiting('waiting for the removal to be seen');
    if (now >= until) return { kind: 'done' };
    const { propagationMarginMs, drainMs } = rollout.settings;
    const extra = `${propagationMarginMs / 1000} s margin, ${drainMs / 1000} s drain`;
    return waiting(
      `waiting for DNS TTL of ${rollout.maxTtlSeconds} s (+ ${extra}) on ${profile.fqdn} until ${isoTime(until)}, then ${count(groups.length, 'group')} ${groups.length === 1 ? 'is' : 'are'} deleted`,
      [],
      until,
    );
  },
  /** It ends by itself, unless somebody enables an endpoint again that cannot be taken out for want of others. */
  deadlineMs: (rollout) => drainWaitMs(rollout) + rollout.settings.deadlines.onlineMs,
  undo: () => [],
  overdueFault: () => 'world',
};

/** `12:03:10Z` of an instant: by arithmetic, since pure code has no Date. */
export function isoTime(at: number): string {
  const seconds = Math.ceil(at / 1000) % 86_400;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}Z`;
}

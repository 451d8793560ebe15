/**
 * Capture: what can be seen of a candidate that failed, before its groups go. It serves nobody any more by then; nothing
 * depends on it, so it waits for 30 s at most, and whatever is not known by then is not known.
 */
import { SECOND } from '../../model/time.ts';
import { count, waiting } from '../verdict.ts';
import type { StepLogic } from '../verdict.ts';

const LONGEST_MS = 30 * SECOND;

export const capture: StepLogic = {
  judge({ rollout, groups, now }) {
    if (rollout.evidence !== undefined || now >= rollout.enteredAt + LONGEST_MS) return { kind: 'done' };
    return waiting(`keeping states, events and logs of ${count(groups.length, 'group')} before they go`);
  },
  deadlineMs: () => 2 * LONGEST_MS,
  undo: () => [],
  overdueFault: () => 'world',
};

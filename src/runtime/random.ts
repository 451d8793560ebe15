/** Ids from the system's source of chance. */
import { randomBytes } from 'node:crypto';

/** Eight hex digits: names a rollout and the stack that it makes. */
export function newRolloutId(): string {
  return randomBytes(4).toString('hex');
}

/** How urgent it is what a rollout asks of Azure, where not all can be sent at once. */
import type { Priority } from '../azure/caller.ts';
import type { Effect } from '../rollout/effect.ts';
import type { Rollout } from '../rollout/state.ts';

/** Of what it looks at. */
export function priorityOfRollout({ backPlan, reason }: Rollout): Priority {
  if (backPlan !== undefined) return 'rollback';
  return reason === 'firstDeployment' || reason === 'newRelease' ? 'ordinary' : 'high';
}

/** What frees, after its drain: others wait for it, but nobody is served by it, also on the way back. */
const FREEING: ReadonlySet<Effect['kind']> = new Set(['deleteGroup', 'deleteJob', 'deleteEndpoint', 'stopGroup']);

export function priorityOfEffect(rollout: Rollout, { kind }: Effect): Priority {
  // Nobody is served by a tag.
  if (kind === 'tagGroup') return 'ordinary';
  // It brings back what served.
  if (kind === 'startGroup' && rollout.reason === 'rollback') return 'rollback';
  return FREEING.has(kind) ? 'high' : priorityOfRollout(rollout);
}

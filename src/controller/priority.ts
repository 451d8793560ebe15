/** How urgent it is what a rollout asks of Azure, where not all can be sent at once. */
import type { Priority } from '../azure/caller.ts';
import type { Effect } from '../rollout/effect.ts';
import type { Rollout } from '../rollout/state.ts';

/** Of what it looks at. */
export function priorityOfRollout({ backPlan, reason }: Rollout): Priority {
  if (backPlan !== undefined) return 'rollback';
  return reason === 'firstDeployment' || reason === 'newRelease' ? 'ordinary' : 'high';
}

/** A deletion comes after its drain, also on the way back: it frees what others wait for, but nobody is served by it. */
export function priorityOfEffect(rollout: Rollout, { kind }: Effect): Priority {
  // Nobody is served by a tag.
  if (kind === 'tagGroup') return 'ordinary';
  return kind === 'deleteGroup' || kind === 'deleteJob' || kind === 'deleteEndpoint'
    ? 'high'
    : priorityOfRollout(rollout);
}

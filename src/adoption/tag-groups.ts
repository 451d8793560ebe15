/**
 * Tags the groups of a plan: all as pending first, then all for good, so that a run that is cut off anywhere leaves nothing
 * that could be taken for the whole. Each group is looked at just before and after; whatever tags it has besides stay.
 */
import type { Azure } from '../azure/azure.ts';
import type { Tags } from '../model/app.ts';
import { StalledError, TransientError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';
import type { ObservedGroup } from '../rollout/observation.ts';
import { isSettled, tagsToWrite } from './plan.ts';
import type { AdoptionPlan, PlannedGroup } from './plan.ts';

export interface TaggingGiven {
  readonly azure: Pick<Azure, 'getGroup' | 'tagGroup'>;
  readonly clock: Pick<Clock, 'wait'>;
  readonly resourceGroup: string;
  readonly onTagged: (group: string, isPending: boolean) => void;
}

const MOST_ATTEMPTS = 5;
const PAUSE_MS = 2000;

/** Throws where it cannot be brought to its end: the same plan goes on where it was. */
export async function tagGroups(plan: AdoptionPlan, given: TaggingGiven): Promise<void> {
  const open: PlannedGroup[] = [];
  for (const group of plan.groups) if (!isSettled(await look(plan, group, given), group)) open.push(group);
  for (const group of open) await bring(plan, group, { ...given, wanted: group.pending, isPending: true });
  for (const group of open) await bring(plan, group, { ...given, wanted: group.final, isPending: false });
}

async function bring(
  plan: AdoptionPlan,
  group: PlannedGroup,
  given: TaggingGiven & { wanted: Tags; isPending: boolean },
): Promise<void> {
  const { azure, clock, resourceGroup, wanted, isPending, onTagged } = given;
  for (let attempt = 1; ; attempt += 1) {
    const tags = tagsToWrite(await look(plan, group, given), wanted);
    if (tags === undefined) return onTagged(group.name, isPending);
    // Somebody takes them away again, or Azure refuses.
    if (attempt > MOST_ATTEMPTS)
      throw new TransientError(
        `the tags of container group ${group.name} are not there after ${MOST_ATTEMPTS} attempts; run this again: it goes on where it was`,
      );
    const changer = { app: plan.app, priority: 'ordinary' as const, fence: () => true };
    const outcome = await azure.tagGroup({ resourceGroup, name: group.name }, tags, changer);
    if (outcome.kind === 'refused' && outcome.fault !== 'world')
      throw new StalledError(
        `Azure refuses to tag container group ${group.name}: ${outcome.code}: ${outcome.message}; run this again once that is mended: it goes on where it was`,
      );
    if (outcome.kind !== 'accepted')
      await clock.wait(outcome.kind === 'refused' ? (outcome.retryAfterMs ?? PAUSE_MS) : PAUSE_MS);
  }
}

/** One that changed its mind since the plan was shown, or went, is no part of what was agreed to. */
async function look(plan: AdoptionPlan, { name }: PlannedGroup, given: TaggingGiven): Promise<ObservedGroup> {
  const seen = await given.azure.getGroup({ resourceGroup: given.resourceGroup, name });
  if (!seen.known) throw new TransientError(`container group ${name} cannot be read: ${seen.reason}; run this again`);
  if (seen.value !== undefined) return seen.value;
  throw new StalledError(`container group ${name} of app ${plan.app} has gone meanwhile; run this again without it`);
}

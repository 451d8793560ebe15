/** A plan of an adoption as people read it. */
import type { AdoptionPlan, PlannedGroup } from '../adoption/plan.ts';

/** One line each. */
export function planText(plan: AdoptionPlan, { profile }: { readonly profile: string | undefined }): string {
  const { app, release, stack, groups, notes } = plan;
  const lines = [
    `${app}: ${groups.length} ${groups.length === 1 ? 'group' : 'groups'} would be taken over as its live stack ${stack}, running ${release}`,
    ...groups.flatMap((group) => ofGroup(group)),
    '  nothing else is changed: no group is restarted, no endpoint is written' +
      (profile === undefined ? '' : `, profile ${profile} is not touched`),
    '  nothing is written to the state: the daemon finds the groups by these tags',
    '  the first rollout follows at the next decision of the daemon, to what the config says, and replaces them by the usual steps: its windows, gates and checks count',
    ...notes.map((note) => `  note: ${note}`),
  ];
  return lines.join('\n');
}

function ofGroup({ name, location, endpoint, target, weight, final }: PlannedGroup): readonly string[] {
  const kept = weight === undefined ? '' : `, weight ${weight} kept`;
  const reach = endpoint === undefined ? 'no endpoint' : `endpoint ${endpoint} → ${target ?? ''}${kept}`;
  return [
    `  container group ${name} in ${location}: ${reach}; tags that are added:`,
    ...Object.entries(final).map(([tag, value]) => `    ${tag} = ${value}`),
  ];
}

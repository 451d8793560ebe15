/**
 * A profile as a look and the answer to a write since then show it together: endpoint writes are synchronous. It decides
 * only which endpoint of a row comes next; that they are written is seen by a look (lookout.ts).
 */
import type { Effect } from '../rollout/effect.ts';
import type { ObservedEndpoint, ObservedProfile, Seen } from '../rollout/observation.ts';

/** Undefined where this is no write of one endpoint, or the profile was not seen. */
export function withAnswer(
  seen: Seen<ObservedProfile | undefined>,
  effects: readonly Effect[],
): Seen<ObservedProfile> | undefined {
  const [effect] = effects;
  if (!seen.known || seen.value === undefined || effect === undefined || effects.length > 1) return undefined;
  const name = effect.group.endpoint.toLowerCase();
  const others = seen.value.endpoints.filter((endpoint) => endpoint.name.toLowerCase() !== name);
  const before = seen.value.endpoints.find((endpoint) => endpoint.name.toLowerCase() === name);
  const after = endpointAfter(effect, before);
  if (after === 'unchanged') return undefined;
  const endpoints = after === undefined ? others : [...others, after];
  return { ...seen, value: { ...seen.value, endpoints } };
}

function endpointAfter(
  effect: Effect,
  before: ObservedEndpoint | undefined,
): ObservedEndpoint | undefined | 'unchanged' {
  switch (effect.kind) {
    case 'enableEndpoint': {
      const { group, target, weight } = effect;
      return { ...before, name: group.endpoint, target, weight, enabled: true, monitorStatus: 'CheckingEndpoint' };
    }
    case 'disableEndpoint':
      return before === undefined ? undefined : { ...before, enabled: false, monitorStatus: 'Disabled' };
    case 'deleteEndpoint':
      return undefined;
    // What Traffic Manager makes of it is looked at before the next one.
    case 'retargetEndpoint':
    case 'createGroup':
    case 'startGroup':
    case 'stopGroup':
    case 'tagGroup':
    case 'createJob':
    case 'deleteGroup':
    case 'deleteJob':
      return 'unchanged';
  }
}

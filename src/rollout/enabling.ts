/**
 * The effect that puts a group into rotation as the routing method needs it: an endpoint that is there keeps what others
 * have set on it, a new one gets what it is mapped to.
 */
import type { TrafficMapping } from '../model/app.ts';
import type { Effect, StackGroup } from './effect.ts';
import { freePriority } from './free-priority.ts';
import type { ObservedProfile } from './observation.ts';
import { endpointNamed } from './rotation.ts';
import { isWeighted, weightOf } from './state.ts';
import type { Rollout } from './state.ts';

/** Undefined where it is not known yet what the endpoint is to lead to. */
export function enabling(rollout: Rollout, profile: ObservedProfile, group: StackGroup): Effect | undefined {
  const target = rollout.targets[group.name];
  if (target === undefined) return undefined;
  const there = endpointNamed(profile, group.endpoint);
  const weight = group.adopted?.weight === undefined ? {} : { weight: group.adopted.weight };
  if (there === undefined) {
    // A nested one, or that of an Azure resource: whoever called it so has to rename it.
    if (profile.endpoints.some(({ name }) => name.toLowerCase() === group.endpoint.toLowerCase())) return undefined;
    const mapping = newMapping(rollout, profile, group);
    return { kind: 'enableEndpoint', group, target, ...weight, ...(mapping === undefined ? {} : { mapping }) };
  }
  const isChanged = isWeighted(rollout) && there.weight !== undefined && there.weight !== weightOf(rollout, group);
  // All else of it is as it should be.
  if (there.enabled && !isChanged && there.target !== undefined) return { kind: 'retargetEndpoint', group, target };
  return { kind: 'enableEndpoint', group, target, ...weight };
}

function newMapping(rollout: Rollout, profile: ObservedProfile, group: StackGroup): TrafficMapping | undefined {
  const { geoMapping, subnets } = rollout.traffic?.mappings?.[group.location] ?? {};
  switch (rollout.routing) {
    case 'Priority': {
      const priority = freePriority(group, { ...rollout, profile });
      return priority === undefined ? undefined : { priority };
    }
    case 'Geographic':
      return geoMapping === undefined ? undefined : { geoMapping };
    case 'Subnet':
      return subnets === undefined ? undefined : { subnets };
    default:
      return undefined;
  }
}

/**
 * Is the live stack still as it should be? Pure. What is gone or broken has to be seen twice, what Traffic Manager finds
 * Degraded has to stay so for a set time, before the stack is replaced; what somebody changed is put back at once.
 */
import type { App } from '../model/app.ts';
import { readStackId } from '../model/ownership.ts';
import { readRoutingMethod, targetOf } from '../model/routing.ts';
import type { Instant } from '../model/time.ts';
import type { Stack, StackGroup } from '../rollout/effect.ts';
import type { ObservedEndpoint, ObservedGroup, ObservedProfile } from '../rollout/observation.ts';
import { saysCandidate } from '../rollout/role-tags.ts';
import { endpointNamed, endpointOf } from '../rollout/rotation.ts';

/** What was seen of the live stack before; in memory only, so a restart looks twice again. */
export interface LiveMemory {
  /** Groups that were not there, or had failed, at the last look. */
  broken: ReadonlySet<string>;
  degradedSince: ReadonlyMap<string, Instant>;
}

/** Both may be: what serves no traffic for want of an endpoint is mended first. */
export interface LiveFaults {
  /** Endpoints of ours are not as they were written. */
  readonly drift: string | undefined;
  /** The stack has to be replaced by the same release. */
  readonly broken: string | undefined;
  /** It serves, and still carries the tags of a candidate. */
  readonly mistagged: string | undefined;
}

/** States of a group that runs nothing, nor will; only a single look shows them. */
const DEAD = new Set(['Failed', 'Stopped']);
const DELETING = 'Deleting';

export interface LiveSeen {
  readonly app: App;
  readonly live: Stack;
  readonly groups: readonly ObservedGroup[];
  readonly profile: ObservedProfile | undefined;
  readonly now: Instant;
}

export function judgeLive(seen: LiveSeen, memory: LiveMemory): { faults: LiveFaults; memory: LiveMemory } {
  const broken = seen.live.groups.flatMap((group) => brokenGroup(seen, group) ?? []);
  const degradedSince = degraded(seen, memory.degradedSince);
  const confirmed = broken.find(({ name }) => memory.broken.has(name));
  const drift = seen.live.groups.map((group) => driftOf(seen, group)).find((reason) => reason !== undefined);
  return {
    faults: {
      drift,
      broken: confirmed?.reason ?? lastingDegraded(seen, degradedSince),
      mistagged: seen.live.groups.map((group) => tagFaultOf(seen, group)).find((reason) => reason !== undefined),
    },
    memory: { broken: new Set(broken.map(({ name }) => name)), degradedSince },
  };
}

function lastingDegraded({ now, app }: LiveSeen, degradedSince: ReadonlyMap<string, Instant>): string | undefined {
  const lasting = [...degradedSince].find(([, since]) => now >= since + app.repairAfterMs);
  if (lasting === undefined) return undefined;
  return `${lasting[0]} has been Degraded for ${Math.round((now - lasting[1]) / 60_000)} min`;
}

function groupIn(seen: LiveSeen, group: StackGroup): ObservedGroup | undefined {
  return seen.groups.find(({ name }) => name.toLowerCase() === group.name.toLowerCase());
}

function brokenGroup(seen: LiveSeen, group: StackGroup): { name: string; reason: string } | undefined {
  const found = groupIn(seen, group);
  if (found === undefined) return { name: group.name, reason: `container group ${group.name} has vanished` };
  if (found.provisioningState === DELETING)
    return { name: group.name, reason: `container group ${group.name} is being deleted` };
  if (found.provisioningState === 'Failed')
    return { name: group.name, reason: `container group ${group.name} is Failed` };
  if (found.state === undefined || !DEAD.has(found.state)) return undefined;
  return { name: group.name, reason: `container group ${group.name} is ${found.state}` };
}

function degraded(seen: LiveSeen, before: ReadonlyMap<string, Instant>): ReadonlyMap<string, Instant> {
  const { live, profile, now } = seen;
  if (profile === undefined) return new Map();
  const endpoints = live.groups.flatMap((group) => endpointOf(profile, group) ?? []);
  const sick = endpoints.filter(({ monitorStatus }) => monitorStatus === 'Degraded');
  return new Map(sick.map(({ name }) => [name, before.get(name) ?? now]));
}

/** Of a group that is there: an endpoint that leads to what is gone is not put back. */
function driftOf(seen: LiveSeen, group: StackGroup): string | undefined {
  const { app, profile } = seen;
  const found = groupIn(seen, group);
  if (profile === undefined || app.traffic === undefined || found === undefined) return undefined;
  const method = readRoutingMethod(profile.routingMethod);
  const target = found.provisioningState === DELETING ? undefined : (group.adopted?.target ?? targetOf(method, found));
  if (target === undefined) return undefined;
  const endpoint = endpointNamed(profile, group.endpoint);
  if (endpoint === undefined) return `endpoint ${group.endpoint} was deleted by somebody else`;
  // What was taken over keeps its weight.
  const isWeighed = method === 'Weighted' && group.adopted === undefined;
  return changeOf(endpoint, { target, weight: isWeighed ? app.traffic.weight : undefined });
}

/** As where they could not be changed when it took over, or the state was lost before that. */
function tagFaultOf(seen: LiveSeen, group: StackGroup): string | undefined {
  const found = groupIn(seen, group);
  const isOurs = found !== undefined && readStackId(found.tags) === seen.live.id;
  if (!isOurs || !saysCandidate(found.tags, seen.app.rollout.tags)) return undefined;
  return `container group ${group.name} serves, and is still tagged as a candidate`;
}

function changeOf(
  endpoint: ObservedEndpoint,
  wanted: { readonly target: string; readonly weight: number | undefined },
): string | undefined {
  const { name, enabled, target, weight } = endpoint;
  if (!enabled) return `endpoint ${name} was disabled by somebody else`;
  if (target?.toLowerCase() !== wanted.target.toLowerCase()) return `the target of endpoint ${name} was changed`;
  const isWeighed = weight !== undefined && wanted.weight !== undefined;
  return isWeighed && weight !== wanted.weight ? `the weight of endpoint ${name} was changed` : undefined;
}

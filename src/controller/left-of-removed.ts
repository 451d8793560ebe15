/**
 * The next stack of an app that has left the config: by tags and the names of endpoints, and by its state where those say
 * nothing, as of an endpoint that was taken over and whose group has vanished with its tags. Pure.
 */
import type { Stack, StackGroup } from '../rollout/effect.ts';
import type { Instant } from '../model/time.ts';
import { endpointNamed, leadsTo } from '../rollout/rotation.ts';
import { SETTLE_MS } from '../rollout/unsettled.ts';
import type { AppState } from './app-state.ts';
import { takeInventory } from './inventory.ts';
import type { InventoryGiven } from './inventory.ts';

/** Until when what the last rollout of a release has made and taken back may come back, again and again; undefined where it has not. */
export function mayComeBackUntil({ history }: Pick<AppState, 'history'>): Instant | undefined {
  const made = history.findLast(({ to }) => to !== undefined);
  const last = history.at(-1);
  if (made === undefined || last === undefined || made.outcome === 'Succeeded') return undefined;
  return last.endedAt + SETTLE_MS;
}

export function leftOfRemoved(
  { live, retained }: Pick<AppState, 'live' | 'retained'>,
  given: InventoryGiven,
): Stack | undefined {
  const { stacks } = takeInventory(given);
  const found = new Set(stacks.flatMap(({ groups }) => groups.map(({ name }) => name.toLowerCase())));
  const isLost = (group: StackGroup) => !found.has(group.name.toLowerCase()) && isDangling(group, given);
  const known = [...(live === undefined ? [] : [live]), ...retained.map(({ stack }) => stack)];
  const lost = known.map((stack) => ({ ...stack, groups: stack.groups.filter(isLost) }));
  const [first] = stacks;
  if (first === undefined) return lost.find(({ groups }) => groups.length > 0);
  const more = lost.find(({ id }) => id === first.id)?.groups ?? [];
  return { ...first, groups: [...first.groups, ...more] };
}

/** It was taken over under this name, and still leads to the group that was there. */
function isDangling(group: StackGroup, { profile }: InventoryGiven): boolean {
  if (profile === undefined || group.adopted === undefined) return false;
  const endpoint = endpointNamed(profile, group.endpoint);
  return endpoint !== undefined && leadsTo(endpoint, group);
}

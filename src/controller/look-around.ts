/**
 * What an idle app sees when it looks around: its own groups after a loss of state, what is wrong with its live stack, and
 * strays. A look that fails leads to nothing.
 */
import type { Caller } from '../azure/caller.ts';
import type { App } from '../model/app.ts';
import type { Instant } from '../model/time.ts';
import type { Stack } from '../rollout/effect.ts';
import { isStopped } from '../rollout/health.ts';
import type { ObservedGroup, ObservedProfile } from '../rollout/observation.ts';
import { endpointNamed, endpointOf, leadsTo } from '../rollout/rotation.ts';
import type { HalfAdopted } from './adopted-groups.ts';
import { lookAgainMs, sayHeld, waitForProfile } from './idle.ts';
import type { IdleGiven, IdleTurn } from './idle.ts';
import { canBeLive, takeInventory } from './inventory.ts';
import type { Inventory, InventoryGiven } from './inventory.ts';
import { judgeLive } from './live-health.ts';
import type { LiveFaults } from './live-health.ts';
import { lookAtProfile } from './look-at-profile.ts';
import { methodMisfit } from './profile-fit.ts';
import { rememberTtl } from './ttl-memory.ts';

export interface Looked {
  /** What is wrong with the live stack. */
  readonly faults: LiveFaults;
  /** Stacks of ours that nothing needs, seen twice. */
  readonly strays: readonly Stack[];
  /** Of ours, in rotation beside the live stack: needed or not, seen twice or once. */
  readonly beside: readonly { readonly stack: Stack; readonly isConfirmed: boolean }[];
  readonly profile: ObservedProfile | undefined;
}

const SHARED_MS = 15_000;
const NO_FAULTS: LiveFaults = { drift: undefined, broken: undefined, mistagged: undefined };

/** Or a turn that takes the place of whatever else was meant: adoption, or a wait. */
export async function lookAround(given: IdleGiven): Promise<{ turn: IdleTurn } | Looked> {
  const { app, state, memory, clock } = given;
  const looked = await lookAtAll(given);
  if ('turn' in looked) return looked;
  const { inventory, inventoryGiven } = looked;
  memory.sweptAt = clock.now();
  announceForeign(given, inventory);
  const adopted = state.live === undefined ? await findLive(given, inventory, inventoryGiven) : undefined;
  if (adopted === 'unknown') return { turn: { wakeAt: clock.now() + lookAgainMs(app) } };
  if (adopted !== undefined) {
    memory.sweptAt = undefined;
    const announce = () => given.events.appAdopted(app, adopted);
    return { turn: { state: { ...state, live: adopted }, announce, wakeAt: clock.now() } };
  }
  const [half] = state.live === undefined ? inventory.halfAdopted : [];
  memory.isHalfAdopted = half !== undefined;
  if (half !== undefined) return { turn: waitForAdoption(given, half) };
  const groups = await withSingleLooks(given, inventoryGiven.groups);
  const faults = groups === undefined ? NO_FAULTS : lookAtLive(given, groups, inventoryGiven.profile);
  const { profile } = inventoryGiven;
  return { faults, ...lookBeside(given, inventory, profile), profile };
}

/** What was tagged serves, and so may what was not: nothing is made beside them, and nothing is taken away. */
function waitForAdoption(given: IdleGiven, { groups, of }: HalfAdopted): IdleTurn {
  const { app, clock } = given;
  const reason = `${groups.length} of ${of} groups that were to be taken over are tagged so (${groups.join(', ')}); run the same viridian adopt again`;
  sayHeld(given, 'adoption', reason);
  return { wakeAt: clock.now() + lookAgainMs(app), isStill: true };
}

/**
 * The stack that serves, or the one that runs where none has traffic: lists do not say whether a group is stopped, as one
 * that was kept is, so that is asked by name. Stopped ones are strays.
 */
async function findLive(
  { app, azure, state }: IdleGiven,
  { stacks }: Inventory,
  inventoryGiven: InventoryGiven,
): Promise<Stack | 'unknown' | undefined> {
  const { resourceGroup } = app;
  // What is left of a rollout that came to nothing, as where a deletion came too early, was never live.
  const cameToNothing = ({ id }: Stack) =>
    state.history.some(({ rollout, outcome }) => rollout === id && outcome !== 'Succeeded');
  for (const stack of stacks.filter((one) => canBeLive(one, inventoryGiven))) {
    if (app.traffic !== undefined) return stack;
    if (cameToNothing(stack)) continue;
    const looks = await Promise.all(
      stack.groups.map(({ name }) => azure.getGroup({ resourceGroup, name }, callerOf(app))),
    );
    if (looks.some(({ known }) => !known)) return 'unknown';
    const isRunning = looks.some((seen) => seen.known && seen.value !== undefined && !isStopped(seen.value));
    if (isRunning) return stack;
  }
  return undefined;
}

/**
 * A list may be old, or lack one: what it lacks of the live stack is asked for by name. So is every group where no Traffic
 * Manager watches, since lists do not say whether groups run. Undefined where that fails.
 */
export async function withSingleLooks(
  { app, state, azure }: IdleGiven,
  listed: readonly ObservedGroup[],
): Promise<readonly ObservedGroup[] | undefined> {
  const isListed = ({ name }: { name: string }) => listed.some((one) => one.name.toLowerCase() === name.toLowerCase());
  const live = state.live?.groups ?? [];
  const asked = app.traffic === undefined ? live : live.filter((group) => !isListed(group));
  const { resourceGroup } = app;
  const looks = await Promise.all(asked.map(({ name }) => azure.getGroup({ resourceGroup, name }, callerOf(app))));
  const found = looks.flatMap((seen) => (seen.known && seen.value !== undefined ? [seen.value] : []));
  if (looks.some(({ known }) => !known)) return undefined;
  return [
    ...found,
    ...listed.filter(({ name }) => !asked.some((group) => group.name.toLowerCase() === name.toLowerCase())),
  ];
}

function callerOf({ name }: App): Caller {
  return { app: name, priority: 'ordinary' };
}

/**
 * All of ours that is there; or a turn, where that cannot be told yet. One after the other: asked at once by many apps, all
 * the lists would have their turn before the first profile, and no look would be whole in time.
 */
export async function lookAtAll(
  given: IdleGiven,
): Promise<{ turn: IdleTurn } | { inventory: Inventory; inventoryGiven: InventoryGiven }> {
  const { app, state, azure, clock } = given;
  const askedAt = clock.now();
  given.memory.around = undefined;
  const later = () => ({ turn: { wakeAt: clock.now() + lookAgainMs(app) } });
  const profile = app.traffic === undefined ? undefined : await lookAtProfile(azure, app.traffic, callerOf(app));
  if (profile !== undefined && !profile.known) {
    sayHeld(given, 'azure', `Traffic Manager profile ${app.traffic?.profile} cannot be read: ${profile.reason}`);
    return later();
  }
  const unfit = profileFault(app, profile?.value);
  if (unfit !== undefined) return { turn: waitForProfile(given, unfit) };
  const { propagationMarginMs: lagMs } = app.rollout;
  const ttl = rememberTtl(state.ttl, profile?.value?.ttlSeconds ?? 0, clock.now(), { lagMs });
  if (ttl !== state.ttl) return { turn: { state: { ...state, ttl }, wakeAt: clock.now() } };
  const groups = await azure.listGroups(app.resourceGroup, callerOf(app), { begunAfter: sharedSince(given) });
  if (!groups.known) {
    sayHeld(given, 'azure', `the container groups of ${app.resourceGroup} cannot be listed: ${groups.reason}`);
    return later();
  }
  given.memory.around = groups.at >= askedAt ? { askedAt, groups, profile } : undefined;
  const inventoryGiven: InventoryGiven = { app, owner: given.owner, groups: groups.value, profile: profile?.value };
  const inventory = takeInventory(inventoryGiven);
  // Also where what it leads to is not saved, so that it looks again.
  if (state.live === undefined && inventory.stacks.length > 0) given.memory.bareSince = undefined;
  return { inventory, inventoryGiven };
}

/**
 * Many apps of one resource group share a list of the last seconds, as ARM's own may be that old. Never the one of the last
 * look: what has to be seen twice is seen in two lists.
 */
function sharedSince({ memory, clock, sweepOffsetMs }: IdleGiven): Instant | undefined {
  if (sweepOffsetMs === undefined || memory.sweptAt === undefined) return undefined;
  return Math.max(memory.sweptAt, clock.now() - SHARED_MS);
}

function lookAtLive(
  { app, state, memory, clock }: IdleGiven,
  groups: readonly ObservedGroup[],
  profile: ObservedProfile | undefined,
): LiveFaults {
  if (state.live === undefined) return NO_FAULTS;
  const judged = judgeLive({ app, live: state.live, groups, profile, now: clock.now() }, memory.live);
  memory.live = judged.memory;
  return judged.faults;
}

/** What nothing at all can be done with. */
function profileFault(app: App, profile: ObservedProfile | undefined): string | undefined {
  if (app.traffic === undefined) return undefined;
  const { profile: name, resourceGroup } = app.traffic;
  if (profile === undefined) {
    return `Traffic Manager profile ${name} does not exist in resource group ${resourceGroup}; create it, or correct traffic.profile in the config`;
  }
  const [missing] = profile.missingParents ?? [];
  if (missing !== undefined)
    return `Traffic Manager profile ${missing}, which traffic.parents names, does not exist; create it, or correct the config`;
  return methodMisfit(profile);
}

function announceForeign(given: IdleGiven, inventory: Inventory): void {
  if (given.memory.isInventoried) return;
  given.memory.isInventoried = true;
  const { foreignGroups, foreignEndpoints } = inventory;
  if (foreignGroups.length + foreignEndpoints.length > 0)
    given.events.foreignFound(given.app, foreignGroups, foreignEndpoints);
}

/** What is seen by this look and the one before is confirmed: what was seen once may be on its way. */
function lookBeside(
  { state, memory }: IdleGiven,
  inventory: Inventory,
  profile: ObservedProfile | undefined,
): Pick<Looked, 'strays' | 'beside'> {
  const { live } = state;
  const kept = new Set(state.retained.map(({ stack }) => stack.id));
  const others = inventory.stacks
    .map((stack) => strayPart(stack, live))
    .filter((stack) => stack !== undefined)
    .filter((stack) => !isStillServing(stack, { live, profile }))
    .map((stack) => ({ stack, isConfirmed: memory.strays.has(strayKey(stack)) }));
  const strays = others.filter(({ stack }) => !kept.has(stack.id));
  const beside = live === undefined ? [] : others.filter(({ stack }) => isInRotation(stack, profile));
  memory.strays = new Set([...strays, ...beside].map(({ stack }) => strayKey(stack)));
  memory.bareSince = strays.length > 0 ? undefined : (bareSinceRollout(state, memory) ?? memory.sweptAt);
  return { strays: strays.flatMap(({ stack, isConfirmed }) => (isConfirmed ? [stack] : [])), beside };
}

/** What a rollout has left may not have been there before it. */
function bareSinceRollout({ history }: IdleGiven['state'], { bareSince }: IdleGiven['memory']): Instant | undefined {
  return bareSince !== undefined && bareSince >= (history.at(-1)?.endedAt ?? -Infinity) ? bareSince : undefined;
}

function isInRotation({ groups }: Stack, profile: ObservedProfile | undefined): boolean {
  return profile !== undefined && groups.some((group) => endpointOf(profile, group)?.enabled === true);
}

/** The groups of a stack that are not the live one's. */
function strayPart(stack: Stack, live: Stack | undefined): Stack | undefined {
  const groups = stack.groups.filter((group) => !(live?.groups ?? []).some(({ name }) => name === group.name));
  return groups.length === 0 ? undefined : { ...stack, groups };
}

/** An endpoint of the live stack that leads there is led back first: taken out, its region would lose it. */
function isStillServing(
  stack: Stack,
  { live, profile }: { live: Stack | undefined; profile: ObservedProfile | undefined },
): boolean {
  if (live === undefined || profile === undefined) return false;
  return stack.groups.some((group) => {
    const endpoint = endpointNamed(profile, group.endpoint);
    const owner = live.groups.find((one) => one.endpoint.toLowerCase() === group.endpoint.toLowerCase());
    return endpoint !== undefined && owner !== undefined && !leadsTo(endpoint, owner);
  });
}

export function strayKey(stack: Stack): string {
  return `${stack.id} ${stack.groups.map(({ name }) => name).join(' ')}`;
}

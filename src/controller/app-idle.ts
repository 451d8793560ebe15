/**
 * What an app does while no rollout is under way: finds its own groups after a loss of state, sweeps strays that were
 * seen twice, and starts a rollout when the release that it should run is another one.
 */
import type { App } from '../model/app.ts';
import { releaseName } from '../model/release.ts';
import type { Release } from '../model/release.ts';
import type { Stack } from '../rollout/effect.ts';
import type { ObservedGroup, ObservedProfile } from '../rollout/observation.ts';
import { startCleanUp, startRollout } from '../rollout/start.ts';
import { putBack, repair } from './app-repair.ts';
import { isNews, newStack, refusalToStart, sayHeld, SWEEP_INTERVAL_MS } from './idle.ts';
import type { IdleGiven, IdleTurn } from './idle.ts';
import { canBeLive, takeInventory } from './inventory.ts';
import type { Inventory, InventoryGiven } from './inventory.ts';
import { judgeLive } from './live-health.ts';
import type { LiveFault } from './live-health.ts';
import { heldTtl, rememberTtl } from './ttl-memory.ts';

const LONGEST_LOOK_AGAIN_MS = 15_000;

export async function idleTurn(given: IdleGiven): Promise<IdleTurn> {
  const { app, state, memory, clock } = given;
  const desired = given.machine.desiredRelease(app, state.live?.release, (source) => given.tags.latest(source));
  const isSweepDue = memory.sweptAt === undefined || clock.now() >= memory.sweptAt + sweepPauseMs(given);
  const wanted = desired.kind === 'release' && desired.release.id !== state.live?.release.id ? desired : undefined;
  const refusal = wanted === undefined ? undefined : refusalToStart(given, wanted.release);
  if (isSweepDue || (wanted !== undefined && refusal === undefined)) {
    const looked = await lookAround(given);
    if ('turn' in looked) return looked.turn;
    const { fault } = looked;
    if (fault?.kind === 'drift' && state.live !== undefined) return putBack(given, state.live, fault.reason);
    if (wanted !== undefined && refusal === undefined) return begin(given, wanted);
    if (fault?.kind === 'broken' && state.live !== undefined) return repair(given, state.live, fault.reason);
  }
  if (refusal !== undefined) sayHeld(given, refusal.hold, refusal.reason);
  else if (desired.kind === 'release') sayIdle(given, `up to date with ${releaseName(desired.release)}`);
  else
    sayIdle(
      given,
      `${state.live === undefined ? 'nothing runs yet' : `keeps ${releaseName(state.live.release)}`}: ${desired.reason}`,
    );
  const sweepAt = (memory.sweptAt ?? clock.now()) + sweepPauseMs(given);
  return { wakeAt: Math.min(sweepAt, refusal?.until ?? sweepAt) };
}

function sweepPauseMs({ app, memory }: IdleGiven): number {
  return memory.strays.size > 0 || memory.live.broken.size > 0 ? lookAgainMs(app) : SWEEP_INTERVAL_MS;
}

function lookAgainMs(app: App): number {
  return Math.min(LONGEST_LOOK_AGAIN_MS, app.rollout.observeIntervalMs * 3);
}

/** The inventory, or a turn that takes the place of whatever else was meant: adoption, clean-up, or a wait. */
async function lookAround(given: IdleGiven): Promise<{ turn: IdleTurn } | { fault: LiveFault | undefined }> {
  const { app, state, memory, azure, clock } = given;
  const [groups, profile] = await Promise.all([
    azure.listGroups(app.resourceGroup),
    app.traffic === undefined ? undefined : azure.getProfile(app.traffic.resourceGroup, app.traffic.profile),
  ]);
  const later = { turn: { wakeAt: clock.now() + lookAgainMs(app) } };
  if (!groups.known) {
    sayHeld(given, 'azure', `the container groups of ${app.resourceGroup} cannot be listed: ${groups.reason}`);
    return later;
  }
  if (profile !== undefined && !profile.known) {
    sayHeld(given, 'azure', `Traffic Manager profile ${app.traffic?.profile} cannot be read: ${profile.reason}`);
    return later;
  }
  const unfit = profileFault(app, profile?.value);
  if (unfit !== undefined) {
    sayHeld(given, 'profile', unfit);
    return later;
  }
  const ttl = rememberTtl(state.ttl, profile?.value?.ttlSeconds ?? 0, clock.now());
  if (ttl !== state.ttl) return { turn: { state: { ...state, ttl }, wakeAt: clock.now() } };
  const inventoryGiven: InventoryGiven = { app, owner: given.owner, groups: groups.value, profile: profile?.value };
  const inventory = takeInventory(inventoryGiven);
  memory.sweptAt = clock.now();
  announceForeign(given, inventory);
  const adopted =
    state.live === undefined ? inventory.stacks.find((stack) => canBeLive(stack, inventoryGiven)) : undefined;
  if (adopted !== undefined) {
    memory.sweptAt = undefined;
    const announce = () => given.events.appAdopted(app, adopted);
    return { turn: { state: { ...state, live: adopted }, announce, wakeAt: clock.now() } };
  }
  const cleanUp = sweep(given, inventory);
  return cleanUp === undefined ? { fault: lookAtLive(given, groups.value, profile?.value) } : { turn: cleanUp };
}

function lookAtLive(
  { app, state, memory, clock }: IdleGiven,
  groups: readonly ObservedGroup[],
  profile: ObservedProfile | undefined,
): LiveFault | undefined {
  if (state.live === undefined) return undefined;
  const judged = judgeLive({ app, live: state.live, groups, profile, now: clock.now() }, memory.live);
  memory.live = judged.memory;
  return judged.fault;
}

function profileFault(app: App, profile: { routingMethod: string; fqdn: string } | undefined): string | undefined {
  if (app.traffic === undefined) return undefined;
  const { profile: name, resourceGroup } = app.traffic;
  if (profile === undefined) {
    return `Traffic Manager profile ${name} does not exist in resource group ${resourceGroup}; create it, or correct traffic.profile in the config`;
  }
  if (profile.routingMethod.toLowerCase() === 'weighted') return undefined;
  return `Traffic Manager profile ${name} routes by ${profile.routingMethod}; blue-green needs Weighted`;
}

function announceForeign(given: IdleGiven, inventory: Inventory): void {
  if (given.memory.isInventoried) return;
  given.memory.isInventoried = true;
  const { foreignGroups, foreignEndpoints } = inventory;
  if (foreignGroups.length + foreignEndpoints.length > 0)
    given.events.foreignFound(given.app, foreignGroups, foreignEndpoints);
}

function sweep(given: IdleGiven, inventory: Inventory): IdleTurn | undefined {
  const { app, state, memory, clock, events } = given;
  const strays = inventory.stacks.map((stack) => strayPart(stack, state.live)).filter((stack) => stack !== undefined);
  const confirmed = strays.find((stack) => memory.strays.has(strayKey(stack)));
  memory.strays = new Set(strays.map(strayKey));
  if (confirmed === undefined) return undefined;
  memory.strays.clear();
  memory.sweptAt = undefined;
  const rollout = startCleanUp({
    app,
    stray: confirmed,
    id: given.newId(),
    now: clock.now(),
    heldTtlSeconds: heldTtl(state.ttl, clock.now()),
  });
  const announce = () => events.rolloutStarted(rollout, ['a stack of ours that nothing needs any more was seen twice']);
  return { state: { ...state, rollout }, announce, wakeAt: clock.now() };
}

/** The groups of a stack that are not the live one's. */
function strayPart(stack: Stack, live: Stack | undefined): Stack | undefined {
  const groups = stack.groups.filter((group) => !(live?.groups ?? []).some(({ name }) => name === group.name));
  return groups.length === 0 ? undefined : { ...stack, groups };
}

function strayKey(stack: Stack): string {
  return `${stack.id} ${stack.groups.map(({ name }) => name).join(' ')}`;
}

async function begin(given: IdleGiven, desired: { release: Release; reasons: readonly string[] }): Promise<IdleTurn> {
  const { app, state, clock, tags, events } = given;
  for (const image of desired.release.images) {
    if (
      state.live?.release.images.some(
        (running) => running.digest === image.digest && running.container === image.container,
      )
    )
      continue;
    const digest = await tags.resolveDigest(image, image.tag);
    if (digest === image.digest) continue;
    sayHeld(
      given,
      'registry',
      `tag ${image.tag} of ${image.registry}/${image.repository} has just moved to ${digest}; waiting for the next poll`,
    );
    return { wakeAt: clock.now() + lookAgainMs(app) };
  }
  const candidate = newStack(given, desired.release);
  const heldTtlSeconds = heldTtl(state.ttl, clock.now());
  const rollout = startRollout({ app, live: state.live, candidate, heldTtlSeconds, now: clock.now() });
  const announce = () => events.rolloutStarted(rollout, desired.reasons);
  return { state: { ...state, rollout }, announce, wakeAt: clock.now() };
}

function sayIdle(given: IdleGiven, reason: string): void {
  const { live } = given.state;
  const release = live === undefined ? undefined : releaseName(live.release);
  if (isNews(given.memory, `idle ${reason}`)) given.events.appIdle(given.app, release, reason);
}

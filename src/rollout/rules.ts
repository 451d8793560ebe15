/**
 * The rules that may never break, as code, checked after every decision: what breaks one is a bug, and that app stops.
 * R1 never remove the last that serves · R2 no deletion or stop before the drain · R3 no traffic before proof · R4 only our own,
 * one endpoint at a time · R6 nothing is concluded from what was not seen.
 */
import { InvariantError } from '../model/errors.ts';
import { jobStackId, readStackId } from '../model/ownership.ts';
import type { Instant } from '../model/time.ts';
import type { Effect, StackGroup } from './effect.ts';
import type { Observation, ObservedProfile } from './observation.ts';
import { leavesOthers } from './role-tags.ts';
import {
  enabledTowards,
  endpointNamed,
  endpointOf,
  isEligible,
  isHandedOut,
  isServing,
  servingCount,
} from './rotation.ts';
import { drainedAt } from './drained.ts';
import { currentStep, groupsIn, groupsOf } from './state.ts';
import type { Rollout, Side, Step } from './state.ts';

/** Rollouts whose candidate takes the live stack's place. */
const REPLACING: ReadonlySet<Rollout['reason']> = new Set(['newRelease', 'repair', 'rollback']);

/** R1: may the endpoints of this step leave rotation, given who would go on serving? */
export function maySendAway(rollout: Rollout, step: Step, profile: ObservedProfile): boolean {
  if (rollout.reason === 'removal') return true;
  const { side } = step;
  const groups = groupsIn(rollout, step);
  const leaving = groups.map((group) => endpointOf(profile, group));
  const isHandingOut = leaving.some((endpoint) => isHandedOut(profile, endpoint));
  if (!isHandingOut && !REPLACING.has(rollout.reason)) return true;
  const candidate = groupsOf(rollout, 'candidate');
  if (rollout.backPlan === undefined && side === 'live' && candidate.length > 0) {
    const staying = [...groupsOf(rollout, 'live').filter((group) => !groups.includes(group)), ...candidate];
    const successors = candidate.filter(({ name }) => step.needs?.includes(name) === true);
    return (
      servingCount(profile, staying) >= (step.keeps ?? candidate.length) &&
      servingCount(profile, successors) === successors.length
    );
  }
  if (rollout.reason === 'firstDeployment') return true;
  const others = profile.endpoints.filter((endpoint) => !leaving.includes(endpoint));
  if (others.some((endpoint) => isServing(endpoint))) return true;
  if (leaving.some((endpoint) => isEligible(endpoint))) return false;
  // All are Degraded and nobody knows which of them answer: only what is known to be bad goes.
  const isKnownToBeBad = side === 'candidate' && rollout.turnedBack?.fault === 'release';
  return (!isHandingOut || isKnownToBeBad) && others.some((endpoint) => endpoint.enabled);
}

export interface RuleScene {
  readonly rollout: Rollout;
  readonly effects: readonly Effect[];
  readonly observation: Observation;
  readonly now: Instant;
}

/** Throws InvariantError naming the rule. */
export function checkRules(scene: RuleScene): void {
  const endpointEffects = scene.effects.filter((effect) => effect.kind.endsWith('Endpoint'));
  if (endpointEffects.length > 1) throw broken('R4', 'more than one endpoint written at a time');
  for (const effect of scene.effects) checkEffect(scene, effect);
}

function checkEffect(scene: RuleScene, effect: Effect): void {
  if (effect.kind === 'createJob' || effect.kind === 'deleteJob') return checkJob(scene, effect);
  const side = sideOf(scene.rollout, effect.group);
  if (side === undefined) throw broken('R4', `${effect.kind} on ${effect.group.name}, which is of neither stack`);
  switch (effect.kind) {
    case 'createGroup':
      // Only what this very rollout has taken away is made again.
      if (side !== 'candidate' && scene.rollout.backPlan === undefined)
        throw broken('R4', `creating ${effect.group.name} for the live stack`);
      return requireAbsent(scene, effect.group);
    case 'tagGroup':
      return requireOnlyRoles(scene, effect, side);
    case 'retargetEndpoint':
      if (endpointNamed(profileNeeded(scene, 'R6'), effect.group.endpoint) === undefined)
        throw broken('R4', `leading ${effect.group.endpoint} elsewhere, which was not seen, or is not ours`);
      return requireProven(scene, effect.group, side);
    case 'enableEndpoint':
      return requireProven(scene, effect.group, side);
    case 'disableEndpoint':
      if (!maySendAway(scene.rollout, stepOf(scene.rollout, side), profileNeeded(scene, 'R6'))) {
        throw broken('R1', `disabling ${effect.group.endpoint} while the others do not serve`);
      }
      return;
    case 'deleteEndpoint':
      if (endpointOf(profileNeeded(scene, 'R6'), effect.group)?.enabled === true) {
        throw broken('R1', `deleting endpoint ${effect.group.endpoint} while it is enabled`);
      }
      return requireDrained(scene, effect.group);
    case 'deleteGroup':
      if (scene.rollout.traffic !== undefined && scene.rollout.exposed.includes(effect.group.name)) {
        requireOutOfRotation(scene, effect.group);
      }
      return requireDrained(scene, effect.group);
    case 'stopGroup':
      return requireStoppable(scene, effect.group, side);
    case 'startGroup':
      return requireOurs(scene, effect, side);
  }
}

/** R2 counts for a stop as for a deletion, but that its endpoint may stay, disabled: its name is not given up. */
function requireStoppable(scene: RuleScene, group: StackGroup, side: Side): void {
  const { traffic, targets } = scene.rollout;
  const profile = traffic === undefined ? undefined : profileNeeded(scene, 'R6');
  const endpoint = profile === undefined ? undefined : enabledTowards(profile, group, targets[group.name]);
  if (endpoint !== undefined) throw broken('R2', `stopping ${group.name} while endpoint ${endpoint.name} targets it`);
  requireDrained(scene, group, 'stopping');
  requireOurs(scene, { kind: 'stopGroup', group }, side);
}

function requireOurs({ rollout, observation }: RuleScene, { kind, group }: Effect, side: Side): void {
  const seen = observation.groups.get(group.name);
  if (seen?.known !== true || readStackId(seen.value?.tags ?? {}) !== rollout[side]?.id)
    throw broken('R4', `${kind} on ${group.name} without having seen that it is of the ${side} stack`);
}

/** A job is its rollout's own, and nothing that serves. */
function checkJob(scene: RuleScene, { kind, group }: Effect): void {
  const { rollout } = scene;
  const isOurs = group.name.startsWith(`${rollout.app}-${jobStackId(rollout.id)}-`);
  if (!isOurs) throw broken('R4', `${kind} on ${group.name}, which is no job of this rollout`);
  if (kind === 'createJob') return requireAbsent(scene, group);
  const seen = scene.observation.groups.get(group.name);
  if (seen?.known !== true || readStackId(seen.value?.tags ?? {}) !== jobStackId(rollout.id))
    throw broken('R4', `deleting ${group.name} without having seen that it is a job of this rollout`);
}

/** A live group was proven before this rollout, unless that has made it again. */
function isProven({ proofs }: Rollout, { name }: StackGroup, side: Side): boolean {
  const proof = proofs[name];
  return proof === undefined ? side === 'live' : proof.verifiedAt !== undefined;
}

function stepOf(rollout: Rollout, side: Side): Step {
  const step = currentStep(rollout);
  return step?.side === side ? step : { kind: 'deregister', side };
}

function requireProven({ rollout }: RuleScene, group: StackGroup, side: Side): void {
  if (!isProven(rollout, group, side))
    throw broken('R3', `${group.name} would get traffic without having passed verification`);
}

function requireAbsent(scene: RuleScene, group: StackGroup): void {
  const seen = scene.observation.groups.get(group.name);
  if (seen?.known !== true || seen.value !== undefined) {
    throw broken('R6', `creating ${group.name} without having seen that it does not exist`);
  }
}

/** Only what is ours, and nothing of it that others may have written. */
function requireOnlyRoles(
  { rollout, observation }: RuleScene,
  { group, tags }: Extract<Effect, { kind: 'tagGroup' }>,
  side: Side,
): void {
  const seen = observation.groups.get(group.name);
  if (seen?.known !== true || readStackId(seen.value?.tags ?? {}) !== rollout[side]?.id)
    throw broken('R4', `tagging ${group.name} without having seen that it is of the ${side} stack`);
  if (!leavesOthers(seen.value?.tags ?? {}, tags, rollout.settings.tags))
    throw broken('R4', `changing tags of ${group.name} that are not those of its role`);
}

function requireOutOfRotation(scene: RuleScene, group: StackGroup): void {
  const profile = profileNeeded(scene, 'R6');
  const endpoint = enabledTowards(profile, group, scene.rollout.targets[group.name]) ?? endpointOf(profile, group);
  if (endpoint !== undefined) throw broken('R2', `deleting ${group.name} while endpoint ${endpoint.name} targets it`);
}

function requireDrained(scene: RuleScene, group: StackGroup, doing = 'deleting'): void {
  if (scene.rollout.traffic === undefined) return;
  const until = drainedAt(scene.rollout, [group]);
  if (until === undefined || scene.now < until) throw broken('R2', `${doing} ${group.name} before its drain has ended`);
}

function profileNeeded(scene: RuleScene, rule: string): ObservedProfile {
  const seen = scene.observation.profile;
  if (seen?.known === true && seen.value !== undefined) return seen.value;
  throw broken(rule, 'acting on a profile that was not seen');
}

function sideOf(rollout: Rollout, group: StackGroup): Side | undefined {
  if (groupsOf(rollout, 'candidate').some((own) => own.name === group.name)) return 'candidate';
  return groupsOf(rollout, 'live').some((own) => own.name === group.name) ? 'live' : undefined;
}

function broken(rule: string, message: string): InvariantError {
  return new InvariantError(`rule ${rule} would be broken: ${message}`, rule);
}

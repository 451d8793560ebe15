/**
 * Swap: the endpoints of the other stack are led to the groups of this one, one at a time; names, mappings and priorities stay.
 * Going forward the next one follows once Traffic Manager finds those before it healthy. On the way back each old group
 * proves itself first, since nobody has sent it traffic for a while.
 */
import { due, refusalOf } from '../attempt.ts';
import { enabling } from '../enabling.ts';
import { isSameLocation } from '../replan.ts';
import type { StackGroup } from '../effect.ts';
import type { ObservedProfile } from '../observation.ts';
import { endpointNamed, endpointOf, isServing, leadsTo, statusSummary } from '../rotation.ts';
import { count, waiting } from '../verdict.ts';
import type { StepLogic } from '../verdict.ts';
import { groupsOf, isProven, otherSide } from '../state.ts';
import { isAsWritten } from './as-written.ts';
import { profileOf } from './profile.ts';
import { stillProven } from './still-proven.ts';

export const swap: StepLogic = {
  judge(scene) {
    const { rollout, groups, side, observation } = scene;
    const isForward = side === 'candidate';
    const unproven = isForward ? stillProven(scene) : undefined;
    if (unproven !== undefined) return unproven;
    const profile = profileOf(scene);
    if ('waitingOn' in profile) return waiting(profile.waitingOn);
    const open = groups.filter((group) => !isAsWritten(scene, profile, { group }));
    const led = groups.filter((group) => !open.includes(group));
    const unsettled = led.filter((group) => !isServing(endpointOf(profile, group)));
    const progress = 2 * led.length - unsettled.length;
    if (open.length === 0 && unsettled.length === 0) return { kind: 'done' };
    if (open.length === 0 || (isForward && unsettled.length > 0)) {
      const left = open.length === 0 ? '' : `, before the next of ${open.length}`;
      const what = `waiting for ${count(led.length, 'endpoint')} of ${profile.fqdn} to be Online`;
      return { ...waiting(`${what} (${statusSummary(profile, led)})${left}`), progress };
    }
    const ready = open.filter((group) => isProven(rollout, group.name));
    if (ready.length === 0) {
      const names = open.map(({ name }) => name).join(', ');
      return { ...waiting(`${names} must be seen healthy before endpoints of ${profile.fqdn} lead there`), progress };
    }
    // First what leads to neither stack, as one that was called off may be left there: never three releases in rotation.
    const others = groupsOf(rollout, otherSide(side));
    const strays = ready.filter((group) => isAstray(profile, group, others));
    const first = strays.length > 0 ? strays : ready;
    const effects = first.flatMap((group) => enabling(rollout, profile, group) ?? []);
    const refusal = effects.map((effect) => refusalOf(rollout, effect, observation)).find(Boolean);
    // One that is no pair's: it is left to clean-up or to whoever has made it, and neither happens meanwhile.
    if (isForward && refusal !== undefined && isSameLocation(refusal)) {
      const reason = `${profile.fqdn} has another endpoint in the location of a new one (${refusal.code}: ${refusal.message})`;
      return { kind: 'broken', fault: 'world', reason };
    }
    const why = refusal === undefined ? '' : ` (refused: ${refusal.code}: ${refusal.message})`;
    const waitingOn = `leading ${count(open.length, 'endpoint')} of ${groups.length} of ${profile.fqdn} to the ${side} stack${why}`;
    return { ...waiting(waitingOn, due(rollout, effects, scene).slice(0, 1)), progress };
  },
  deadlineMs: ({ settings }) => settings.deadlines.registerMs + settings.deadlines.onlineMs,
  /** What was led away comes back before anybody leaves; the candidate then drains as any that was in rotation. */
  undo: ({ side, only, from }) => [
    { kind: 'swap', side: otherSide(side), only: from, from: only },
    { kind: 'drain', side, only },
  ],
  overdueFault: () => 'world',
};

/** Its endpoint is in rotation, and leads to none of these as yet. */
function isAstray(profile: ObservedProfile, { endpoint: name }: StackGroup, others: readonly StackGroup[]): boolean {
  const endpoint = endpointNamed(profile, name);
  return endpoint?.enabled === true && !others.some((other) => leadsTo(endpoint, other));
}

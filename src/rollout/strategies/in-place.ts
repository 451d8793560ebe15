/**
 * In place: the whole candidate stack is made and proven, then the endpoints that are there are led to it. What has no
 * counterpart in the other stack joins or leaves as by blue-green.
 */
import type { Step } from '../state.ts';
import type { Pair } from '../switching.ts';
import { leave, present, watch } from './blue-green.ts';
import { deregister, intoRotation, tag } from './phases.ts';
import type { PlanGiven } from './plan.ts';

type Given = Pick<PlanGiven, 'live' | 'candidate'> & { readonly settings: Partial<PlanGiven['settings']> };

export function planInPlace(given: Given, pairs: readonly Pair[]): readonly Step[] {
  const { candidate, settings } = given;
  return [
    ...present({ candidate, settings }),
    ...stepsInPlace(given, pairs),
    ...tag('live', settings.tags),
    ...watch(settings),
    ...leave(true, settings),
  ];
}

/** From the live stack in rotation to the candidate. */
export function stepsInPlace({ live, candidate }: Omit<Given, 'settings'>, pairs: readonly Pair[]): readonly Step[] {
  const only = pairs.map((pair) => pair.candidate);
  const from = pairs.map((pair) => pair.live);
  const more = candidate.map(({ name }) => name).filter((name) => !only.includes(name));
  const less = live.map(({ name }) => name).filter((name) => !from.includes(name));
  return [
    ...(only.length === 0 ? [] : [{ kind: 'swap' as const, side: 'candidate' as const, only, from }]),
    ...(more.length === 0 ? [] : intoRotation({ part: 'more', only: more })),
    ...(less.length === 0 ? [] : [deregister({ part: 'fewer', only: less })]),
  ];
}

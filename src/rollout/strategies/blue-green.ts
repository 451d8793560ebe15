/**
 * Blue-green: the whole candidate stack beside the live one, proven, put into rotation, then the live one out of it.
 * An app without a profile has no traffic to move; a first deployment has nothing to replace.
 */
import type { Step } from '../state.ts';
import { bringUp, deregister, drain, intoRotation, outOfRotation, retire } from './phases.ts';
import type { PlanGiven } from './plan.ts';

type Given = Pick<PlanGiven, 'live' | 'hasTraffic'> & { readonly settings: Partial<PlanGiven['settings']> };

export function planBlueGreen({ live, hasTraffic, settings }: Given): readonly Step[] {
  const hasLive = live.length > 0;
  return [
    ...bringUp(),
    ...(hasLive ? askFirst(settings) : []),
    ...(hasTraffic ? intoRotation() : []),
    ...(hasLive && hasTraffic ? [deregister()] : []),
    ...(hasLive ? watch(settings) : []),
    ...(hasLive ? leave(hasTraffic, settings) : []),
  ];
}

/** Taking a stack away: the whole plan of a clean-up. */
export function planRemoval(hasTraffic: boolean): readonly Step[] {
  return [...(hasTraffic ? outOfRotation() : []), retire()];
}

/** Before the candidate gets traffic. */
export function askFirst({ promotion }: Partial<PlanGiven['settings']>): readonly Step[] {
  return promotion === undefined ? [] : [{ kind: 'gate', side: 'candidate', gate: promotion }];
}

/** With the live stack out of rotation, and there still. */
export function watch({ bakeMs = 0 }: Partial<PlanGiven['settings']>): readonly Step[] {
  return bakeMs === 0 ? [] : [{ kind: 'bake', side: 'candidate', forMs: bakeMs }];
}

/** The live stack is out of rotation: it drains, and goes unless it is kept for a way back. */
export function leave(hasTraffic: boolean, { retain }: Partial<PlanGiven['settings']>): readonly Step[] {
  return [...(hasTraffic ? [drain()] : []), ...(retain === undefined ? [retire()] : [])];
}

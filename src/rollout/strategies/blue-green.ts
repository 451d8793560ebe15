/**
 * Blue-green: the whole candidate stack beside the live one, proven, put into rotation, then the live one out of it.
 * An app without a profile has no traffic to move; a first deployment has nothing to replace.
 */
import type { Gate } from '../../model/app.ts';
import type { Phase } from '../../model/check.ts';
import type { Step } from '../state.ts';
import { bringUp, deregister, drain, intoRotation, outOfRotation, retire } from './phases.ts';
import type { Part } from './phases.ts';
import type { PlanGiven } from './plan.ts';

type Given = Pick<PlanGiven, 'live' | 'hasTraffic'> & { readonly settings: Partial<PlanGiven['settings']> };

export function planBlueGreen({ live, hasTraffic, settings }: Given): readonly Step[] {
  const hasLive = live.length > 0;
  return [
    ...bringUp(),
    ...check('before', settings),
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
export function askFirst({ promotion }: Partial<PlanGiven['settings']>, part: Part = {}): readonly Step[] {
  return gate(promotion, part);
}

/** With the live stack out of rotation, and there still. */
export function watch(settings: Partial<PlanGiven['settings']>): readonly Step[] {
  return [...bake(settings.bakeMs), ...check('after', settings)];
}

export function bake(forMs = 0, part: Part = {}): readonly Step[] {
  return forMs === 0 ? [] : [{ kind: 'bake', side: 'candidate', ...part, forMs }];
}

export function check(
  phase: Phase,
  { checks }: Partial<PlanGiven['settings']>,
  { part, only }: Part = {},
): readonly Step[] {
  if ((checks?.[phase].length ?? 0) === 0) return [];
  return [{ kind: 'check', side: 'candidate', part: part === undefined ? phase : `${part}, ${phase}`, only, phase }];
}

export function gate(asked: Gate | undefined, part: Part = {}): readonly Step[] {
  return asked === undefined ? [] : [{ kind: 'gate', side: 'candidate', ...part, gate: asked }];
}

/** The live stack is out of rotation: it drains, and goes unless it is kept for a way back. */
export function leave(hasTraffic: boolean, { retain }: Partial<PlanGiven['settings']>): readonly Step[] {
  return [...(hasTraffic ? [drain()] : []), ...(retain === undefined ? [retire()] : [])];
}

/**
 * Blue-green: the whole candidate stack beside the live one, proven, put into rotation, then the live one out of it.
 * An app without a profile has no traffic to move; a first deployment has nothing to replace.
 */
import type { Gate } from '../../model/app.ts';
import type { Phase } from '../../model/check.ts';
import type { Step } from '../state.ts';
import { bringUp, deregister, drain, intoRotation, outOfRotation, retire, stop, tag } from './phases.ts';
import type { Part } from './phases.ts';
import type { PlanGiven } from './plan.ts';
import { previewOf } from './preview.ts';

export type Given = Pick<PlanGiven, 'live' | 'candidate' | 'hasTraffic'> & {
  readonly settings: Partial<PlanGiven['settings']>;
};

export function planBlueGreen(given: Given): readonly Step[] {
  const { live, hasTraffic, settings } = given;
  const hasLive = live.length > 0;
  return [
    ...present(given),
    ...(hasTraffic ? intoRotation() : []),
    ...(hasLive && hasTraffic ? [deregister()] : []),
    ...tag('live', settings.tags),
    ...(hasLive ? watch(settings) : []),
    ...(hasLive ? leave(hasTraffic, settings) : []),
  ];
}

/**
 * What comes before the candidate gets traffic: a preview of it where one is asked for, and the rest only then. All of it
 * has to stand its proof before any of it gets traffic, so the live stack keeps its full number.
 */
export function present({ candidate, settings }: Pick<Given, 'candidate' | 'settings'>): readonly Step[] {
  const preview = previewOf(candidate, settings.preview);
  if (preview === undefined) return [...bringUp(), ...check('before', settings), ...askFirst(settings)];
  const part = { part: 'preview', only: preview.first };
  return [
    ...bringUp(part),
    ...check('before', settings, part),
    ...askFirst(settings, part),
    { kind: 'provision', side: 'candidate', part: 'the rest', only: preview.rest },
    // Those of the preview too: nobody has looked at them while the rest was made.
    { kind: 'verify', side: 'candidate', part: 'all' },
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

/** The live stack is out of rotation: it drains, and goes unless it is kept for a way back, no longer tagged as live. */
export function leave(hasTraffic: boolean, { retain, tags }: Partial<PlanGiven['settings']>): readonly Step[] {
  const first = hasTraffic ? [drain()] : [];
  if (retain === undefined || retain.as === 'gone') return [...first, retire()];
  return [...first, ...tag('retired', tags), ...(retain.as === 'stopped' ? [stop()] : [])];
}

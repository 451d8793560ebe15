/** The phases that all strategies are made of: each a few steps for some groups of one side. */
import type { RoleTags } from '../../model/app.ts';
import type { Step } from '../state.ts';

/** Which groups; all of the side's where `only` is absent. */
export interface Part {
  readonly part?: string | undefined;
  readonly only?: readonly string[] | undefined;
}

/** Made, and proven by themselves. */
export function bringUp(part: Part = {}): readonly Step[] {
  return [
    { kind: 'provision', side: 'candidate', ...part },
    { kind: 'verify', side: 'candidate', ...part },
  ];
}

export function intoRotation(part: Part = {}): readonly Step[] {
  return [
    { kind: 'register', side: 'candidate', ...part },
    { kind: 'online', side: 'candidate', ...part },
  ];
}

/** Until nobody is sent there any more. */
export function outOfRotation(part: Part = {}, keeps?: number): readonly Step[] {
  return [deregister(part, keeps), drain(part, keeps)];
}

export function deregister(part: Part = {}, keeps?: number): Step {
  return { kind: 'deregister', side: 'live', ...part, ...(keeps === undefined ? {} : { keeps }) };
}

export function drain(part: Part = {}, keeps?: number): Step {
  return { kind: 'drain', side: 'live', ...part, ...(keeps === undefined ? {} : { keeps }) };
}

/** `mayReturn`: made again on the way back. */
export function retire(part: Part = {}, options: { keeps?: number | undefined; mayReturn?: boolean } = {}): Step {
  const { keeps, mayReturn } = options;
  return {
    kind: 'retire',
    side: 'live',
    ...part,
    ...(keeps === undefined ? {} : { keeps }),
    ...(mayReturn === true ? { mayReturn } : {}),
  };
}

/** Kept, and not running. */
export function stop(): Step {
  return { kind: 'stop', side: 'live' };
}

/** The candidate is live from now on, or what was live has left; nothing where the config names no tags. */
export function tag(as: 'live' | 'retired', tags: RoleTags | undefined, part: Part = {}): readonly Step[] {
  return tags === undefined ? [] : [{ kind: 'tag', side: as === 'live' ? 'candidate' : 'live', ...part, as }];
}

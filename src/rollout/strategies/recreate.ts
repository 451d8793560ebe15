/**
 * Recreate: for what serves no traffic, such as the consumers of a queue. New first: both run for a while. Old first, for a
 * single writer: people are asked first, then the old groups are seen to be gone before a new one is made, and are made
 * again if that fails.
 */
import type { Step } from '../state.ts';
import { askFirst, check, planBlueGreen, watch } from './blue-green.ts';
import type { Given } from './blue-green.ts';
import { bringUp, retire, tag } from './phases.ts';

export function planRecreate(order: 'newFirst' | 'oldFirst', given: Given): readonly Step[] {
  if (order === 'newFirst') return planBlueGreen(given);
  return [
    // There is no new group yet that could be looked at meanwhile.
    ...askFirst(given.settings, { only: [] }),
    retire({}, { mayReturn: true }),
    ...bringUp(),
    ...check('before', given.settings),
    ...tag('live', given.settings.tags),
    ...watch(given.settings),
  ];
}

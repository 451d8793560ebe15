/** When a candidate gives way to another release before it is in rotation. */
import { expect, test } from 'vitest';
import { EMPTY_STATE } from '../../src/controller/app-state.ts';
import { MACHINE } from '../../src/controller/machine.ts';
import { supersede } from '../../src/controller/supersede.ts';
import type { Tag } from '../../src/model/tag.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { app, stack, START } from '../rollout/world.ts';

const digest = (name: string) => `sha256:${name.replaceAll('.', '').padEnd(64, '0')}`;
const tag = (name: string): Tag => ({ name, digest: digest(name), pushedAt: START });
const live = stack('11111111', '1.0.0');
const candidate = stack('33333333', '3.0.0');
const rollout = startRollout({ app, live, candidate, now: START });

function seeing(...names: string[]) {
  const tags = {
    latest: () => ({ kind: 'known' as const, tags: names.map(tag) }),
    lookedAt: () => undefined,
    look: () => undefined,
    want: () => undefined,
    check: async () => ({ kind: 'fit' as const, imageDigest: '' }),
  };
  return supersede(rollout, { app, state: { ...EMPTY_STATE, live }, tags, machine: MACHINE, now: START });
}

test('by a newer one', () => {
  expect(seeing('1.0.0', '3.0.0', '3.1.0')?.rollout.turnedBack).toMatchObject({ outcome: 'Superseded' });
});

test('R7: never by an older one, also where the list is from before the candidate was pushed', () => {
  expect(seeing('1.0.0', '2.0.0')).toBeUndefined();
});

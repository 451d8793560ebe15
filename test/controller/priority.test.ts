import { describe, expect, test } from 'vitest';
import { priorityOfEffect, priorityOfRollout } from '../../src/controller/priority.ts';
import { startCleanUp, startRollout } from '../../src/rollout/start.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { app, stack, START } from '../rollout/world.ts';

const live = stack('11111111', '1.0.0');
const candidate = stack('22222222', '2.0.0');
const fresh = startRollout({ app, live, candidate, now: START });
const back = turnBack(fresh, { outcome: 'RolledBack', reason: 'broken', fault: 'release' }, START);
const cleanUp = startCleanUp({ app, stray: live, id: 'cleaning', now: START });
const [group] = live.groups;
if (group === undefined) throw new Error('a stack has groups');
const enable = { kind: 'enableEndpoint', group, target: 'web.example' } as const;
const disable = { kind: 'disableEndpoint', group } as const;
const remove = { kind: 'deleteGroup', group } as const;

describe('how urgent an effect is', () => {
  test.each([
    ['on the way back: a tag', back, { kind: 'tagGroup', group, tags: {} } as const, 'ordinary'],
    ['of a new rollout: a group', fresh, { kind: 'createGroup', group, stack: candidate } as const, 'ordinary'],
    ['of a new rollout: an endpoint that is added', fresh, enable, 'ordinary'],
    ['of a new rollout: an endpoint that is taken out', fresh, disable, 'ordinary'],
    ['of a new rollout: a group that goes', fresh, remove, 'high'],
    ['of a new rollout: a group that is stopped', fresh, { kind: 'stopGroup', group } as const, 'high'],
    [
      'of a rollback: a group that is started',
      { ...fresh, reason: 'rollback' } as const,
      { kind: 'startGroup', group } as const,
      'rollback',
    ],
    ['of the way back: an endpoint that serves again', back, enable, 'rollback'],
    ['of the way back: an endpoint that is taken out', back, disable, 'rollback'],
    ['of the way back: a group that goes', back, remove, 'high'],
    ['of a clean-up', cleanUp, disable, 'high'],
    ['of a repair', { ...fresh, reason: 'repair' } as const, enable, 'high'],
    ['of endpoints that are put back', { ...fresh, reason: 'drift' } as const, enable, 'high'],
  ])('%s', (_, rollout, effect, priority) => {
    expect(priorityOfEffect(rollout, effect)).toBe(priority);
  });
});

test('looks are as urgent as the rollout that needs them', () => {
  expect([fresh, back, cleanUp].map(priorityOfRollout)).toEqual(['ordinary', 'rollback', 'high']);
});

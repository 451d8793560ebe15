/** S25: a blue-green rollout with all that it may have: the order of its steps, and how many groups there are in each. */
import { expect, test } from 'vitest';
import { checkNamed, oneGate, Story } from './story.ts';

test('S25: preview, proof, checks, gate, switch, bake, drain and deletion in this order, with N, 2N and N groups again', () => {
  const checks = { before: [checkNamed('smoke')], after: [checkNamed('errors')] };
  const settings = { preview: { replicas: 1 }, promotion: oneGate, bakeMs: 60_000, checks };
  const story = new Story({ live: { west: 3 }, settings });
  const waiting = story.tell(story.rollout, 'gate candidate preview');
  story.votes = [{ by: 'ann', at: story.now, full: false }];
  expect(story.state().groups).toHaveLength(4);
  const baking = story.tell(waiting, 'bake candidate');
  expect(story.state().groups).toHaveLength(6);
  expect(story.tell(baking).finished?.outcome).toBe('Succeeded');
  expect(story.lines.map((line) => line.split(':')[0])).toEqual([
    'provision candidate preview',
    'verify candidate preview',
    'check candidate preview, before',
    'gate candidate preview',
    'provision candidate the rest',
    'verify candidate all',
    'register candidate',
    'online candidate',
    'deregister live',
    'bake candidate',
    'check candidate after',
    'drain live',
    'retire live',
  ]);
  const counts = story.moments.map(({ groups }) => groups);
  expect([counts[0], story.mostGroups(), counts.at(-1)]).toEqual([3, 6, 3]);
  expect(story.fewestServing()).toBe(3);
});

/** The rules as the last line of defence: whatever a step asks for, what breaks one is never done. */
import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../src/model/errors.ts';
import type { Effect } from '../../src/rollout/effect.ts';
import { checkRules } from '../../src/rollout/rules.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import {
  candidate,
  endpointsAre,
  foreignEndpoint,
  groupsAre,
  live,
  profileUnreadable,
  status,
  withoutEndpoints,
  withoutGroups,
} from './situations.ts';
import { both, groupsUnseen } from './table.ts';
import type { Situation } from './table.ts';
import { app, running, stack, START, stopped, World } from './world.ts';

const first = <Item>(items: readonly Item[]): Item => {
  const [item] = items;
  if (item === undefined) throw new Error('a stack has groups');
  return item;
};
const old = first(live.groups);
const fresh = first(candidate.groups);
const foreign = first(stack('33333333', '9.0.0').groups);

const roles = { candidate: { role: 'candidate' }, live: { role: 'live' } };
const tagged = { ...app, rollout: { ...app.rollout, tags: roles } };

/** What the rules say of effects in a world whose upgrade has just entered the step. */
function judge(step: StepKind, effects: readonly Effect[], situation: Situation = () => undefined): string {
  const world = new World();
  world.addStack(live, { inRotation: true });
  const isThere = (rollout: Rollout) => currentStep(rollout)?.kind === step;
  const entered = world.run(startRollout({ app: tagged, live, candidate, now: START }), isThere);
  const rollout = situation(world, entered) ?? entered;
  try {
    checkRules({ rollout, effects, observation: world.observe(rollout), now: world.now });
    return 'allowed';
  } catch (error) {
    return error instanceof InvariantError ? (error.rule ?? 'none') : String(error);
  }
}

const create = (group = fresh): Effect => ({ kind: 'createGroup', group, stack: candidate });
const enable = (group = fresh): Effect => ({ kind: 'enableEndpoint', group, target: `${group.name}.example` });
const disable = (group = old): Effect => ({ kind: 'disableEndpoint', group });
const deleteEndpoint = (group = old): Effect => ({ kind: 'deleteEndpoint', group });
/** As it was seen, or with something else of it changed. */
const tag = (group: typeof fresh, as: 'seen' | 'other' | undefined): Effect => ({
  kind: 'tagGroup',
  group,
  tags: {
    ...(as === undefined ? {} : { 'viridian-rollout': candidate.id }),
    ...(as === 'other' ? { team: 'mine' } : {}),
    role: 'live',
  },
});
const foreignGroups = groupsAre('candidate', (name) => running(name, 'foreign'));
const stop = (group = old): Effect => ({ kind: 'stopGroup', group });
const start = (group = fresh): Effect => ({ kind: 'startGroup', group });
const deleteGroup = (group = old): Effect => ({ kind: 'deleteGroup', group });

const removedFor =
  (ms: number, then: Situation = () => undefined): Situation =>
  (world, rollout) => {
    world.now += ms;
    return then(world, rollout);
  };
/** TTL and drain time are 10 s and 2 s, the margin 5 s. */
const goneFor =
  (ms: number): Situation =>
  (world, rollout) => {
    const goneAt = world.now;
    world.now += ms;
    const confirmations = Object.fromEntries(
      live.groups.map(({ name }) => [name, { answers: 30, servers: 4, at: goneAt, goneAt }]),
    );
    return { ...rollout, confirmations };
  };
const shown: Situation = (world, rollout) => {
  const { now: at } = world;
  const confirmation = { answers: 0, servers: 4, at, shownAt: at };
  return { ...rollout, confirmations: Object.fromEntries(live.groups.map(({ name }) => [name, confirmation])) };
};

describe('the rules', () => {
  test.each<[string, string, StepKind, readonly Effect[], Situation?]>([
    ['a group that was seen absent may be created', 'allowed', 'provision', [create()]],
    ['R6: not one that was not looked at', 'R6', 'online', [create()]],
    ['R6: not one whose look failed', 'R6', 'provision', [create()], (world) => void (world.groupsKnown = false)],
    ['R4: not one of the live stack', 'R4', 'provision', [create(old)], withoutGroups('live')],
    ['a verified group may get traffic', 'allowed', 'register', [enable()]],
    ['R3: not one that has not passed verification', 'R3', 'verify', [enable()]],
    ['R4: not two endpoints at a time', 'R4', 'register', candidate.groups.map(enable)],
    ['R4: nothing of neither stack', 'R4', 'register', [enable(foreign)]],
    [
      'a group of ours may be tagged by its role',
      'allowed',
      'provision',
      [tag(fresh, 'seen')],
      groupsAre('candidate', running),
    ],
    ['R4: not one that was not looked at', 'R4', 'register', [tag(fresh, 'seen')]],
    ['R4: not one of somebody else’s', 'R4', 'provision', [tag(fresh, 'seen')], foreignGroups],
    [
      'R4: not with a tag of somebody else’s changed',
      'R4',
      'provision',
      [tag(fresh, 'other')],
      groupsAre('candidate', running),
    ],
    [
      'R4: not with whose it is taken away',
      'R4',
      'provision',
      [tag(fresh, undefined)],
      groupsAre('candidate', running),
    ],
    ['live endpoints may leave once all others serve', 'allowed', 'deregister', [disable()]],
    ['R1: not while one of them is Degraded', 'R1', 'deregister', [disable()], status('candidate', 'Degraded')],
    [
      'R1: not while one of them is still checked',
      'R1',
      'deregister',
      [disable()],
      status('candidate', 'CheckingEndpoint'),
    ],
    ['R6: not without having seen the profile', 'R6', 'deregister', [disable()], profileUnreadable],
    ['an endpoint may go after its drain', 'allowed', 'retire', [deleteEndpoint()]],
    ['R1: not while it is enabled', 'R1', 'retire', [deleteEndpoint()], endpointsAre('live', true)],
    ['R2: not before its drain has ended', 'R2', 'drain', [deleteEndpoint()]],
    ['R2: a drained group may be stopped, its endpoint disabled', 'allowed', 'retire', [stop()]],
    ['R2: not stopped before its drain has ended', 'R2', 'drain', [stop()]],
    ['R2: not stopped while an endpoint targets it', 'R2', 'retire', [stop()], endpointsAre('live', true)],
    ['R2: nor while somebody else’s does', 'R2', 'retire', [stop()], foreignEndpoint('live')],
    ['R6: not stopped without having seen the profile', 'R6', 'retire', [stop()], profileUnreadable],
    ['R4: nothing else is stopped', 'R4', 'retire', [stop(foreign)]],
    ['R4: not stopped unseen', 'R4', 'retire', [stop()], groupsUnseen],
    ['what is of the rollout may be started', 'allowed', 'provision', [start()], groupsAre('candidate', stopped)],
    ['R4: not what is not there', 'R4', 'provision', [start()]],
    ['R4: nothing else is started', 'R4', 'provision', [start(foreign)]],
    ['a group may go after its endpoint', 'allowed', 'retire', [deleteGroup()], withoutEndpoints('live')],
    ['R2: not before its endpoint', 'R2', 'retire', [deleteGroup()]],
    ['R2: not before its drain has ended', 'R2', 'drain', [deleteGroup()], withoutEndpoints('live')],
    ['R2: not where a margin would have to be added', 'R2', 'drain', [deleteEndpoint()], removedFor(13_000)],
    [
      'after TTL and drain time where name servers have confirmed it',
      'allowed',
      'drain',
      [deleteEndpoint()],
      goneFor(12_000),
    ],
    ['R2: not before that', 'R2', 'drain', [deleteEndpoint()], goneFor(11_999)],
    [
      'R2: not where they confirmed it late, though it was removed long ago',
      'R2',
      'drain',
      [deleteEndpoint()],
      removedFor(60_000, goneFor(0)),
    ],
    ['R2: not while they answer with it', 'R2', 'drain', [deleteEndpoint()], removedFor(60_000, shown)],
    [
      'R2: not while an endpoint of somebody else targets it',
      'R2',
      'retire',
      [deleteGroup()],
      both(withoutEndpoints('live'), foreignEndpoint('live')),
    ],
    ['R6: not without having seen the profile', 'R6', 'retire', [deleteGroup()], profileUnreadable],
  ])('%s: %s', (_, expected, step, effects, situation) => {
    expect(judge(step, effects, situation)).toBe(expected);
  });
});

/** What an app at rest concludes from what it sees: nothing from a list that failed, and nothing is taken away at first sight. */
import { beforeEach, expect, test } from 'vitest';
import { EMPTY_STATE } from '../../src/controller/app-state.ts';
import { makeEvents } from '../../src/controller/events.ts';
import { freshMemory } from '../../src/controller/idle.ts';
import type { IdleGiven } from '../../src/controller/idle.ts';
import { lookAround } from '../../src/controller/look-around.ts';
import { MACHINE } from '../../src/controller/machine.ts';
import { ownershipTags } from '../../src/model/ownership.ts';
import type { Stack } from '../../src/rollout/effect.ts';
import type { ObservedGroup, Seen } from '../../src/rollout/observation.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';
import { app, running, stack, START } from '../rollout/world.ts';
import { Journal } from '../support/local.ts';
import { idleAzure } from '../support/idle-azure.ts';

const worker = { ...app, traffic: undefined, probe: undefined };
const live = stack('11111111', '1.0.0', 1);
const stray = stack('22222222', '1.1.0', 1);
const FAILED = { known: false, at: START, reason: 'HTTP 500' } as const;
const never = () => Promise.reject(new Error('a look changes nothing'));

let journal: Journal;
let given: IdleGiven;
let list: Seen<readonly ObservedGroup[]>;

beforeEach(() => {
  journal = new Journal();
  list = listOf(live);
  const getGroup: IdleGiven['azure']['getGroup'] = ({ name }) => {
    const value = list.known ? list.value.find((group) => group.name === name) : undefined;
    return Promise.resolve({ known: true, at: START, value });
  };
  given = {
    app: worker,
    owner: 'viridian',
    state: { ...EMPTY_STATE, live },
    memory: freshMemory(),
    azure: {
      ...idleAzure('a look changes nothing'),
      getGroup,
      listGroups: () => Promise.resolve(list),
    },
    clock: new VirtualTime(START).clock(),
    tags: {
      latest: () => undefined,
      lookedAt: () => undefined,
      look: () => undefined,
      want: () => undefined,
      check: never,
    },
    events: makeEvents(journal.log),
    newId: () => '33333333',
    machine: MACHINE,
  };
});

function listOf(...stacks: readonly Stack[]): Seen<readonly ObservedGroup[]> {
  const value = stacks.flatMap(({ id, release, groups }) => {
    const own = { owner: 'viridian', app: 'web', templateHash: 'aaaa', tags: new Map([['web', '1']]) };
    const tags = ownershipTags({ ...own, releaseId: release.id, stackId: id });
    return groups.map(({ name }) => ({ ...running(name, id), tags }));
  });
  return { known: true, at: START, value };
}

/** Ids of the stacks that it would take away; undefined where it concludes nothing. */
async function seeing(seen: Seen<readonly ObservedGroup[]>): Promise<readonly string[] | undefined> {
  list = seen;
  let looked = await lookAround(given);
  // What it has to remember first, such as the TTL.
  if ('turn' in looked && looked.turn.state !== undefined) {
    given = { ...given, state: looked.turn.state };
    looked = await lookAround(given);
  }
  return 'turn' in looked ? undefined : looked.strays.map(({ id }) => id);
}

test('R8: a stack that nothing needs goes at its second sighting, not at the first', async () => {
  expect(await seeing(listOf(live, stray))).toEqual([]);
  expect(await seeing(listOf(live, stray))).toEqual([stray.id]);
});

test('R8: one that is gone at the next look is seen for the first time after that', async () => {
  const sights = [listOf(live, stray), listOf(live), listOf(live, stray)];
  for (const sight of sights) expect(await seeing(sight)).toEqual([]);
});

test('R6: a failed list sweeps nothing, and tells nothing of the live stack either: it is said, and looked at again', async () => {
  await seeing(listOf(live, stray));
  const before = structuredClone(given.memory.strays);
  for (let times = 0; times < 3; times += 1) expect(await seeing(FAILED)).toBeUndefined();
  expect(given.memory.strays).toEqual(before);
  expect(given.memory.live.broken.size).toBe(0);
  const held = await journal.next('app.held');
  expect(held.fields).toMatchObject({ hold: 'azure', reason: expect.stringContaining('cannot be listed: HTTP 500') });
});

test('R6: an app that has lost its state concludes nothing from a failed list: it adopts nothing, and starts nothing', async () => {
  given = { ...given, state: EMPTY_STATE };
  expect(await seeing(FAILED)).toBeUndefined();
  expect(await lookAround(given)).toEqual({ turn: { wakeAt: START + 3000 } });
  expect(given.state.live).toBeUndefined();
});

/** Commands on their way through an app's loop, where the store fails, another daemon drives, or too many come. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppLoop } from '../../src/controller/app-loop.ts';
import { EMPTY_STATE, parseAppState } from '../../src/controller/app-state.ts';
import { makeEvents } from '../../src/controller/events.ts';
import { MACHINE } from '../../src/controller/machine.ts';
import type { Command, CommandResult } from '../../src/model/command.ts';
import type { StoreTrouble } from '../../src/simulation/documents.ts';
import { MemoryStore } from '../../src/simulation/memory-store.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';
import { app, START } from '../rollout/world.ts';
import { Journal } from '../support/local.ts';
import { idleAzure } from '../support/idle-azure.ts';

const alice = { by: 'alice', from: '127.0.0.1' };
const hold: Command = { kind: 'hold', reason: 'launch' };
/** Whose turns ask Azure nothing. */
const PAUSED = {
  ...EMPTY_STATE,
  operator: { ...EMPTY_STATE.operator, pause: { by: 'bob', at: START, reason: undefined } },
};
const never = () => Promise.reject(new Error('a paused app looks at nothing'));
const azure = idleAzure('a paused app looks at nothing');

let time: VirtualTime;
let trouble: StoreTrouble;
let store: MemoryStore;
let journal: Journal;
let term: number | undefined;
let stop: AbortController;
let loop: AppLoop;
let ended: Promise<void>;

beforeEach(async () => {
  time = new VirtualTime(START);
  trouble = { delayMs: 0, fails: undefined };
  store = new MemoryStore({ onSave: () => undefined, trouble: () => trouble, sleep: (ms) => time.sleep(ms) });
  await passing(store.save('web', PAUSED, undefined));
  journal = new Journal();
  term = 1;
  stop = new AbortController();
  loop = new AppLoop(app, {
    owner: 'viridian',
    azure,
    clock: time.clock(),
    store,
    tags: {
      latest: () => undefined,
      lookedAt: () => undefined,
      look: () => undefined,
      want: () => undefined,
      check: never,
    },
    measure: never,
    renderJob: never,
    readSecrets: never,
    render: never,
    events: makeEvents(journal.log),
    newId: () => 'life',
    machine: MACHINE,
    leadership: { term: () => term },
  });
  ended = loop.run(stop.signal);
  await time.runUntil(time.now() + 100);
});
afterEach(async () => {
  stop.abort();
  await Promise.all([ended, time.runUntil(time.now() + 1000)]);
});

async function passing<Result>(promise: Promise<Result>, ms = 1000): Promise<Result> {
  await Promise.allSettled([promise, time.runUntil(time.now() + ms)]);
  return promise;
}

const stored = () => parseAppState('web', store.peek('web')?.state).operator;
const logged = (event: string) => journal.lines.filter((line) => line.event === event).length;

test('are carried out at once, and answered when they are saved', async () => {
  const answer = loop.command(hold, alice);
  await time.runUntil(time.now() + 1);
  expect(stored().hold).toMatchObject({ reason: 'launch', by: 'alice' });
  expect(await answer).toMatchObject({ kind: 'applied' });
});

test('S97: one whose save had no answer, but was written, counts once and is answered as done', async () => {
  trouble = { delayMs: 0, fails: 'after' };
  const answer = loop.command(hold, alice);
  await time.runUntil(time.now() + 10);
  trouble = { delayMs: 0, fails: undefined };
  expect(await passing(answer, 5000)).toMatchObject({ kind: 'applied' });
  expect(stored().audit).toHaveLength(1);
  expect([logged('command.applied'), logged('command.unchanged')]).toEqual([1, 0]);
});

test('one that was not written is carried out as soon as it can be', async () => {
  trouble = { delayMs: 0, fails: 'before' };
  const answer = loop.command(hold, alice);
  await time.runUntil(time.now() + 10);
  expect(stored().hold).toBeUndefined();
  expect(loop.look().remark).toMatchObject({ kind: 'failed' });
  trouble = { delayMs: 0, fails: undefined };
  expect(await passing(answer, 5000)).toMatchObject({ kind: 'applied' });
  expect(loop.look().remark).toMatchObject({ kind: 'held', hold: 'paused' });
  expect(stored().audit).toHaveLength(1);
});

test('one that cannot be saved for a minute is answered as unclear, and not carried out later', async () => {
  trouble = { delayMs: 0, fails: 'before' };
  const answer = await passing(loop.command(hold, alice), 61_000);
  expect(answer).toMatchObject({ kind: 'refused', because: 'unclear' });
  trouble = { delayMs: 0, fails: undefined };
  await time.runUntil(time.now() + 120_000);
  expect(stored().hold).toBeUndefined();
});

test('one that could not even be tried for a minute is refused, and nothing is changed', async () => {
  trouble = { delayMs: 90_000, fails: undefined };
  const first = loop.command(hold, alice);
  await time.runUntil(time.now() + 1);
  const second = loop.command({ kind: 'hold', reason: 'other' }, alice);
  expect(await passing(second, 61_000)).toMatchObject({ kind: 'refused', because: 'busy' });
  expect(await first).toMatchObject({ kind: 'refused', because: 'unclear' });
  trouble = { delayMs: 0, fails: undefined };
  await time.runUntil(time.now() + 120_000);
  expect(stored().hold).toMatchObject({ reason: 'launch' });
});

test('R5: another daemon drives the app: refused, with where to ask', async () => {
  term = undefined;
  const answer = await passing(loop.command(hold, alice));
  expect(answer).toMatchObject({
    kind: 'refused',
    because: 'elsewhere',
    message: expect.stringContaining('another daemon'),
  });
  expect(loop.look()).toMatchObject({ isDriven: false, state: undefined });
  expect((await journal.next('command.refused')).fields).toMatchObject({
    because: 'elsewhere',
    by: 'alice',
    from: '127.0.0.1',
  });
});

test('more than twenty at a time are refused', async () => {
  trouble = { delayMs: 50, fails: undefined };
  const results = Array.from({ length: 25 }, (_, index) =>
    loop.command({ kind: 'hold', reason: `no ${index}` }, alice),
  );
  const kinds = (await passing(Promise.all(results), 10_000)).map((result: CommandResult) => result.kind);
  expect(kinds).toEqual([...Array<string>(20).fill('applied'), ...Array<string>(5).fill('refused')]);
  expect(stored().hold?.reason).toBe('no 19');
});

test('S22: once the daemon stops, what waits and what still comes is refused', async () => {
  trouble = { delayMs: 5000, fails: 'before' };
  const waiting = loop.command(hold, alice);
  await time.runUntil(time.now() + 10);
  stop.abort();
  await passing(ended, 10_000);
  expect(await waiting).toMatchObject({ kind: 'refused', because: 'unclear' });
  expect(await loop.command(hold, alice)).toMatchObject({ kind: 'refused', because: 'stopped' });
});

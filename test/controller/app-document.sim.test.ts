/** One app's stored state, and two who may think that they drive it. */
import { beforeEach, expect, test } from 'vitest';
import { AppDocument } from '../../src/controller/app-document.ts';
import { EMPTY_STATE, parseAppState } from '../../src/controller/app-state.ts';
import type { AppState } from '../../src/controller/app-state.ts';
import { StoreConflictError, TransientError } from '../../src/model/errors.ts';
import { startRollout } from '../../src/rollout/start.ts';
import type { StoreTrouble } from '../../src/simulation/documents.ts';
import { MemoryStore } from '../../src/simulation/memory-store.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';
import { app, stack, START } from '../rollout/world.ts';

let time: VirtualTime;
let trouble: StoreTrouble;
let store: MemoryStore;
let said: string[];
let terms: Record<string, number | undefined>;

beforeEach(() => {
  time = new VirtualTime(START);
  trouble = { delayMs: 0, fails: undefined };
  store = new MemoryStore({ onSave: () => undefined, trouble: () => trouble, sleep: (ms) => time.sleep(ms) });
  said = [];
  terms = {};
});

/** A daemon that drives the app in the term, until it is told otherwise. */
function driver(name: string, term: number): AppDocument {
  terms[name] = term;
  const document = new AppDocument({
    app,
    store,
    clock: time.clock(),
    leadership: { term: () => terms[name] },
    life: name,
    onResumed: (rollout) => said.push(`${name} resumes ${rollout.id}`),
  });
  document.enter(term);
  return document;
}

async function passing<Result>(promise: Promise<Result>): Promise<Result> {
  await Promise.allSettled([promise, time.runUntil(time.now() + 1000)]);
  return promise;
}

const live = stack('11111111', '1.0.0');
const rollout = startRollout({ app, live, candidate: stack('22222222', '1.1.0'), now: START });
const withRemoval = (at: number): AppState => {
  return { ...EMPTY_STATE, live, rollout: { ...rollout, removedAt: { [live.groups[0]?.name ?? '']: at } } };
};

test('R5: who takes over makes the late save of the one before fail, whatever that one has read', async () => {
  const early = driver('early', 1);
  await passing(early.read());
  await passing(early.save(withRemoval(START), () => said.push('early saved')));
  const late = driver('late', 1);
  await passing(late.read());
  await expect(passing(early.save(withRemoval(START + 5), () => said.push('early again')))).rejects.toThrow(
    StoreConflictError,
  );
  expect(said).toEqual(['early saved', `late resumes ${rollout.id}`]);
});

test('R2: the clock of the one before is not believed, also not of what it saved in the last moment', async () => {
  const early = driver('early', 1);
  await passing(early.read());
  const late = driver('late', 1);
  const taken = await passing(late.read());
  expect(taken?.rollout).toBeUndefined();
  // Its own next save comes after one of the other's that the lease did not hold back.
  await passing(store.save('web', withRemoval(START - 60_000), store.peek('web')?.version));
  await expect(passing(late.save(withRemoval(START), () => undefined))).rejects.toThrow(StoreConflictError);
  expect((await passing(late.read()))?.rollout?.removedAt).toEqual({});
});

test('R5: nothing is saved once the term is over', async () => {
  const one = driver('one', 1);
  await passing(one.read());
  const { version } = store.peek('web') ?? {};
  terms['one'] = undefined;
  expect(await passing(one.save(withRemoval(START), () => said.push('saved')))).toBe(false);
  expect(store.peek('web')?.version).toBe(version);
  expect(said).toEqual([]);
});

test('R9: a save whose answer is lost is said once, when it is found', async () => {
  const one = driver('one', 1);
  await passing(one.read());
  trouble = { delayMs: 0, fails: 'after' };
  await expect(passing(one.save(withRemoval(START), () => said.push('saved')))).rejects.toThrow(TransientError);
  expect(said).toEqual([]);
  trouble = { delayMs: 0, fails: undefined };
  const found = await passing(one.read());
  expect(said).toEqual(['saved']);
  expect(found?.rollout?.id).toBe(rollout.id);
  await passing(one.read());
  expect(said).toEqual(['saved']);
});

test('R9: it is said also where the term has ended meanwhile, or another has taken over', async () => {
  const one = driver('one', 1);
  await passing(one.read());
  trouble = { delayMs: 0, fails: 'after' };
  await expect(passing(one.save(withRemoval(START), () => said.push('saved')))).rejects.toThrow(TransientError);
  trouble = { delayMs: 0, fails: undefined };
  await passing(driver('other', 1).read());
  terms['one'] = 2;
  one.enter(2);
  await passing(one.read());
  expect(said).toEqual([`other resumes ${rollout.id}`, 'saved', `one resumes ${rollout.id}`]);
});

test('R9: a save that was not written is never said', async () => {
  const one = driver('one', 1);
  await passing(one.read());
  trouble = { delayMs: 0, fails: 'before' };
  await expect(passing(one.save(withRemoval(START), () => said.push('lost')))).rejects.toThrow(TransientError);
  trouble = { delayMs: 0, fails: undefined };
  await passing(one.read());
  await passing(one.save({ ...EMPTY_STATE, live }, () => said.push('saved')));
  expect(said).toEqual(['saved']);
});

test('what is unchanged is not written again, but said', async () => {
  const one = driver('one', 1);
  const state = (await passing(one.read())) ?? EMPTY_STATE;
  const before = store.peek('web')?.version;
  await passing(one.save(state, () => said.push('waiting')));
  expect({ version: store.peek('web')?.version, said }).toEqual({ version: before, said: ['waiting'] });
});

test('a state of a version that knew of no saves is read', () => {
  expect(parseAppState('web', { condemned: [], history: [] }).saved).toBeUndefined();
});

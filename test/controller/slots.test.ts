/** Who gets a slot, in which order, and who must give it back. */
import { expect, test } from 'vitest';
import { Slots } from '../../src/controller/slots.ts';

function slots(
  apps: Readonly<Record<string, string | undefined>>,
  given: { all?: number; groups?: Readonly<Record<string, number>>; daemons?: number } = {},
) {
  const woken: string[] = [];
  const subject = new Slots({
    apps: Object.entries(apps).map(([name, group]) => (group === undefined ? { name } : { name, group })),
    limits: { all: given.all, groups: given.groups ?? {} },
    share: () => given.daemons ?? 1,
    wake: (app) => void woken.push(app),
  });
  for (const app of Object.keys(apps)) subject.beginTurn(app, false);
  woken.length = 0;
  /** A turn that asks, and starts a rollout where it may. */
  const turn = (app: string) => {
    subject.beginTurn(app, false);
    const mayStart = subject.ask(app) === undefined;
    subject.note(app, mayStart);
    return mayStart;
  };
  /** A turn that wants nothing, or finds its rollout finished. */
  const rest = (app: string) => {
    subject.beginTurn(app, false);
    subject.note(app, false);
  };
  return { subject, woken, turn, rest };
}

test('first come, first served, and who waits is woken when a slot is free', () => {
  const { turn, rest, woken } = slots({ a: undefined, b: undefined, c: undefined }, { all: 1 });
  expect([turn('a'), turn('c'), turn('b')]).toEqual([true, false, false]);
  rest('a');
  expect(woken).toEqual(['b', 'c']);
  expect([turn('b'), turn('a'), turn('c')]).toEqual([false, false, true]);
  rest('c');
  expect([turn('a'), turn('b')]).toEqual([false, true]);
});

test('who waits no more keeps nobody behind it waiting', () => {
  const { turn, rest } = slots({ a: undefined, b: undefined, c: undefined }, { all: 1 });
  expect([turn('a'), turn('b'), turn('c')]).toEqual([true, false, false]);
  rest('a');
  rest('b');
  expect(turn('c')).toBe(true);
});

test('a full group keeps its own apps waiting, and leaves the slots of all to others', () => {
  const { turn } = slots({ a: 'g', b: 'g', c: undefined, d: undefined }, { all: 2, groups: { g: 1 } });
  expect([turn('a'), turn('b'), turn('c'), turn('d')]).toEqual([true, false, true, false]);
});

test('nothing is granted before the state of every app is known, also of one that is taken over later', () => {
  const { subject, turn } = slots({ a: undefined, b: undefined }, { all: 1 });
  subject.unread('b');
  expect(turn('a')).toBe(false);
  subject.beginTurn('b', true);
  expect(turn('a')).toBe(false);
  subject.note('b', false);
  expect(turn('a')).toBe(true);
});

test('a turn that failed keeps its slot until its state is read, and its place in the queue not at all', () => {
  const { subject, turn } = slots({ a: undefined, b: undefined, c: undefined }, { all: 1 });
  subject.beginTurn('a', false);
  subject.ask('a');
  turn('b');
  subject.failed('b');
  subject.failed('a');
  expect(turn('c')).toBe(false);
  subject.beginTurn('a', false);
  expect(turn('c')).toBe(true);
});

test('an app that is stopped, or another daemon’s, holds no slot', () => {
  const { subject, turn, woken } = slots({ a: undefined, b: undefined }, { all: 1 });
  turn('a');
  turn('b');
  subject.leave('a');
  expect(woken).toEqual(['b']);
  expect(turn('b')).toBe(true);
});

test.each([
  [4, 1, 4],
  [4, 2, 2],
  [5, 2, 2],
  [1, 3, 1],
])('of %i slots, each of %i daemons has %i', (all, daemons, expected) => {
  const { turn } = slots(Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, undefined])), {
    all,
    daemons,
  });
  expect(['a', 'b', 'c', 'd', 'e'].filter(turn)).toHaveLength(expected);
});

test('a repair takes a slot without asking, also beyond the limit', () => {
  const { subject, turn, rest } = slots({ a: undefined, b: undefined, c: undefined }, { all: 1 });
  turn('a');
  subject.beginTurn('b', true);
  rest('a');
  expect(turn('c')).toBe(false);
});

test('a rollout that waits for people gives its slot back, and has its turn again in the queue while it asks', () => {
  const { subject, turn, rest, woken } = slots({ a: undefined, b: undefined, c: undefined }, { all: 1 });
  expect([turn('a'), turn('b')]).toEqual([true, false]);
  subject.giveBack('a');
  expect([woken, subject.hasGivenBack('a'), turn('b')]).toEqual([['b'], true, true]);
  subject.giveBack('a');
  expect([subject.ask('a') === undefined, turn('c')]).toEqual([false, false]);
  rest('b');
  // It asked in its last turn, so it keeps its place, and is before those that came later.
  subject.giveBack('a');
  expect(turn('c')).toBe(false);
  expect([subject.ask('a'), subject.hasGivenBack('a')]).toEqual([undefined, false]);
});

test('one that waits for people again, and asks no more, keeps nobody behind it waiting', () => {
  const { subject, turn, rest } = slots({ a: undefined, b: undefined, c: undefined }, { all: 1 });
  turn('a');
  subject.giveBack('a');
  turn('b');
  subject.ask('a');
  turn('c');
  rest('b');
  subject.giveBack('a');
  subject.giveBack('a');
  expect(turn('c')).toBe(true);
});

test('a state that a person must mend keeps nobody waiting, until another one that was as bad can be read', () => {
  const { subject, turn, woken } = slots({ a: undefined, b: undefined, c: undefined }, { all: 1 });
  subject.stalled('b');
  expect(turn('a')).toBe(true);
  subject.stalled('c');
  expect(turn('a')).toBe(true);
  // The folder itself was out of use: c has a rollout under way that nobody has seen yet.
  subject.stalled('a');
  expect(turn('a')).toBe(false);
  subject.beginTurn('c', true);
  subject.beginTurn('b', false);
  expect(turn('a')).toBe(false);
  woken.length = 0;
  subject.beginTurn('c', false);
  expect(woken).toEqual(['a']);
  expect(turn('a')).toBe(true);
});

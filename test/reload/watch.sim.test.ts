/** When a changed config is read, in virtual time, on files that change at any moment. */
import { beforeEach, expect, test } from 'vitest';
import { fingerprintOf } from '../../src/config/fingerprint.ts';
import { LOOK_EVERY_MS, SETTLED_AFTER_MS, Watch } from '../../src/reload/watch.ts';
import type { Read } from '../../src/reload/watch.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

interface Seen extends Read {
  readonly config: string;
  readonly template: string;
}

let time: VirtualTime;
let files: Map<string, string>;
/** Looks at files, by what was asked. */
let looks: string[];
let told: string[];
let watch: Watch<Seen>;

const contentOf = (name: string) => files.get(name) ?? 'absent';
const fingerprint = (names: readonly string[]) =>
  fingerprintOf(new Map(names.map((name) => [name, { kind: 'text', text: contentOf(name) }])));

/** The config names its template. */
function read(): Seen {
  const config = contentOf('config');
  const names = ['config', config.split(' ')[0] ?? ''];
  looks.push('read');
  return { names, fingerprint: fingerprint(names), config, template: contentOf(names[1] ?? '') };
}

function start(given: Partial<ConstructorParameters<typeof Watch<Seen>>[0]> = {}): void {
  watch = new Watch<Seen>({
    clock: time.clock(),
    disk: {
      async stamps(names) {
        looks.push('stamps');
        return names.map(contentOf).join('|');
      },
      async fingerprint(names) {
        looks.push('fingerprint');
        return fingerprint(names);
      },
    },
    first: read(),
    read,
    onRead: async ({ config, template }, { isAsked }) =>
      void told.push(`${time.now()} ${config}: ${template}${isAsked ? ' (asked)' : ''}`),
    ...given,
  });
  looks = [];
  void watch.run(new AbortController().signal);
}

const at = (ms: number, change: () => void) => void time.after(ms, change);

beforeEach(() => {
  time = new VirtualTime(0);
  files = new Map([
    ['config', 'web 1'],
    ['web', 'one'],
  ]);
  looks = [];
  told = [];
});

test('nothing is read of files whose size and times stay', async () => {
  start();
  await time.runUntil(60_000);
  expect(looks.filter((one) => one !== 'stamps')).toEqual(['fingerprint']);
  expect(told).toEqual([]);
});

test('what has changed is told of once it has stood for a second', async () => {
  start();
  at(2000, () => files.set('web', 'two'));
  await time.runUntil(60_000);
  expect(told).toEqual([`${LOOK_EVERY_MS + SETTLED_AFTER_MS} web 1: two`]);
});

test('what changed between the start and the first look is told of, too', async () => {
  start({ first: { names: ['config', 'web'], fingerprint: 'of before' } });
  await time.runUntil(2000);
  expect(told).toEqual(['1000 web 1: one']);
});

test('a file that is written in two steps, with its second half later than the look, is told of whole', async () => {
  start();
  at(4900, () => files.set('config', 'web'));
  at(5500, () => files.set('config', 'web 2'));
  await time.runUntil(60_000);
  expect(told).toEqual(['7000 web 2: one']);
});

test('config and template that change one after the other are told of together', async () => {
  start();
  at(4999, () => files.set('config', 'web 2'));
  at(5999, () => files.set('web', 'two'));
  await time.runUntil(60_000);
  expect(told).toEqual(['7000 web 2: two']);
});

test('a file that is gone for a moment is not told of', async () => {
  start();
  at(4900, () => files.delete('config'));
  at(5900, () => files.set('config', 'web 1'));
  await time.runUntil(60_000);
  expect(told).toEqual([]);
  expect(watch.isChanging).toBe(false);
});

test('a file that stays away is told of, and so is its return', async () => {
  start();
  at(4900, () => files.delete('web'));
  at(20_500, () => files.set('web', 'one'));
  await time.runUntil(60_000);
  expect(told).toEqual(['6000 web 1: absent', '22000 web 1: one']);
});

test('a file that changes all the time is not told of until it stands', async () => {
  start();
  for (let ms = 1000; ms < 30_000; ms += 700) at(ms, () => files.set('config', `web ${ms}`));
  await time.runUntil(29_000);
  expect(told).toEqual([]);
  expect(watch.isChanging).toBe(true);
  await time.runUntil(60_000);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(`web ${files.get('config')?.split(' ')[1] ?? ''}`);
});

test('files that a changed config names are watched, and others no more', async () => {
  start();
  files.set('site', 'three');
  at(1000, () => files.set('config', 'site 2'));
  at(10_000, () => files.set('web', 'ignored'));
  at(20_000, () => files.set('site', 'four'));
  await time.runUntil(60_000);
  expect(told).toEqual(['7000 site 2: three', '23000 site 2: four']);
});

test('asked, it reads at once whatever sizes and times say, and tells of it although nothing changed', async () => {
  start({ disk: { stamps: async () => 'ever the same', fingerprint: async (names) => fingerprint(names) } });
  at(1000, () => watch.ask());
  at(2500, () => files.set('web', 'two'));
  at(3000, () => watch.ask());
  await time.runUntil(60_000);
  expect(told).toEqual(['2000 web 1: one (asked)', '4000 web 1: two (asked)']);
});

test('asked again and again while it reads, it reads once more', async () => {
  start();
  for (const ms of [1000, 1200, 1400, 1900]) at(ms, () => watch.ask());
  await time.runUntil(60_000);
  expect(told).toEqual(['2000 web 1: one (asked)', '3000 web 1: one (asked)']);
});

/** What some apps have a second of: an image, a profile. Drawn from a stream of its own. */
import { describe, expect, test } from 'vitest';
import { Chance } from '../../src/simulation/chance.ts';
import { drawOptions } from '../../src/simulation/options.ts';
import type { AppOptions, Options } from '../../src/simulation/options.ts';

const SEEDS = 200;

function draw(seed: number, beside: number): Options {
  return drawOptions(new Chance(seed), {
    people: new Chance(seed + 1000),
    more: new Chance(seed + 2000),
    asked: new Chance(seed + 4000),
    beside: new Chance(beside),
  });
}

const all = Array.from({ length: SEEDS }, (_, seed) => draw(seed, seed + 3000));
const apps = all.flatMap((options) => options.apps);
const share = (isOne: (app: AppOptions) => boolean) => apps.filter(isOne).length / apps.length;

test('about one app of five has two images, and about one of eight with a profile has one above it', () => {
  expect(share(({ set }) => set !== undefined)).toBeCloseTo(0.2, 1);
  const parents = share(({ parents: above }) => above !== undefined);
  expect(parents).toBeGreaterThan(0.04);
  expect(parents).toBeLessThan(0.125);
  expect(apps.some(({ hasTraffic, parents: above }) => hasTraffic === false && above !== undefined)).toBe(false);
});

test('what else a seed draws does not depend on it', () => {
  const plain = (options: Options) => ({
    ...options,
    nestedTtl: undefined,
    apps: options.apps.map((app) => ({ ...app, set: undefined, parents: undefined })),
    pushes: options.pushes.filter(({ container }) => container === undefined),
    events: options.events.filter(({ kind }) => !['changeParentTtl', 'dropParent'].includes(kind)),
  });
  for (let seed = 0; seed < SEEDS; seed += 1) expect(plain(draw(seed, 1))).toEqual(plain(draw(seed, 2)));
});

describe('the second image', () => {
  const sets = all.flatMap((options) =>
    options.apps.flatMap(({ name, set }) => {
      const [first, second] = ['web', 'api'].map((one) =>
        options.pushes.filter(({ app, container = 'web' }) => app === name && container === one),
      );
      return set === undefined ? [] : [{ set, first: first ?? [], second: second ?? [], faultMs: options.faultMs }];
    }),
  );

  test('is there from the beginning, grows, and ends with the same version as the first', () => {
    expect(sets.length).toBeGreaterThan(20);
    for (const { second } of sets) {
      expect([second[0], second.at(-1)]).toMatchObject([
        { at: 0, tag: '1.0.0' },
        { tag: '2.0.0', program: {} },
      ]);
    }
  });

  test('is pushed with the first, within the settle time of it and beyond, before and after it', () => {
    const apart = sets.map(({ set, second, faultMs }) => ({
      settleMs: set.settleMs,
      ms: (second.at(-1)?.at ?? 0) - faultMs,
    }));
    expect(apart.some(({ ms }) => ms === 0)).toBe(true);
    expect(apart.some(({ ms, settleMs }) => ms > 0 && ms < settleMs)).toBe(true);
    expect(apart.some(({ ms, settleMs }) => ms > settleMs)).toBe(true);
    expect(apart.some(({ ms }) => ms < 0)).toBe(true);
  });
});

import { expect, test } from 'vitest';
import { goodTags } from '../../src/simulation/good-tags.ts';
import type { AppOptions, Push } from '../../src/simulation/options.ts';

const APP: AppOptions = {
  name: 'app1',
  replicas: 1,
  locations: ['westeurope'],
  ttlSeconds: 30,
  marginMs: 0,
  drainMs: 0,
  observeMs: 1000,
};

function isGood(program: Push['program'], app: Partial<AppOptions> = {}): boolean {
  const pushes = [{ at: 0, app: 'app1', tag: '1.0.0', program }];
  return goodTags({ apps: [{ ...APP, ...app }], pushes })('app1', '1.0.0');
}

test.each<[string, Push['program'], Partial<AppOptions>, boolean]>([
  ['one that answers at once', {}, {}, true],
  ['one that answers 503', { healthy: false }, {}, false],
  ['one that crashes', { crash: true }, { hasProbe: false }, false],
  ['one that starts within the grace', { startMs: 20_000 }, {}, true],
  ['without a grace, one that starts before the fifth failure', { startMs: 8000 }, { graceMs: 0 }, true],
  ['without a grace, one that starts after it', { startMs: 9000 }, { graceMs: 0 }, false],
  ['one that starts before the fifth failure after its grace', { startMs: 38_000 }, { graceMs: 30_000 }, true],
  ['one that starts later than that', { startMs: 39_000 }, { graceMs: 30_000 }, false],
  ['without a probe, one that starts slowly', { startMs: 90_000 }, { graceMs: 0, hasProbe: false }, true],
])('%s: %j of an app with %j is good: %s', (_, program, app, expected) => {
  expect(isGood(program, app)).toBe(expected);
});

test('a tag that moves is as good as the worst that it has stood for', () => {
  const push = (program: Push['program']) => ({ at: 0, app: 'app1', tag: '1.0.0', program });
  const good = goodTags({ apps: [APP], pushes: [push({ healthy: false }), push({})] });
  expect(good('app1', '1.0.0')).toBe(false);
});

test('of several images each has to be good', () => {
  const push = (container: string, tag: string, healthy: boolean) => ({
    at: 0,
    app: 'app1',
    container,
    tag,
    program: { healthy },
  });
  const pushes = [push('web', '1.0.0', true), push('api', '1.0.0', true), push('api', '1.1.0', false)];
  const good = goodTags({ apps: [APP], pushes });
  expect([good('app1', 'api 1.0.0, web 1.0.0'), good('app1', 'api 1.1.0, web 1.0.0')]).toEqual([true, false]);
});

/** A failed candidate that is kept for somebody to look at it, on the whole daemon in virtual time. */
import { afterEach, expect, test } from 'vitest';
import { MINUTE } from '../../src/model/time.ts';
import type { App } from '../../src/model/app.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

let daemon: VirtualDaemon;
afterEach(() => daemon.close());

const policy = { kind: 'semver', range: '*', prerelease: false } as const;
const groups = () => daemon.azure.groups.all().length;
const inRotation = () => [...(daemon.azure.profile('web')?.endpoints.values() ?? [])].filter(({ enabled }) => enabled);

function start(keepFailedMs: number): App {
  daemon = new VirtualDaemon();
  const plain = appOf('web', { web: policy });
  const app = { ...plain, rollout: { ...plain.rollout, keepFailedMs } };
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
  daemon.run([app]);
  return app;
}

async function failWith(tag: string): Promise<void> {
  daemon.azure.push({ repository: 'web', tag, healthy: false });
  await daemon.passMs(5 * MINUTE);
}

test('S43, R8: it stays out of rotation for its time, also over a restart, and is then taken away', async () => {
  const app = start(30 * MINUTE);
  await daemon.passMs(5 * MINUTE);
  await failWith('1.1.0');
  expect([groups(), inRotation().length]).toEqual([2, 1]);
  daemon.run([app]);
  await daemon.passMs(20 * MINUTE);
  expect([groups(), inRotation().length]).toEqual([2, 1]);
  await daemon.passMs(10 * MINUTE);
  expect([groups(), inRotation().length]).toEqual([1, 1]);
  expect(daemon.rollouts().map(([, to]) => to)).toEqual(['1.0.0', '1.1.0', undefined]);
});

test('R8: the one that failed last takes the place of the one before', async () => {
  start(60 * MINUTE);
  await daemon.passMs(5 * MINUTE);
  await failWith('1.1.0');
  await failWith('1.2.0');
  expect(daemon.azure.groups.all().map(({ body }) => JSON.stringify(body['tags']).includes('web=1.2.0'))).toEqual([
    false,
    true,
  ]);
});

test('R8: once the config keeps none any more, it is taken away', async () => {
  const app = start(60 * MINUTE);
  await daemon.passMs(5 * MINUTE);
  await failWith('1.1.0');
  expect(groups()).toBe(2);
  daemon.run([{ ...app, rollout: { ...app.rollout, keepFailedMs: undefined } }]);
  await daemon.passMs(5 * MINUTE);
  expect(groups()).toBe(1);
});

test('R8: a candidate that fails while nothing was live before is taken away when its app leaves the config', async () => {
  daemon = new VirtualDaemon();
  const plain = appOf('web', { web: policy });
  daemon.azure.push({ repository: 'web', tag: '1.0.0', healthy: false });
  daemon.run([{ ...plain, rollout: { ...plain.rollout, keepFailedMs: 60 * MINUTE } }]);
  await daemon.passMs(5 * MINUTE);
  expect(groups()).toBe(1);
  daemon.run([], { onRemoval: 'retire' });
  await daemon.passMs(10 * MINUTE);
  expect(groups()).toBe(0);
});

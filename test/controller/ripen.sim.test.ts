/** Tags that are too young, on the whole daemon in virtual time, while nothing else changes. */
import { afterEach, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/model/time.ts';
import { DEFAULT_FILTER } from '../../src/policy/filter.ts';
import { appOf, START, VirtualDaemon } from '../support/virtual-daemon.ts';

const daemon = new VirtualDaemon();
afterEach(() => daemon.close());

test('a tag is rolled out when it is old enough, though no poll finds anything new', async () => {
  const filter = { ...DEFAULT_FILTER, minAgeMs: HOUR + 17 * SECOND };
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
  await daemon.passMs(2 * HOUR);
  daemon.run([appOf('shop', { web: { kind: 'semver', range: '*', prerelease: false, filter } })]);
  await daemon.passMs(10 * MINUTE);
  const pushedAt: number[] = [];
  for (const tag of ['1.1.0', '1.1.1']) {
    await daemon.passMs(5 * SECOND);
    daemon.azure.push({ repository: 'web', tag });
    pushedAt.push(daemon.time.now() - START);
  }
  await daemon.passMs(2 * HOUR);
  const [, first, ...more] = daemon.linesOf('rollout.started');
  expect(first?.fields['to']).toBe('1.1.0');
  // To the moment: neither a poll nor the look that comes once a minute is waited for.
  expect((first?.at ?? Infinity) - (pushedAt[0] ?? 0)).toBeLessThan(HOUR + 18 * SECOND);
  expect((first?.at ?? 0) - (pushedAt[0] ?? 0)).toBeGreaterThanOrEqual(HOUR + 17 * SECOND);
  expect(more.map(({ fields }) => fields['to'])).toEqual(['1.1.1']);
});

/** How many releases the judge finds in rotation: those that Traffic Manager may lead clients to. */
import { afterEach, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { releasesInRotation, tooMany } from '../../src/simulation/judge-rotation.ts';
import { OWNER } from '../../src/simulation/settings.ts';
import type { Endpoint } from '../../src/simulator/profile.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const semver = { kind: 'semver', range: '*', prerelease: false } as const;
const daemon = new VirtualDaemon();
afterEach(() => daemon.close());

test('one whose endpoints are Degraded counts only where nobody else serves, or its region has no other', async () => {
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
  daemon.run([appOf('shop', { web: semver })]);
  await daemon.passMs(5 * MINUTE);
  daemon.azure.push({ repository: 'web', tag: '1.1.0' });
  const profile = daemon.azure.profile('shop');
  if (profile === undefined) throw new Error('there is no profile');
  const count = () => releasesInRotation(daemon.azure, profile, OWNER).size;
  while (count() < 2) await daemon.passMs(SECOND / 10);

  const set = (version: string, monitor: Endpoint['monitor']) => {
    for (const endpoint of profile.endpoints.values())
      if (daemon.azure.groupBehind(endpoint.target)?.program.version === version)
        profile.endpoints.set(endpoint.name.toLowerCase(), { ...endpoint, monitor });
  };
  set('1.0.0', 'Degraded');
  set('1.1.0', 'Online');
  expect(count()).toBe(1);
  set('1.1.0', 'Degraded');
  expect(count()).toBe(2);
});

test('three are too many, but not where a request has made them fewer', () => {
  expect(tooMany(new Set(['a', 'b']), new Set(['a', 'b', 'c']))).toBe('3 releases are in rotation: a, b, c');
  expect(tooMany(new Set(['a', 'b', 'c', 'd']), new Set(['a', 'b', 'c']))).toBeUndefined();
  expect(tooMany(new Set(['a']), new Set(['a', 'b']))).toBeUndefined();
});

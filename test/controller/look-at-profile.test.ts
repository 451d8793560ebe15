/** What is made of looks at a profile and those above it. */
import { expect, test } from 'vitest';
import { lookAtProfile } from '../../src/controller/look-at-profile.ts';
import type { ObservedProfile, Seen } from '../../src/rollout/observation.ts';

const caller = { app: 'web', priority: 'ordinary' } as const;
const profile = (name: string, ttlSeconds: number): Seen<ObservedProfile> => ({
  known: true,
  at: 7,
  askedAt: 3,
  value: { name, fqdn: `${name}.example`, ttlSeconds, routingMethod: 'Weighted', enabled: true, endpoints: [] },
});
const unknown = { known: false, at: 9, reason: 'HTTP 500' } as const;

function look(seen: Readonly<Record<string, Seen<ObservedProfile | undefined>>>) {
  const names = Object.keys(seen).filter((name) => name !== 'own');
  const parents = names.map((name) => ({ resourceGroup: 'above', profile: name }));
  const azure = { getProfile: async (_: string, name: string) => seen[name] ?? unknown };
  return lookAtProfile(azure, { resourceGroup: 'shop', profile: 'own', weight: 1, parents }, caller);
}

test('the longest TTL is that of the chain, and the rest is the profile’s own', async () => {
  const own = profile('own', 10);
  expect(await look({ own })).toEqual(own);
  expect(await look({ own, a: profile('a', 300), b: profile('b', 0) })).toEqual(profile('own', 300));
  expect(await look({ own, a: profile('a', 5) })).toEqual(own);
});

test('R6: with a parent that cannot be read nothing is known', async () => {
  const reason = 'parent profile b cannot be read: HTTP 500';
  expect(await look({ own: profile('own', 10), a: profile('a', 300), b: unknown })).toEqual({ ...unknown, reason });
  expect(await look({ own: unknown, a: profile('a', 300) })).toEqual(unknown);
});

test('a parent that is not there is named', async () => {
  const gone = { known: true, at: 7, value: undefined } as const;
  expect(await look({ own: profile('own', 10), a: gone })).toMatchObject({
    value: { ttlSeconds: 10, missingParents: ['above/a'] },
  });
  expect(await look({ own: gone, a: profile('a', 300) })).toEqual(gone);
});

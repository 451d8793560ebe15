/** Chains of nested profiles in virtual time: whose TTL counts, whom clients ask for, and what becomes of a lost parent. */
import { expect, test } from 'vitest';
import { chainTtl, makeParents, pickParent, remakeParent } from '../../src/simulation/chain.ts';
import { askedName, parentNames } from '../../src/simulation/draw-parents.ts';
import { VirtualAzure } from '../../src/simulation/virtual-azure.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

const APP = {
  name: 'web',
  parents: [
    { ttlSeconds: 90, method: 'Weighted' },
    { ttlSeconds: 40, method: 'Priority' },
  ],
} as const;

function scene() {
  const options = { createMs: 1, restartMs: 1, coresPerLocation: 1 };
  const azure = new VirtualAzure({ time: new VirtualTime(0), random: () => 0, options, probeIntervalMs: 1000 });
  azure.createProfile('web', 5);
  makeParents(azure, APP);
  const profile = (name: string) => {
    const found = azure.profile(name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };
  azure.profiles.putEndpoint(profile('web'), 'only', { properties: { target: 'only.example' } });
  return { azure, profile };
}

test('clients ask for the topmost profile, and are led down to the app’s own', () => {
  const { azure } = scene();
  expect(parentNames(APP)).toEqual(['web-parent', 'web-parent2']);
  const answer = azure.profiles.answer(`${askedName(APP)}.trafficmanager.net`);
  expect([answer?.endpoint?.target, answer?.ttlSeconds]).toEqual(['only.example', 40]);
});

test('the longest TTL of a profile and of all above it counts, as they are now', () => {
  const { azure, profile } = scene();
  expect(['web', 'web-parent', 'web-parent2'].map((name) => chainTtl(azure, profile(name)))).toEqual([90, 90, 40]);
  azure.profiles.patch(profile('web-parent'), { properties: { dnsConfig: { ttl: 1 } } });
  expect(chainTtl(azure, profile('web'))).toBe(40);
  azure.profiles.remove(profile('web-parent'));
  expect(chainTtl(azure, profile('web'))).toBe(5);
});

test('a parent that was lost comes back as it was, once its child is there', () => {
  const { azure, profile } = scene();
  const [web, parent] = [profile('web'), pickParent(azure, 'web', 0)];
  if (parent === undefined) throw new Error('it was just made');
  azure.profiles.remove(parent);
  azure.profiles.remove(web);
  expect(remakeParent(azure, parent)).toBe(false);
  azure.createProfile('web', 5);
  expect(remakeParent(azure, parent)).toBe(true);
  expect(chainTtl(azure, profile('web'))).toBe(90);
});

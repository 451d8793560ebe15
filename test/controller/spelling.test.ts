/** Names and values that Azure gives back in another spelling than they were written in. */
import { describe, expect, test } from 'vitest';
import { takeInventory } from '../../src/controller/inventory.ts';
import { judgeLive } from '../../src/controller/live-health.ts';
import type { LiveSeen } from '../../src/controller/live-health.ts';
import { ownershipTags } from '../../src/model/ownership.ts';
import type { ObservedEndpoint, ObservedGroup } from '../../src/rollout/observation.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { candidate, live } from '../rollout/situations.ts';
import { app, running, START, World } from '../rollout/world.ts';

const capitals = (tags: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(tags).map(([name, value]) => [name.toUpperCase(), value]));

const tags = ownershipTags({
  owner: 'viridian',
  app: 'web',
  releaseId: live.release.id,
  templateHash: 'aaaa',
  stackId: live.id,
  tags: new Map([['web', '1.0.0']]),
});

/** The live stack, in capitals wherever Azure does not regard them. */
function shouted(endpointChanges: Partial<ObservedEndpoint> = {}): LiveSeen {
  const groups = live.groups.map(({ name }): ObservedGroup => ({ ...running(name, live.id), tags: capitals(tags) }));
  const endpoints = live.groups.map(({ name, endpoint }): ObservedEndpoint => {
    const target = `${name}.EXAMPLE`.toUpperCase();
    return {
      name: endpoint.toUpperCase(),
      target,
      enabled: true,
      weight: 100,
      monitorStatus: 'Online',
      ...endpointChanges,
    };
  });
  const profile = {
    name: 'WEB',
    fqdn: 'web.trafficmanager.net',
    ttlSeconds: 10,
    routingMethod: 'weighted',
    enabled: true,
  };
  return { app, live, groups, profile: { ...profile, endpoints }, now: START };
}

const nothing = { broken: new Set<string>(), degradedSince: new Map<string, number>() };

describe('the live stack in capitals', () => {
  test('S89: has not drifted, so that nothing is written', () => {
    const once = judgeLive(shouted(), nothing);
    const none = { drift: undefined, broken: undefined };
    expect([once.faults, judgeLive(shouted(), once.memory).faults]).toEqual([none, none]);
  });

  test('S91: has drifted where its weight is zero, which Azure itself never sets', () => {
    const { faults } = judgeLive(shouted({ weight: 0 }), nothing);
    expect(faults.drift).toContain('weight');
  });

  test('S89: is one stack of ours, with no endpoint that leads nowhere', () => {
    const { groups, profile } = shouted();
    const inventory = takeInventory({ app, owner: 'viridian', groups, profile });
    expect(inventory.stacks.map(({ id, groups: found }) => [id, found.map(({ name }) => name)])).toEqual([
      [live.id, live.groups.map(({ name }) => name)],
    ]);
    expect([inventory.foreignGroups, inventory.foreignEndpoints]).toEqual([[], []]);
  });
});

test('S89: a group whose tags come back in capitals is the rollout’s own, in provision and in retire', () => {
  const world = new World();
  world.addStack(live, { inRotation: true });
  const { groups } = world;
  const set = groups.set.bind(groups);
  groups.set = (name, group) => set(name, { ...group, tags: capitals(group.tags) });
  for (const [name, group] of groups) groups.set(name, group);
  expect(world.run(startRollout({ app, live, candidate, now: START })).finished?.outcome).toBe('Succeeded');
  expect(world.log).toHaveLength(10);
  expect([...groups.keys()]).toEqual(candidate.groups.map(({ name }) => name));
});

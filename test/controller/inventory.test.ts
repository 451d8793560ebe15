import { describe, expect, test } from 'vitest';
import { canBeLive, takeInventory } from '../../src/controller/inventory.ts';
import type { InventoryGiven } from '../../src/controller/inventory.ts';
import {
  endpointName,
  fitsGroupName,
  isOurEndpoint,
  jobName,
  jobStackId,
  ownershipTags,
  readOwnership,
} from '../../src/model/ownership.ts';
import type { ObservedEndpoint, ObservedGroup } from '../../src/rollout/observation.ts';
import { adoptedTags } from '../../src/model/adopted-tags.ts';
import { endpointOf } from '../../src/rollout/rotation.ts';
import { startCleanUp } from '../../src/rollout/start.ts';
import { app, running, stack } from '../rollout/world.ts';

const tags = (stackId: string, changes: Partial<Parameters<typeof ownershipTags>[0]> = {}) =>
  ownershipTags({
    owner: 'us',
    app: 'web',
    releaseId: 'r1',
    templateHash: 'aaaa',
    stackId,
    tags: new Map([['web', '1.0.0']]),
    ...changes,
  });

function group(stackId: string, replica: number, given: Partial<ObservedGroup> = {}): ObservedGroup {
  const name = `web-${stackId}-westeurope-${replica}`;
  const image = `demo.azurecr.io/web@sha256:${'0'.repeat(64)}`;
  const [container] = running(name, stackId).containers;
  const containers = container === undefined ? [] : [{ ...container, image }];
  return { ...running(name, stackId), containers, tags: tags(stackId), ...given };
}

function endpoint(stackId: string, replica: number, given: Partial<ObservedEndpoint> = {}): ObservedEndpoint {
  const name = endpointName('us', `web-${stackId}-westeurope-${replica}`);
  return { name, target: 'x.example', enabled: true, monitorStatus: 'Online', ...given };
}

function inventory(groups: readonly ObservedGroup[], endpoints: readonly ObservedEndpoint[] = []) {
  const profile = {
    name: 'web',
    fqdn: 'web.trafficmanager.net',
    ttlSeconds: 10,
    routingMethod: 'Weighted',
    enabled: true,
    endpoints,
  };
  const given: InventoryGiven = { app, owner: 'us', groups, profile };
  return { given, ...takeInventory(given) };
}

describe('the inventory', () => {
  test('S46: knows a job for a stack by itself, which is never taken for the live one', () => {
    const job = group('aaaaaaaa', 1, {
      name: jobName('web', 'aaaaaaaa', '2 smoke'),
      tags: tags(jobStackId('aaaaaaaa')),
    });
    const { stacks, given } = inventory([job]);
    expect(stacks.map(({ id, groups }) => [id, groups.length])).toEqual([['aaaaaaaa-job', 1]]);
    const worker = { ...given, app: { ...app, traffic: undefined }, profile: undefined };
    expect(stacks.map((stack) => [canBeLive(stack, given), canBeLive(stack, worker)])).toEqual([[false, false]]);
    expect(job.name.length).toBeLessThanOrEqual(63 - 'web'.length);
  });

  test('R8: a job that is left over is taken away at once, with nothing to drain', () => {
    const stray = { ...stack(jobStackId('aaaaaaaa'), '1.0.0'), id: jobStackId('aaaaaaaa') };
    expect(startCleanUp({ app, stray, id: 'bbbbbbbb', now: 0 }).plan).toEqual([{ kind: 'retire', side: 'live' }]);
  });

  test('gathers groups into stacks by their tags, with the release that they run', () => {
    const { stacks } = inventory([group('aaaaaaaa', 1), group('aaaaaaaa', 2), group('bbbbbbbb', 1)]);
    expect(stacks.map(({ id, groups }) => [id, groups.length])).toEqual([
      ['aaaaaaaa', 2],
      ['bbbbbbbb', 1],
    ]);
    expect(stacks[0]?.release.images[0]).toMatchObject({ tag: '1.0.0', digest: `sha256:${'0'.repeat(64)}` });
  });

  test('puts the stack that serves first, whatever else is there', () => {
    const groups = [group('aaaaaaaa', 1), group('aaaaaaaa', 2), group('bbbbbbbb', 1)];
    const { stacks, given } = inventory(groups, [endpoint('aaaaaaaa', 1, { enabled: false }), endpoint('bbbbbbbb', 1)]);
    expect(stacks.map(({ id }) => id)).toEqual(['bbbbbbbb', 'aaaaaaaa']);
    expect(stacks.map((stack) => canBeLive(stack, given))).toEqual([true, false]);
  });

  test('R4: takes nothing for ours that lacks a mark or has another owner or app', () => {
    const { stacks, foreignGroups } = inventory([
      group('aaaaaaaa', 1, { tags: {} }),
      group('bbbbbbbb', 1, { tags: tags('bbbbbbbb', { owner: 'them' }) }),
      group('cccccccc', 1, { tags: tags('cccccccc', { app: 'api' }) }),
    ]);
    expect(stacks).toEqual([]);
    expect(foreignGroups).toEqual(['web-aaaaaaaa-westeurope-1', 'web-bbbbbbbb-westeurope-1']);
  });

  test('an endpoint of ours whose group is gone is a stack that can be taken away, never one that lives', () => {
    const { stacks, given } = inventory([], [endpoint('aaaaaaaa', 1)]);
    expect(stacks.map(({ id, groups }) => [id, groups[0]?.name])).toEqual([['aaaaaaaa', 'web-aaaaaaaa-westeurope-1']]);
    expect(stacks.map((stack) => canBeLive(stack, given))).toEqual([false]);
  });

  test('names endpoints of others', () => {
    const { foreignEndpoints } = inventory([], [endpoint('aaaaaaaa', 1), endpoint('aaaaaaaa', 1, { name: 'cdn' })]);
    expect(foreignEndpoints).toEqual(['cdn']);
  });
});

describe('marks of ownership', () => {
  test('come back from tags, in whatever letter case Azure gives their names', () => {
    const written = tags('aaaaaaaa');
    const upper = Object.fromEntries(Object.entries(written).map(([name, value]) => [name.toUpperCase(), value]));
    expect(readOwnership(upper)).toEqual(readOwnership(written));
    expect(readOwnership(written)).toMatchObject({ owner: 'us', app: 'web', stackId: 'aaaaaaaa' });
  });

  test.each(Object.keys(tags('aaaaaaaa')).filter((name) => name !== 'viridian-tags'))(
    'without %s it is not ours',
    (name) => {
      expect(readOwnership({ ...tags('aaaaaaaa'), [name]: '' })).toBeUndefined();
    },
  );

  test('tags for people are cut at what Azure takes', () => {
    const many = new Map(Array.from({ length: 20 }, (_, index) => [`container-${index}`, 'x'.repeat(100)]));
    expect(tags('aaaaaaaa', { tags: many })['viridian-tags']).toHaveLength(256);
  });

  test.each([
    ['us.web-0123abcd-westeurope-1', true],
    ['US.WEB-0123ABCD-westeurope-1', true],
    ['us.web-0123abcd-westeurope', false],
    ['us.web2-0123abcd-westeurope-1', false],
    ['us.web-api-0123abcd-westeurope-1', false],
    ['them.web-0123abcd-westeurope-1', false],
    ['web-0123abcd-westeurope-1', false],
  ])('endpoint %s: ours %s', (name, expected) => {
    expect(isOurEndpoint('us', 'web', name)).toBe(expected);
  });

  test('names of groups fit within 63 characters or are refused', () => {
    expect(fitsGroupName('a'.repeat(25), 'westeurope', 20)).toBe(true);
    expect(fitsGroupName('a'.repeat(25), 'x'.repeat(30), 1)).toBe(false);
  });
});

describe('endpoints that stay where releases change', () => {
  const place = (replica: number, leadsTo: string) => ({
    name: `us.web.westeurope.${replica}`,
    target: `${leadsTo}.region.example`,
    enabled: true,
    monitorStatus: 'Online',
  });
  const name = (stackId: string, replica: number) => `web-${stackId}-westeurope-${replica}`;

  test('are the stack’s that they lead to: that is the live one, the other is not', () => {
    const groups = [group('aaaaaaaa', 1), group('bbbbbbbb', 1)];
    const { stacks, given } = inventory(groups, [place(1, name('bbbbbbbb', 1))]);
    expect(stacks.map(({ id, groups: own }) => [id, own[0]?.endpoint, own[0]?.byTarget])).toEqual([
      ['bbbbbbbb', 'us.web.westeurope.1', true],
      ['aaaaaaaa', 'us.web.westeurope.1', true],
    ]);
    expect(stacks.map((one) => canBeLive(one, given))).toEqual([true, false]);
  });

  test('led to one stack by half: either claims those of its places, so that one puts all of them right', () => {
    const groups = [1, 2].flatMap((replica) => [group('aaaaaaaa', replica), group('bbbbbbbb', replica)]);
    const { stacks } = inventory(groups, [place(1, name('bbbbbbbb', 1)), place(2, name('aaaaaaaa', 2))]);
    for (const { groups: own } of stacks)
      expect(own.map(({ endpoint: one }) => one)).toEqual(['us.web.westeurope.1', 'us.web.westeurope.2']);
  });

  test('named for a group of before: its place is that of the group that it leads to', () => {
    const led = endpoint('aaaaaaaa', 1, { target: `${name('bbbbbbbb', 1)}.example` });
    const { stacks } = inventory([group('aaaaaaaa', 1), group('bbbbbbbb', 1)], [led]);
    expect(stacks.map(({ id, groups: own }) => [id, own[0]?.endpoint, own[0]?.byTarget])).toEqual([
      ['bbbbbbbb', led.name, true],
      ['aaaaaaaa', led.name, true],
    ]);
  });

  test('named for groups of before, and led by half: those that have yet to follow are of that stack too', () => {
    const groups = [1, 2].flatMap((replica) => [group('aaaaaaaa', replica), group('bbbbbbbb', replica)]);
    const led = endpoint('aaaaaaaa', 1, { target: `${name('bbbbbbbb', 1)}.example` });
    const left = endpoint('aaaaaaaa', 2, { target: `${name('aaaaaaaa', 2)}.example` });
    const { stacks } = inventory(groups, [led, left]);
    for (const { groups: own } of stacks) expect(own.map(({ endpoint: one }) => one)).toEqual([led.name, left.name]);
    expect(stacks.find(({ id }) => id === 'bbbbbbbb')?.groups.map(({ byTarget }) => byTarget)).toEqual([true, true]);
  });

  test('that dangle are found by what they lead to, or by their place where that is nothing of ours', () => {
    const { stacks } = inventory([], [place(1, name('aaaaaaaa', 1)), place(2, 'elsewhere')]);
    expect(stacks.flatMap(({ groups: own }) => own)).toEqual([
      { name: name('00000000', 2), location: 'westeurope', replica: 2, endpoint: 'us.web.westeurope.2' },
      {
        name: name('aaaaaaaa', 1),
        location: 'westeurope',
        replica: 1,
        endpoint: 'us.web.westeurope.1',
        byTarget: true,
      },
    ]);
  });

  test('R4: a nested one is never ours, whatever its name', () => {
    const { stacks } = inventory([], [{ ...place(1, name('aaaaaaaa', 1)), kind: 'nested' }]);
    expect(stacks).toEqual([]);
  });

  test.each([
    ['us.web.westeurope.1', true],
    ['US.Web.westeurope.12', true],
    ['us.web.westeurope', false],
    ['us.web-api.westeurope.1', false],
    ['us.api.westeurope.1', false],
    ['them.web.westeurope.1', false],
    ['us.web.west-europe.1', false],
  ])('%s is of this app: %s', (written, isOurs) => {
    expect(isOurEndpoint('us', 'web', written)).toBe(isOurs);
  });
});

describe('the inventory of what was taken over', () => {
  const taken = (name: string, endpointTag: string, label = name) =>
    group('aaaaaaaa', 1, {
      name,
      fqdn: `${label}.westeurope.azurecontainer.io`,
      tags: {
        ...tags('aaaaaaaa'),
        ...adoptedTags({ groups: 2, isPending: false, endpoint: endpointTag, images: [] }),
      },
    });
  const one = taken('one', 'web-1', 'shop-prod');
  const two = taken('two', 'web-2');
  const at = (name: string, target: string | undefined, given: Partial<ObservedEndpoint> = {}): ObservedEndpoint => ({
    name,
    target,
    enabled: true,
    monitorStatus: 'Online',
    weight: 7,
    ...given,
  });

  test('knows endpoints by the tags of groups, by targets of any name, and keeps their weights', () => {
    const endpoints = [at('web-1', one.fqdn), at('WEB-2', two.fqdn), at('by-others', 'cdn.example')];
    const { stacks, foreignEndpoints, given } = inventory([one, two], endpoints);
    expect(stacks.map(({ groups }) => groups)).toEqual([
      [
        {
          name: 'one',
          location: 'westeurope',
          replica: 0,
          endpoint: 'web-1',
          adopted: { target: one.fqdn, weight: 7 },
        },
        { name: 'two', location: 'westeurope', replica: 0, endpoint: 'web-2', adopted: { weight: 7 } },
      ],
    ]);
    expect(foreignEndpoints).toEqual(['by-others']);
    expect(stacks.map((stack) => canBeLive(stack, given))).toEqual([true]);
    // As it is while it is switched in place.
    const [first] = stacks[0]?.groups ?? [];
    expect(
      first === undefined || given.profile === undefined
        ? undefined
        : endpointOf(given.profile, { ...first, byTarget: true }),
    ).toBe(endpoints[0]);
  });

  test('knows which of them were led to other groups by now: those are not its own any more', () => {
    const next = group('bbbbbbbb', 1, { tags: { ...tags('bbbbbbbb'), 'viridian-endpoint': 'web-1' } });
    const endpoints = [at('web-1', `${next.name}.westeurope.azurecontainer.io`), at('web-2', two.fqdn)];
    const { stacks, given } = inventory([one, two, next], endpoints);
    const ledBy = (id: string) =>
      stacks
        .find((stack) => stack.id === id)
        ?.groups.map((member) => (given.profile === undefined ? undefined : endpointOf(given.profile, member)?.name));
    expect(ledBy('aaaaaaaa')).toEqual([undefined, 'web-2']);
    expect(ledBy('bbbbbbbb')).toEqual(['web-1']);
  });

  test('R6: is of no stack where not all were tagged', () => {
    const pending = (found: ObservedGroup) => ({
      ...found,
      tags: { ...found.tags, ...adoptedTags({ groups: 2, isPending: true, endpoint: 'web-1', images: [] }) },
    });
    expect(inventory([pending(one)])).toMatchObject({ stacks: [], halfAdopted: [{ groups: ['one'], of: 2 }] });
    expect(inventory([pending(one), pending(two)])).toMatchObject({ stacks: [{}], halfAdopted: [] });
    expect(inventory([pending(one), two])).toMatchObject({ stacks: [{}], halfAdopted: [] });
  });
});

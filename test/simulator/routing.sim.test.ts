/** Traffic Manager's routing methods in the model: what is refused, and which endpoints a question is answered with. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_PLACES } from '../../src/simulator/places.ts';
import type { Profile } from '../../src/simulator/profile.ts';
import { Profiles } from '../../src/simulator/profiles.ts';
import type { ProfileOptions } from '../../src/simulator/profiles.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

const SECOND = 1000;
const EUROPE = '192.0.2.9';
const AMERICA = '198.51.100.9';
const ASIA = '203.0.113.9';

function model(options: Partial<ProfileOptions> = {}) {
  const time = new VirtualTime(0);
  const sick = new Set<string>();
  let turn = 0;
  const profiles = new Profiles({
    clock: time,
    random: () => (turn = (turn + 0.37) % 1),
    probe: async (target) => !sick.has(target),
    options: { probeIntervalMs: SECOND, ...options },
  });
  const make = (name: string, method: string, more: Record<string, unknown> = {}) =>
    profiles.put(keyOf(name), {
      properties: {
        trafficRoutingMethod: method,
        dnsConfig: { relativeName: name, ttl: 30 },
        monitorConfig: { toleratedNumberOfFailures: 0 },
        ...more,
      },
    }).profile;
  const targets = (name: string, address?: string, server = 0) => {
    const answer = profiles.answer(
      `${name}.trafficmanager.net`,
      address === undefined ? { server } : { address, server },
    );
    return answer?.endpoints.map(({ target }) => target);
  };
  /** Of so many questions, each answer once. */
  const all = (name: string, address?: string) =>
    new Set(Array.from({ length: 30 }, () => targets(name, address)).flat());
  const add = (profile: Profile, target: string, more: Record<string, unknown> = {}) =>
    profiles.putEndpoint(profile, target, { properties: { target, ...more } });
  return { time, sick, profiles, make, add, targets, all };
}

const keyOf = (name: string) => ({ subscription: 's', resourceGroup: 'g', name });
const idOf = (name: string) =>
  `/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/trafficManagerProfiles/${name}`;
const nested = (child: string, more: Record<string, unknown> = {}) => ({
  kind: 'NestedEndpoints',
  body: { properties: { targetResourceId: idOf(child), ...more } },
});

describe('Priority', () => {
  test('the first healthy endpoint is answered', async () => {
    const { time, sick, make, add, targets } = model();
    const web = make('web', 'Priority');
    add(web, 'second', { priority: 2 });
    add(web, 'first', { priority: 1 });
    expect(targets('web')).toEqual(['first']);
    sick.add('first');
    await time.runUntil(2 * SECOND);
    expect(targets('web')).toEqual(['second']);
  });

  test('a priority is 1 to 1000 and unique; where none is given a free one is', () => {
    const { make, add } = model();
    const web = make('web', 'Priority');
    add(web, 'a', { priority: 1 });
    expect(add(web, 'b').priority).toBe(2);
    expect(() => add(web, 'c', { priority: 2 })).toThrow(/same priority: 2/);
    expect(() => add(web, 'c', { priority: 1001 })).toThrow(/between 1 and 1000/);
    expect([...web.endpoints.keys()]).toEqual(['a', 'b']);
  });
});

describe('Performance', () => {
  test('the nearest location is answered, all of its endpoints in turn, and the next where it is degraded', async () => {
    const { time, sick, make, add, all } = model();
    const web = make('web', 'Performance');
    for (const target of ['eu1', 'eu2']) add(web, target, { endpointLocation: 'westeurope' });
    add(web, 'us', { endpointLocation: 'eastus' });
    expect([all('web', EUROPE), all('web', AMERICA)]).toEqual([new Set(['eu1', 'eu2']), new Set(['us'])]);
    for (const target of ['eu1', 'eu2']) sick.add(target);
    await time.runUntil(2 * SECOND);
    expect(all('web', EUROPE)).toEqual(new Set(['us']));
  });

  test('an external endpoint without a location is refused', () => {
    const { make, add } = model();
    expect(() => add(make('web', 'Performance'), 'a')).toThrow(/location of endpoint 'a' must be specified/);
  });

  test('a second endpoint of a location is refused where that is set', () => {
    const { make, add } = model({ refuseSameLocation: true });
    const web = make('web', 'Performance');
    add(web, 'a', { endpointLocation: 'westeurope' });
    expect(() => add(web, 'b', { endpointLocation: 'westeurope' })).toThrow(/point to region 'westeurope'/);
    expect(add(web, 'b', { endpointLocation: 'eastus' }).target).toBe('b');
  });
});

describe('MultiValue', () => {
  test('so many healthy addresses as are asked for are answered', async () => {
    const { time, sick, make, add, targets } = model();
    const web = make('web', 'MultiValue', { maxReturn: 2 });
    for (const target of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) add(web, target);
    expect(targets('web')).toHaveLength(2);
    sick.add('10.0.0.2');
    await time.runUntil(2 * SECOND);
    expect(new Set(targets('web'))).toEqual(new Set(['10.0.0.1', '10.0.0.3']));
  });

  test('names, and a profile without maxReturn, are refused', () => {
    const { make, add } = model();
    expect(() => make('web', 'MultiValue')).toThrow(/maxReturn/);
    expect(() => add(make('web', 'MultiValue', { maxReturn: 10 }), 'a.example')).toThrow(/IPv4 or IPv6/);
  });
});

describe('Geographic', () => {
  test('the endpoint of the smallest region is answered, whatever its health; without one there is no record', async () => {
    const { time, sick, profiles, make, add, targets } = model();
    const web = make('web', 'Geographic');
    add(web, 'de', { geoMapping: ['DE'] });
    add(web, 'eu', { geoMapping: ['GEO-EU', 'US'] });
    sick.add('de');
    await time.runUntil(2 * SECOND);
    expect([targets('web', EUROPE), targets('web', AMERICA), targets('web', ASIA)]).toEqual([['de'], ['eu'], []]);
    expect(profiles.answer('web.trafficmanager.net', { address: ASIA })?.exists).toBe(true);
    add(web, 'all', { geoMapping: ['WORLD'] });
    expect([targets('web', ASIA), targets('web', '10.9.9.9')]).toEqual([['all'], ['all']]);
  });

  test('a region has one endpoint, and each endpoint a region', () => {
    const { profiles, make, add } = model();
    const web = make('web', 'Geographic');
    add(web, 'a', { geoMapping: ['DE', 'FR'] });
    expect(() => add(web, 'b', { geoMapping: ['FR'] })).toThrow(/'FR' is mapped to more than one/);
    expect(() => add(web, 'b')).toThrow(/must have a geoMapping/);
    expect(() => add(web, 'b', { geoMapping: ['Mars'] })).toThrow(/'Mars'.*not known/);
    const other = make('other', 'Weighted');
    add(other, 'a');
    const patch = { properties: { trafficRoutingMethod: 'Geographic' } };
    expect(() => profiles.patch(other, patch)).toThrow(/must have a geoMapping/);
    expect(other.routingMethod).toBe('Weighted');
  });
});

describe('Subnet', () => {
  test('who is in a subnet gets its endpoint, others the one without, and nobody a degraded one', async () => {
    const { time, sick, make, add, targets, profiles } = model();
    const web = make('web', 'Subnet');
    add(web, 'office', {
      subnets: [
        { first: '192.0.2.0', scope: 24 },
        { first: '10.0.0.1', last: '10.0.0.9' },
      ],
    });
    add(web, 'rest');
    expect([targets('web', EUROPE), targets('web', '10.0.0.9'), targets('web', '10.0.0.10')]).toEqual([
      ['office'],
      ['office'],
      ['rest'],
    ]);
    sick.add('office');
    await time.runUntil(2 * SECOND);
    expect(profiles.answer('web.trafficmanager.net', { address: EUROPE })).toMatchObject({
      endpoints: [],
      exists: false,
    });
  });

  test.each([
    ['that overlap', [{ first: '10.0.0.200', last: '10.0.1.0' }], /overlap at 10.0.0.200/],
    ['that begin inside their block', [{ first: '10.1.0.1', scope: 24 }], /'10.1.0.1\/24'.*not a valid range/],
    ['that end before they begin', [{ first: '10.1.0.9', last: '10.1.0.1' }], /not a valid range/],
    ['of no addresses', [{ first: 'x' }], /not a valid range/],
  ])('subnets %s are refused', (_, subnets, message) => {
    const { make, add } = model();
    const web = make('web', 'Subnet');
    add(web, 'a', { subnets: [{ first: '10.0.0.0', scope: 24 }] });
    expect(() => add(web, 'b', { subnets })).toThrow(message);
  });
});

describe('nested profiles', () => {
  test('an answer is an endpoint of the child, with the parent’s TTL or, as set, the child’s', () => {
    const { profiles, make, add, targets } = model();
    const child = make('child', 'Weighted', { dnsConfig: { relativeName: 'child', ttl: 300 } });
    add(child, 'leaf');
    const parent = make('parent', 'Geographic');
    profiles.replaceEndpoint(parent, 'eu', nested('child', { geoMapping: ['GEO-EU'] }));
    expect([targets('parent', EUROPE), targets('parent', ASIA)]).toEqual([['leaf'], []]);
    const ttl = () => profiles.answer('parent.trafficmanager.net', { address: EUROPE })?.ttlSeconds;
    expect(ttl()).toBe(30);
    profiles.setRules({ nestedTtl: 'child' });
    expect(ttl()).toBe(300);
  });

  test('a child with fewer healthy endpoints than its least number is passed over', async () => {
    const { time, sick, profiles, make, add, all } = model();
    const child = make('child', 'Weighted');
    for (const target of ['a', 'b']) add(child, target);
    const parent = make('parent', 'Priority');
    profiles.replaceEndpoint(parent, 'child', nested('child', { minChildEndpoints: 2 }));
    add(parent, 'spare');
    await time.runUntil(2 * SECOND);
    expect(all('parent')).toEqual(new Set(['a', 'b']));
    sick.add('a');
    await time.runUntil(4 * SECOND);
    expect(all('parent')).toEqual(new Set(['spare']));
  });

  test('a profile that would be inside itself, or in one that is not there, is refused', () => {
    const { profiles, make } = model();
    const [a, b] = [make('a', 'Priority'), make('b', 'Priority')];
    profiles.replaceEndpoint(a, 'b', nested('b'));
    expect(() => profiles.replaceEndpoint(b, 'a', nested('a'))).toThrow(/cannot be nested in itself/);
    expect(() => profiles.replaceEndpoint(b, 'c', nested('c'))).toThrow(/does not exist/);
  });
});

describe('propagation', () => {
  test('after a change each name server answers the old way for its share of the delay', async () => {
    const { time, profiles, make, add, targets } = model({ nameServers: 2, propagationMs: 10 * SECOND });
    const web = make('web', 'Priority');
    add(web, 'old', { priority: 2 });
    await time.runUntil(20 * SECOND);
    add(web, 'new', { priority: 1 });
    profiles.removeEndpoint(web, 'old');
    const seen = () => [targets('web', undefined, 0), targets('web', undefined, 1)];
    expect(seen()).toEqual([['old'], ['old']]);
    await time.runUntil(25 * SECOND);
    expect(seen()).toEqual([['new'], ['old']]);
    await time.runUntil(30 * SECOND);
    expect(seen()).toEqual([['new'], ['new']]);
  });

  test('what was told before a delay is set is known at once', async () => {
    const { time, profiles, make, add, targets } = model();
    const web = make('web', 'Priority');
    add(web, 'old');
    profiles.delayPropagation(5 * SECOND);
    profiles.removeEndpoint(web, 'old');
    expect(targets('web')).toEqual(['old']);
    await time.runUntil(5 * SECOND);
    expect(targets('web')).toEqual([]);
  });
});

test('a PUT loses what it leaves out, a PATCH keeps it', () => {
  const { profiles, make } = model();
  const web = make('web', 'Weighted');
  const put = (properties: Record<string, unknown>) =>
    profiles.replaceEndpoint(web, 'a', { kind: 'ExternalEndpoints', body: { properties } });
  put({ target: 'one', weight: 7, geoMapping: ['DE'], alwaysServe: 'Enabled' });
  profiles.putEndpoint(web, 'a', { properties: { target: 'two' } });
  const kept = { target: 'two', weight: 7, geoMapping: ['DE'], alwaysServe: true };
  expect(web.endpoints.get('a')).toMatchObject(kept);
  put({ target: 'three' });
  expect(web.endpoints.get('a')).toMatchObject({ target: 'three', weight: 1, geoMapping: [], alwaysServe: false });
});

test('the places of the table do not meet', () => {
  expect(new Set(DEFAULT_PLACES.map(({ subnet }) => subnet.first)).size).toBe(DEFAULT_PLACES.length);
});

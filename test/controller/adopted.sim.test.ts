/** Groups and endpoints that somebody else made, taken over and replaced, in virtual time and under requests of clients. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAdopted } from '../../src/model/adopted-tags.ts';
import type { App, TrafficSettings } from '../../src/model/app.ts';
import { HOUR, MINUTE } from '../../src/model/time.ts';
import { Clients } from '../../src/simulation/clients.ts';
import type { Failure } from '../../src/simulation/clients.ts';
import { Hand } from '../support/by-hand.ts';
import type { ByHand } from '../support/by-hand.ts';
import { appOf, START, VirtualDaemon } from '../support/virtual-daemon.ts';

let daemon: VirtualDaemon;
let hand: Hand;
beforeEach(() => {
  daemon = new VirtualDaemon();
  hand = new Hand(daemon);
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
});
afterEach(() => daemon.close());

const FIRST_VERSION = { kind: 'semver', range: '*', prerelease: false } as const;
const LOCATIONS = ['westeurope', 'northeurope'];

function shop(traffic: Partial<TrafficSettings> = {}, given: Partial<App> = {}): App {
  const app = appOf('shop', { web: FIRST_VERSION }, { locations: LOCATIONS, ...given });
  return {
    ...app,
    ...(app.traffic === undefined ? {} : { traffic: { ...app.traffic, confirmRemoval: true, ...traffic } }),
    rollout: { ...app.rollout, propagationMarginMs: 5000, drainMs: 10_000 },
  };
}

interface Method {
  readonly name: string;
  readonly profile?: Readonly<Record<string, unknown>>;
  readonly traffic?: Partial<TrafficSettings>;
  /** Of the two endpoints. */
  readonly west: Readonly<Record<string, unknown>>;
  readonly north: Readonly<Record<string, unknown>>;
  readonly foreign: Readonly<Record<string, unknown>>;
  readonly isInPlace?: boolean;
  readonly byAddress?: boolean;
}

const METHODS: readonly Method[] = [
  { name: 'Weighted', west: { weight: 7 }, north: { weight: 3 }, foreign: { weight: 1 } },
  {
    name: 'Weighted',
    traffic: { switch: 'inPlace' },
    west: { weight: 7 },
    north: { weight: 3 },
    foreign: {},
    isInPlace: true,
  },
  { name: 'Priority', west: { priority: 1 }, north: { priority: 2 }, foreign: { priority: 900 } },
  {
    name: 'Performance',
    west: { endpointLocation: 'West Europe' },
    north: { endpointLocation: 'northeurope' },
    foreign: { endpointLocation: 'westus' },
  },
  {
    name: 'MultiValue',
    profile: { maxReturn: 4 },
    west: {},
    north: {},
    foreign: { target: '192.0.2.99' },
    byAddress: true,
  },
  {
    name: 'Geographic',
    west: { geoMapping: ['WORLD'] },
    north: { geoMapping: ['GEO-EU'] },
    foreign: { geoMapping: ['JP'] },
    isInPlace: true,
  },
  {
    name: 'Subnet',
    west: {},
    north: { subnets: [{ first: '198.51.100.0', scope: 24 }] },
    foreign: { subnets: [{ first: '203.0.113.0', scope: 24 }] },
    isInPlace: true,
  },
];

const titled = METHODS.map(
  (method) => [`${method.name}, ${method.isInPlace === true ? 'in place' : 'beside'}`, method] as const,
);

function groupsFor({ west, north, byAddress = false }: Method): readonly ByHand[] {
  return [
    { name: 'old-web', label: 'shop-prod', tags: { team: 'shop' }, byAddress, endpoint: { name: 'web-eu', ...west } },
    { name: 'old-web-2', location: 'northeurope', byAddress, endpoint: { name: 'web-ne', ...north } },
  ];
}

const NAMED = { endpoints: ['web-eu', 'web-ne'] };

/** What was made by hand serves, and clients ask for it from now on. */
async function begin(method: Method, app: App): Promise<readonly Failure[]> {
  daemon.azure.createProfile('shop', 10, { trafficRoutingMethod: method.name, ...method.profile });
  await hand.make(app, groupsFor(method));
  const profile = profileOf();
  const other = { target: 'cdn.example', endpointStatus: 'Disabled', ...method.foreign };
  daemon.azure.profiles.putEndpoint(profile, 'by-others', { properties: other });
  return listen();
}

function listen(): readonly Failure[] {
  const failures: Failure[] = [];
  const { time, azure } = daemon;
  const clients = new Clients({
    azure,
    now: () => time.now(),
    after: (ms, callback) => void time.after(ms, callback),
    random: () => 0.5,
    onFailure: (failure) => failures.push(failure),
  });
  const app = { name: 'shop', replicas: 1, locations: LOCATIONS, ttlSeconds: 10, marginMs: 0, drainMs: 10_000 };
  clients.start({ ...app, observeMs: 1000 });
  return failures;
}

function profileOf() {
  const profile = daemon.azure.profile('shop');
  if (profile === undefined) throw new Error('it was made');
  return profile;
}

const endpoints = () => [...profileOf().endpoints.values()].filter(({ name }) => name !== 'by-others');
const names = () =>
  endpoints()
    .map(({ name }) => name)
    .sort();
const versions = () =>
  endpoints()
    .map(({ target }) => daemon.azure.groupBehind(target)?.program.version ?? 'none')
    .sort();
const groups = () =>
  daemon.azure.groups
    .all()
    .map(({ key }) => key.name)
    .sort();
const lasting = () =>
  endpoints()
    .map(({ name, geoMapping, subnets, priority }) => ({ name, geoMapping, subnets, priority }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const mapped = ({ geoMapping, subnets }: ReturnType<typeof lasting>[number]) => JSON.stringify([geoMapping, subnets]);

describe('a stack that was taken over', () => {
  test.each(titled)('R1 R2: is replaced by the first rollout with no request lost: %s', async (_, method) => {
    const app = shop(method.traffic);
    const failures = await begin(method, app);
    const before = lasting();
    const weights = endpoints().map(({ weight }) => weight);
    expect(await hand.adopt(app, NAMED)).toBe(true);
    // Nothing but tags has changed.
    expect(endpoints().map(({ weight }) => weight)).toEqual(weights);
    expect(lasting()).toEqual(before);
    daemon.azure.push({ repository: 'web', tag: '1.1.0' });
    daemon.run([app]);
    await daemon.passMs(15 * MINUTE);
    const reasons = daemon
      .linesOf('rollout.started', 'rollout.finished')
      .map(({ fields }) => fields['reason'] ?? fields['outcome']);
    expect(daemon.linesOf('app.adopted').map(({ fields }) => [fields['release'], fields['groups']])).toEqual([
      ['1.0.0', 2],
    ]);
    expect(reasons).toEqual(['newRelease', 'Succeeded']);
    expect(versions()).toEqual(['1.1.0', '1.1.0']);
    expect(groups()).toHaveLength(2);
    expect(groups().filter((name) => name.startsWith('old'))).toEqual([]);
    expect(names()).toEqual(method.isInPlace === true ? ['web-eu', 'web-ne'] : groups().map((name) => `sim.${name}`));
    expect(lasting().map(mapped).sort()).toEqual(before.map(mapped).sort());
    expect(profileOf().endpoints.get('by-others')).toMatchObject({ enabled: false });
    expect(failures).toEqual([]);
  });

  test.each(titled)(
    'is found again where all state is lost after it, also in the middle of its rollout: %s',
    async (_, method) => {
      const app = shop(method.traffic);
      const failures = await begin(method, app);
      expect(await hand.adopt(app, NAMED)).toBe(true);
      daemon.azure.push({ repository: 'web', tag: '1.1.0' });
      for (const afterMs of [5000, 20_000, 40_000, 60_000, 90_000]) {
        daemon.run([app]);
        await daemon.passMs(afterMs);
        daemon.forget();
      }
      daemon.run([app]);
      await daemon.passMs(30 * MINUTE);
      expect(versions()).toEqual(['1.1.0', '1.1.0']);
      expect(groups()).toHaveLength(2);
      expect(groups().filter((name) => name.startsWith('old'))).toEqual([]);
      // Where it is switched in place, a second loss of state finds the names in the tags of the new groups.
      daemon.azure.push({ repository: 'web', tag: '1.2.0' });
      daemon.forget();
      daemon.run([app]);
      await daemon.passMs(20 * MINUTE);
      expect(versions()).toEqual(['1.2.0', '1.2.0']);
      expect(groups()).toHaveLength(2);
      expect(names()).toHaveLength(2);
      expect(failures).toEqual([]);
    },
  );

  const [weighted] = METHODS;
  if (weighted === undefined) throw new Error('there are methods');

  test('goes on by the weights that it has, and what somebody changes of its endpoints is put back', async () => {
    const freeze = { name: 'freeze', cron: '0 0 * * *', timeZone: 'UTC', durationMs: 20 * HOUR };
    const app = shop({}, { windows: [{ allow: [], deny: [freeze] }] });
    const failures = await begin(weighted, app);
    await hand.adopt(app, NAMED);
    daemon.run([app]);
    await daemon.passMs(5 * MINUTE);
    expect(daemon.linesOf('rollout.started')).toEqual([]);
    daemon.azure.profiles.putEndpoint(profileOf(), 'web-ne', { properties: { endpointStatus: 'Disabled' } });
    await daemon.passMs(5 * MINUTE);
    expect(daemon.linesOf('rollout.finished').map(({ fields }) => fields['outcome'])).toEqual(['Succeeded']);
    expect(endpoints().map(({ name, enabled, weight }) => [name, enabled, weight])).toEqual([
      ['web-eu', true, 7],
      ['web-ne', true, 3],
    ]);
    expect(failures).toEqual([]);
  });

  test.each(titled.filter(([, { isInPlace }]) => isInPlace === true))(
    'R1: gets its endpoints back where the first release is aborted once they were led to it: %s',
    async (_, method) => {
      const base = shop(method.traffic);
      const app = { ...base, rollout: { ...base.rollout, bakeMs: 5 * MINUTE } };
      const failures = await begin(method, app);
      const before = lasting();
      await hand.adopt(app, NAMED);
      daemon.azure.push({ repository: 'web', tag: '1.1.0' });
      daemon.run([app]);
      await daemon.passMs(4 * MINUTE);
      expect(versions()).toEqual(['1.1.0', '1.1.0']);
      const told = daemon.control?.command('shop', { kind: 'abort' }, { by: 'ann', from: 'here' });
      await daemon.passMs(15 * MINUTE);
      expect(await told).toMatchObject({ kind: 'applied' });
      expect(daemon.linesOf('rollout.finished').map(({ fields }) => fields['outcome'])).toEqual(['Aborted']);
      expect(lasting()).toEqual(before);
      expect(failures).toEqual([]);
      expect(versions()).toEqual(['1.0.0', '1.0.0']);
      expect(groups()).toEqual(['old-web', 'old-web-2']);
    },
  );

  test('R8: leaves the config with an endpoint whose group has vanished: that goes, too', async () => {
    const freeze = { name: 'freeze', cron: '0 0 * * *', timeZone: 'UTC', durationMs: 20 * HOUR };
    const app = shop({}, { windows: [{ allow: [], deny: [freeze] }] });
    await begin(weighted, app);
    await hand.adopt(app, NAMED);
    daemon.run([app]);
    await daemon.passMs(MINUTE);
    const vanished = hand.group('old-web-2');
    if (vanished !== undefined) daemon.azure.groups.remove(vanished.key);
    daemon.run([], { onRemoval: 'retire' });
    await daemon.passMs(15 * MINUTE);
    expect(daemon.linesOf('app.retired')).toHaveLength(1);
    expect(groups()).toEqual([]);
    expect(names()).toEqual([]);
    expect(profileOf().endpoints.get('by-others')).toMatchObject({ enabled: false });
  });

  test('a failed first release leaves it serving as it was', async () => {
    const app = shop();
    const failures = await begin(weighted, app);
    await hand.adopt(app, NAMED);
    daemon.azure.push({ repository: 'web', tag: '1.1.0', healthy: false });
    daemon.run([app]);
    await daemon.passMs(15 * MINUTE);
    expect(daemon.linesOf('rollout.finished').map(({ fields }) => fields['outcome'])).toEqual(['RolledBack']);
    expect(groups()).toEqual(['old-web', 'old-web-2']);
    expect(endpoints().map(({ name, enabled, weight }) => [name, enabled, weight])).toEqual([
      ['web-eu', true, 7],
      ['web-ne', true, 3],
    ]);
    expect(failures).toEqual([]);
  });

  test('R6: cut off before all are tagged, nothing is taken over, made or deleted until a second run', async () => {
    const app = shop();
    const failures = await begin(weighted, app);
    expect(await hand.adopt(app, NAMED, 1)).toBe(false);
    daemon.azure.push({ repository: 'web', tag: '1.1.0' });
    daemon.run([app]);
    await daemon.passMs(5 * MINUTE);
    expect(daemon.linesOf('app.held').map(({ fields }) => fields['hold'])).toEqual(['adoption']);
    expect(groups()).toEqual(['old-web', 'old-web-2']);
    expect(await hand.adopt(app, NAMED)).toBe(true);
    await daemon.passMs(10 * MINUTE);
    expect(versions()).toEqual(['1.1.0', '1.1.0']);
    expect(groups().filter((name) => name.startsWith('old'))).toEqual([]);
    expect(failures).toEqual([]);
  });

  test.each([2, 3])('cut off once all are tagged, after %i tags, it is taken over as a whole', async (writes) => {
    const app = shop();
    const failures = await begin(weighted, app);
    expect(await hand.adopt(app, NAMED, writes)).toBe(false);
    daemon.azure.push({ repository: 'web', tag: '1.1.0' });
    daemon.run([app]);
    await daemon.passMs(10 * MINUTE);
    expect(daemon.linesOf('app.adopted').map(({ fields }) => fields['groups'])).toEqual([2]);
    expect(versions()).toEqual(['1.1.0', '1.1.0']);
    expect(groups()).toHaveLength(2);
    expect(failures).toEqual([]);
  });

  test('R4: keeps all other tags, and a second run changes nothing', async () => {
    const app = shop();
    await begin(weighted, app);
    await hand.adopt(app, NAMED);
    const tags = Object(hand.group('old-web')?.body)['tags'];
    expect(tags).toMatchObject({ team: 'shop', 'viridian-owner': 'sim', 'viridian-endpoint': 'web-eu' });
    expect(readAdopted(tags)).toEqual({ groups: 2, isPending: false });
    expect(await hand.judge(app, NAMED)).toEqual({ kind: 'adopted', groups: ['old-web', 'old-web-2'] });
    daemon.run([app]);
    await daemon.passMs(10_000);
    expect(await hand.judge(app, NAMED)).toEqual({ kind: 'adopted', groups: ['old-web', 'old-web-2'] });
  });

  test('without traffic: groups are named, run by running, and replaced', async () => {
    const app = { ...shop(), traffic: undefined, probe: undefined };
    await hand.make(app, [{ name: 'worker-a' }, { name: 'worker-b', location: 'northeurope' }]);
    expect(await hand.adopt(app, { groups: ['worker-a', 'worker-b'] })).toBe(true);
    daemon.azure.push({ repository: 'web', tag: '1.1.0' });
    daemon.run([app]);
    await daemon.passMs(15 * MINUTE);
    expect(daemon.linesOf('app.adopted')).toHaveLength(1);
    expect(groups()).toHaveLength(2);
    expect(groups().filter((name) => name.startsWith('worker'))).toEqual([]);
  });
});

test('an app that runs something of its own takes nothing over', async () => {
  const app = shop();
  daemon.run([app]);
  await daemon.passMs(5 * MINUTE);
  await hand.make(app, [{ name: 'old-web', endpoint: { name: 'web-eu' } }]);
  const judged = await hand.judge(app, { endpoints: ['web-eu'] });
  expect(judged.kind).toBe('refused');
  expect(JSON.stringify(judged)).toContain('1.0.0 live in shop-');
  expect(daemon.time.now()).toBeGreaterThan(START);
});

/** Each routing method once, by the whole daemon over HTTPS and DNS, under requests of clients that keep names for their TTL. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../src/simulator/profile.ts';
import { Load } from '../../src/simulator/load.ts';
import { LOCAL_SUBSCRIPTION } from '../../src/simulator/start.ts';
import { Local } from '../support/local.ts';
import type { Journal, Line } from '../support/local.ts';

let local: Local;
afterEach(() => local.close());

interface Method {
  readonly name: string;
  /** Of the profile. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Of `traffic` in the config. */
  readonly traffic?: string;
  /** Somebody else's endpoint, that takes no traffic. */
  readonly foreign: Readonly<Record<string, unknown>>;
  readonly isInPlace: boolean;
  readonly replicas?: number;
  /** A second endpoint in a location is refused. */
  readonly refusesTwins?: boolean;
}

const METHODS: readonly Method[] = [
  { name: 'Weighted', foreign: {}, isInPlace: false, replicas: 2 },
  { name: 'Weighted', traffic: 'switch: inPlace', foreign: {}, isInPlace: true, replicas: 2 },
  {
    name: 'Priority',
    traffic: 'mappings: { westeurope: { priority: 10 }, northeurope: { priority: 20 } }',
    foreign: { priority: 15 },
    isInPlace: false,
  },
  { name: 'Priority', traffic: 'switch: inPlace', foreign: { priority: 9 }, isInPlace: true, replicas: 2 },
  { name: 'Performance', foreign: { endpointLocation: 'westus' }, isInPlace: false, replicas: 2 },
  {
    name: 'Performance',
    traffic: 'switch: inPlace',
    foreign: { endpointLocation: 'westus' },
    isInPlace: true,
  },
  { name: 'Performance', refusesTwins: true, foreign: { endpointLocation: 'westus' }, isInPlace: true },
  {
    name: 'MultiValue',
    properties: { maxReturn: 4 },
    foreign: { target: '192.0.2.99' },
    isInPlace: false,
    replicas: 2,
  },
  {
    name: 'Geographic',
    traffic: 'mappings: { westeurope: { geo: [WORLD] }, northeurope: { geo: [GEO-EU, US-CA] } }',
    foreign: { geoMapping: ['JP'] },
    isInPlace: true,
  },
  {
    name: 'Subnet',
    traffic: 'mappings: { westeurope: {}, northeurope: { subnets: [198.51.100.0/24] } }',
    foreign: { subnets: [{ first: '203.0.113.0', scope: 24 }] },
    isInPlace: true,
  },
];

const titled = METHODS.map(
  (method) =>
    [
      `${method.name}, ${method.isInPlace ? 'in place' : 'beside'}${method.refusesTwins === true ? ' since it is refused beside' : ''}`,
      method,
    ] as const,
);

async function begin(method: Method, rollout = ''): Promise<{ journal: Journal; load: Load }> {
  const { name, properties = {}, traffic, foreign, replicas = 1, refusesTwins: refuseSameLocation = false } = method;
  local = await Local.start({
    traffic: { refuseSameLocation },
    config: (text) =>
      text
        .replace('traffic: { profile: web }', `traffic: { profile: web${traffic === undefined ? '' : `, ${traffic}`} }`)
        .replace('[westeurope]', '[westeurope, northeurope]')
        .replace('replicas: 2', `replicas: ${replicas}`)
        .replace('rollout: {', `rollout: { ${rollout}`),
  });
  local.azure.profiles.patch(profile(), { properties: { trafficRoutingMethod: name, ...properties } });
  const other = { target: 'cdn.example', weight: 7, endpointStatus: 'Disabled', ...foreign };
  local.azure.profiles.putEndpoint(profile(), 'by-hand', { properties: other });
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  const load = new Load();
  const target = { app: 'web', host: 'web.trafficmanager.net', port: 8080, path: '/' };
  load.start([target], { dnsPort: local.azure.dnsPort, clients: 4, perSecond: 60 });
  return { journal, load };
}

async function outcome(journal: Journal, load: Load): Promise<{ end: Line; failures: readonly unknown[] }> {
  const end = await journal.next('rollout.finished');
  await load.stop();
  return { end, failures: load.counts.get('web')?.failures ?? ['no request'] };
}

function profile() {
  const [found] = local.azure.profiles.list(LOCAL_SUBSCRIPTION);
  if (found === undefined) throw new Error('there is a profile from the start');
  return found;
}

const endpoints = () => [...profile().endpoints.values()].filter(({ name }) => name !== 'by-hand');
/** What others may have set. */
const lasting = ({ name, priority, location, geoMapping, subnets, weight }: Endpoint) => ({
  name,
  priority,
  location,
  geoMapping,
  subnets,
  weight,
});
const versions = () =>
  endpoints().map(({ target, enabled }) => {
    const group = local.azure.groups.byFqdn(target) ?? local.azure.groups.byAddress(target);
    return `${enabled ? '' : 'disabled '}${group?.program.version}`;
  });
const effects = (journal: Journal, rollout: unknown) =>
  journal.lines
    .filter(({ event, fields }) => event === 'effect.issued' && fields['rollout'] === rollout)
    .map(({ fields }) => String(fields['effect']));

describe('a release goes live and no request fails', () => {
  test.each(titled)('%s', async (_, method) => {
    const { journal, load } = await begin(method);
    const byHand = { ...profile().endpoints.get('by-hand') };
    const before = endpoints().map(lasting);
    local.push('1.1.0');
    const { end, failures } = await outcome(journal, load);
    expect(end.fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
    expect(failures).toEqual([]);
    expect(versions()).toEqual(before.map(() => '1.1.0'));
    expect(local.groups()).toHaveLength(2 * (method.replicas ?? 1));
    expect(profile().endpoints.get('by-hand')).toEqual(byHand);
    const kinds = new Set(effects(journal, end.fields['rollout']).filter((kind) => kind.endsWith('Endpoint')));
    const kept = endpoints()
      .map(lasting)
      .filter(({ name }) => before.some((one) => one.name === name));
    if (method.refusesTwins === true) kinds.delete('enableEndpoint');
    // R4: in place, all but the target is as it was.
    expect({ kept, kinds: [...kinds].sort() }).toEqual(
      method.isInPlace
        ? { kept: before, kinds: ['retargetEndpoint'] }
        : { kept: [], kinds: ['deleteEndpoint', 'disableEndpoint', 'enableEndpoint'] },
    );
  });
});

describe('a release that fails a check goes back and no request fails', () => {
  const check = 'checks: { after: [{ name: refused, tcp: { port: 81 }, interval: 50ms }] }, ';
  test.each(titled.filter(([, { isInPlace, name }]) => isInPlace || name === 'Priority'))('%s', async (_, method) => {
    const { journal, load } = await begin(method, check);
    const before = endpoints().map((endpoint) => ({ ...lasting(endpoint), target: endpoint.target, enabled: true }));
    local.push('1.1.0');
    const { end, failures } = await outcome(journal, load);
    expect(end.fields).toMatchObject({ outcome: 'RolledBack' });
    expect(failures).toEqual([]);
    expect(endpoints()).toMatchObject(before);
    expect(local.versionsInRotation().filter((version) => version === '1.1.0')).toEqual([]);
  });
});

test('Priority beside: the new endpoints come behind the live ones of their location, before what is not ours', async () => {
  const method = METHODS.find(({ name, isInPlace }) => name === 'Priority' && !isInPlace);
  const { journal, load } = await begin(method ?? { name: '', foreign: {}, isInPlace: false });
  expect(endpoints().map(({ priority }) => priority)).toEqual([10, 20]);
  local.push('1.1.0');
  await outcome(journal, load);
  expect(endpoints().map(({ priority }) => priority)).toEqual([11, 21]);
});

test('MultiValue: an address that changes is put right', async () => {
  const method = METHODS.find(({ name }) => name === 'MultiValue');
  const { journal, load } = await begin({ ...(method ?? { name: '', foreign: {}, isInPlace: false }), replicas: 1 });
  await load.stop();
  const [endpoint] = endpoints();
  const group = local.azure.groups.byAddress(endpoint?.target ?? '');
  if (group === undefined) throw new Error('the endpoint leads to a group');
  local.azure.groups.loseIp(group);
  local.azure.groups.assignIp(group);
  expect(group.ip).not.toBe(endpoint?.target);
  const started = await journal.next('rollout.started', ({ fields }) => fields['reason'] === 'drift');
  expect(started.fields['reasons']).toEqual([`the target of endpoint ${endpoint?.name} was changed`]);
  await journal.next('rollout.finished', ({ fields }) => fields['rollout'] === started.fields['rollout']);
  expect(endpoints().map(({ target }) => target)).toContain(group.ip);
});

describe('in place', () => {
  const geographic = METHODS.find(({ name }) => name === 'Geographic') ?? { name: '', foreign: {}, isInPlace: true };

  test('R8: state lost in the middle of a switch is found again by targets, and nothing is left over', async () => {
    const { journal, load } = await begin(geographic);
    const before = endpoints().map(lasting);
    local.push('1.1.0');
    await journal.next('effect.issued', ({ fields }) => fields['effect'] === 'retargetEndpoint');
    await local.stop();
    await rm(join(local.folder, 'state'), { recursive: true });
    const again = await local.run();
    await again.next('app.adopted');
    await again.next('app.idle', ({ fields }) => fields['release'] === '1.1.0');
    await expect.poll(() => local.groups().length, { timeout: 15_000 }).toBe(2);
    await load.stop();
    expect(load.counts.get('web')?.failures).toEqual([]);
    expect(endpoints().map(lasting)).toEqual(before);
    expect(versions()).toEqual(['1.1.0', '1.1.0']);
  });

  test('S83: an app that leaves the config takes its endpoints with it, and nobody else’s', async () => {
    const { load } = await begin(geographic);
    await load.stop();
    await local.stop();
    const text = await readFile(local.configFile, 'utf8');
    const worker = text
      .slice(text.indexOf('  - name: web'))
      .replace('name: web\n', 'name: worker\n')
      .replace(/ {4}traffic: .*\n/, '');
    const without = text.slice(0, text.indexOf('apps:\n'));
    await writeFile(local.configFile, `${without}onRemoval: retire\napps:\n${worker}`);
    const again = await local.run();
    await again.next('app.retired');
    expect([...profile().endpoints.keys()]).toEqual(['by-hand']);
    expect(local.groups().filter((name) => name.startsWith('web-'))).toEqual([]);
  });
});

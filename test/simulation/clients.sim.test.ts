/** Clients in virtual time: where each asks from, and which of Traffic Manager's name servers, tells where it is led. */
import { describe, expect, test } from 'vitest';
import { Clients } from '../../src/simulation/clients.ts';
import { RESOURCE_GROUP, SUBSCRIPTION, VirtualAzure } from '../../src/simulation/virtual-azure.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';
import type { ProfileOptions } from '../../src/simulator/profiles.ts';

const MINUTE_MS = 60_000;
const NAME = 'web.trafficmanager.net';
const APP = {
  name: 'web',
  replicas: 1,
  locations: ['westeurope'],
  ttlSeconds: 1,
  marginMs: 0,
  drainMs: 0,
  observeMs: 1000,
};

/** Nothing runs behind the targets: each request fails and so tells where it went. */
function scene(method: string, traffic: Omit<ProfileOptions, 'probeIntervalMs'> = {}) {
  const time = new VirtualTime(0);
  let turn = 0;
  const random = () => (turn = (turn + 0.37) % 1);
  const options = { createMs: 1, restartMs: 1, coresPerLocation: 1 };
  const azure = new VirtualAzure({ time, random, options, probeIntervalMs: MINUTE_MS, traffic });
  azure.createProfile('web', APP.ttlSeconds, { trafficRoutingMethod: method });
  const profile = azure.profiles.get({ subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name: 'web' });
  if (profile === undefined) throw new Error('it was just made');
  const add = (target: string, more: Record<string, unknown> = {}) =>
    azure.profiles.putEndpoint(profile, target, { properties: { target, ...more } });
  const led = new Set<string | undefined>();
  const after = (ms: number, callback: () => void) => void time.after(ms, callback);
  const clients = new Clients({
    azure,
    now: () => time.now(),
    after,
    random,
    onFailure: ({ target }) => led.add(target),
  });
  return { time, azure, profile, add, led, start: () => clients.start(APP) };
}

describe('a routing method that goes by the client’s address', () => {
  test('leads each client by the place that it asks from, and the daemon by its own', async () => {
    const { time, azure, add, led, start } = scene('Geographic');
    add('eu', { geoMapping: ['GEO-EU'] });
    add('us', { geoMapping: ['US'] });
    add('rest', { geoMapping: ['WORLD'] });
    start();
    await time.runUntil(MINUTE_MS);
    expect(led).toEqual(new Set(['eu', 'us', 'rest']));
    expect(azure.nameAnswers(NAME)).toEqual({ servers: 1, answersEach: 3, targets: ['rest'], ttlSeconds: 1 });
  });
});

describe('name servers that lag', () => {
  test('lead clients both ways until the last of them has learnt, which the daemon sees', async () => {
    const { time, azure, profile, add, led, start } = scene('Priority', { nameServers: 2, propagationMs: MINUTE_MS });
    add('old', { priority: 2 });
    await time.runUntil(MINUTE_MS);
    add('new', { priority: 1 });
    azure.profiles.removeEndpoint(profile, 'old');
    await time.runUntil(1.6 * MINUTE_MS);
    start();
    await time.runUntil(1.9 * MINUTE_MS);
    expect(led).toEqual(new Set(['old', 'new']));
    expect(azure.nameAnswers(NAME)).toMatchObject({ servers: 2, targets: ['new', 'old'] });
    await time.runUntil(2.1 * MINUTE_MS);
    led.clear();
    await time.runUntil(3 * MINUTE_MS);
    expect(led).toEqual(new Set(['new']));
    expect(azure.nameAnswers(NAME).targets).toEqual(['new']);
  });
});

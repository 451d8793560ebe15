/** Traffic Manager's own name servers, asked past all caches: those of the local Azure, over UDP and TCP. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AuthoritativeDns } from '../../src/azure/name-servers.ts';
import { isConfirmedGone } from '../../src/model/confirmed-gone.ts';
import type { Profile } from '../../src/simulator/profile.ts';
import { startDns } from '../../src/simulator/dns.ts';
import type { DnsTrouble } from '../../src/simulator/dns.ts';
import { LOCAL_SUBSCRIPTION } from '../../src/simulator/start.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { Local } from '../support/local.ts';

const NAME = 'web.trafficmanager.net';
const LATER_MS = 60_000;

let local: Local;
let web: Profile;
beforeEach(async () => {
  local = await Local.start({ nameServers: 2 });
  const [profile] = local.azure.profiles.list(LOCAL_SUBSCRIPTION);
  if (profile === undefined) throw new Error('there is a profile from the start');
  web = profile;
});
afterEach(() => local.close());

const ports = () => local.azure.nameServers.map(({ port }) => `127.0.0.1:${port}`);
const dns = (servers = ports()) => new AuthoritativeDns({ servers, resolvers: [], clock: systemClock });
const add = (target: string, more: Record<string, unknown> = {}) =>
  local.azure.profiles.putEndpoint(web, target, { properties: { target, ...more } });

describe('what the name servers answer', () => {
  test('is the target of each server, three times each, with the TTL', async () => {
    add('One.example');
    expect(await dns().answers('WEB.trafficmanager.net')).toMatchObject({
      known: true,
      value: { servers: 2, answersEach: 3, targets: ['one.example'], ttlSeconds: 1 },
    });
  });

  test('are addresses under MultiValue, of either version', async () => {
    local.azure.profiles.patch(web, { properties: { trafficRoutingMethod: 'MultiValue', maxReturn: 2 } });
    add('192.0.2.1');
    add('192.0.2.2');
    expect(await dns().answers(NAME)).toMatchObject({ value: { targets: ['192.0.2.1', '192.0.2.2'] } });
    local.azure.profiles.putEndpoint(web, 'six', { properties: { target: '2001:db8::1' } });
    local.azure.profiles.patch(web, { properties: { maxReturn: 3 } });
    expect(await dns().answers(NAME)).toMatchObject({ value: { targets: ['192.0.2.1', '192.0.2.2', '2001:db8::1'] } });
  });

  test('is known to be nothing where the name leads nowhere', async () => {
    expect(await dns().answers(NAME)).toMatchObject({ known: true, value: { targets: [], ttlSeconds: 0 } });
    expect(await dns().answers('none.trafficmanager.net')).toMatchObject({ known: true, value: { targets: [] } });
  });

  test('is the old target while they lag behind a change, and then the new one', async () => {
    add('old.example');
    local.azure.profiles.delayPropagation(LATER_MS);
    add('new.example');
    local.azure.profiles.removeEndpoint(web, 'old.example');
    const before = await dns().answers(NAME);
    expect(before).toMatchObject({ known: true, value: { targets: ['old.example'] } });
    local.azure.profiles.delayPropagation(0);
    const after = await dns().answers(NAME);
    expect(after).toMatchObject({ known: true, value: { targets: ['new.example'] } });
    const history = [before, after].flatMap((seen) => (seen.known ? [seen.value] : []));
    expect(isConfirmedGone(history, 'OLD.example', { share: 1 })).toBe(true);
    expect(isConfirmedGone(history.slice(0, 1), 'old.example', { share: 1 })).toBe(false);
  });
});

describe('a name server with a trouble of its own', () => {
  test.each<[DnsTrouble, RegExp]>([
    ['silent', /no answer within 3000 ms$/],
    ['garbage', /no answer within 3000 ms, but \d+ that meant nothing/],
    ['refused', /refuses with code 5/],
  ])('%s: nothing is known, and why is said', async (trouble, reason) => {
    add('one.example');
    const [, second] = local.azure.nameServers;
    if (second !== undefined) second.trouble = trouble;
    const seen = await dns().answers(NAME);
    expect(seen).toMatchObject({ known: false, reason: expect.stringMatching(reason) });
    expect(seen).toMatchObject({ reason: expect.stringContaining(`127.0.0.1:${second?.port}`) });
  });

  test('whose answers are cut short is asked over TCP', async () => {
    add('one.example');
    for (const server of local.azure.nameServers) server.trouble = 'truncated';
    expect(await dns().answers(NAME)).toMatchObject({ known: true, value: { servers: 2, targets: ['one.example'] } });
  });

  test('that is not there: nothing is known', async () => {
    const closed = await startDns({ host: '127.0.0.1', port: 0, resolve: () => [] });
    await closed.close();
    expect(await dns([`127.0.0.1:${closed.port}`]).answers(NAME)).toMatchObject({ known: false });
  });

  test('that stands in another’s place and answers from a cache: nothing is known', async () => {
    add('one.example');
    for (const server of local.azure.nameServers) server.trouble = 'fromCache';
    const reason = expect.stringContaining('not authoritative');
    expect(await dns().answers(NAME)).toMatchObject({ known: false, reason });
  });
});

describe('without any in the config', () => {
  const find = (resolvers: readonly string[], port: number) =>
    new AuthoritativeDns({ servers: [], resolvers, clock: systemClock, port });

  test('they are found by the zone’s NS records, which are kept for a while', async () => {
    add('one.example');
    const questions: string[] = [];
    const resolver = await startDns({
      host: '127.0.0.1',
      port: 0,
      resolve: ({ name, type }) => {
        questions.push(`${type} ${name}`);
        if (type === 'NS') return [{ type, name, data: 'ns1.elsewhere.example' }];
        return type === 'A' ? [{ type, name, data: '127.0.0.1', ttl: 300 }] : [];
      },
    });
    const found = find([`127.0.0.1:${resolver.port}`], local.azure.dnsPort);
    expect(await found.answers(NAME)).toMatchObject({ known: true, value: { servers: 1, targets: ['one.example'] } });
    expect(await found.answers(NAME)).toMatchObject({ known: true });
    await resolver.close();
    expect(questions).toEqual(['NS trafficmanager.net', 'A ns1.elsewhere.example']);
  });

  test('and without a zone nothing is known', async () => {
    const seen = await find([`127.0.0.1:${local.azure.dnsPort}`], local.azure.dnsPort).answers('web.nowhere.example');
    expect(seen).toMatchObject({ known: false, reason: expect.stringContaining('web.nowhere.example') });
  });
});

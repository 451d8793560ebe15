/** The switch as clients see it: real connections, and names that are kept for as long as their TTL allows. */
import { get } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { Load } from '../../src/simulator/load.ts';
import { LOCAL_SUBSCRIPTION } from '../../src/simulator/start.ts';
import { Local } from '../support/local.ts';

let local: Local;
afterEach(() => local.close());

/** Sends a request to the group; resolves with its status, or with what cut it off. */
function ask(address: string): Promise<number | string> {
  const { promise, resolve } = Promise.withResolvers<number | string>();
  const sent = get({ host: address, port: 8080, path: '/', agent: false }, (answer) => {
    answer.resume();
    answer.on('end', () => resolve(answer.statusCode ?? 0));
    answer.on('error', (error) => resolve(error.message));
  });
  sent.on('error', (error) => resolve(error.message));
  return promise;
}

test('S77: a request in flight when its endpoint is removed is served to its end', async () => {
  const waits = (text: string) =>
    text
      .replace('propagationMargin: 100ms, drain: 100ms', 'propagationMargin: 0s, drain: 3s')
      .replace('timeout: 2s', 'timeout: 9s');
  local = await Local.start({ config: waits, withProfile: false });
  local.azure.createProfile({ resourceGroup: 'test', name: 'web', ttlSeconds: 0, port: 8080, path: '/' });
  local.push('1.0.0', { delayMs: 1000 });
  const journal = await local.run();
  await journal.next('rollout.finished');
  const [old] = local.azure.groups.all();
  local.push('1.1.0');
  await journal.next('rollout.step_done', ({ fields }) => fields['step'] === 'deregister');
  const answer = ask(old?.ip ?? '');
  const deleted = journal.next('effect.issued', ({ fields }) => fields['effect'] === 'deleteGroup');
  expect(await Promise.race([answer, deleted])).toBe(200);
  await deleted;
  await journal.next('rollout.finished');
  expect(await ask(old?.ip ?? '')).toContain('ECONNREFUSED');
});

test('S78: clients that keep names for their TTL and connections alive lose no request', async () => {
  local = await Local.start();
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  const load = new Load();
  const [profile] = local.azure.profiles.list(LOCAL_SUBSCRIPTION);
  const target = { app: 'web', host: `${profile?.relativeName}.trafficmanager.net`, port: 8080, path: '/' };
  load.start([target], { dnsPort: local.azure.dnsPort, clients: 4, perSecond: 80 });
  local.push('1.1.0');
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  await load.stop();
  const count = load.counts.get('web');
  expect(count?.failures).toEqual([]);
  expect([...(count?.versions.keys() ?? [])].sort()).toEqual(['1.0.0', '1.1.0']);
});

/** The switch as clients see it: real connections, and names that are kept for as long as their TTL allows. */
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Load } from '../../src/simulator/load.ts';
import { LOCAL_SUBSCRIPTION } from '../../src/simulator/start.ts';
import { ApiClient } from '../support/api.ts';
import { Local } from '../support/local.ts';
import type { Line } from '../support/local.ts';

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

test('S77: what lasts longer than the drain is cut with its group and not before, long-lived streams as well', async () => {
  local = await Local.start();
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  const [old] = local.azure.groups.all();
  if (old === undefined) throw new Error('there is a group');
  // No answer to a request, and a connection over which nothing goes, as a stream that waits for its next event.
  for (const container of old.containers)
    Object.assign(container, { program: { ...container.program, delayMs: 600_000 } });
  const stream = connect(8080, old.ip ?? '');
  const cut: string[] = [];
  const ends = [
    ask(old.ip ?? '').then((end) => cut.push(String(end))),
    once(stream, 'close').then(() => cut.push('stream')),
  ];
  await once(stream, 'connect');
  local.push('1.1.0');
  const ofOld = (effect: string) => (line: Line) =>
    line.fields['effect'] === effect && line.fields['group'] === old.key.name;
  await journal.next('effect.issued', ofOld('disableEndpoint'));
  await journal.next('rollout.step_done', ({ fields }) => fields['step'] === 'drain');
  expect(cut).toEqual([]);
  await journal.next('effect.issued', ofOld('deleteGroup'));
  await Promise.all(ends);
  // Both are counted, each once.
  expect(cut.sort()).toEqual([expect.stringContaining('socket hang up'), 'stream']);
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
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

test('S70: a rollback within the warm time leads all new answers back soon, and loses no request', async () => {
  const config = (text: string) =>
    text
      .replace(
        'state:',
        `api: { listen: "127.0.0.1:0", tokens: [{ name: ann, token: { env: ${TOKEN_ENV} } }] }\nstate:`,
      )
      // What was in rotation for less than the margin cannot be confirmed, and is waited for longer.
      .replace('traffic: { profile: web }', 'traffic: { profile: web, confirmRemoval: false }')
      .replace('propagationMargin: 100ms', 'retain: { for: 1h }, propagationMargin: 2s');
  local = await Local.start({
    config,
    nameServers: 2,
    probeIntervalMs: MONITOR_MS,
    traffic: { propagationMs: LAG_MS },
  });
  local.push('1.0.0');
  const journal = await local.run();
  const api = new ApiClient(String((await journal.next('api.started')).fields['address']), TOKEN);
  await journal.next('rollout.finished');
  local.push('1.1.0');
  await journal.next('rollout.finished');
  const load = new Load();
  const target = { app: 'web', host: hostOf(local), port: 8080, path: '/' };
  load.start([target], { dnsPort: local.azure.dnsPort, clients: 4, perSecond: 80 });
  const watched = watchAnswers(local);
  await watched.until((versions) => versions.every((version) => version === '1.1.0'));
  const toldAt = performance.now();
  expect(await api.command('web', { command: 'rollback' })).toMatchObject({ status: 200 });
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.0.0' });
  const answers = await watched.stop();
  await load.stop();
  const lastNew = Math.max(...answers.filter(({ version }) => version !== '1.0.0').map(({ at }) => at));
  expect(lastNew).toBeGreaterThan(toldAt);
  // Until it finds the endpoints Online, and until its servers know; held to a second in rollback.sim.test.ts, and here to
  // what a busy machine needs.
  expect(lastNew - toldAt).toBeLessThan(MONITOR_MS + LAG_MS + BUSY_MS);
  expect(answers.filter(({ version }) => version === undefined)).toEqual([]);
  expect(load.counts.get('web')?.failures).toEqual([]);
});

const MONITOR_MS = 100;
const LAG_MS = 1000;
const BUSY_MS = 5000;
const TOKEN = 'a-token-for-each-person';
const TOKEN_ENV = 'VIRIDIAN_TEST_ANN';
process.env[TOKEN_ENV] = TOKEN;

function hostOf({ azure }: Local): string {
  const [profile] = azure.profiles.list(LOCAL_SUBSCRIPTION);
  return `${profile?.relativeName}.trafficmanager.net`;
}

/** Which version each name server leads to, asked again and again without a cache. */
function watchAnswers({ azure }: Local) {
  const answers: { readonly at: number; readonly version: string | undefined }[] = [];
  const resolvers = azure.nameServers.map(({ port }) => {
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    resolver.setServers([`127.0.0.1:${port}`]);
    return resolver;
  });
  const host = hostOf(local);
  let isOver = false;
  let latest: readonly (string | undefined)[] = [];
  const waiting: (() => void)[] = [];
  const watch = async () => {
    while (!isOver) {
      latest = await Promise.all(
        resolvers.map(async (resolver) => {
          const at = performance.now();
          const [address] = await resolver.resolve4(host);
          const version = azure.groups.all().find(({ ip }) => ip === address)?.program.version;
          answers.push({ at, version });
          return version;
        }),
      );
      for (const look of waiting.splice(0)) look();
    }
  };
  const watching = watch();
  return {
    async until(fits: (versions: readonly (string | undefined)[]) => boolean) {
      do await new Promise<void>((resolve) => void waiting.push(resolve));
      while (!fits(latest));
    },
    async stop() {
      isOver = true;
      await watching;
      return answers;
    },
  };
}

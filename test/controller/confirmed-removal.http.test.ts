/** The switch with name servers that lag: real DNS, asked by the daemon and by clients, of which none may fail. */
import { afterEach, expect, test } from 'vitest';
import { Load } from '../../src/simulator/load.ts';
import { Local } from '../support/local.ts';
import type { Journal } from '../support/local.ts';

/** Much longer than the margin of the config, 100 ms, and the TTL, 1 s. */
const LAG_MS = 4000;

let local: Local;
afterEach(() => local.close());

/** An app that is live, behind three name servers. */
async function live(config: (text: string) => string = (text) => text): Promise<Journal> {
  local = await Local.start({ nameServers: 3, config });
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  return journal;
}

/** When the step of the upgrade was done. */
async function done(journal: Journal, step: string): Promise<number> {
  await journal.next('rollout.step_done', ({ fields }) => fields['step'] === step && fields['side'] === 'live');
  return performance.now();
}

const waits = ({ lines }: Journal) =>
  lines.filter(({ event }) => event === 'rollout.waiting').map(({ message }) => message);

test('R2, S78: old groups serve until the last name server has stopped to answer with them, though it lags beyond the margin', async () => {
  const journal = await live();
  local.azure.profiles.delayPropagation(LAG_MS);
  const load = new Load();
  const target = { app: 'web', host: 'web.trafficmanager.net', port: 8080, path: '/' };
  const slowest = local.azure.nameServers.at(-1)?.port ?? 0;
  load.start([target], { dnsPort: slowest, clients: 4, perSecond: 80 });
  local.push('1.1.0');
  const removed = await done(journal, 'deregister');
  const drained = await done(journal, 'drain');
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  await load.stop();
  expect(load.counts.get('web')?.failures).toEqual([]);
  // The first of the endpoints left a little before the last one was seen out.
  expect(drained - removed).toBeGreaterThan(LAG_MS - 500 + 1000);
  expect(waits(journal)).toContainEqual(expect.stringContaining('they still answer with'));
  expect(waits(journal)).toContainEqual(expect.stringMatching(/waiting for DNS TTL of 1 s \(\+ 0.1 s drain\)/));
});

test.each([
  ['one of them does not answer', 'silent', (text: string) => text],
  ['they answer from a cache', 'fromCache', (text: string) => text],
  [
    'they are not to be asked',
    undefined,
    (text: string) => text.replace('traffic: { profile: web }', 'traffic: { profile: web, confirmRemoval: false }'),
  ],
] as const)('R2: the margin counts where %s', async (_, trouble, config) => {
  const journal = await live((text) => config(text).replace('propagationMargin: 100ms', 'propagationMargin: 2s'));
  const [, second] = local.azure.nameServers;
  if (second !== undefined) second.trouble = trouble;
  local.push('1.1.0');
  const removed = await done(journal, 'deregister');
  const drained = await done(journal, 'drain');
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  expect(drained - removed).toBeGreaterThan(3000 - 500);
  const reason = trouble === 'silent' ? 'no answer within 3000 ms' : 'its answer is not authoritative';
  const told = waits(journal).filter((text) => text.includes('s margin'));
  expect(told.some((text) => text.includes(reason))).toBe(trouble !== undefined);
  expect(told).not.toEqual([]);
});

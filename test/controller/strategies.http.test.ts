/** Each strategy once, by the whole daemon over HTTPS and DNS, under requests of clients that keep names for their TTL. */
import { afterEach, describe, expect, test } from 'vitest';
import { Load } from '../../src/simulator/load.ts';
import { LOCAL_SUBSCRIPTION } from '../../src/simulator/start.ts';
import { Local } from '../support/local.ts';
import type { Journal, Line } from '../support/local.ts';

let local: Local;
afterEach(() => local.close());

const CHECKS = `checks: { before: [{ name: smoke, http: { url: "http://{target}:8080/" }, interval: 50ms, count: 2 }],
      after: [{ name: port, tcp: { port: 8080 }, interval: 50ms, count: 2 }] }`;

/** The config's text with another strategy, and with a location more for waves. */
const withRollout = (more: string) => (text: string) =>
  text
    .replace('rollout: {', `rollout: { ${more}, `)
    .replace('[westeurope]', '[westeurope, northeurope]')
    .replace('replicas: 2', 'replicas: 1');

async function begin(more: string): Promise<{ journal: Journal; load: Load }> {
  local = await Local.start({ config: withRollout(more) });
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  const load = new Load();
  const [profile] = local.azure.profiles.list(LOCAL_SUBSCRIPTION);
  const target = { app: 'web', host: `${profile?.relativeName}.trafficmanager.net`, port: 8080, path: '/' };
  load.start([target], { dnsPort: local.azure.dnsPort, clients: 4, perSecond: 80 });
  return { journal, load };
}

/** What came of the requests, once the rollout has finished and some more were sent. */
async function outcome(
  journal: Journal,
  load: Load,
): Promise<{ end: Line; failures: readonly unknown[]; versions: readonly string[] }> {
  const end = await journal.next('rollout.finished');
  await load.stop();
  const count = load.counts.get('web');
  return { end, failures: count?.failures ?? ['no request'], versions: [...(count?.versions.keys() ?? [])].sort() };
}

const steps = (journal: Journal) =>
  journal.lines
    .filter(({ event }) => event === 'rollout.step_done')
    .map(({ fields: { step, part } }) => [step, part].filter((one) => typeof one === 'string').join(' '));

const strategies = [
  ['blueGreen', `strategy: blueGreen, bake: 300ms, promotion: { after: 1s }, ${CHECKS}`, 'bake'],
  ['rolling', `strategy: { rolling: { maxSurge: 1 } }, bake: 300ms, ${CHECKS}`, 'bake batch 2'],
  ['rolling with one fewer', 'strategy: { rolling: { maxSurge: 0, maxUnavailable: 1 } }', 'online batch 2'],
  [
    'canary',
    `strategy: { canary: { steps: [{ share: 25, bake: 300ms }, { share: 60 }] } }, bake: 200ms, ${CHECKS}`,
    'weigh 60 %',
  ],
  [
    'waves',
    `strategy: { waves: [{ locations: [northeurope], bake: 300ms }, { locations: [westeurope] }] }, ${CHECKS}`,
    'bake northeurope',
  ],
] as const;

describe('under load', () => {
  test.each(strategies)('%s: no request fails', async (_, more, step) => {
    const { journal, load } = await begin(more);
    local.push('1.1.0');
    const { end, failures, versions } = await outcome(journal, load);
    expect(end.fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
    expect(failures).toEqual([]);
    expect(versions).toEqual(['1.0.0', '1.1.0']);
    expect(steps(journal)).toContain(step);
    expect(local.groups()).toHaveLength(2);
  });

  test.each(strategies.filter(([name]) => !name.startsWith('rolling')))(
    '%s: no request fails where the release fails its check and goes back',
    async (_, more) => {
      const failing = 'after: [{ name: refused, tcp: { port: 81 }, interval: 50ms }]';
      const checked = more.includes(CHECKS) ? more.replace(/after: \[\{ name: port.*\] \}$/s, `${failing} }`) : more;
      const { journal, load } = await begin(checked);
      local.push('1.1.0');
      const { end, failures } = await outcome(journal, load);
      expect(end.fields).toMatchObject({ outcome: 'RolledBack' });
      expect(failures).toEqual([]);
      expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
    },
  );
});

/** What the daemon's own code makes of the answers that checks get in a seed: by what the release truly is, or in trouble. */
import { expect, test } from 'vitest';
import { loadLogs, loadMetrics } from '../../src/checks/run-check.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { CheckAnswers } from '../../src/simulation/check-answers.ts';
import { drawChecks, ERRORS, tellingChecks } from '../../src/simulation/draw-checks.ts';
import type { CheckTroubles } from '../../src/simulation/draw-checks.ts';
import { drawOptions } from '../../src/simulation/options.ts';
import { REGISTRY, RESOURCE_GROUP, SUBSCRIPTION, VirtualAzure } from '../../src/simulation/virtual-azure.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

const HOUR_MS = 3_600_000;
const MEASUREMENTS = 20;
const GROUP = 'app1-11111111-westeurope-1';

/** Every kind of source that a seed may draw, with one condition and with two; no confirmations, which only wait. */
const CHECKS = Array.from({ length: 40 }, (_, seed) => {
  const stream = (offset: number) => new Chance(seed + offset);
  const drawn = drawOptions(stream(0), {
    people: stream(1000),
    more: stream(2000),
    asked: stream(3000),
    beside: stream(5000),
  });
  return drawChecks(stream(4000), drawn).apps.flatMap((app) => tellingChecks(app));
})
  .flat()
  .filter(({ source }) => source.kind !== 'webhook' || source.waitMs === undefined);

/** The kinds of measurements that come of each check, by the kind of its source. */
async function measured(log: string, troubles: Partial<CheckTroubles>): Promise<ReadonlyMap<string, Set<string>>> {
  await Promise.all([loadMetrics(), loadLogs()]);
  const time = new VirtualTime(0);
  const options = { createMs: 1, restartMs: 1, coresPerLocation: 10 };
  const azure = new VirtualAzure({ time, random: new Chance(1).next, options, probeIntervalMs: HOUR_MS });
  azure.push({ repository: 'app1', tag: '1.0.0', log });
  const container = { name: 'web', properties: { image: `${REGISTRY}/app1:1.0.0`, ports: [{ port: 80 }] } };
  azure.groups.put(
    { subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name: GROUP },
    {
      location: 'westeurope',
      properties: {
        osType: 'Linux',
        containers: [
          { ...container, properties: { ...container.properties, resources: { requests: { cpu: 1, memoryInGB: 1 } } } },
        ],
        ipAddress: { type: 'Public', ports: [{ port: 80, protocol: 'TCP' }], dnsNameLabel: GROUP },
      },
    },
  );
  await time.runUntil(60_000);
  const target = azure.groups.all()[0]?.fqdn ?? '';
  const none = { seed: 1, fails: 0, blurs: 0, spells: [] };
  const answers = new CheckAnswers({ time, azure, start: 0, troubles: { ...none, ...troubles } });
  const asked = { app: 'app1', rollout: '11111111', release: 'r', phase: 'before', targets: [target] } as const;
  const kinds = new Map<string, Set<string>>();
  const all = CHECKS.flatMap((check) =>
    Array.from({ length: MEASUREMENTS }, async () => {
      const { kind } = await answers.measure(check, { ...asked, groups: [GROUP] }, time.clock());
      kinds.set(check.source.kind, (kinds.get(check.source.kind) ?? new Set()).add(kind));
    }),
  );
  void Promise.all(all);
  await time.runUntil(HOUR_MS);
  azure.close();
  return kinds;
}

const KINDS = ['azureLogs', 'azureMetrics', 'http', 'prometheus', 'webhook'];

test('a good release is measured as good, one that errs as bad, by every kind of source', async () => {
  const good = await measured('', {});
  expect([...good.keys()].sort()).toEqual(KINDS);
  for (const kind of KINDS) expect([...(good.get(kind) ?? [])]).toEqual(['success']);
  const bad = await measured(ERRORS, {});
  for (const kind of KINDS) expect([...(bad.get(kind) ?? [])]).toEqual(['failure']);
});

test('what cannot be asked, or does not tell, speaks neither for a release nor against it', async () => {
  const failing = await measured(ERRORS, { fails: 1 });
  expect([...(failing.get('prometheus') ?? [])]).toEqual(['error']);
  for (const kinds of failing.values()) expect([...kinds]).not.toContain('failure');
  for (const kinds of failing.values()) expect([...kinds]).not.toContain('success');
  const vague = await measured(ERRORS, { blurs: 1 });
  expect([...(vague.get('prometheus') ?? [])]).toEqual(['inconclusive']);
});

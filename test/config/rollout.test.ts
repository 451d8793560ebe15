/** The `rollout` block of an app: what is made of it, its examples, and each mistake with its place. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { ConfigError } from '../../src/model/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-rollout-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TEMPLATE =
  'properties: { osType: Linux, containers: [{ name: web, properties: { image: x, ports: [{ port: 80 }], resources: { requests: { cpu: 1, memoryInGB: 1 } } } }], ipAddress: { type: Public, ports: [{ port: 80 }] } }\n';
const HEAD = `version: 1
azure: { subscription: 00000000-0000-0000-0000-000000000001 }
apps:
  - name: web
    template: web.yaml
    resourceGroup: shop
    locations: [west, north]
    replicas: 2
    images: [{ container: web, image: shop.azurecr.io/web, policy: { semver: "*" } }]
`;

/** With its `rollout` on line 11. */
function load(rollout: string, hasTraffic = true) {
  writeFileSync(join(folder, 'web.yaml'), TEMPLATE);
  const traffic = hasTraffic ? '    traffic: { profile: shop }\n' : '    repairAfter: 10m\n';
  writeFileSync(join(folder, 'viridian.yaml'), `${HEAD}${traffic}    rollout: ${rollout}\n`);
  return loadSettings(join(folder, 'viridian.yaml')).settings.apps[0]?.rollout;
}

function problems(rollout: string, hasTraffic = true): string[] {
  try {
    load(rollout, hasTraffic);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

const canary = (...steps: readonly string[]) => `{ strategy: { canary: { steps: [${steps.join(', ')}] } } }`;
const waves = (...locations: readonly string[]) =>
  `{ strategy: { waves: [${locations.map((one) => `{ locations: [${one}] }`).join(', ')}] } }`;

describe('a rollout block', () => {
  test.each([
    ['{}', { kind: 'blueGreen' }],
    ['{ strategy: blueGreen }', { kind: 'blueGreen' }],
    ['{ strategy: rolling }', { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 }],
    [
      '{ strategy: { rolling: { maxSurge: 0, maxUnavailable: 2 } } }',
      { kind: 'rolling', maxSurge: 0, maxUnavailable: 2 },
    ],
    [canary('{ share: 12.5, bake: 1m }'), { kind: 'canary', steps: [{ share: 12.5, bakeMs: 60_000 }] }],
    [
      waves('west', 'north'),
      {
        kind: 'waves',
        waves: [
          { locations: ['west'], bakeMs: 0 },
          { locations: ['north'], bakeMs: 0 },
        ],
      },
    ],
  ])('%s', (rollout, strategy) => {
    expect(load(rollout)).toMatchObject({ strategy, bakeMs: 0, retain: undefined, promotion: undefined });
  });

  test.each([
    ['{ for: 1h }', { forMs: 3_600_000, count: 1 }],
    ['{ for: 1h, as: warm }', { forMs: 3_600_000, count: 1 }],
    ['{ for: 1h, as: stopped }', { forMs: 3_600_000, count: 1, as: 'stopped' }],
    ['{ count: 2 }', { count: 2 }],
    ['{ for: 1h, count: 2, as: gone }', { forMs: 3_600_000, count: 2, as: 'gone' }],
  ])('S74: what is replaced is kept as retain says: %s', (retain, expected) => {
    expect(load(`{ retain: ${retain} }`)?.retain).toStrictEqual(expected);
  });

  test('S74: what a strategy deletes as it goes may be kept as gone', () => {
    expect(load('{ strategy: rolling, retain: { for: 1h, as: gone } }')).toMatchObject({ retain: { as: 'gone' } });
  });

  test.each([
    ['recreate', 'newFirst'],
    ['{ recreate: {} }', 'newFirst'],
    ['{ recreate: { order: oldFirst } }', 'oldFirst'],
  ])('{ strategy: %s } of a worker', (strategy, order) => {
    expect(load(`{ strategy: ${strategy} }`, false)).toMatchObject({ strategy: { kind: 'recreate', order } });
  });

  test('looks that have to find endpoints Online: two in a row, or as many as are written', () => {
    expect(load('{}')).toMatchObject({ onlineLooks: 2 });
    expect(load('{ onlineLooks: 20 }')).toMatchObject({ onlineLooks: 20 });
    expect(problems('{ onlineLooks: 0 }')).toEqual([expect.stringContaining('onlineLooks')]);
    expect(problems('{ onlineLooks: 21 }')).toEqual([expect.stringContaining('onlineLooks')]);
  });

  test('S77: what ends a drain, with 0 for a number where nothing else is said', () => {
    const url = 'http://{target}:8080/connections';
    expect(
      load(`{ drain: 0s, drainUntil: { http: { url: "${url}", json: active }, max: 10m } }`)?.drainUntil,
    ).toMatchObject({
      maxMs: 600_000,
      check: {
        name: 'drained',
        source: { kind: 'http', url, json: 'active' },
        successWhen: { op: '==', value: 0 },
        count: 3,
        intervalMs: 5000,
      },
    });
    const status = load(`{ drainUntil: { http: { url: "${url}", status: 204 }, times: 1, max: 10m } }`)?.drainUntil;
    expect(status?.check).toMatchObject({
      successWhen: undefined,
      count: 1,
      source: { statuses: [{ from: 204, to: 204 }] },
    });
    const resource =
      '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.ContainerInstance/containerGroups/{group}';
    const metrics = `{ resource: "${resource}", metrics: [NetworkBytesReceivedPerSecond], region: westeurope }`;
    expect(
      load(`{ drainUntil: { azureMetrics: ${metrics}, successWhen: "< 100", max: 1h } }`)?.drainUntil?.check,
    ).toMatchObject({
      source: { resourceId: resource, namespace: 'Microsoft.ContainerInstance/containerGroups' },
      successWhen: { op: '<', value: 100 },
    });
  });

  test('S77: what cannot end a drain is refused', () => {
    const http = 'http: { url: "http://{target}/" }';
    expect(problems(`{ drainUntil: { max: 10m } }`)).toEqual([expect.stringContaining('expected exactly one of http')]);
    expect(problems(`{ drainUntil: { ${http} } }`)).toEqual([expect.stringContaining('max')]);
    expect(problems(`{ drainUntil: { ${http}, successWhen: "== 0", max: 10m } }`)).toEqual([
      expect.stringContaining('http gives no number without json'),
    ]);
    expect(problems(`{ drain: 5m, drainUntil: { ${http}, max: 1m } }`)).toEqual([
      expect.stringContaining('max: expected at least the drain time'),
    ]);
    expect(problems(`{ drainUntil: { ${http}, max: 10m } }`, false)).toEqual([
      expect.stringContaining('an app without traffic drains nothing'),
    ]);
  });

  test('gates, bakes and what is kept, in milliseconds', () => {
    const rollout = load('{ promotion: { approvals: 2, after: 1h }, bake: 90s, retain: { for: 2h, count: 3 } }');
    const gate = { approvals: 2, timeoutMs: 86_400_000, onTimeout: 'rollBack', autoAfterMs: 3_600_000 };
    expect(load('{ preview: { replicas: 1 } }')).toMatchObject({ preview: { replicas: 1 } });
    expect(rollout).toMatchObject({ promotion: gate, bakeMs: 90_000, retain: { forMs: 7_200_000, count: 3 } });
    const [step] =
      load(canary('{ share: 5, promotion: { onTimeout: promote } }'))?.strategy.kind === 'canary' ? ['canary'] : [];
    expect(step).toBe('canary');
  });
});

describe('a mistake is told with its place', () => {
  test.each([
    [
      'a strategy that is none',
      '{ strategy: bluegreen }',
      '11:26 apps[0].rollout.strategy: expected blueGreen, rolling',
    ],
    [
      'two strategies',
      '{ strategy: { rolling: {}, recreate: {} } }',
      '11:26 apps[0].rollout.strategy: expected blueGreen',
    ],
    [
      'nothing may be replaced',
      '{ strategy: { rolling: { maxSurge: 0 } } }',
      'expected maxSurge or maxUnavailable to be at least 1',
    ],
    [
      'nobody would serve',
      '{ strategy: { rolling: { maxSurge: 0, maxUnavailable: 4 } } }',
      '11:26 strategy: maxUnavailable 4 of 4 groups leaves none that serves; expected less, or a maxSurge of at least 1',
    ],
    ['a share of nothing', canary('{ share: 0 }'), 'expected a share above 0 and below 100 percent'],
    ['a share of all', canary('{ share: 100 }'), 'expected a share above 0 and below 100 percent'],
    ['no step', canary(), 'canary.steps'],
    [
      'shares that do not grow',
      canary('{ share: 20 }', '{ share: 20 }'),
      '11:70 share: expected more than the 20 % of the step before, got 20',
    ],
    ['a location in no wave', waves('west'), '11:35 waves: north is in no wave; expected each location in one'],
    [
      'a wave of a location that the app has not',
      waves('west', 'north', 'east'),
      "11:35 waves: east is not among the app's locations",
    ],
    [
      'a location in two waves',
      waves('west', 'north, west'),
      '11:35 waves: west is in two waves; expected each location in one',
    ],
    [
      'recreate with traffic',
      '{ strategy: recreate }',
      '11:26 strategy: recreate is for apps without traffic; with it, blueGreen or rolling keep the app served',
    ],
    [
      'keeping what is deleted on the way',
      '{ strategy: rolling, retain: { for: 1h } }',
      '11:43 retain: strategy rolling deletes old groups as it goes; expected another one, retain as gone, or no retain',
    ],
    [
      'a gate that nobody can open in time',
      '{ promotion: { timeout: 1h, after: 2h } }',
      '11:49 after: expected at most the timeout, which would end the rollout first',
    ],
    [
      'such a gate of a share',
      canary('{ share: 5, promotion: { timeout: 1h, after: 2h } }'),
      '11:91 after: expected at most the timeout, which would end the rollout first',
    ],
    [
      'such a gate of a wave',
      '{ strategy: { waves: [{ locations: [west, north], promotion: { timeout: 1h, after: 2h } }] } }',
      '11:97 after: expected at most the timeout, which would end the rollout first',
    ],
    [
      'S28: a preview that is the whole',
      '{ preview: { replicas: 2 } }',
      "11:25 preview: expected fewer replicas than the app's 2 in each location, got 2",
    ],
    ['S28: a preview of nothing', '{ preview: { replicas: 0 } }', 'preview.replicas'],
    [
      'S28: a preview of what comes piece by piece',
      '{ strategy: rolling, preview: { replicas: 1 } }',
      '11:44 preview: strategy rolling does not bring all new groups up before the switch, so there is no rest to wait with; expected blueGreen or canary, or no preview',
    ],
    [
      'S28: a preview in waves',
      '{ strategy: { waves: [{ locations: [west, north] }] }, preview: { replicas: 1 } }',
      'preview: strategy waves does not',
    ],
    [
      'a gate that nobody may open',
      '{ promotion: {} }',
      '11:27 promotion: nobody could open this gate: it wants 1 person, and api.tokens has none',
    ],
    ['a gate for nobody', '{ promotion: { approvals: 0 } }', 'approvals'],
    ['a gate for more people than there are', '{ promotion: { approvals: 21 } }', 'approvals'],
    ['a bake that is no time', '{ bake: soon }', 'bake'],
    [
      'keeping for no time',
      '{ retain: { as: stopped } }',
      'retain: expected for, count or both: how long replaced stacks are kept, and how many',
    ],
    ['keeping as nothing known', '{ retain: { for: 1h, as: cold } }', 'retain.as'],
    ['keeping too many', '{ retain: { for: 1h, count: 6 } }', 'retain.count'],
  ])('%s', (_, rollout, expected) => {
    const found = problems(rollout);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^11:\d+ /);
    expect(found[0]).toContain(expected);
  });

  test.each([
    [
      'fewer people than approvals',
      'approvals: 3',
      ['promotion: nobody could open this gate: it wants 3 people, and api.tokens has 2'],
    ],
    ['as many', 'approvals: 2', []],
    ['fewer, and a timer', 'approvals: 3, after: 1h', []],
    ['fewer, and a timeout that promotes', 'approvals: 3, onTimeout: promote', []],
  ])('a gate with %s than there are tokens: %s', (_, promotion, expected) => {
    const tokens = '[{ name: ann, token: { env: ANN } }, { name: bob, token: { env: BOB } }]';
    const found = problems(`{ promotion: { ${promotion} } }\napi: { listen: "127.0.0.1:8080", tokens: ${tokens} }`);
    expect(found).toEqual(expected.map((text) => expect.stringContaining(text)));
  });

  test('a canary of an app without traffic, and keeping with the old one first', () => {
    expect(problems(canary('{ share: 5 }'), false)).toEqual([
      '11:26 strategy: canary shares out traffic, and the app has none; expected traffic, or another strategy',
    ]);
    expect(problems('{ strategy: { recreate: { order: oldFirst } }, retain: { for: 1h } }', false)).toEqual([
      '11:69 retain: strategy recreate deletes old groups as it goes; expected another one, retain as gone, or no retain',
    ]);
  });

  test('S107: a share that weights cannot meet is told with what it would be', () => {
    expect(problems(canary('{ share: 0.01 }', '{ share: 0.1 }', '{ share: 99.9 }', '{ share: 99.99 }'))).toEqual([
      '11:55 share: 0.01 % cannot be met by weights from 1 to 1000, the nearest is 0.1 %',
      '11:105 share: 99.99 % cannot be met by weights from 1 to 1000, the nearest is 99.9 %',
    ]);
  });
});

describe('the examples', () => {
  // Templates have a second ending, such as web.group.yaml.
  const configs = readdirSync('config/examples')
    .filter((file) => /^[a-z-]+\.yaml$/.test(file))
    .sort();
  const kinds = (file: string) =>
    loadSettings(join('config/examples', file)).settings.apps.map(({ rollout }) => rollout.strategy.kind);

  test('are one for each strategy, one in place and one of several containers, and all of them are good', () => {
    expect(configs.map((file) => [file, ...kinds(file)])).toEqual([
      ['blue-green.yaml', 'blueGreen'],
      ['canary.yaml', 'canary'],
      ['geographic.yaml', 'blueGreen'],
      ['recreate.yaml', 'recreate', 'recreate'],
      ['rolling.yaml', 'rolling'],
      ['three-containers.yaml', 'blueGreen'],
      ['waves.yaml', 'waves'],
    ]);
  });

  test('show gates, bakes, checks and what is kept', () => {
    const settings = configs.flatMap((file) =>
      loadSettings(join('config/examples', file)).settings.apps.map(({ rollout }) => rollout),
    );
    expect(settings.some(({ promotion }) => promotion?.approvals === 2)).toBe(true);
    expect(settings.some(({ promotion }) => promotion?.autoAfterMs !== undefined)).toBe(true);
    expect(settings.filter(({ checks }) => (checks?.after.length ?? 0) > 0)).toHaveLength(5);
    expect(settings.filter(({ retain }) => retain !== undefined)).toHaveLength(4);
  });
});

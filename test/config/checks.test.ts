/** The checks of a rollout: read from the config, and refused with their place. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { ConfigError } from '../../src/model/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-checks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TEMPLATE = `properties:
  osType: Linux
  containers:
    - name: web
      properties: { image: "shop.azurecr.io/web:1", resources: { requests: { cpu: 1, memoryInGB: 1 } } }
`;
const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
/** The first check stands in line 14, from column 9 on. */
const config = (check: string, cloud = 'public') => `version: 1
azure: { subscription: ${SUBSCRIPTION}, cloud: ${cloud} }
apps:
- name: web
  template: web.yaml
  resourceGroup: shop
  locations: [westeurope]
  images: [{ container: web, image: shop.azurecr.io/web, policy: { newest: true } }]
  rollout:
    checks:
      before:
      - name: early
        tcp: { port: 80 }
      - ${check}
`;
const RESOURCE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Web/sites/web/slots/blue`;

function load(text: string) {
  writeFileSync(join(folder, 'web.yaml'), TEMPLATE);
  writeFileSync(join(folder, 'viridian.yaml'), text);
  return loadSettings(join(folder, 'viridian.yaml')).settings.apps[0]?.rollout.checks;
}

const checkOf = (check: string, cloud?: string) => load(config(check, cloud))?.before[1];

function problems(check: string): string {
  try {
    load(config(check));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems
      .map((p) => `${p.line}:${p.column} ${p.message}${p.hint === undefined ? '' : ` (${p.hint})`}`)
      .join('\n');
  }
  return '';
}

describe('a check', () => {
  test('gets every default; S51: without an expected status, 200–299 is expected', () => {
    expect(checkOf('{ name: home, http: { url: "http://{target}:8080/healthz" } }')).toEqual({
      name: 'home',
      source: {
        kind: 'http',
        url: 'http://{target}:8080/healthz',
        statuses: [{ from: 200, to: 299 }],
        host: undefined,
        bodyIncludes: undefined,
      },
      successWhen: undefined,
      failureWhen: undefined,
      intervalMs: 10_000,
      count: 1,
      timeoutMs: 10_000,
      failureLimit: 0,
      errorLimit: 4,
      inconclusiveLimit: 0,
      isDryRun: false,
    });
  });

  test.each<[string, string, object]>([
    [
      'http',
      'http: { url: "https://shop.example/", status: [200, 301-302] }',
      {
        statuses: [
          { from: 200, to: 200 },
          { from: 301, to: 302 },
        ],
      },
    ],
    ['tcp', 'tcp: { port: 5432 }', { kind: 'tcp', port: 5432 }],
    [
      'webhook',
      'webhook: { url: "https://gate.example/", secret: { env: GATE }, headers: { x-team: web }, on5xx: inconclusive }',
      { secret: { env: 'GATE' }, headers: { 'x-team': 'web' }, on4xx: 'failure', on5xx: 'inconclusive' },
    ],
    [
      'prometheus',
      'successWhen: "< 0.01", prometheus: { url: "http://prometheus:9090/x/", query: "up{job=\'{app}\'}" }',
      { url: 'http://prometheus:9090/x', query: "up{job='{app}'}", secret: undefined, audience: undefined },
    ],
    [
      'azureMetrics',
      `failureWhen: "> 5", azureMetrics: { resource: "${RESOURCE}", metrics: [Http5xx], aggregation: total, region: westeurope }`,
      {
        resourceId: RESOURCE,
        namespace: 'Microsoft.Web/sites/slots',
        windowMs: 300_000,
        endpoint: 'https://westeurope.metrics.monitor.azure.com',
        audience: 'https://metrics.monitor.azure.com',
      },
    ],
    [
      'azureLogs',
      `failureWhen: "> 5", azureLogs: { workspace: ${SUBSCRIPTION}, query: AppExceptions | count, window: 1h }`,
      {
        workspaceId: SUBSCRIPTION,
        windowMs: 3_600_000,
        endpoint: 'https://api.loganalytics.io/v1',
        audience: 'https://api.loganalytics.io',
      },
    ],
    [
      'job',
      'job: { image: shop.azurecr.io/smoke:1.2.0, command: [npm, test], deadline: 5m }',
      { container: 'check', command: ['npm', 'test'], cpu: 1, memoryGb: 1, deadlineMs: 300_000 },
    ],
  ])('of kind %s', (kind, written, expected) => {
    expect(checkOf(`{ name: it, ${written} }`)?.source).toMatchObject({ kind, ...expected });
  });

  test('S102: says what it applies to, and how long it may put its answer off', () => {
    const written = '{ name: it, on: [newRelease, rollback], webhook: { url: "https://a", later: 4h } }';
    expect(checkOf(written)).toMatchObject({ on: ['newRelease', 'rollback'], source: { laterMs: 14_400_000 } });
    expect(checkOf('{ name: it, webhook: { url: "https://a" } }')).not.toHaveProperty('on');
    expect(checkOf('{ name: it, webhook: { url: "https://a", waitFor: 24h } }')?.source).toMatchObject({
      kind: 'webhook',
      waitMs: 86_400_000,
    });
  });

  test('asks where the cloud is, or where the config says', () => {
    const metrics = `failureWhen: "> 5", azureMetrics: { resource: "${RESOURCE}", metrics: [a], region: chinaeast2 }`;
    expect(checkOf(`{ name: it, ${metrics} }`, 'china')?.source).toMatchObject({
      endpoint: 'https://chinaeast2.metrics.monitor.azure.cn',
      audience: 'https://metrics.monitor.azure.cn',
    });
    const place = 'endpoint: "https://localhost:1/v1/", audience: "https://a.example/"';
    const logs = `failureWhen: "> 5", azureLogs: { workspace: ${SUBSCRIPTION}, query: a, ${place} }`;
    expect(checkOf(`{ name: it, ${logs} }`, 'china')?.source).toMatchObject({
      endpoint: 'https://localhost:1/v1',
      audience: 'https://a.example',
    });
  });

  test('has its conditions, limits and times', () => {
    const written =
      'successWhen: "< 0.01", failureWhen: ">= 0.05", interval: 1m, count: 5, timeout: 3s, failureLimit: 1, errorLimit: 0, inconclusiveLimit: 2, dryRun: true';
    expect(checkOf(`{ name: it, prometheus: { url: "http://p", query: up }, ${written} }`)).toMatchObject({
      successWhen: { op: '<', value: 0.01 },
      failureWhen: { op: '>=', value: 0.05 },
      intervalMs: 60_000,
      count: 5,
      timeoutMs: 3000,
      failureLimit: 1,
      errorLimit: 0,
      inconclusiveLimit: 2,
      isDryRun: true,
    });
  });
});

describe('S04: a bad check is refused with its place', () => {
  const http = 'http: { url: "http://{target}/" }';
  const metric = 'prometheus: { url: "http://p", query: up }';
  test.each([
    ['of an unknown kind', '{ name: it, prometeus: {} }', '14:21 unknown key "prometeus" (did you mean "prometheus"?)'],
    [
      'of no kind',
      '{ name: it }',
      '14:9 apps[0].rollout.checks.before[1]: expected exactly one of http, tcp, webhook, ',
    ],
    [
      'of two kinds',
      `{ name: it, ${http}, tcp: { port: 1 } }`,
      '14:9 apps[0].rollout.checks.before[1]: expected exactly one of',
    ],
    [
      'by a name that is taken',
      '{ name: early, tcp: { port: 1 } }',
      '14:17 apps[0].rollout.checks.before[1].name: expected a name that no other check has',
    ],
    ['without a name', `{ ${http} }`, '14:9 missing key "name"'],
    [
      'with a condition that is none',
      `{ name: it, ${metric}, successWhen: below 1 }`,
      'successWhen: expected <, <=, >, >=, == or != and a number, such as "< 0.01", got "below 1"',
    ],
    [
      'with a condition that YAML takes for a number',
      `{ name: it, ${metric}, successWhen: 1 }`,
      'expected a condition in quotes',
    ],
    [
      'of a metric without a condition',
      `{ name: it, ${metric} }`,
      '14:33 apps[0].rollout.checks.before[1].prometheus: expected successWhen or failureWhen beside it, such as successWhen: "< 0.01"',
    ],
    [
      'with a condition on no number',
      `{ name: it, ${http}, failureWhen: "> 1" }`,
      'failureWhen: expected none: http gives no number',
    ],
    [
      'that is to hold up a repair',
      '{ name: it, tcp: { port: 80 }, on: [repair] }',
      'expected one of "firstDeployment"|"newRelease"|"rollback", got "repair"',
    ],
    [
      'with a status that is none',
      '{ name: it, http: { url: "http://a", status: ok } }',
      'http.status: expected a status such as 200 or a range such as 200-299',
    ],
    [
      'with a host that is none',
      '{ name: it, http: { url: "http://a", host: "a:b" } }',
      'http.host: expected a host name',
    ],
    [
      'with a URL that is none',
      '{ name: it, http: { url: "{target}/healthz" } }',
      'http.url: expected a URL that begins with http:// or https://',
    ],
    [
      'with an unknown placeholder',
      '{ name: it, http: { url: "http://{group}/" } }',
      'http.url: expected no placeholder but {target}',
    ],
    [
      'with a placeholder where none is filled in',
      '{ name: it, webhook: { url: "http://a/{app}" } }',
      'webhook.url: expected no placeholders',
    ],
    [
      'with a password in the URL',
      '{ name: it, webhook: { url: "https://me:word@a/" } }',
      'webhook.url: expected no user name or password in the URL',
    ],
    [
      'a confirmation that would never hold',
      '{ name: it, dryRun: true, webhook: { url: "https://a/", waitFor: 1h } }',
      'webhook.waitFor: expected none with dryRun: a dry run holds nothing',
    ],
    [
      'with a secret in the config',
      '{ name: it, webhook: { url: "https://a/", secret: word } }',
      'webhook.secret: expected a reference, {env: NAME}',
    ],
    [
      'with a secret in a header',
      '{ name: it, webhook: { url: "https://a/", headers: { Authorization: word } } }',
      'expected another header',
    ],
    [
      'with a header of two lines',
      '{ name: it, webhook: { url: "https://a/", headers: { a: "b\\r\\nc: d" } } }',
      'expected at most 1000 printable ASCII characters',
    ],
    [
      'that sends a secret in plain text',
      '{ name: it, webhook: { url: "http://a/", secret: { env: A } } }',
      'webhook.url: expected https:// where a secret is sent',
    ],
    [
      'that sends a token in plain text',
      '{ name: it, failureWhen: "> 1", prometheus: { url: "http://a/", query: up, audience: "https://a" } }',
      'prometheus.url: expected https:// where a secret is sent',
    ],
    [
      'with two identities',
      '{ name: it, failureWhen: "> 1", prometheus: { url: "https://a/", query: up, audience: "https://a", secret: { env: A } } }',
      'prometheus.audience: expected one of secret and audience',
    ],
    [
      'with a limit that limits nothing',
      `{ name: it, ${http}, count: 3, failureLimit: 3 }`,
      'failureLimit: expected less than count (3), or it limits nothing, got 3',
    ],
    ['that may hang for hours', `{ name: it, ${http}, timeout: 1h }`, 'timeout: expected at most 1m, got "1h"'],
    [
      'of a resource without its region',
      `{ name: it, failureWhen: "> 1", azureMetrics: { resource: "${RESOURCE}", metrics: [a] } }`,
      'azureMetrics: expected one of region and endpoint',
    ],
    [
      'of a job without a tag',
      '{ name: it, job: { image: shop.azurecr.io/smoke } }',
      'job.image: expected an image with its tag or digest',
    ],
  ])('%s', (_, check, expected) => {
    expect(problems(check)).toContain(expected);
  });

  test('also where the same name is before and after', () => {
    const after = '      after: [{ name: early, tcp: { port: 1 } }]\n';
    expect(() => load(config('{ name: it, tcp: { port: 1 } }') + after)).toThrow(
      'apps[0].rollout.checks.after[0].name: expected a name that no other check has',
    );
  });
});

describe('docs/checks.md', () => {
  const blocks = [...readFileSync('docs/checks.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)];
  const examples = blocks.map(([, block = '']) => [/name: (\S+)/.exec(block)?.[1] ?? '', block] as const);

  test.each(examples)('has an example that can be used: %s', (_, block) => {
    const indented = block.replaceAll(/^/gm, '      ').replaceAll(/^ +$/gm, '');
    const [before, after] = config('').split('      before:\n');
    expect(after).toBeDefined();
    expect(load(`${before}      after:\n${indented}`)?.after.length).toBe(block.match(/^- name/gm)?.length);
  });

  test('has an example of each kind', () => {
    const kinds = ['http', 'tcp', 'webhook', 'prometheus', 'azureMetrics', 'azureLogs', 'job'];
    const all = examples.map(([, block]) => block).join('\n');
    expect(kinds.filter((kind) => !all.includes(`\n  ${kind}:`))).toEqual([]);
  });
});

describe('the image of a job', () => {
  const job = (image: string) => `{ name: smoke, job: { image: "${image}" } }`;

  test.each(['shop.azurecr.io/smoke:1.2.0', 'candidate', 'web'])('may be %s', (image) => {
    expect(checkOf(job(image))?.source).toMatchObject({ kind: 'job', image });
  });

  test.each([
    ['api', 'the app follows no container "api", only web'],
    ['smoke:1', 'expected an image with its tag or digest'],
    ['shop.azurecr.io/smoke', 'expected an image with its tag or digest'],
  ])('may not be %s', (image, told) => {
    expect(problems(job(image))).toContain(told);
  });
});

describe('keepFailed', () => {
  const withFailed = (traffic: string) =>
    `${config('name: late\n        tcp: { port: 80 }')}    keepFailed: 30m\n${traffic}`;

  test('is refused for an app that cannot be taken out of rotation', () => {
    expect(() => load(withFailed(''))).toThrow(/keepFailed: an app without traffic cannot be taken out of rotation/);
  });
});

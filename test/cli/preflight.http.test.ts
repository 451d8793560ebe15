/** `validate --live` on a local Azure: all ok, or one line for what is wrong, with what to do; reads alone, each once. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { preflight } from '../../src/cli/preflight.ts';
import type { HttpRequest } from '../../src/simulator/http.ts';
import { Local } from '../support/local.ts';

const GROUP = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/test';
const PROFILE = `${GROUP}/providers/Microsoft.Network/trafficManagerProfiles/web`;
const PULLER = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller`;
const HIDDEN = 'do-not-show-this-anywhere';

let local: Local;
let requests: HttpRequest[];

const template = (text: string) =>
  `identity: { type: UserAssigned, userAssignedIdentities: { ${PULLER}: {} } }\n${text.replace(
    'containers:',
    `imageRegistryCredentials: [{ server: local.azurecr.io, identity: ${PULLER} }]\n  containers:`,
  )}`;

beforeEach(async () => {
  requests = [];
  process.env['VIRIDIAN_TEST_HIDDEN'] = HIDDEN;
  local = await Local.start({ template, onRequest: (request) => void requests.push(request) });
  local.push('1.0.0');
});
afterEach(async () => {
  delete process.env['VIRIDIAN_TEST_HIDDEN'];
  await local.close();
});

interface Result {
  readonly status: number;
  readonly ok: number;
  readonly warnings: number;
  readonly errors: number;
  readonly lines: readonly { subject: string; app?: string; level: string; message: string; advice?: string }[];
  /** Those that are not ok: `level subject: message`. */
  readonly told: readonly string[];
}

async function look(): Promise<Result> {
  const out: string[] = [];
  const output = { out: (text: string) => void out.push(text), err: (text: string) => void out.push(text) };
  const status = await preflight({ file: local.configFile, json: true, colour: false }, output);
  expect(out.join('\n')).not.toContain(HIDDEN);
  expect(out.join('\n')).not.toMatch(/eyJ[\w-]+\./);
  const { lines, ...tally }: Omit<Result, 'status' | 'told'> = JSON.parse(out.at(-1) ?? '{}');
  const bad = lines.filter(({ level }) => level !== 'ok');
  for (const line of bad) expect(line.advice).toMatch(/\w/);
  return { status, ...tally, lines, told: bad.map((line) => `${line.level} ${line.subject}: ${line.message}`) };
}

async function change(file: 'viridian.yaml' | 'web.yaml', from: string | RegExp, to: string) {
  const path = join(local.folder, file);
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(from);
  await writeFile(path, text.replace(from, to));
}

const profile = () => {
  const [found] = local.azure.profiles.list('00000000-0000-0000-0000-000000000001');
  if (found === undefined) throw new Error('no profile');
  return found;
};
const allBut = (...notActions: readonly string[]) => [{ actions: ['*'], notActions }];

test('where all is well each thing that was looked at is one ok line, exit status 0', async () => {
  const { status, told, errors, warnings, lines } = await look();
  expect({ status, told, errors, warnings }).toEqual({ status: 0, told: [], errors: 0, warnings: 0 });
  expect(lines.map(({ subject, app = '' }) => `${app} ${subject}`)).toEqual([
    ' identity',
    ' state',
    ' registry local.azurecr.io/web',
    'web rights: resource group test',
    'web rights: profile web',
    'web rights: identity puller',
    'web size: westeurope',
    'web quota: westeurope',
    'web release',
    'web profile web',
    'web DNS label',
    'web image pull: local.azurecr.io',
  ]);
  expect(lines.find(({ subject }) => subject === 'release')?.message).toContain('1.0.0 would run now');
});

describe('one line, with what to do, where', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a right lacks',
      () => local.azure.permissions.restrict(GROUP, allBut('*/containerGroups/delete')),
      'error rights: resource group test: Microsoft.ContainerInstance/containerGroups/delete is not granted',
    ],
    [
      'endpoints cannot be written',
      () => local.azure.permissions.restrict(PROFILE, allBut('Microsoft.Network/*/write')),
      'error rights: profile web: Microsoft.Network/trafficManagerProfiles/externalEndpoints/write is not granted',
    ],
    [
      'the profile cannot be read, which is not told twice',
      () => {
        local.azure.permissions.restrict(PROFILE, allBut('*/trafficManagerProfiles/read'));
        local.azure.faults.add({ path: 'trafficManagerProfiles/web/providers', status: 200 });
        local.azure.faults.add({
          path: 'trafficManagerProfiles/web',
          method: 'GET',
          status: 403,
          code: 'AuthorizationFailed',
        });
      },
      'error rights: profile web: Microsoft.Network/trafficManagerProfiles/read is not granted',
    ],
    [
      'the identity of the template cannot be assigned',
      () => local.azure.permissions.restrict(PULLER, [{ actions: ['*/read'], notActions: [] }]),
      'error rights: identity puller: Microsoft.ManagedIdentity/userAssignedIdentities/assign/action is not granted',
    ],
    [
      'permissions of the group are not told',
      () =>
        local.azure.faults.add({
          path: 'groups/test/providers/microsoft.authorization',
          status: 403,
          code: 'AuthorizationFailed',
        }),
      'warning rights: resource group test: permissions cannot be listed (AuthorizationFailed',
    ],
    [
      'nothing was pushed',
      () => local.azure.images.deleteTag('local.azurecr.io', 'web', '1.0.0'),
      'warning registry local.azurecr.io/web: has no tags',
    ],
    [
      'no tag fits',
      () => change('viridian.yaml', '>=1.0.0', '>=2.0.0'),
      'warning release: nothing would run: local.azurecr.io/web: ',
    ],
    [
      'the registry refuses',
      () =>
        local.azure.faults.add({
          path: '/acr/v1/web/_tags',
          status: 403,
          body: '{"errors":[{"code":"DENIED","message":"no"}]}',
        }),
      'error registry local.azurecr.io/web: tags of local.azurecr.io/web cannot be listed: HTTP 403: DENIED: no',
    ],
    [
      'the profile is disabled',
      () => local.azure.profiles.patch(profile(), { properties: { profileStatus: 'Disabled' } }),
      'error profile web: is disabled',
    ],
    [
      'there is no profile',
      () => local.azure.profiles.remove(profile()),
      'error profile web: is not in resource group test',
    ],
    [
      'its TTL is 0',
      () => local.azure.profiles.patch(profile(), { properties: { dnsConfig: { ttl: 0 } } }),
      'warning profile web: TTL is 0 s',
    ],
    [
      'it cannot be read',
      () => local.azure.faults.add({ path: 'trafficManagerProfiles/web', method: 'GET', status: 500, code: 'Oops' }),
      'profile web: ',
    ],
    [
      'the location has too little CPU',
      () => change('web.yaml', 'cpu: 1', 'cpu: 5'),
      'error size: westeurope: the template asks for 5 CPU and 1 GB a group, and it gives 4 CPU and 16 GB at most',
    ],
    [
      'the quota is nearly used',
      () => local.azure.locations.setQuota('westeurope', { name: 'StandardCores', limit: 10, others: 7 }),
      'error quota: westeurope: no room for an upgrade: 4 more StandardCores wanted, 3 of 10 free',
    ],
    [
      'usages cannot be read',
      () => local.azure.faults.add({ path: '/usages', status: 403, code: 'AuthorizationFailed' }),
      'warning quota: westeurope: cannot be read: AuthorizationFailed',
    ],
    [
      'an answer makes no sense',
      () => local.azure.faults.add({ path: '/usages', status: 200, body: '{"value":[{}]}' }),
      'warning quota: westeurope: cannot be read: ',
    ],
    [
      'capabilities cannot be read',
      () => local.azure.faults.add({ path: '/capabilities', status: 403, code: 'AuthorizationFailed' }),
      'warning size: westeurope: cannot be read: AuthorizationFailed',
    ],
    [
      'the name of a group may be taken over',
      () => change('web.yaml', 'type: Public', 'type: Public, autoGeneratedDomainNameLabelScope: Unsecure'),
      'warning DNS label: scope Unsecure',
    ],
    [
      'groups cannot pull',
      () => change('web.yaml', 'server: local.azurecr.io', 'server: other.azurecr.io'),
      'warning image pull: local.azurecr.io: the template has credentials for other.azurecr.io only',
    ],
    ['the state has no folder', () => writeFile(join(local.folder, 'state'), ''), 'error state: '],
    [
      'the stored state is damaged',
      async () => {
        await mkdir(join(local.folder, 'state'));
        await writeFile(join(local.folder, 'state', 'web.json'), '{"half":');
      },
      'error state: ',
    ],
    [
      'a token of an operator is not set',
      () =>
        change(
          'viridian.yaml',
          'apps:',
          'api: { listen: "127.0.0.1:0", tokens: [{ name: alice, token: { env: NOT_SET } }] }\napps:',
        ),
      'error secrets: api.tokens of alice: secret {env: NOT_SET} is not set',
    ],
    [
      'a secret of the template is not there',
      () =>
        change(
          'web.yaml',
          'ports: [{ port: 8080 }]',
          'ports: [{ port: 8080 }]\n        environmentVariables: [{ name: A, secureValue: { file: none } }, { name: B, secureValue: { env: VIRIDIAN_TEST_HIDDEN } }]',
        ),
      'error secrets: properties.containers[0].properties.environmentVariables[0].secureValue: secret {file: none} cannot be read',
    ],
    [
      'who asks is refused: nothing else of Azure is told',
      () =>
        local.azure.faults.add({
          path: '/oauth2/',
          status: 401,
          body: '{"error":"invalid_client","error_description":"AADSTS7000215"}',
        }),
      'error identity: the service principal gives no token: ',
    ],
    [
      'the secret of the identity is not set',
      () => change('viridian.yaml', 'VIRIDIAN_TEST_CLIENT_SECRET', 'NOT_SET'),
      'error identity: the service principal gives no token: secret {env: NOT_SET}',
    ],
  ])('%s', async (_, spoil, expected) => {
    await spoil();
    const { told, status } = await look();
    expect(told).toEqual([expect.stringContaining(expected)]);
    expect(status).toBe(told[0]?.startsWith('error') === true ? 1 : 0);
  });
});

test('what a secret holds is measured and never shown', async () => {
  await change(
    'web.yaml',
    'ports: [{ port: 8080 }]',
    'ports: [{ port: 8080 }]\n        environmentVariables: [{ name: B, secureValue: { env: VIRIDIAN_TEST_HIDDEN } }]',
  );
  expect((await look()).lines.find(({ subject }) => subject === 'secrets')?.message).toBe('1 of 1 can be read');
});

test('a registry that lists names only is asked for the digest of the tag that would run', async () => {
  await change('viridian.yaml', '    poll:', '    kind: oci\n    poll:');
  const { told, lines } = await look();
  expect(told).toEqual([]);
  expect(lines.find(({ subject }) => subject === 'release')?.message).toContain('1.0.0 would run now');
});

test('many apps share what they ask: each resource group, profile, repository and location once, and reads alone', async () => {
  const config = await readFile(local.configFile, 'utf8');
  const [head = '', one = ''] = config.split('apps:\n');
  const apps = Array.from({ length: 40 }, (_, index) =>
    one.replace('name: web', `name: web-${index}`).replace('profile: web', `profile: web-${index}`),
  );
  await writeFile(local.configFile, `${head}apps:\n${apps.join('')}`);
  requests.length = 0;
  const { told } = await look();
  expect(told.filter((line) => !line.startsWith('error profile'))).toEqual([
    expect.stringContaining('warning quota: westeurope: no room for upgrades of all 40 apps at once'),
  ]);
  const asked = requests.filter(
    ({ path, headers }) => path.startsWith('/subscriptions/') || (path.includes('_tags') && headers['authorization']),
  );
  expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET']));
  const paths = asked.map(({ path }) => path.toLowerCase());
  expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  // A profile and its permissions for each app, and six that all share.
  expect(paths).toHaveLength(40 * 2 + 6);
});

test('a daemon that runs is not disturbed: its lock and its state stay as they are, and its rollout goes on', async () => {
  const journal = await local.run();
  await journal.next('rollout.started');
  const during = await look();
  expect(during.errors).toBe(0);
  await journal.next('rollout.finished');
  const folder = join(local.folder, 'state');
  const snapshot = async () => ({
    names: (await readdir(folder)).filter((name) => name.endsWith('.json')),
    state: await readFile(join(folder, 'web.json'), 'utf8'),
    at: (await stat(join(folder, 'web.json'))).mtimeMs,
  });
  const before = await snapshot();
  const { told, lines } = await look();
  expect(told).toEqual([]);
  expect(await snapshot()).toEqual(before);
  expect(lines.find(({ subject }) => subject === 'release')?.message).toBe('1.0.0 runs, and is what should run');
  // What runs is counted in the usage already.
  expect(lines.find(({ subject }) => subject.startsWith('quota'))?.message).toContain('2 more ContainerGroups wanted');
  local.push('1.1.0');
  await journal.next('rollout.finished');
});

/** From groups that somebody made by hand to a daemon that upgrades them: import, validate, adopt, run, on a local Azure. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import { TrafficManagerManagementClient } from '@azure/arm-trafficmanager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { adopt } from '../../src/cli/adopt.ts';
import { importGroups } from '../../src/cli/import.ts';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import { Load } from '../../src/simulator/load.ts';
import { startViridian, viridian } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { Local } from '../support/local.ts';

const QUICK = `    rollout: { propagationMargin: 100ms, drain: 100ms, observeInterval: 100ms }
`;
const ENV = { WEB_WEB_DB_PASSWORD: 'right' };

let local: Local;
let running: Running | undefined;

beforeEach(async () => {
  local = await Local.start();
  local.push('1.0.0');
  local.push('1.1.0');
});
afterEach(async () => {
  await running?.stop('SIGKILL');
  running = undefined;
  await local.close();
});

const run = (...args: readonly string[]) => viridian(args, { cwd: local.folder, env: ENV });

/** As `az container create` and `az network traffic-manager endpoint create` would. */
async function makeByHand(): Promise<void> {
  const { settings } = loadSettings(local.configFile);
  const { credential } = await joinEdges(settings);
  const { subscriptionId, resourceManager: endpoint, audience } = settings.cloud;
  const options = { endpoint, credentialScopes: `${audience}/.default` };
  const groups = new ContainerInstanceManagementClient(credential, subscriptionId, options);
  const profiles = new TrafficManagerManagementClient(credential, subscriptionId, options);
  for (const [name, endpointName] of [
    ['shop-a', 'first'],
    ['shop-b', 'second'],
    ['foreign', undefined],
  ] as const) {
    const body = {
      location: 'westeurope',
      tags: { team: 'shop' },
      osType: 'Linux',
      containers: [
        {
          name: 'web',
          image: 'local.azurecr.io/web:1.0.0',
          ports: [{ port: 8080 }],
          environmentVariables: [{ name: 'DB_PASSWORD', secureValue: 'right' }],
          resources: { requests: { cpu: 1, memoryInGB: 1 } },
        },
      ],
      ipAddress: { type: 'Public', ports: [{ port: 8080, protocol: 'TCP' }], dnsNameLabel: `${name}-prod` },
    };
    const made = await groups.containerGroups.beginCreateOrUpdateAndWait('test', name, body, {
      updateIntervalInMs: 50,
    });
    if (endpointName === undefined) continue;
    const target = made.ipAddress?.fqdn ?? '';
    const properties = { target, endpointStatus: 'Enabled' as const, weight: 3 };
    await profiles.endpoints.createOrUpdate('test', 'web', 'ExternalEndpoints', endpointName, properties);
  }
}

/** Traffic Manager has looked at them. */
async function untilOnline(): Promise<void> {
  const named = ['--endpoint', 'first', '--endpoint', 'second'];
  for (;;) {
    const { stdout } = await run('adopt', 'web', '--config', 'first/viridian.yaml', '--json', ...named);
    if (!stdout.includes('CheckingEndpoint')) return;
  }
}

test('R1 R4: groups made by hand are imported, taken over and upgraded, and no request is lost', async () => {
  await makeByHand();
  const imported = await run('import', 'test', '--azure', 'viridian.yaml', '--profile', 'web', '--out', 'first');
  expect(imported).toMatchObject({ status: 0, stderr: '' });
  expect(imported.stdout).toContain('WEB_WEB_DB_PASSWORD  secure value DB_PASSWORD of container web');
  expect(imported.stdout).toContain(
    'viridian adopt web --config first/viridian.yaml --endpoint first --endpoint second\n',
  );
  const validated = await run('validate', 'first/viridian.yaml');
  expect(validated).toMatchObject({ status: 0, stderr: '' });
  // As somebody who cannot wait would go on.
  const config = join(local.folder, 'first', 'viridian.yaml');
  await writeFile(config, `${await readFile(config, 'utf8')}${QUICK}`);

  const named = ['adopt', 'web', '--config', 'first/viridian.yaml', '--endpoint', 'first', '--endpoint', 'second'];
  await untilOnline();
  const before = JSON.stringify(local.azure.groups.all().map(({ body }) => body));
  const shown = await run(...named);
  expect(shown.status).toBe(1);
  expect(shown.stdout).toContain('web: 2 groups would be taken over as its live stack');
  expect(shown.stderr).toBe('viridian: nothing was changed; --yes does it\n');
  expect(JSON.stringify(local.azure.groups.all().map(({ body }) => body))).toBe(before);

  const load = new Load();
  const target = { app: 'web', host: 'web.trafficmanager.net', port: 8080, path: '/' };
  load.start([target], { dnsPort: local.azure.dnsPort, clients: 4, perSecond: 60 });
  expect(await run(...named, '--yes')).toMatchObject({ status: 0, stderr: '' });
  const again = await run(...named, '--yes', '--json');
  expect(JSON.parse(again.stdout)).toEqual({ app: 'web', outcome: 'unchanged', groups: ['shop-a', 'shop-b'] });
  expect(existsSync(join(local.folder, 'state'))).toBe(false);

  running = startViridian(['run', '--config', 'first/viridian.yaml'], { cwd: local.folder, env: ENV });
  const { journal } = running;
  expect((await journal.next('app.adopted')).fields).toMatchObject({ release: '1.0.0', groups: 2 });
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  await load.stop();
  expect(load.counts.get('web')?.failures).toEqual([]);
  expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
  expect(local.groups()).toHaveLength(3);
  expect(local.groups()[0]).toBe('foreign');
  const foreign = local.azure.groups.all().find(({ key }) => key.name === 'foreign');
  expect([foreign?.state, foreign?.body['tags']]).toEqual(['Running', { team: 'shop' }]);
});

test('import never writes over a file', async () => {
  await makeByHand();
  const refused = await run('import', 'test', '--azure', 'viridian.yaml', '--profile', 'web');
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toBe(
    'viridian: viridian.yaml is there already; nothing was written. Choose another folder by --out\n',
  );
  expect(existsSync(join(local.folder, 'web.group.yaml'))).toBe(false);
});

test('what import and adopt cannot use is told, and nothing is changed', async () => {
  const said: string[] = [];
  const output = { out: (text: string) => said.push(text), err: (text: string) => said.push(text) };
  const importing = { resourceGroup: 'test', credential: 'environment', profile: [], out: local.folder } as const;
  const adopting = { config: local.configFile, endpoint: ['first'], group: [], yes: true, json: false };
  expect([
    await importGroups(importing, output),
    await importGroups({ ...importing, subscription: 'shop' }, output),
    await importGroups({ ...importing, azure: local.configFile, profile: ['api'] }, output),
    await importGroups({ ...importing, azure: local.configFile, resourceGroup: 'none' }, output),
    await importGroups({ ...importing, azure: join(local.folder, 'web.yaml') }, output),
    await adopt({ ...adopting, app: 'wbe' }, output, undefined),
    await adopt({ ...adopting, app: 'web' }, output, undefined),
  ]).toEqual([1, 1, 1, 1, 2, 2, 1]);
  expect(said.map((line) => line.replaceAll(`${local.folder}/`, ''))).toEqual([
    'viridian: expected one of --subscription ID and --azure FILE (a file with the azure block of a config)',
    'viridian: --subscription: expected an id such as 00000000-0000-0000-0000-000000000000, got shop; az account show tells it',
    'viridian: resource group test has no profile api; it has web',
    'viridian: resource group none has no container groups to make a config of; nothing was written',
    expect.stringContaining('azure'),
    'viridian: viridian.yaml has no app "wbe"; did you mean "web"?',
    'viridian: endpoint first of profile web: expected an endpoint of that name, got none; there are none at all',
    'viridian: web was not taken over; nothing was changed',
  ]);
});

/** `viridian validate --live` as an operator runs it: what it prints, its exit status, and the config of the demo. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exchange } from '../support/exchange.ts';
import { viridian } from '../support/command.ts';
import { Local } from '../support/local.ts';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';

let local: Local;
beforeEach(async () => {
  local = await Local.start({ registries: ['demo.azurecr.io', 'local.azurecr.io'] });
  local.push('1.0.0');
});
afterEach(() => local.close());

const live = (...args: readonly string[]) => viridian(['validate', ...args, '--live'], { cwd: local.folder });

/** Where the demo would have its local Azure. */
function moved(config: string): string {
  const { url, dnsPort, identityUrl } = local.azure;
  return config
    .replaceAll('https://localhost:18443', url)
    .replaceAll('127.0.0.1:18453', `127.0.0.1:${dnsPort}`)
    .replace('http://127.0.0.1:18480', identityUrl)
    .replaceAll('../.demo/', '');
}

test('the config of the demo is all ok on a local Azure, in words without colour', async () => {
  const { azure, folder } = local;
  await writeFile(join(folder, 'demo.yaml'), moved(await readFile('config/demo.yaml', 'utf8')));
  for (const name of ['web', 'api']) {
    azure.push({ repository: name, tag: '1.0.0' });
    // The name of a profile is one for all.
    for (const profile of azure.profiles.list(SUBSCRIPTION)) if (profile.name === name) azure.profiles.remove(profile);
    azure.createProfile({ resourceGroup: 'demo', name, ttlSeconds: 5, port: 8080, path: '/healthz' });
    await cp(`config/demo.${name}.yaml`, join(folder, `demo.${name}.yaml`));
  }
  const { status, stdout, stderr } = await live('demo.yaml');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^ {2}ok +identity +the managed identity gives a token \(/);
  expect(stdout).toContain('\nweb:\n  ok');
  expect(stdout).toMatch(/\n\n\d+ ok, 0 warnings, 0 errors\n$/);
  expect(stdout).not.toContain('\u001B');
  const { stdout: json } = await live('demo.yaml', '--json');
  expect(JSON.parse(json)).toMatchObject({
    file: 'demo.yaml',
    warnings: 0,
    errors: 0,
    lines: expect.arrayContaining([{ subject: 'profile api', app: 'api', level: 'ok', message: expect.any(String) }]),
  });
});

test('bad things are told, with exit status 1; a bad config is not looked at live, with exit status 2', async () => {
  const body = JSON.stringify({ location: 'westeurope', quotas: [{ name: 'ContainerGroups', limit: 3 }] });
  await exchange(local.azure, { method: 'POST', url: '/simulator/locations', body });
  const { status, stdout, stderr } = await live('viridian.yaml');
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expect(stdout).toContain('no room for an upgrade: 4 more ContainerGroups wanted, 3 of 3 free\n');
  expect(stdout).toMatch(/\n\d+ ok, 1 warning, 1 error\n$/);
  await writeFile(local.configFile, (await readFile(local.configFile, 'utf8')).replace('version: 1', 'version: 2'));
  const bad = await live('viridian.yaml', '--json');
  expect({ status: bad.status, stdout: bad.stdout }).toEqual({ status: 2, stdout: '' });
  expect(bad.stderr).toContain('viridian.yaml:1:10: version: expected version: 1, got 2');
});

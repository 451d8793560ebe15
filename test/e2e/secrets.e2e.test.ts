/** Secrets of key vaults with the daemon as a process: they reach the groups, and nothing that it writes. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startViridian, viridian } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { Local } from '../support/local.ts';

const VALUE = 'a password of several words';

let local: Local;
const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop('SIGKILL')));
  await local.close();
});

const template = (text: string) =>
  text.replace(
    'ports: [{ port: 8080 }]\n        resources',
    `ports: [{ port: 8080 }]
        environmentVariables:
          - { name: DB, secureValue: { keyVault: { vault: "https://shop.vault.azure.net", secret: db-password } } }
          - { name: MAIL, value: "smtp://shop:${VALUE.split(' ')[1]}@mail.example.net" }
        resources`,
  );

async function written(): Promise<string> {
  const files = await readdir(join(local.folder, 'state'), { recursive: true, withFileTypes: true });
  const texts = files
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}

test('R9: a value reaches the groups, and neither the log nor the state, also where programs print it', async () => {
  local = await Local.start({
    template,
    config: (text) => text.replace('log:', 'log:').concat('log: { level: debug }\n'),
  });
  local.push('1.0.0');
  local.azure.vaults.set({ vault: 'shop', secret: 'db-password', value: VALUE });
  const daemon = startViridian(['run', '--config', local.configFile]);
  running.push(daemon);
  await daemon.journal.next('rollout.finished');
  const bodies = () => JSON.stringify(local.azure.groups.all().map(({ body }) => body));
  expect(bodies()).toContain(`"secureValue":"${VALUE}"`);
  local.azure.faults.add({ path: '/secrets/', status: 500, body: `not ${VALUE}`, times: 2 });
  local.push('1.1.0', { crash: true, exitCode: 1, log: `cannot connect with ${VALUE}` });
  await daemon.journal.next('rollout.evidence');
  await daemon.journal.next('rollout.finished');
  expect(await daemon.stop('SIGTERM')).toBe(0);
  expect(await written()).toContain('"web"');
  for (const text of [daemon.stdout(), await written()]) expect(text).not.toContain(VALUE);
});

test('validate warns of what looks like a secret, and says so without it', async () => {
  local = await Local.start({ template });
  const { status, stderr, stdout } = await viridian(['validate', local.configFile]);
  expect(status).toBe(0);
  expect(stderr).toContain('container web: environment variable MAIL holds a URL with a password');
  expect(stderr).toContain('use secureValue: {env: MAIL}');
  expect(`${stdout}${stderr}`).not.toContain('password@');
});

test('the local Azure has the secrets that it is started with, and those that are set while it runs', async () => {
  local = await Local.start();
  const azure = startViridian(
    [
      'azure',
      '--port',
      '0',
      '--dns-port',
      '0',
      '--identity-port',
      '0',
      '--folder',
      local.folder,
      '--json',
      '--secret',
      `shop/db=${VALUE}`,
    ],
    {},
  );
  running.push(azure);
  const { url } = JSON.parse(await azure.firstLine) as { url: string };
  const { setDefaultCACertificates, getCACertificates } = await import('node:tls');
  setDefaultCACertificates([...getCACertificates('default'), await readFile(join(local.folder, 'ca.pem'), 'utf8')]);
  const set = (body: object) => fetch(`${url}/simulator/secrets`, { method: 'POST', body: JSON.stringify(body) });
  expect((await set({ vault: 'shop', secret: 'mail', value: 'x' })).status).toBe(201);
  expect((await set({ vault: 'shop', secret: 'a/b', value: 'x' })).status).toBe(400);
  const state = await (await fetch(`${url}/simulator/state`)).text();
  expect(JSON.parse(state)).toMatchObject({ vaults: [{ vault: 'shop', secrets: ['db', 'mail'] }] });
  expect(state).not.toContain(VALUE);
  const wrong = await viridian(['azure', '--secret', `shop=${VALUE}`]);
  expect(wrong.status).not.toBe(0);
  expect(wrong.stderr).toContain('expected vault/name=value');
  expect(`${wrong.stdout}${wrong.stderr}`).not.toContain(VALUE);
});

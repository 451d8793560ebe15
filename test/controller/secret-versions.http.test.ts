/** Secrets of key vaults on the whole daemon, through the real SDK clients on the local Azure: versions, outages, no traces. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { ApiClient } from '../support/api.ts';
import { Local } from '../support/local.ts';
import type { Journal, LocalOptions } from '../support/local.ts';

const OLD = 'the first of the passwords';
const NEW = 'the second of the passwords';
const TOKEN = 'a-token-for-each-person';
process.env['VIRIDIAN_TEST_ALICE'] = TOKEN;

// Two or three whole rollouts each, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

let local: Local;
afterEach(() => local.close());

const REFERENCE = '{ keyVault: { vault: "https://shop.vault.azure.net", secret: db-password } }';
const withSecret = (text: string) =>
  text.replace(
    'ports: [{ port: 8080 }]\n        resources',
    `ports: [{ port: 8080 }]\n        environmentVariables: [{ name: DB, secureValue: { join: ["Server=db;Password=", ${REFERENCE}] } }]\n        resources`,
  );
const counted = (text: string) =>
  text.replace('    resourceGroup: test', '    secretVersions: newRelease\n    resourceGroup: test');
const set = (value: string, more: { created?: number; enabled?: boolean } = {}) =>
  local.azure.vaults.set({ vault: 'shop', secret: 'db-password', value, ...more }).id;

async function start(options: LocalOptions = {}): Promise<Journal> {
  local = await Local.start({ template: withSecret, ...options });
  local.push('1.0.0');
  set(OLD, { created: 1_700_000_000 });
  return local.run();
}

const finished = async (journal: Journal) => (await journal.next('rollout.finished')).fields;
const rollouts = (journal: Journal) => journal.lines.filter(({ event }) => event === 'rollout.started').length;
const passwords = () => [
  ...new Set(local.azure.groups.all().map(({ body }) => /Password=([^"]*)"/.exec(JSON.stringify(body))?.[1])),
];
async function written(): Promise<string> {
  const folder = join(local.folder, 'state');
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  return (await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')))).join();
}
async function expectNoTraces(journal: Journal): Promise<void> {
  const all = `${await written()} ${JSON.stringify(journal.lines)}`;
  for (const value of [OLD, NEW]) expect(all).not.toContain(value);
}

test('a new version is one rollout where it was asked for, and says so; the value leaves no trace', async () => {
  const journal = await start({ config: counted });
  expect(await finished(journal)).toMatchObject({ outcome: 'Succeeded' });
  await journal.next('rollout.started');
  expect(passwords()).toEqual([OLD]);
  const id = set(NEW, { created: 1_700_000_100 });
  const { fields } = await journal.next('rollout.started');
  expect(JSON.stringify(fields)).toContain(
    `secret db-password of https://shop.vault.azure.net has a new version, ${id}`,
  );
  expect(await finished(journal)).toMatchObject({ outcome: 'Succeeded', to: '1.0.0' });
  expect(passwords()).toEqual([NEW]);
  await local.nextList();
  await local.nextList();
  expect(rollouts(journal)).toBe(2);
  await expectNoTraces(journal);
});

test('a new version is none where it was not asked for: what is made next has it', async () => {
  const journal = await start();
  await finished(journal);
  set(NEW, { created: 1_700_000_100 });
  await local.nextList();
  await local.nextList();
  expect(rollouts(journal)).toBe(1);
  expect(passwords()).toEqual([OLD]);
  local.push('1.1.0');
  expect(await finished(journal)).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  expect(passwords()).toEqual([NEW]);
});

test('R6: over a restart with a vault that does not answer nothing is begun, and what is known is no reason for anything', async () => {
  const first = await start({ config: counted });
  await finished(first);
  await local.stop();
  local.azure.faults.add({ path: '/secrets/', status: 503 });
  local.push('1.1.0');
  const journal = await local.run();
  const { message, fields } = await journal.next('app.idle', (line) => line.message.includes('looked up'));
  expect(`${message} ${JSON.stringify(fields)}`).toContain('secret db-password of https://shop.vault.azure.net');
  expect(rollouts(journal)).toBe(0);
  local.azure.faults.clear();
  await local.stop();
  const next = await local.run();
  expect(await finished(next)).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
});

test('R7: a vault that fails holds a rollout with the reason, condemns nothing, and is asked again', async () => {
  const journal = await start();
  await finished(journal);
  local.azure.faults.add({ path: '/secrets/', status: 403, code: 'Forbidden' });
  local.push('1.1.0');
  const refused = await journal.next('effect.refused');
  expect(JSON.stringify(refused)).toContain('Key Vault Secrets User');
  expect(
    (await journal.next('rollout.waiting', (line) => line.message.includes('SecretUnreadable'))).message,
  ).toContain('secret db-password of https://shop.vault.azure.net cannot be read');
  local.azure.faults.clear();
  expect(await finished(journal)).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
});

test('R7: a rollout that ends for want of a secret is tried again, not condemned', async () => {
  const config = (text: string) => text.replace('provision: 20s', 'provision: 2s');
  const journal = await start({ config });
  await finished(journal);
  local.azure.faults.add({ path: '/secrets/', status: 403, code: 'Forbidden' });
  local.push('1.1.0');
  expect(await finished(journal)).toMatchObject({ outcome: 'RolledBack', to: '1.1.0' });
  await journal.next('app.held', ({ fields }) => fields['hold'] === 'retry');
  expect(journal.lines.some(({ fields }) => fields['hold'] === 'failed release')).toBe(false);
});

test('the way back is to the version that the release was made with', async () => {
  const api = (text: string) =>
    counted(text).replace(
      'state:',
      'api: { listen: "127.0.0.1:0", tokens: [{ name: alice, token: { env: VIRIDIAN_TEST_ALICE } }] }\nstate:',
    );
  const journal = await start({ config: api });
  await finished(journal);
  set(NEW, { created: 1_700_000_100 });
  await finished(journal);
  expect(passwords()).toEqual([NEW]);
  const url = String((await journal.next('api.started')).fields['address']);
  const answer = await new ApiClient(url, TOKEN).command('web', { command: 'rollback' });
  expect(answer.body).toMatchObject({ result: 'applied' });
  expect(await finished(journal)).toMatchObject({ outcome: 'Succeeded' });
  expect(passwords()).toEqual([OLD]);
  await local.nextList();
  expect(rollouts(journal)).toBe(3);
});

test('S49: of what has crashed no value of a vault is kept, also one that has changed since', async () => {
  const journal = await start();
  await finished(journal);
  local.push('1.1.0', { crash: true, exitCode: 3, log: `connects with ${OLD}\nand ${NEW}\npanic: no such table` });
  set(NEW, { created: 1_700_000_100 });
  const { fields } = await journal.next('rollout.evidence');
  expect(JSON.stringify(fields)).toContain('panic: no such table');
  await finished(journal);
  await expectNoTraces(journal);
});

test('S49: of what has crashed nothing is shown while its secrets cannot be read to be masked', async () => {
  let made = 0;
  const journal = await start({
    onRequest({ method, path }) {
      if (method === 'PUT' && path.includes('/containerGroups/')) made += 1;
      if (made === 4) local.azure.faults.add({ path: '/secrets/', status: 403, code: 'Forbidden' });
    },
  });
  await finished(journal);
  local.push('1.1.0', { crash: true, exitCode: 3, log: `connects with ${OLD}` });
  const { fields } = await journal.next('rollout.evidence');
  expect(JSON.stringify(fields)).toContain('not shown, as it may have a secret');
  await finished(journal);
  await expectNoTraces(journal);
});

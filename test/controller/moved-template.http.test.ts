/** Templates that move to another folder, with other secrets in files beside them: each release is made with its own. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { asRecord } from '../../src/simulator/http.ts';
import { readEnvelope, writeEnvelope } from '../../src/store/envelope.ts';
import { ApiClient } from '../support/api.ts';
import { Local } from '../support/local.ts';
import type { Journal } from '../support/local.ts';

const TOKEN = 'a-token-for-each-person';
process.env['VIRIDIAN_TEST_ALICE'] = TOKEN;

// Three whole rollouts, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

let local: Local;
let template = '';
beforeEach(async () => {
  const api = 'api: { listen: "127.0.0.1:0", tokens: [{ name: alice, token: { env: VIRIDIAN_TEST_ALICE } }] }\n';
  local = await Local.start({
    config: (text) => text.replace('template: web.yaml', 'template: a/web.yaml').replace('apps:', `${api}apps:`),
    template: (text) => (template = text),
  });
  local.push('1.0.0');
});
afterEach(() => local.close());

async function write(folder: string, { password, variable }: { password: string; variable: string }): Promise<void> {
  await mkdir(join(local.folder, folder));
  const env = `environmentVariables: [{ name: ${variable}, secureValue: { file: pw } }]`;
  await writeFile(join(local.folder, folder, 'web.yaml'), template.replace('resources:', `${env}\n        resources:`));
  await writeFile(join(local.folder, folder, 'pw'), password);
}

/** The state as a version of before wrote it. */
async function forgetFolders(): Promise<void> {
  const file = join(local.folder, 'state', 'web.json');
  const { version, state: stored } = readEnvelope(file, await readFile(file, 'utf8'));
  const { folders, ...state } = asRecord(stored) ?? {};
  expect(folders).toBeDefined();
  await writeFile(file, writeEnvelope(state, version));
}

const finished = async (journal: Journal) => (await journal.next('rollout.finished')).fields;
const passwords = () =>
  new Set(local.azure.groups.all().map(({ body }) => /"secureValue":"([^"]*)"/.exec(JSON.stringify(body))?.[1]));

async function rollBack(journal: Journal): Promise<void> {
  const url = String((await journal.next('api.started')).fields['address']);
  const answer = await new ApiClient(url, TOKEN).command('web', { command: 'rollback' });
  expect(answer.body).toMatchObject({ result: 'applied' });
  expect(await finished(journal)).toMatchObject({ outcome: 'Succeeded' });
}

async function upgradeFromAToB(): Promise<void> {
  await write('a', { password: 'the old one', variable: 'DB' });
  await write('b', { password: 'the new one', variable: 'DATABASE' });
  expect(await finished(await local.run())).toMatchObject({ outcome: 'Succeeded' });
  expect(passwords()).toEqual(new Set(['the old one']));
  await local.stop();
  const config = await readFile(local.configFile, 'utf8');
  await writeFile(local.configFile, config.replace('a/web.yaml', 'b/web.yaml'));
}

test('a rollback makes the old release with the secret of the old folder', async () => {
  await upgradeFromAToB();
  const journal = await local.run();
  expect(await finished(journal)).toMatchObject({ outcome: 'Succeeded' });
  expect(passwords()).toEqual(new Set(['the new one']));
  await rollBack(journal);
  expect(passwords()).toEqual(new Set(['the old one']));
});

test('a template that was stored without its folder counts from where the template is now', async () => {
  await upgradeFromAToB();
  await forgetFolders();
  const journal = await local.run();
  expect(await finished(journal)).toMatchObject({ outcome: 'Succeeded' });
  await rollBack(journal);
  expect(passwords()).toEqual(new Set(['the new one']));
});

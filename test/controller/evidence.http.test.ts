/** Jobs and evidence on the whole daemon, through the real SDK clients on the local Azure. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parseAppState } from '../../src/controller/app-state.ts';
import type { AppState } from '../../src/controller/app-state.ts';
import { readEnvelope } from '../../src/store/envelope.ts';
import { ApiClient } from '../support/api.ts';
import { Local } from '../support/local.ts';
import type { Journal } from '../support/local.ts';

const SECRET = 'correct horse battery staple';
process.env['VIRIDIAN_TEST_DB_PASSWORD'] = SECRET;
const TOKEN = 'a-token-for-each-person';
process.env['VIRIDIAN_TEST_ANN'] = TOKEN;

let local: Local;
afterEach(() => local.close());

const rollout = (more: string) => (text: string) =>
  text.replace('deadlines: { provision: 20s } }', `deadlines: { provision: 20s }, ${more} }`);
const jobs = (...lines: readonly string[]) => rollout(`checks: { before: [${lines.join(', ')}] }`);
const withApi = (text: string) =>
  text.replace(
    'state:',
    'api: { listen: "127.0.0.1:0", tokens: [{ name: ann, token: { env: VIRIDIAN_TEST_ANN } }] }\nstate:',
  );
const withSecret = (text: string) =>
  text.replace(
    'ports: [{ port: 8080 }]\n        resources',
    'ports: [{ port: 8080 }]\n        environmentVariables: [{ name: DB, secureValue: { env: VIRIDIAN_TEST_DB_PASSWORD } }]\n        resources',
  );

async function state(): Promise<AppState> {
  const text = await readFile(join(local.folder, 'state', 'web.json'), 'utf8');
  return parseAppState('web', readEnvelope('web.json', text).state);
}

const deployed = async (journal: Journal) => {
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded' });
};
const isJob = (name: string) => name.includes('-job-');

test('S49: of an app that crashes its states, events, logs and checks are kept, and no secret', async () => {
  local = await Local.start({ template: withSecret });
  local.push('1.0.0');
  const journal = await local.run();
  await deployed(journal);
  const before = local.groups();
  local.push('1.1.0', { crash: true, exitCode: 3, log: `connects with ${SECRET}\npanic: no such table` });
  const { fields } = await journal.next('rollout.evidence');
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'RolledBack', to: '1.1.0' });
  expect(JSON.stringify(fields['items'])).toContain('panic: no such table');
  expect(local.groups()).toEqual(before);
  const { history } = await state();
  const items = history.at(-1)?.evidence?.items ?? [];
  const textOf = (kind: string) =>
    items
      .filter((item) => item.kind === kind)
      .map(({ text }) => text)
      .join('\n');
  expect(textOf('log')).toContain('connects with •••\npanic: no such table\nfatal: exits with code 3');
  expect(textOf('state')).toMatch(/container web: Waiting, CrashLoopBackOff.*exit code 3/);
  expect(textOf('events')).toContain('Back-off restarting failed container');
  const stored = await readFile(join(local.folder, 'state', 'web.json'), 'utf8');
  expect(`${stored}${JSON.stringify(journal.lines)}`).not.toContain(SECRET);
});

test('S49: of one that fails its probe the last probes of each group are kept', async () => {
  local = await Local.start();
  local.push('1.0.0');
  const journal = await local.run();
  await deployed(journal);
  local.push('1.1.0', { healthy: false });
  await journal.next('rollout.evidence');
  await journal.next('rollout.finished');
  const { history } = await state();
  const probes = history.at(-1)?.evidence?.items.filter(({ kind }) => kind === 'probes') ?? [];
  expect(probes.map(({ text }) => text).join('\n')).toMatch(/failed: status 503/);
});

test.each([
  ['waves', '{ waves: [{ locations: [northeurope], bake: 10m }, { locations: [westeurope] }] }', 'westeurope'],
  ['rolling', '{ rolling: { maxSurge: 1 } }, bake: 10m', 'northeurope'],
])(
  'S49: in %s an app that crashes is told with log and probes, and the other regions are not started',
  async (_, strategy, other) => {
    const config = (text: string) =>
      rollout(`strategy: ${strategy}`)(text)
        .replace('[westeurope]', '[westeurope, northeurope]')
        .replace('replicas: 2', 'replicas: 1');
    local = await Local.start({ config });
    local.push('1.0.0');
    const journal = await local.run();
    await deployed(journal);
    const before = local.groups();
    local.push('1.1.0', { exitCode: 3, log: 'panic: no such table' });
    await journal.next('rollout.step_done', ({ fields }) => fields['step'] === 'online' && fields['to'] === '1.1.0');
    await journal.next('rollout.waiting', ({ message }) => message.includes('watching the candidate under traffic'));
    const candidate = local.azure.groups.all().find(({ key }) => !before.includes(key.name));
    if (candidate === undefined) throw new Error('no group of the candidate');
    local.azure.groups.setProgram(candidate, { crash: true });
    const { fields } = await journal.next('rollout.finished');
    expect(fields).toMatchObject({
      outcome: 'RolledBack',
      to: '1.1.0',
      reason: expect.stringContaining('exit code 3'),
    });
    const { history } = await state();
    const textOf = (kind: string) =>
      (history.at(-1)?.evidence?.items ?? []).flatMap((item) => (item.kind === kind ? [item.text] : [])).join('\n');
    expect(textOf('log')).toContain('panic: no such table\nfatal: exits with code 3');
    expect(textOf('probes')).toMatch(/^\S+Z ok: /m);
    const made = journal.lines.filter(
      (line) => line.fields['effect'] === 'createGroup' && line.fields['to'] === '1.1.0',
    );
    expect(made.map((line) => line.fields['location'])).not.toContain(other);
    expect(made).toHaveLength(1);
    expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
  },
);

test('S43, S46: a smoke job that fails keeps the release out of rotation; mended, the same version is retried and rolled out', async () => {
  local = await Local.start({
    config: (text) => withApi(jobs('{ name: smoke, job: { image: "local.azurecr.io/smoke:1", deadline: 30s } }')(text)),
  });
  local.azure.push({ repository: 'smoke', tag: '1', program: {} });
  local.push('1.0.0');
  const journal = await local.run();
  await deployed(journal);
  expect(local.groups().filter(isJob)).toEqual([]);
  const before = local.groups();
  local.azure.push({ repository: 'smoke', tag: '1', program: { crash: true, exitCode: 9, log: 'no answer on /cart' } });
  local.push('1.1.0');
  const { fields } = await journal.next('rollout.finished');
  expect(fields).toMatchObject({ outcome: 'RolledBack' });
  expect(String(fields['reason'])).toMatch(/check smoke: .*exit code 9.*no answer on \/cart/);
  expect(local.groups()).toEqual(before);
  expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
  const logs = (await state()).history.at(-1)?.evidence?.items.filter(({ of }) => of.endsWith(' smoke')) ?? [];
  expect(logs.map(({ text }) => text).join()).toContain('no answer on /cart');
  local.azure.push({ repository: 'smoke', tag: '1', program: {} });
  const ann = new ApiClient(String((await journal.next('api.started')).fields['address']), TOKEN);
  expect(await ann.command('web', { command: 'retry' })).toMatchObject({ status: 200 });
  const again = await journal.next('rollout.finished');
  expect(again.fields).toMatchObject({ outcome: 'Succeeded', from: '1.0.0', to: '1.1.0' });
  expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
  expect((await state()).condemned).toEqual([]);
});

test('S46: a job longer than its deadline is killed; among several jobs one that fails fails all', async () => {
  const slow = '{ name: slow, job: { image: "local.azurecr.io/slow:1", deadline: 1s } }';
  local = await Local.start({ config: jobs('{ name: good, job: { image: candidate } }', slow) });
  local.azure.push({ repository: 'slow', tag: '1', program: { runMs: 60_000 } });
  local.push('1.0.0');
  const { fields } = await (await local.run()).next('rollout.finished');
  expect(fields).toMatchObject({ outcome: 'Failed' });
  expect(String(fields['reason'])).toMatch(/check slow: .*not ended within 1 s/);
  expect(local.groups()).toEqual([]);
});

test('S46: a job whose image is not there fails the release with the reason', async () => {
  local = await Local.start({ config: jobs('{ name: smoke, job: { image: "local.azurecr.io/web:none" } }') });
  local.push('1.0.0');
  const { fields } = await (await local.run()).next('rollout.finished');
  expect(fields).toMatchObject({ outcome: 'Failed' });
  expect(String(fields['reason'])).toMatch(/InaccessibleImage.*web:none/);
});

test('a job gets the image and settings of the release, and is told what to test', async () => {
  local = await Local.start({
    config: jobs('{ name: smoke, job: { image: web, command: [smoke, --all], cpu: 0.5, memory: 2 } }'),
    template: withSecret,
  });
  local.push('1.0.0', { runMs: 500 });
  const journal = await local.run();
  await journal.next('effect.issued', ({ fields }) => fields['effect'] === 'createJob');
  await expect.poll(() => local.groups().filter(isJob)).toHaveLength(1);
  const job = local.azure.groups.all().find(({ key }) => isJob(key.name));
  expect(job?.body).toMatchObject({
    location: 'westeurope',
    tags: { 'viridian-owner': 'tester', 'viridian-app': 'web', 'viridian-check': 'smoke' },
    properties: { restartPolicy: 'Never', osType: 'Linux' },
  });
  const text = JSON.stringify(job?.body);
  expect(text).toMatch(/"image":"local.azurecr.io\/web@sha256:[0-9a-f]{64}","command":\["smoke","--all"\]/);
  expect(text).toContain(`{"name":"DB","secureValue":"${SECRET}"}`);
  expect(text).toMatch(
    /"VIRIDIAN_TARGETS","value":"web-[0-9a-f]{8}-westeurope-1[^"]*,web-[0-9a-f]{8}-westeurope-2[^"]*"/,
  );
  await deployed(journal);
  expect(local.groups()).toHaveLength(2);
});

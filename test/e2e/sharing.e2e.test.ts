/** Several daemons on one container: real processes, a real storage server, real kills. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startAzurite } from '../support/azurite.ts';
import type { Azurite } from '../support/azurite.ts';
import { startViridian, viridian } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { Local } from '../support/local.ts';

let azurite: Azurite;
let local: Local;
const running: Running[] = [];
beforeAll(async () => (azurite = await startAzurite()));
afterAll(() => azurite.stop());
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop('SIGKILL')));
  await local.close();
});

async function start(): Promise<{ sharedConfig: string }> {
  local = await Local.start();
  const config = await readFile(local.configFile, 'utf8');
  const sharedConfig = join(local.folder, 'shared.yaml');
  const url = azurite.newContainer();
  // Deadlines go on while nobody drives.
  const text = config
    .replace('state: { folder: state }', `state: { blob: { url: "${url}" } }`)
    .replace('provision: 20s', 'provision: 5m');
  await writeFile(sharedConfig, text);
  await writeFile(
    join(local.folder, 'ca.pem'),
    [await readFile(join(local.folder, 'ca.pem'), 'utf8'), await readFile(azurite.caFile, 'utf8')].join('\n'),
  );
  return { sharedConfig };
}

function daemon(config: string): Running {
  const started = startViridian(['run', '--config', config]);
  running.push(started);
  return started;
}

test('R5: one drives; killed, another takes over within 60 s and goes on with the upgrade', async () => {
  const { sharedConfig } = await start();
  local.push('1.0.0');
  const first = daemon(sharedConfig);
  expect((await first.journal.next('partition.taken')).fields).toMatchObject({ apps: ['web'] });
  await first.journal.next('rollout.finished');
  const second = daemon(sharedConfig);
  await second.journal.next('daemon.started');
  local.push('1.1.0');
  const upgrade = await first.journal.next('rollout.started', ({ fields }) => fields['to'] === '1.1.0');
  expect(second.journal.lines.filter(({ event }) => event !== 'daemon.started')).toEqual([]);
  const diedAt = performance.now();
  await first.stop('SIGKILL');
  await second.journal.next('partition.taken');
  expect(performance.now() - diedAt).toBeLessThan(60_000);
  expect((await second.journal.next('rollout.resumed')).fields['rollout']).toBe(upgrade.fields['rollout']);
  expect((await second.journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
  expect(local.groups()).toHaveLength(2);
});

test('migrate copies the state of a stopped daemon, once and whole', async () => {
  const { sharedConfig } = await start();
  local.push('1.0.0');
  const alone = daemon(local.configFile);
  await alone.journal.next('rollout.finished');
  const folder = join(local.folder, 'state');
  const migrate = (config = sharedConfig, from = folder) => viridian(['migrate', '--config', config, '--from', from]);

  const early = await migrate();
  expect(early).toMatchObject({ status: 1, stderr: expect.stringContaining('another daemon uses this state folder') });
  await alone.stop('SIGTERM');
  const done = await migrate();
  expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining('web: copied') });
  expect(await migrate()).toMatchObject({ status: 0, stdout: expect.stringContaining('web: is there already') });

  const late = await viridian(['run', '--config', local.configFile]);
  expect(late).toMatchObject({ status: 1, stdout: expect.stringContaining('has moved to') });

  const shared = daemon(sharedConfig);
  expect((await shared.journal.next('app.idle', ({ fields }) => fields['release'] === '1.0.0')).fields).toBeDefined();
  expect(shared.journal.lines.map(({ event }) => event)).not.toContain('app.adopted');
  local.push('1.1.0');
  await shared.journal.next('rollout.finished');
  await shared.stop('SIGTERM');
  expect(await migrate()).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('another state of web already'),
  });
});

test('migrate says what is wrong with what it was given', async () => {
  const { sharedConfig } = await start();
  const run = (config: string, from: string) => viridian(['migrate', '--config', config, '--from', from]);
  expect(await run(local.configFile, 'state')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('set state.blob.url'),
  });
  expect(await run(sharedConfig, join(local.folder, 'none'))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('does not exist'),
  });
  const empty = await mkdtemp(join(tmpdir(), 'viridian-empty-'));
  expect(await run(sharedConfig, empty)).toMatchObject({ status: 1, stderr: expect.stringContaining('has no state') });
  await rm(empty, { recursive: true });
});

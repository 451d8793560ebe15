/** A config that changes under a daemon that runs: edited, replaced, swapped by a link, wrong, and asked for by SIGHUP. */
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { anyPort } from '../../src/simulator/free-ports.ts';
import { startViridian } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { Local } from '../support/local.ts';

let local: Local;
const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop('SIGKILL')));
  await local.close();
});

/** It has rolled out 1.0.0, and knows of 1.1.0, which its policy leaves out. */
async function start(configFile = local.configFile): Promise<Running> {
  const daemon = startViridian(['run', '--config', configFile]);
  running.push(daemon);
  local.push('1.0.0');
  await daemon.journal.next('rollout.finished');
  local.push('1.1.0');
  return daemon;
}

const makeLocal = async () => (local = await Local.start({ config: (text) => text.replace('>=1.0.0', '<1.1.0') }));
const edited = async (from: string, to: string, file = local.configFile) =>
  writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
const finished = (daemon: Running, to: string) =>
  daemon.journal.next('rollout.finished', ({ fields }) => fields['to'] === to);

test('S04: an edited config counts with no restart; a wrong one is refused, and the last good policy goes on', async () => {
  await makeLocal();
  const daemon = await start();
  await edited('<1.1.0', '<1.2.0');
  expect((await daemon.journal.next('config.applied')).fields).toMatchObject({
    changed: ['web'],
    added: [],
    removed: [],
  });
  expect((await finished(daemon, '1.1.0')).fields).toMatchObject({ outcome: 'Succeeded' });

  await edited('semver: "<1.2.0"', 'semver: "not a range"');
  const refused = await daemon.journal.next('config.refused');
  expect(refused.fields['problems']).toEqual([expect.stringMatching(/viridian\.yaml:\d+:\d+: .*not a range/)]);
  local.push('1.2.0');
  local.push('1.1.5');
  expect((await finished(daemon, '1.1.5')).fields).toMatchObject({ outcome: 'Succeeded' });
  expect(daemon.journal.lines.filter(({ event }) => event === 'config.refused')).toHaveLength(1);

  await edited('semver: "not a range"', 'regex: "(?=look)ahead"');
  expect((await daemon.journal.next('config.refused')).message).toContain('viridian.yaml:');
  await edited('regex: "(?=look)ahead"', 'semver: "<1.2.0"');
  await daemon.journal.next('config.unchanged');
  expect(await daemon.stop('SIGTERM')).toBe(0);
});

test('SIGHUP: reads the config now, and says what has come of it', async () => {
  await makeLocal();
  const daemon = await start();
  daemon.hangUp();
  await daemon.journal.next('config.unchanged');
  await edited('<1.1.0', '>=1.0.0');
  daemon.hangUp();
  daemon.hangUp();
  await daemon.journal.next('config.applied');
  await finished(daemon, '1.1.0');
  await edited('owner: tester', 'owner: somebody');
  daemon.hangUp();
  expect((await daemon.journal.next('config.refused')).message).toMatch(/viridian\.yaml:2:1: owner cannot change/);
  expect(await daemon.stop('SIGTERM')).toBe(0);
});

test('operators are answered all the while, and one who is new as soon as the config says so', async () => {
  const api = `127.0.0.1:${await anyPort()}`;
  const tokens = (names: readonly string[]) =>
    `tokens: [${names.map((name) => `{ name: ${name}, token: { env: ${name.toUpperCase()} } }`).join(', ')}]`;
  local = await Local.start({
    config: (text) => text.replace('state:', `api: { listen: "${api}", ${tokens(['alice'])} }\nstate:`),
  });
  const env = { ALICE: 'a-token-for-each-person', BOB: 'another-one-for-bob' };
  const daemon = startViridian(['run', '--config', local.configFile], { env });
  running.push(daemon);
  local.push('1.0.0');
  await daemon.journal.next('rollout.finished');
  const ask = async (token: string) => {
    const response = await fetch(`http://${api}/v1/apps/web`, { headers: { authorization: `Bearer ${token}` } });
    await response.text();
    return response.status;
  };
  const asking = new AbortController();
  const answers = new Set<number>();
  const asked = (async () => {
    while (!asking.signal.aborted) answers.add(await ask(env.ALICE));
  })();
  expect(await ask(env.BOB)).toBe(401);
  await edited(tokens(['alice']), tokens(['alice', 'bob']));
  await edited('replicas: 2', 'replicas: 1');
  expect((await daemon.journal.next('config.applied')).fields).toMatchObject({
    changed: ['web'],
    settings: ['api.tokens'],
  });
  expect(await ask(env.BOB)).toBe(200);
  // Nobody has set it.
  await edited('env: BOB', 'env: CAROL');
  daemon.hangUp();
  expect((await daemon.journal.next('config.refused')).message).toContain('CAROL');
  expect(await ask(env.BOB)).toBe(200);
  asking.abort();
  await asked;
  expect([...answers]).toEqual([200]);
  expect(await daemon.stop('SIGTERM')).toBe(0);
});

test('a template that another file takes the place of is another release', async () => {
  await makeLocal();
  const daemon = await start();
  const template = join(local.folder, 'web.yaml');
  await writeFile(`${template}.new`, (await readFile(template, 'utf8')).replace('memoryInGB: 1', 'memoryInGB: 2'));
  await rename(`${template}.new`, template);
  expect((await daemon.journal.next('config.applied')).fields).toMatchObject({ changed: ['web'] });
  await finished(daemon, '1.0.0');
  // Gone for good: nothing changes, and nothing is taken away.
  await rm(template);
  expect((await daemon.journal.next('config.refused')).message).toContain('cannot be read');
  expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
  expect(await daemon.stop('SIGTERM')).toBe(0);
});

test('config and template that are swapped by one link count together', async () => {
  await makeLocal();
  const mounted = join(local.folder, 'mounted');
  const file = join(mounted, 'viridian.yaml');
  const make = async (version: string, change: (text: string) => string) => {
    await mkdir(join(mounted, version), { recursive: true });
    for (const name of ['viridian.yaml', 'web.yaml'])
      await writeFile(join(mounted, version, name), change(await readFile(join(local.folder, name), 'utf8')));
  };
  const atHome = (text: string) =>
    text.replace('caFile: ca.pem', 'caFile: ../ca.pem').replace('folder: state', 'folder: ../state');
  await make('1', atHome);
  await symlink('1', join(mounted, '..data'));
  for (const name of ['viridian.yaml', 'web.yaml']) await symlink(join('..data', name), join(dirname(file), name));
  const daemon = await start(file);
  await make('2', (text) =>
    atHome(text).replaceAll('name: web\n', 'name: site\n').replace('container: web', 'container: site'),
  );
  await symlink('2', join(mounted, '..new'));
  await rename(join(mounted, '..new'), join(mounted, '..data'));
  const { fields } = await daemon.journal.next('config.applied');
  expect(fields).toMatchObject({ added: ['site'], removed: ['web'] });
  expect(daemon.journal.lines.map(({ event }) => event)).not.toContain('config.refused');
  expect(await daemon.stop('SIGTERM')).toBe(0);
});

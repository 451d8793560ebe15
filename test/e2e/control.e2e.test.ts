/** The commands of operators as they type them, against a daemon that is a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startViridian, viridian } from '../support/command.ts';
import type { Finished, Running } from '../support/command.ts';
import type { Local } from '../support/local.ts';
import { startOperated, TOKENS } from '../support/operated.ts';
import type { Operated } from '../support/operated.ts';

const ALICE = { VIRIDIAN_TOKEN: TOKENS.ALICE };
let operated: Operated;
let local: Local;
let daemon: Running;
let api = '';

beforeAll(async () => {
  operated = await startOperated();
  ({ local, daemon, api } = operated);
});
afterAll(() => operated.close());

const asAlice = (...args: string[]): Promise<Finished> => viridian([...args, '--api', api], { env: ALICE });
const asBob = (...args: string[]): Promise<Finished> =>
  viridian([...args, '--config', local.configFile, '--token-env', 'BOB'], { env: TOKENS });

test('an operator holds, pauses, aborts and retries, and sees what it is', async () => {
  expect(await asAlice('hold', 'web', '--reason', 'launch day')).toMatchObject({ status: 0 });
  expect(await asBob('hold', 'web', '--reason', 'launch day', '--json')).toMatchObject({ status: 0 });
  local.push('1.1.0');
  await daemon.journal.next('app.held');
  const held = await asBob('status', 'web');
  expect(held.stdout).toMatch(/^held +launch day \(by alice, \d+ s ago\); release ends it$/m);
  expect(held.stdout).toMatch(/^runs +1\.0\.0 \(release [0-9a-f]{10}\), 2 groups$/m);
  expect(held.stdout).toMatch(/^should run +1\.1\.0: /m);

  expect((await asBob('release', 'web')).stdout).toBe('web is released\n');
  await daemon.journal.next('rollout.started', ({ fields }) => fields['to'] === '1.1.0');
  expect((await asAlice('pause', 'web', '-r', 'looking')).stdout).toContain('web is paused: rollout');
  const list = await asAlice('status');
  expect(list.stdout).toMatch(
    /^APP +RUNS +ROLLOUT +STATE\nweb +1\.0\.0 +1\.1\.0: \w+ 1\/\d +paused by alice \d+ s ago$/m,
  );
  expect((await asAlice('abort', 'web', '--json')).stdout).toMatch(
    /^\{"app":"web","result":"applied","message":"rollout .*\}\n$/,
  );
  expect(await asAlice('resume', 'web')).toMatchObject({ status: 0 });
  await daemon.journal.next('rollout.finished', ({ fields }) => fields['outcome'] === 'Aborted');
  await daemon.journal.next('app.held', ({ fields }) => fields['hold'] === 'called off');

  const why = await asAlice('explain', 'web');
  expect(why.stdout).toMatch(/^web: 1\.1\.0 was aborted at \S+ by alice; waiting for a newer release, or a retry$/m);
  expect(why.stdout).toMatch(/^ {2}chosen +1\.1\.0: /m);
  const again = await asAlice('abort', 'web');
  expect(again).toMatchObject({
    status: 1,
    stdout: '',
    stderr: 'viridian: web has no rollout under way that could be aborted\n',
  });
  const refused = JSON.parse((await asAlice('abort', 'web', '--json')).stdout) as unknown;
  expect(refused).toMatchObject({ app: 'web', result: 'refused', because: 'situation' });

  expect((await asAlice('retry', 'web', '1.1.0')).stdout).toContain('1.1.0 is tried again');
  await daemon.journal.next('rollout.finished', ({ fields }) => fields['outcome'] === 'Succeeded');
  const past = await asAlice('history', 'web');
  expect(past.stdout.split('\n').map((line) => line.split(/ {2,}/)[1])).toEqual([
    'WHAT',
    'firstDeployment',
    'hold',
    'release',
    'newRelease',
    'pause',
    'abort',
    'resume',
    'retry',
    'newRelease',
    undefined,
  ]);
  expect(past.stdout).toMatch(/hold +alice \(127\.0\.0\.1\) +web is held/);
  expect(JSON.parse((await asAlice('history', 'web', '--json')).stdout)).toMatchObject({ app: 'web' });
});

test('status --watch --json adds a line at each change', async () => {
  const watch = startViridian(['status', 'web', '--watch', '--json', '--api', api], { env: ALICE });
  await watch.firstLine;
  await asAlice('hold', 'web', '-r', 'seen by who watches');
  const all = await until(watch, 'seen by who watches');
  expect(all.length).toBeGreaterThanOrEqual(2);
  for (const line of all) expect(JSON.parse(line)).toMatchObject({ app: 'web' });
  await watch.stop('SIGTERM');
  await asAlice('release', 'web');
});

test('S49: of a release that crashes an operator sees log, exit code and probes', async () => {
  const none = await asAlice('history', 'web', '--evidence', 'no-such', '--json');
  expect(none.status).toBe(1);
  expect(JSON.parse(none.stdout)).toMatchObject({ result: 'failed' });
  local.push('1.2.0', { crash: true, exitCode: 3, log: 'panic: no such table' });
  const { fields } = await daemon.journal.next('rollout.finished', (line) => line.fields['to'] === '1.2.0');
  const id = String(fields['rollout']);
  expect((await asAlice('history', 'web')).stdout).toMatch(new RegExp(`RolledBack in .*\\(--evidence ${id}\\)`));
  const seen = await asAlice('history', 'web', '--evidence');
  expect(seen.stdout).toMatch(new RegExp(`^rollout ${id} to 1\\.2\\.0, RolledBack, seen at \\S+Z\\n`));
  expect(seen.stdout).toMatch(/^log of web-\S+ web\n(  .*\n)*  panic: no such table$/m);
  expect(seen.stdout).toContain('exit code 3');
  const json = await asBob('history', 'web', '--evidence', id, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ app: 'web', rollout: id, items: expect.any(Array) });
  expect((await asAlice('explain', 'web')).stdout).toContain(`viridian history web --evidence ${id}`);
});

async function until(running: Running, text: string): Promise<readonly string[]> {
  for (;;) {
    if (running.stdout().includes(text)) return running.stdout().split('\n');
    await running.nextLine();
  }
}

describe('what cannot be asked is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'viridian-control-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    [
      'a wrong token',
      ['pause', 'web'],
      { VIRIDIAN_TOKEN: 'wrong' },
      1,
      'expected the header "Authorization: Bearer TOKEN"',
    ],
    ['no token', ['pause', 'web'], { VIRIDIAN_TOKEN: '' }, 2, 'environment variable VIRIDIAN_TOKEN is not set'],
    ['no such app', ['status', 'wep'], ALICE, 1, 'there is no app wep; did you mean web?'],
    ['no such option', ['pause', 'web', '--reson', 'x'], ALICE, 2, 'Did you mean --reason?'],
    ['a bypass for too long', ['bypass', 'web', '--for', '169h'], ALICE, 2, 'Expected a week (168h) at most.'],
    ['a bypass without a unit', ['bypass', 'web', '--for', '5'], ALICE, 2, 'Expected a duration with its unit'],
    ['no app', ['pause'], ALICE, 2, "missing required argument 'app'"],
    ['a hold without a reason', ['hold', 'web'], ALICE, 2, "required option '-r, --reason <text>' not specified"],
    ['no such release', ['rollback', 'web', '0.0.1'], ALICE, 1, 'the history has no release 0.0.1; it has 1.0.0 ('],
  ] as const)('%s', async (_, args, env, status, message) => {
    const finished = await viridian([...args, '--api', api], { env });
    expect(finished).toMatchObject({ status, stdout: '' });
    expect(finished.stderr).toContain(message);
  });

  test.each([
    ['nobody listens', ['--api', 'http://127.0.0.1:9'], 1, 'http://127.0.0.1:9 cannot be asked: '],
    [
      'plain text to another machine',
      ['--api', 'http://example.com'],
      2,
      'the token would travel to example.com in plain text',
    ],
    ['no URL', ['--api', 'web'], 2, 'expected the URL of a daemon, such as http://127.0.0.1:8080, got web'],
    ['a config that is not there', ['--config', 'no.yaml'], 2, 'no.yaml'],
    ['a config without api', ['--config', 'config/example.yaml'], 2, 'config/example.yaml has no api'],
  ] as const)('%s', async (_, args, status, message) => {
    const finished = await viridian(['status', ...args], { env: ALICE });
    expect(finished.stderr).toContain(message);
    expect(finished).toMatchObject({ status, stdout: '' });
  });

  test('--json says it in the output', async () => {
    const finished = await viridian(['status', '--json', '--api', 'http://127.0.0.1:9'], { env: ALICE });
    expect(JSON.parse(finished.stdout)).toMatchObject({ result: 'failed' });
    expect(finished.status).toBe(1);
  });

  test('--help is no mistake', async () => {
    expect(await viridian(['abort', '--help'])).toMatchObject({ status: 0, stderr: '' });
  });
});

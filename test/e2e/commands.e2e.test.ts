/** Every command as a new user types it, with wrong input too. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startViridian, viridian } from '../support/command.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viridian-e2e-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('viridian', () => {
  test('--help lists every command', async () => {
    const { status, stdout } = await viridian(['--help']);
    expect(status).toBe(0);
    for (const command of ['run', 'validate [options] <file>', 'tags', 'azure', 'demo'])
      expect(stdout).toContain(`\n  ${command}`);
  });

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await viridian(['--version'])).stdout.trim()).toBe(version);
  });

  test.each([
    ['no such command', ['validte', 'x'], "unknown command 'validte'"],
    ['no such option', ['azure', '--prot', '1'], 'Did you mean --port?'],
    ['a missing option', ['run'], "required option '-c, --config <file>'"],
    ['a missing argument', ['validate'], "missing required argument 'file'"],
    ['a port that is none', ['azure', '--port', '70000'], 'expected a port, 0 to 65535'],
    ['a profile that is none', ['azure', '--profile', 'web:ten'], 'expected name[:ttl in seconds'],
  ])('%s is told in one or two lines, exit status 2', async (_, args, expected) => {
    const { status, stdout, stderr } = await viridian(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(expected);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  });
});

describe('on a Node that is too old', () => {
  const old = `--import=data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})`;

  test('it runs with the one pinned in node_modules', async () => {
    expect(await viridian(['--version'], { nodeFlags: [old] })).toMatchObject({ status: 0 });
  });

  test('without one, it says in one line what is missing', async () => {
    const { status, stderr } = await viridian(['--version'], { nodeFlags: [old], env: { VIRIDIAN_NODE: 'none' } });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^viridian needs Node\.js 22\.18 or newer, this is 20\.1\.0; install Node\.js 24.*\n$/);
  });
});

describe('viridian validate and run', () => {
  test('the example is good', async () => {
    const { status, stdout } = await viridian(['validate', 'config/example.yaml']);
    expect(stdout).toContain('config/example.yaml is good: 1 app');
    expect(status).toBe(0);
  });

  test('with --json it is one object, warnings among it', async () => {
    const { status, stdout, stderr } = await viridian(['validate', 'config/example.yaml', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'config/example.yaml',
      owner: 'viridian',
      apps: [{ name: expect.any(String), replicas: expect.any(Number), strategy: 'blueGreen', mode: 'act' }],
      warnings: [],
    });
    expect([status, stderr]).toEqual([0, '']);
  });

  test.each(['validate', 'run'])(
    '%s: every mistake with its place, exit status 2, nothing started',
    async (command) => {
      const file = join(folder, 'viridian.yaml');
      await writeFile(file, 'version: 2\nazure:\n  subscripton: x\napps: []\n');
      const { status, stdout, stderr } = await viridian([command, ...(command === 'run' ? ['--config'] : []), file], {
        cwd: folder,
      });
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toContain(`${file}:1:10: version: expected version: 1, got 2`);
      expect(stderr).toContain(`${file}:3:3: `);
      expect(stderr).toContain('did you mean "subscription"?');
      expect(stderr).toMatch(/\d problems; nothing was done\./);
      expect(existsSync(join(folder, 'state'))).toBe(false);
    },
  );

  test.each([
    ['a file that is not there', undefined, 'the file cannot be read'],
    ['an empty file', '', 'the file is empty'],
    ['no YAML', '{ a: [', 'not YAML'],
  ])('%s: exit status 2', async (_, content, expected) => {
    const file = join(folder, 'viridian.yaml');
    if (content !== undefined) await writeFile(file, content);
    const { status, stderr } = await viridian(['validate', file]);
    expect(status).toBe(2);
    expect(stderr).toContain(expected);
  });
});

describe('viridian azure', () => {
  const anyPorts = ['--port', '0', '--dns-port', '0', '--identity-port', '0'];

  test('tells where it runs and how to point a config at it, and ends with 0 at SIGTERM', async () => {
    const azure = startViridian(['azure', ...anyPorts, '--folder', folder]);
    expect(await azure.firstLine).toMatch(/^A local Azure runs at https:\/\/localhost:\d+ /);
    expect(await azure.stop('SIGTERM')).toBe(0);
    for (const key of ['resourceManager:', 'caFile:', 'nameServers:', 'managedIdentityEndpoint:']) {
      expect(azure.stdout()).toContain(key);
    }
  });

  test('a port that is taken is told with what to do, exit status 1', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { status, stderr } = await viridian(['azure', ...anyPorts.slice(2), '--port', port, '--folder', folder]);
    taken.close();
    expect(status).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${port}`);
    expect(stderr).toContain('choose other ports');
  });
});

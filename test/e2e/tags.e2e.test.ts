/** `viridian tags` as an operator uses it, on a local Azure. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { viridian } from '../support/command.ts';
import { Local } from '../support/local.ts';

let local: Local;
let change: (text: string) => string;

const PROXY = '      - { container: proxy, image: local.azurecr.io/proxy, policy: { pin: "7" } }\n';
const withProxy = (text: string) =>
  text.replace('images: [{', 'images:\n      - {').replace('">=1.0.0" } }]\n', `">=1.0.0" } }\n${PROXY}`);
const template = (text: string) =>
  text.replace(
    'containers:',
    'containers:\n    - name: proxy\n      properties: { image: proxy:1, resources: { requests: { cpu: 1, memoryInGB: 1 } } }',
  );

beforeEach(async () => {
  change = (text) => text;
  local = await Local.start({ template });
  for (const tag of ['1.0.0', '0.9.0', '1.1.0', 'latest']) local.push(tag);
});
afterEach(() => local.close());

async function tags(...args: readonly string[]) {
  await writeFile(local.configFile, change(await readFile(local.configFile, 'utf8')));
  return viridian(['tags', ...args], { cwd: local.folder });
}

describe('viridian tags', () => {
  test('says for each tag of the registry why it should run or not, before anything runs', async () => {
    const { status, stdout, stderr } = await tags('web', '--config', 'viridian.yaml');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'web: local.azurecr.io/web, nothing runs',
      '1.1.0 should run: 1.1.0 is the highest version within >=1.0.0',
      'skipped 2 of 4 tags:',
      '  0.9.0   not within >=1.0.0',
      '  latest  not a version',
      'behind 1 of 4 tags:',
      '  1.0.0  lower than 1.1.0',
      '',
    ]);
    // It only looks.
    expect(existsSync(join(local.folder, 'state'))).toBe(false);
  });

  test('--json: for each image an object of the shape of choose, and more, in one line', async () => {
    change = withProxy;
    local.azure.push({ repository: 'proxy', tag: '7' });
    local.azure.push({ repository: 'proxy', tag: '8' });
    const { status, stdout, stderr } = await tags('web', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toEqual({
      app: 'web',
      images: [
        {
          container: 'web',
          image: 'local.azurecr.io/web',
          running: null,
          chosen: '1.1.0',
          reason: '1.1.0 is the highest version within >=1.0.0',
          skipped: [
            { tag: '0.9.0', reason: 'not within >=1.0.0' },
            { tag: 'latest', reason: 'not a version' },
          ],
          behind: [{ tag: '1.0.0', reason: 'lower than 1.1.0' }],
        },
        {
          container: 'proxy',
          image: 'local.azurecr.io/proxy',
          running: null,
          chosen: '7',
          reason: 'pinned to 7',
          skipped: [{ tag: '8', reason: 'pinned to 7' }],
          behind: [],
        },
      ],
    });
  });

  test('reckons with what runs, beside the daemon that runs it', async () => {
    const journal = await local.run();
    await journal.next('rollout.finished');
    local.azure.images.deleteTag('local.azurecr.io', 'web', '1.1.0');
    const { stdout } = await tags('web', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      images: [
        {
          running: '1.1.0',
          chosen: '1.1.0',
          reason: 'highest version within >=1.0.0 is 1.0.0, lower than running 1.1.0: never a downgrade',
        },
      ],
    });
  });

  test('asks a registry that lists names only for the digest that the policy compares', async () => {
    change = (text) =>
      text.replace('    poll:', '    kind: oci\n    poll:').replace('semver: ">=1.0.0"', 'digest: latest');
    const { status, stdout } = await tags('web', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      images: [{ chosen: 'latest', reason: 'latest is the tag that is followed' }],
    });
  });

  test('an app that is not in the config is told, with the nearest name, exit status 2', async () => {
    const { status, stdout, stderr } = await tags('wbe');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe('viridian: viridian.yaml has no app "wbe"; did you mean "web"?\n');
    expect((await tags('checkout')).stderr).toContain('has no app "checkout"; it has web');
  });

  test('a bad config is told with its places, exit status 2', async () => {
    change = (text) => text.replace('version: 1', 'version: 2');
    const { status, stdout, stderr } = await tags('web', '--json');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('viridian.yaml:1:10: version: expected version: 1, got 2');
    expect((await tags('web', '--config', 'none.yaml')).status).toBe(2);
  });

  test.each([
    [401, 'UNAUTHORIZED', 'give the daemon’s identity AcrPull'],
    [403, 'DENIED', 'give the daemon’s identity AcrPull'],
    [404, 'NAME_UNKNOWN', 'push a first image, or correct the repository'],
    [429, 'TOOMANYREQUESTS', 'the registry throttles'],
    [503, 'UNAVAILABLE', 'HTTP 503'],
  ])('a registry that answers %i is told with what to do, exit status 1', async (status, code, hint) => {
    change = withProxy;
    local.azure.push({ repository: 'proxy', tag: '7' });
    const body = JSON.stringify({ errors: [{ code, message: 'refused for the test' }] });
    local.azure.faults.add({ path: '/acr/v1/web/_tags', status, body });
    const found = await tags('web', '--json');
    expect(found.status).toBe(1);
    expect(found.stderr).toContain('viridian: tags of local.azurecr.io/web cannot be listed');
    expect(found.stderr).toContain('refused for the test');
    expect(found.stderr).toContain(hint);
    expect(JSON.parse(found.stdout)).toMatchObject({
      images: [
        { container: 'web', error: expect.stringContaining(code) },
        { container: 'proxy', chosen: '7' },
      ],
    });
  });

  test('a damaged state is told, and the tags all the same', async () => {
    const journal = await local.run();
    await journal.next('rollout.finished');
    await local.stop();
    await writeFile(join(local.folder, 'state', 'web.json'), '{');
    const { status, stdout, stderr } = await tags('web');
    expect(status).toBe(0);
    expect(stderr).toMatch(/^viridian: state file .* is damaged .*; chosen as if nothing ran\n$/);
    expect(stdout).toContain('1.1.0 should run');
  });
});

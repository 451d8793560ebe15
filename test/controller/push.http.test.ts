/** The whole daemon, told of pushes, on a registry that it would poll once in a year. */
import { afterEach, describe, expect, test } from 'vitest';
import { anyPort } from '../../src/simulator/free-ports.ts';
import { acrBody } from '../server/bodies.ts';
import { Local } from '../support/local.ts';

const SECRET = 'pushed-by-who-knows-this';
process.env['VIRIDIAN_TEST_PUSH_SECRET'] = SECRET;

let local: Local | undefined;
afterEach(() => local?.close());

async function start(change: (text: string) => string = (text) => text) {
  const lists: string[] = [];
  const port = await anyPort();
  local = await Local.start({
    config: (text) =>
      change(text)
        .replace('poll: "* * * * * *"', 'poll: "0 0 0 1 1 *"')
        .replace('state:', `push: { listen: "127.0.0.1:${port}", secret: { env: VIRIDIAN_TEST_PUSH_SECRET } }\nstate:`),
    onRequest: ({ path }) => void (path.endsWith('_tags') && lists.push(path)),
  });
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  const tell = (headers: Record<string, string> = { authorization: SECRET }) =>
    fetch(`http://127.0.0.1:${port}/push/acr`, {
      method: 'POST',
      headers,
      body: JSON.stringify(acrBody({ host: 'local.azurecr.io' })),
    });
  return { local, journal, lists, tell };
}

describe('the daemon, told of a push', () => {
  test('S21: sends its first create call within a second', async () => {
    const { local, journal, tell } = await start();
    local.push('1.1.0');
    const at = performance.now();
    expect((await tell()).status).toBe(202);
    await journal.next('effect.issued', ({ fields }) => fields['to'] === '1.1.0');
    expect(performance.now() - at).toBeLessThan(1000);
    await journal.next('rollout.finished');
    expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
  });

  test('also where the registry lists names only, so that the digest is asked for besides', async () => {
    const { local, journal, tell } = await start((text) =>
      text.replace('    poll:', '    kind: oci\n    poll:').replace('jitter: 0ms', 'jitter: 50ms'),
    );
    local.push('1.1.0');
    const at = performance.now();
    expect((await tell()).status).toBe(202);
    await journal.next('effect.issued', ({ fields }) => fields['to'] === '1.1.0');
    expect(performance.now() - at).toBeLessThan(1000);
  });

  test('S21: many times, by who knows the secret and who does not, polls twice at most and rolls out once', async () => {
    const { local, journal, lists, tell } = await start();
    const before = lists.length;
    expect((await tell({ authorization: 'wrong' })).status).toBe(401);
    local.push('1.1.0');
    const answers = await Promise.all(Array.from({ length: 20 }, () => tell()));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202));
    await journal.next('rollout.finished');
    // The second one is for what came after the first had begun.
    expect(lists.length - before).toBeOneOf([1, 2]);
    expect(journal.lines.filter(({ event }) => event === 'rollout.started')).toHaveLength(2);
    expect(JSON.stringify(journal.lines)).not.toContain(SECRET);
  });

  test('S22: takes none once it is told to stop', async () => {
    const { local, tell } = await start();
    await local.stop();
    await expect(tell()).rejects.toThrow('fetch failed');
  });
});

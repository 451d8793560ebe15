/** The whole daemon on a registry that lists names only. */
import { afterEach, expect, test } from 'vitest';
import { Local } from '../support/local.ts';

let local: Local | undefined;
afterEach(() => local?.close());

test('asks for the digest of the tag that it wants, and rolls it out', async () => {
  const asked: string[] = [];
  local = await Local.start({
    config: (text) => text.replace('    poll:', '    kind: oci\n    poll:'),
    onRequest: ({ method, path }) => asked.push(`${method} ${path}`),
  });
  for (const tag of ['0.9.0', '1.0.0']) local.push(tag);
  const journal = await local.run();
  await journal.next('rollout.finished');
  expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
  local.push('1.1.0');
  await journal.next('rollout.finished');
  expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
  const heads = asked.filter((line) => line.startsWith('HEAD'));
  expect(new Set(heads)).toEqual(new Set(['HEAD /v2/web/manifests/1.0.0', 'HEAD /v2/web/manifests/1.1.0']));
  // A GET counts as a pull: one for each image that is rolled out, when it is checked, and none for a poll.
  const pulls = asked.filter((line) => line.startsWith('GET /v2/web/manifests'));
  expect(pulls).toEqual(Array(2).fill(expect.stringMatching(/manifests\/sha256:[0-9a-f]{64}$/)));
});

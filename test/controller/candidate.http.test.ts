/** What does not fit is not rolled out: nothing is made of it, and the log says why. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Local } from '../support/local.ts';

let local: Local;
afterEach(() => local.close());

test('an image for another platform is held, and a newer one that fits is rolled out', async () => {
  local = await Local.start();
  const { registry, images } = local.azure;
  const platforms = [{ os: 'linux', architecture: 'arm64' }];
  images.push({ registry, repository: 'web', tag: '1.0.0', program: {}, platforms, at: Date.now() });
  const journal = await local.run();
  const held = await journal.next('app.held');
  expect(held.fields['reason']).toMatch(
    /^1\.0\.0 is not rolled out: .* no image for linux\/amd64; .*linux\/arm64|is for linux\/arm64/,
  );
  expect(local.groups()).toEqual([]);
  local.push('1.1.0');
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
});

test('a tag that is deleted between its listing and its check is held, and a newer one is rolled out', async () => {
  const deleteOnce = new Set(['1.0.0']);
  local = await Local.start({
    onRequest: ({ path }) => {
      const tag = path.split('/manifests/')[1] ?? '';
      if (path.startsWith('/v2/web/') && deleteOnce.delete(tag)) {
        local.azure.images.deleteTag(local.azure.registry, 'web', tag);
      }
    },
  });
  local.push('1.0.0');
  const journal = await local.run();
  const held = await journal.next('app.held');
  expect(held.fields).toMatchObject({
    hold: 'registry',
    reason: expect.stringMatching(/^1\.0\.0 is not rolled out: .*1\.0\.0/),
  });
  expect(local.groups()).toEqual([]);
  local.push('1.1.0');
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
});

test('an image without the signature that is asked for is held: it fails closed', async () => {
  local = await Local.start({
    config: (text) =>
      text.replace(
        'policy: { semver: ">=1.0.0" } }',
        'policy: { semver: ">=1.0.0" }, verify: { cosign: { keys: [cosign.pub] } } }',
      ),
  });
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(local.folder, 'cosign.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  local.push('1.0.0');
  const journal = await local.run();
  expect((await journal.next('app.held')).fields['reason']).toContain('1.0.0 is not rolled out: ');
  expect(local.groups()).toEqual([]);
  expect(journal.lines.map(({ event }) => event)).not.toContain('rollout.started');
});

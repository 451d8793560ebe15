/** The place of the state, looked at from outside: a folder, or a container in a real storage server. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lookAtState } from '../../src/cli/preflight-state.ts';
import { openContainer } from '../../src/store/blob-container.ts';
import { startAzurite } from '../support/azurite.ts';
import type { Azurite } from '../support/azurite.ts';

let azurite: Azurite;
let folder: string;
beforeAll(async () => {
  azurite = await startAzurite();
  folder = await mkdtemp(join(tmpdir(), 'viridian-state-'));
}, 60_000);
afterAll(async () => {
  await azurite.stop();
  await rm(folder, { recursive: true });
});

const lookAt = (place: string) => lookAtState({ kind: 'folder', folder: join(folder, place) }, azurite.credential);

test('a folder is used as it is, or made by the daemon; nothing is made by looking', async () => {
  await mkdir(join(folder, 'there'));
  await writeFile(join(folder, 'file'), '');
  expect(await lookAt('there')).toMatchObject({ level: 'ok', message: expect.stringContaining('can be written to') });
  expect(await lookAt('a/b/c')).toMatchObject({
    level: 'ok',
    message: expect.stringContaining('is made at the start'),
  });
  expect(await lookAt('file')).toMatchObject({ level: 'error', message: expect.stringContaining('is no folder') });
  expect(await lookAt('file/below')).toMatchObject({ level: 'error' });
  expect((await readdir(folder)).sort()).toEqual(['file', 'there']);
});

test('a folder whose state was taken elsewhere is not to be used', async () => {
  await mkdir(join(folder, 'moved'));
  await writeFile(join(folder, 'moved', 'moved-to'), 'https://elsewhere\n');
  expect(await lookAt('moved')).toMatchObject({
    level: 'error',
    message: expect.stringContaining('has moved to https://elsewhere'),
  });
});

test('a container that is not there is not made by looking', async () => {
  const url = azurite.newContainer();
  const look = () => lookAtState({ kind: 'blob', url }, azurite.credential);
  expect(await look()).toMatchObject({ level: 'warning', message: expect.stringContaining('is not there') });
  expect(await look()).toMatchObject({ level: 'warning' });
  await openContainer(url, azurite.credential);
  expect(await look()).toMatchObject({ level: 'ok', message: expect.stringContaining('can be read') });
});

test('a container that refuses is told with the role to give', async () => {
  const stranger = { getToken: async () => ({ token: 'of.no.use', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const line = await lookAtState({ kind: 'blob', url: azurite.newContainer() }, stranger);
  expect(line).toMatchObject({ level: 'error', advice: expect.stringContaining('Storage Blob Data Contributor') });
});

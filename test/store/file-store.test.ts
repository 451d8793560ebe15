import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileStore } from '../../src/store/file-store.ts';
import { StalledError, StoreConflictError, TransientError } from '../../src/model/errors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viridian-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the file store', () => {
  test('makes its folder and gives nothing before the first save', async () => {
    const store = await FileStore.open(join(folder, 'a', 'b'));
    expect(await store.load('web')).toBeUndefined();
  });

  test('gives back what was saved, in another process’s eyes too', async () => {
    const store = await FileStore.open(folder);
    expect(await store.save('web', { cursor: 3 }, undefined)).toBe('1');
    expect(await store.save('web', { cursor: 4 }, '1')).toBe('2');
    const other = await FileStore.open(folder);
    expect(await other.load('web')).toEqual({ version: '2', state: { cursor: 4 } });
  });

  test('R5: of two writers on the same version one loses, and what the other saved stays', async () => {
    const [first, second] = [await FileStore.open(folder), await FileStore.open(folder)];
    await first.save('web', { by: 'first' }, undefined);
    await expect(second.save('web', { by: 'second' }, undefined)).rejects.toThrow(StoreConflictError);
    await expect(second.save('web', { by: 'second' }, undefined)).rejects.toThrow('has version 1, expected 0');
    expect((await first.load('web'))?.state).toEqual({ by: 'first' });
  });

  test('apps do not touch each other’s state', async () => {
    const store = await FileStore.open(folder);
    await Promise.all(['a', 'b', 'c'].map((app) => store.save(app, { app }, undefined)));
    expect(await Promise.all(['a', 'b', 'c'].map(async (app) => (await store.load(app))?.state))).toEqual([
      { app: 'a' },
      { app: 'b' },
      { app: 'c' },
    ]);
  });

  test('what an interrupted save left is swept and never read', async () => {
    const store = await FileStore.open(folder);
    await store.save('web', { whole: true }, undefined);
    await writeFile(join(folder, 'web.json.0badf00d.tmp'), '{"schema":1,"ver');
    const restarted = await FileStore.open(folder);
    expect((await restarted.load('web'))?.state).toEqual({ whole: true });
    expect(await readdir(folder)).toEqual(['web.json']);
  });

  test.each([
    ['a torn file', (text: string) => text.slice(0, text.length / 2), 'not whole JSON'],
    ['an empty file', () => '', 'not whole JSON'],
    ['a changed value', (text: string) => text.replace('"cursor":3', '"cursor":4'), 'its checksum differs'],
    [
      'another schema',
      (text: string) => text.replace('"schema":1', '"schema":99'),
      'has schema 99, this version reads 1',
    ],
    ['no version', (text: string) => text.replace('"version"', '"v"'), 'no schema or version'],
    ['something else', () => '[]', 'no schema or version'],
  ])('%s stalls with what to do, and is never written over', async (_, damage, expected) => {
    const store = await FileStore.open(folder);
    await store.save('web', { cursor: 3 }, undefined);
    const file = join(folder, 'web.json');
    const damaged = damage(await readFile(file, 'utf8'));
    await writeFile(file, damaged);
    await expect(store.load('web')).rejects.toThrow(StalledError);
    await expect(store.load('web')).rejects.toThrow(expected);
    await expect(store.load('web')).rejects.toThrow('restore it, or move it away');
    await expect(store.save('web', {}, '1')).rejects.toThrow(StalledError);
    expect(await readFile(file, 'utf8')).toBe(damaged);
  });

  test('a folder that is a file is refused with its name', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(FileStore.open(file)).rejects.toThrow(StalledError);
    await expect(FileStore.open(file)).rejects.toThrow(`state folder ${file} cannot be used`);
  });

  test('a folder that vanished is a fault that may pass', async () => {
    const store = await FileStore.open(folder);
    await rm(folder, { recursive: true });
    await expect(store.save('web', {}, undefined)).rejects.toThrow(TransientError);
  });

  test('a name that leads out of the folder is refused', async () => {
    const store = await FileStore.open(folder);
    await expect(store.load('../other')).rejects.toThrow(StalledError);
  });
});

test('temporary files of others, such as the lock’s, are left alone', async () => {
  await FileStore.open(folder);
  await writeFile(join(folder, 'lock.0badf00d.tmp'), '');
  await FileStore.open(folder);
  expect(await readdir(folder)).toEqual(['lock.0badf00d.tmp']);
});

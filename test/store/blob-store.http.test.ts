/** State in a real storage server. */
import { randomUUID } from 'node:crypto';
import { ContainerClient } from '@azure/storage-blob';
import type { ContainerListBlobsOptions } from '@azure/storage-blob';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StalledError, StoreConflictError, TransientError } from '../../src/model/errors.ts';
import { BlobAttendance } from '../../src/store/blob-attendance.ts';
import { openContainer } from '../../src/store/blob-container.ts';
import { BlobLeases } from '../../src/store/blob-leases.ts';
import { BlobStore } from '../../src/store/blob-store.ts';
import { startAzurite } from '../support/azurite.ts';
import type { Azurite } from '../support/azurite.ts';

/** As if a quarter of an hour had passed, and another daemon deleted the second blob of each list as soon as it is read. */
class LaterContainer extends ContainerClient {
  override listBlobsFlat(options?: ContainerListBlobsOptions) {
    const list = super.listBlobsFlat(options);
    const pages = list.byPage.bind(list);
    const remove = (name: string) => this.deleteBlob(name);
    list.byPage = async function* () {
      for await (const page of pages()) {
        for (const { properties } of page.segment.blobItems) properties.lastModified = new Date(Date.now() - 900_000);
        await remove(page.segment.blobItems[1]?.name ?? '');
        yield page;
      }
    };
    return list;
  }
}

let azurite: Azurite;
let url: string;
let container: ContainerClient;
beforeAll(async () => (azurite = await startAzurite()), 60_000);
afterAll(() => azurite.stop());
beforeEach(async () => {
  url = azurite.newContainer();
  container = await openContainer(url, azurite.credential);
});

describe('a state blob', () => {
  test('comes back as it was saved, with another version after each save', async () => {
    const store = new BlobStore(container);
    expect(await store.load('web')).toBeUndefined();
    const first = await store.save('web', { cursor: 3 }, undefined);
    const second = await store.save('web', { cursor: 4 }, first);
    expect(second).not.toBe(first);
    expect(await new BlobStore(container).load('web')).toEqual({ version: second, state: { cursor: 4 } });
    await store.save('api', {}, undefined);
    expect(await store.list()).toEqual(['api', 'web']);
  });

  test('R5: of two writers on the same version one loses, and what the other saved stays', async () => {
    const [one, other] = [new BlobStore(container), new BlobStore(container)];
    const version = await one.save('web', { by: 'one' }, undefined);
    await expect(other.save('web', { by: 'other' }, undefined)).rejects.toThrow(StoreConflictError);
    await other.save('web', { by: 'other' }, version);
    await expect(one.save('web', { by: 'one' }, version)).rejects.toThrow('another daemon has written it');
    expect(await one.load('web')).toMatchObject({ state: { by: 'other' } });
  });

  test('R5: of two that save at the same time exactly one wins', async () => {
    const version = await new BlobStore(container).save('web', {}, undefined);
    const saves = Array.from({ length: 8 }, (_, by) => new BlobStore(container).save('web', { by }, version));
    const results = await Promise.allSettled(saves);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test.each([
    ['half of it', '{"schema":1,"sha', 'is damaged (not whole JSON)'],
    ['another schema', '{"schema":9}', 'has schema 9, this version reads 1'],
    ['another content', '{"schema":1,"sha256":"0","state":{}}', 'is damaged (its checksum differs)'],
  ])('that is damaged, %s, is refused and left as it is', async (_, text, message) => {
    const blob = container.getBlockBlobClient('apps/web.json');
    await blob.upload(text, text.length);
    const store = new BlobStore(container);
    await expect(store.load('web')).rejects.toThrow(StalledError);
    await expect(store.load('web')).rejects.toThrow(message);
    await expect(store.save('web', {}, undefined)).rejects.toThrow(StoreConflictError);
    expect((await blob.downloadToBuffer()).toString()).toBe(text);
  });

  test('that cannot be reached is tried again; one without rights or container needs a person', async () => {
    const refused = { getToken: async () => ({ token: 'x.e30.x', expiresOnTimestamp: Date.now() + 3_600_000 }) };
    await expect(openContainer(azurite.newContainer(), refused)).rejects.toThrow('Storage Blob Data Contributor');
    await container.delete();
    await expect(new BlobStore(container).save('web', {}, undefined)).rejects.toThrow('state.blob.url');
    const nowhere = new ContainerClient('https://127.0.0.1:1/a/b', azurite.credential, {
      retryOptions: { maxTries: 1 },
    });
    await expect(new BlobStore(nowhere).load('web')).rejects.toThrow(TransientError);
  });
});

describe('leases', () => {
  const leases = (daemon: string) => new BlobLeases(container, { daemon, seconds: 15 });

  test('R5: a partition has one holder at a time, others one by one as it is released', async () => {
    const [one, other] = [leases('one'), leases('other')];
    const id = (await one.acquire(3)) ?? '';
    expect(id).not.toBe('');
    expect(await other.acquire(3)).toBeUndefined();
    expect(await other.acquire(4)).toBeDefined();
    expect(await one.renew(3, id)).toBe(true);
    expect(await other.renew(3, randomUUID())).toBe(false);
    await one.release(3, id);
    expect(await other.acquire(3)).toBeDefined();
  });

  test('R5: a holder that wakes up late finds its lease lost once another has taken it', async () => {
    const [late, other] = [leases('late'), leases('other')];
    const id = (await late.acquire(0)) ?? '';
    // As if its time had run out.
    await container.getBlobClient('partitions/00').getBlobLeaseClient().breakLease(0);
    expect(await other.acquire(0)).toBeDefined();
    expect(await late.renew(0, id)).toBe(false);
    await expect(late.release(0, id)).rejects.toThrow('cannot be released');
    expect(await late.acquire(0)).toBeUndefined();
  });

  test('R5: a lease that this process has already is given to it again, with the same id', async () => {
    const one = leases('one');
    const id = await one.acquire(5);
    expect(await one.acquire(5)).toBe(id);
    expect(await leases('other').acquire(5)).toBeUndefined();
  });

  test('a partition whose blob was deleted is made again', async () => {
    const one = leases('one');
    const id = (await one.acquire(6)) ?? '';
    await one.release(6, id);
    await container.deleteBlob('partitions/06');
    expect(await one.renew(6, id)).toBe(false);
    expect(await one.acquire(6)).toBeDefined();
  });
});

describe('attendance', () => {
  const attendance = (daemon: string) => new BlobLeases(container, { daemon });

  test('shows the others with their configs, and since when each config is known', async () => {
    const [one, other, third] = [attendance('one'), attendance('other'), attendance('third')];
    const first = await one.attend('aaaa');
    expect(first).toMatchObject({ own: { name: 'one', config: 'aaaa', rounds: 1 }, others: [] });
    const second = await other.attend('bbbb');
    expect(second.others).toMatchObject([{ name: 'one', config: 'aaaa', rounds: 1, hasLeft: false }]);
    expect(second.own.configSince).toBeGreaterThanOrEqual(first.own.configSince);
    expect((await third.attend('aaaa')).own.configSince).toBe(first.own.configSince);
    expect(await one.attend('aaaa')).toMatchObject({ own: { rounds: 2, configSince: first.own.configSince } });
  });

  test('a daemon that takes up another config leaves a trace of the one before, and counts as it did', async () => {
    const one = attendance('one');
    const first = await one.attend('aaaa');
    expect(await one.attend('bbbb')).toMatchObject({
      own: { name: 'one.1', config: 'bbbb', rounds: 2, hasLeft: false },
      others: [{ name: 'one', config: 'aaaa', configSince: first.own.configSince, hasLeft: true }],
    });
    const back = await one.attend('aaaa');
    expect(back.own).toMatchObject({ name: 'one.2', configSince: first.own.configSince, rounds: 3 });
    expect(back.others).toMatchObject([{ name: 'one' }, { name: 'one.1', config: 'bbbb', hasLeft: true }]);
    await one.leave();
    const { others } = await attendance('other').attend('cccc');
    expect(others.filter(({ hasLeft }) => !hasLeft)).toEqual([]);
  });

  test('remembers who has left, with its config', async () => {
    const [one, other] = [attendance('one'), attendance('other')];
    await one.leave();
    await other.attend('bbbb');
    await other.leave();
    const { others } = await one.attend('aaaa');
    expect(others).toMatchObject([{ name: 'other', config: 'bbbb', hasLeft: true }]);
  });

  test('takes the traces of daemons away that are long silent, a few at a time, also where another one does so', async () => {
    for (let index = 0; index < 10; index += 1) await attendance(`dead-${index}`).attend('aaaa');
    const later = new LaterContainer(url, azurite.credential, { retryOptions: { maxTries: 1 } });
    expect((await new BlobLeases(later, { daemon: 'own' }).attend('aaaa')).others).toHaveLength(10);
    const left: string[] = [];
    for await (const { name } of container.listBlobsFlat({ prefix: 'daemons/dead' })) left.push(name);
    expect(left).toHaveLength(5);
  });
});

test('who comes with a state can see whether daemons live there already', async () => {
  const newcomer = new BlobAttendance(container, 'newcomer');
  expect(await newcomer.countOthers()).toBe(0);
  const one = new BlobLeases(container, { daemon: 'one' });
  await one.attend('config');
  expect(await newcomer.countOthers()).toBe(1);
  await one.leave();
  expect(await newcomer.countOthers()).toBe(0);
});

/**
 * State in Azure Blob Storage, one blob per app, shared by several daemons. Every write carries the ETag of what was read:
 * of two writers one loses, however late it wakes up.
 */
import { text } from 'node:stream/consumers';
import type { ContainerClient } from '@azure/storage-blob';
import type { StateStore, StoredState } from '../controller/ports.ts';
import { StalledError, StoreConflictError } from '../model/errors.ts';
import { callOptions, storageCode, storageError } from './blob-container.ts';
import { damagedState, readEnvelope, writeEnvelope } from './envelope.ts';

const PREFIX = 'apps/';
const LARGEST_BYTES = 4 * 1024 * 1024;
const CONFLICTS = new Set(['ConditionNotMet', 'BlobAlreadyExists', 'UnspecifiedConditionNotMet']);

export class BlobStore implements StateStore {
  readonly #container: ContainerClient;

  constructor(container: ContainerClient) {
    this.#container = container;
  }

  /** Throws StalledError where the blob is damaged; it is never overwritten then. */
  async load(app: string): Promise<StoredState | undefined> {
    const blob = this.#blobOf(app);
    try {
      const { etag, contentLength = 0, readableStreamBody } = await blob.download(0, undefined, callOptions());
      if (contentLength > LARGEST_BYTES || readableStreamBody === undefined) {
        throw damagedState(`state blob ${blob.url}`, `has ${contentLength} bytes, expected at most ${LARGEST_BYTES}`);
      }
      const { state } = readEnvelope(`state blob ${blob.url}`, await text(readableStreamBody));
      return { version: versionOf(blob.url, etag), state };
    } catch (error) {
      if (storageCode(error) === 'BlobNotFound') return undefined;
      throw error instanceof StalledError ? error : storageError(`state blob ${blob.url}`, 'read', error);
    }
  }

  /** An answer that never came may mean either: the caller loads again. */
  async save(app: string, state: unknown, expected: string | undefined): Promise<string> {
    const blob = this.#blobOf(app);
    const body = writeEnvelope(state);
    if (Buffer.byteLength(body) > LARGEST_BYTES) {
      throw new StalledError(
        `state of ${app} has ${Buffer.byteLength(body)} bytes, expected at most ${LARGEST_BYTES}: it is not written`,
      );
    }
    try {
      const { etag } = await blob.upload(body, Buffer.byteLength(body), {
        ...callOptions(),
        conditions: expected === undefined ? { ifNoneMatch: '*' } : { ifMatch: expected },
        blobHTTPHeaders: { blobContentType: 'application/json' },
      });
      return versionOf(blob.url, etag);
    } catch (error) {
      if (error instanceof StalledError) throw error;
      if (!CONFLICTS.has(storageCode(error) ?? '')) throw storageError(`state blob ${blob.url}`, 'written', error);
      const message = `state blob ${blob.url} is not what was read (${expected ?? 'none'}): another daemon has written it`;
      throw new StoreConflictError(message, { cause: error });
    }
  }

  async list(): Promise<readonly string[]> {
    const names: string[] = [];
    try {
      for await (const { name } of this.#container.listBlobsFlat({ prefix: PREFIX, ...callOptions() })) {
        if (name.endsWith('.json')) names.push(name.slice(PREFIX.length, -'.json'.length));
      }
    } catch (error) {
      throw storageError(`container ${this.#container.url}`, 'listed', error);
    }
    return names.sort();
  }

  #blobOf(app: string) {
    return this.#container.getBlockBlobClient(`${PREFIX}${app}.json`);
  }
}

/** Without one, the next write would be unconditional. */
function versionOf(url: string, etag: string | undefined): string {
  if (etag !== undefined && etag !== '') return etag;
  throw new StalledError(
    `state blob ${url} has no ETag: ${url} is no Azure Blob Storage, or something stands before it`,
  );
}

/**
 * Leases in Azure Blob Storage: one small blob per partition, leased by who drives its apps, and one per daemon, written
 * again and again to say that it lives. Times are compared by the service's clock alone.
 */
import { isRestError } from '@azure/core-rest-pipeline';
import type { ContainerClient } from '@azure/storage-blob';
import type { Leases } from '../controller/ports.ts';
import { callOptions, storageCode, storageError } from './blob-container.ts';

/** Azure takes 15 to 60 seconds. */
const LEASE_SECONDS = 45;
/** A daemon says every ten seconds that it lives. */
const ALIVE_MS = 30_000;
const FORGOTTEN_MS = 24 * 3_600_000;
const DAEMONS = 'daemons/';

export class BlobLeases implements Leases {
  readonly durationMs: number;
  readonly #container: ContainerClient;
  readonly #daemon: string;
  readonly #made = new Set<number>();

  /** `daemon`: a name of this process's own, with no slash. */
  constructor(container: ContainerClient, given: { readonly daemon: string; readonly seconds?: number }) {
    this.#container = container;
    this.#daemon = given.daemon;
    this.durationMs = (given.seconds ?? LEASE_SECONDS) * 1000;
  }

  async acquire(partition: number): Promise<string | undefined> {
    try {
      await this.#make(partition);
      const lease = this.#blobOf(partition).getBlobLeaseClient();
      return (await lease.acquireLease(this.durationMs / 1000, callOptions())).leaseId;
    } catch (error) {
      if (storageCode(error) === 'LeaseAlreadyPresent') return undefined;
      throw storageError(this.#nameOf(partition), 'leased', error);
    }
  }

  /** Also after its end, as long as nobody else has taken it meanwhile: the service knows. */
  async renew(partition: number, leaseId: string): Promise<boolean> {
    try {
      await this.#blobOf(partition).getBlobLeaseClient(leaseId).renewLease(callOptions());
      return true;
    } catch (error) {
      const status = isRestError(error) ? error.statusCode : undefined;
      if (status === 404 || status === 409 || status === 412) return false;
      throw storageError(this.#nameOf(partition), 'renewed', error);
    }
  }

  async release(partition: number, leaseId: string): Promise<void> {
    try {
      await this.#blobOf(partition).getBlobLeaseClient(leaseId).releaseLease(callOptions());
    } catch (error) {
      throw storageError(this.#nameOf(partition), 'released', error);
    }
  }

  async attend(): Promise<number> {
    try {
      await this.#ownBlob().upload(this.#daemon, Buffer.byteLength(this.#daemon), callOptions());
      return await this.#countAlive();
    } catch (error) {
      throw storageError(`${this.#container.url}/${DAEMONS}`, 'written', error);
    }
  }

  async leave(): Promise<void> {
    try {
      await this.#ownBlob().deleteIfExists(callOptions());
    } catch (error) {
      throw storageError(this.#ownBlob().url, 'deleted', error);
    }
  }

  async #countAlive(): Promise<number> {
    let alive = 0;
    for await (const page of this.#container.listBlobsFlat({ prefix: DAEMONS, ...callOptions() }).byPage()) {
      const now = Number(page.date ?? Number.NaN);
      for (const { name, properties } of page.segment.blobItems) {
        const age = now - Number(properties.lastModified);
        if (age < ALIVE_MS) alive += 1;
        else if (age > FORGOTTEN_MS) await this.#container.deleteBlob(name, callOptions());
      }
    }
    return alive;
  }

  async #make(partition: number): Promise<void> {
    if (this.#made.has(partition)) return;
    try {
      await this.#blobOf(partition).upload('', 0, { ...callOptions(), conditions: { ifNoneMatch: '*' } });
    } catch (error) {
      const status = isRestError(error) ? error.statusCode : undefined;
      // It is there already, and may be leased.
      if (status !== 409 && status !== 412) throw error;
    }
    this.#made.add(partition);
  }

  #nameOf(partition: number): string {
    return `lease ${this.#blobOf(partition).url}`;
  }

  #blobOf(partition: number) {
    return this.#container.getBlockBlobClient(`partitions/${String(partition).padStart(2, '0')}`);
  }

  #ownBlob() {
    return this.#container.getBlockBlobClient(`${DAEMONS}${this.#daemon}`);
  }
}

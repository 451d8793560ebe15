/**
 * Leases in Azure Blob Storage: one small blob per partition, leased by who drives its apps. Time-outs are short, as what
 * is held must be renewed in time; who asks again finds what the first try has left.
 */
import { randomUUID } from 'node:crypto';
import { isRestError } from '@azure/core-rest-pipeline';
import type { ContainerClient } from '@azure/storage-blob';
import type { Attendance } from '../controller/attendance.ts';
import type { Leases } from '../controller/ports.ts';
import { BlobAttendance } from './blob-attendance.ts';
import { callOptions, storageCode, storageError } from './blob-container.ts';

/** Azure takes 15 to 60 seconds. */
const LEASE_SECONDS = 45;
const CALL_TIMEOUT_MS = 3000;

export class BlobLeases implements Leases {
  readonly durationMs: number;
  readonly #container: ContainerClient;
  readonly #attendance: BlobAttendance;
  readonly #made = new Set<number>();
  /** Of this process, so that a lease whose answer was lost is its own when it asks again. */
  readonly #ids = new Map<number, string>();

  /** `daemon`: a name of this process's own, with no slash. */
  constructor(container: ContainerClient, given: { readonly daemon: string; readonly seconds?: number }) {
    this.#container = container;
    this.#attendance = new BlobAttendance(container, given.daemon);
    this.durationMs = (given.seconds ?? LEASE_SECONDS) * 1000;
  }

  async acquire(partition: number): Promise<string | undefined> {
    try {
      return await this.#lease(partition);
    } catch (error) {
      if (storageCode(error) === 'LeaseAlreadyPresent') return undefined;
      throw storageError(this.#nameOf(partition), 'leased', error);
    }
  }

  /** Also after its end, as long as nobody else has taken it meanwhile: the service knows. */
  async renew(partition: number, leaseId: string): Promise<boolean> {
    try {
      await this.#blobOf(partition).getBlobLeaseClient(leaseId).renewLease(callOptions(CALL_TIMEOUT_MS));
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (status === 404 || status === 409 || status === 412) return false;
      throw storageError(this.#nameOf(partition), 'renewed', error);
    }
  }

  async release(partition: number, leaseId: string): Promise<void> {
    try {
      await this.#blobOf(partition).getBlobLeaseClient(leaseId).releaseLease(callOptions(CALL_TIMEOUT_MS));
    } catch (error) {
      throw storageError(this.#nameOf(partition), 'released', error);
    }
  }

  attend(config: string): Promise<Attendance> {
    return this.#attendance.attend(config);
  }

  leave(): Promise<void> {
    return this.#attendance.leave();
  }

  async #lease(partition: number): Promise<string> {
    const id = this.#ids.get(partition) ?? randomUUID();
    this.#ids.set(partition, id);
    const lease = this.#blobOf(partition).getBlobLeaseClient(id);
    await this.#make(partition);
    try {
      await lease.acquireLease(this.durationMs / 1000, callOptions(CALL_TIMEOUT_MS));
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      // Somebody has deleted the blob since it was made.
      this.#made.delete(partition);
      await this.#make(partition);
      await lease.acquireLease(this.durationMs / 1000, callOptions(CALL_TIMEOUT_MS));
    }
    return id;
  }

  async #make(partition: number): Promise<void> {
    if (this.#made.has(partition)) return;
    try {
      const conditions = { ifNoneMatch: '*' };
      await this.#blobOf(partition).upload('', 0, { ...callOptions(CALL_TIMEOUT_MS), conditions });
    } catch (error) {
      const status = statusOf(error);
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
}

function statusOf(error: unknown): number | undefined {
  return isRestError(error) ? error.statusCode : undefined;
}

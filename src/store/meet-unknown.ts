/** Shows answers of the storage service that nobody has foreseen whole, once, on their way to who asked. */
import { isRestError } from '@azure/core-rest-pipeline';
import type { UnknownErrors } from '../azure/unknown-errors.ts';
import type { Leases, StateStore } from '../controller/ports.ts';
import { storageCode } from './blob-container.ts';

const FORESEEN = new Set([401, 403, 404, 408, 409, 412, 429, 500, 503]);

export function storeMeetingUnknown(store: StateStore, unknown: UnknownErrors): StateStore {
  return {
    load: meeting(unknown, (app) => store.load(app)),
    save: meeting(unknown, (...save) => store.save(...save)),
    list: meeting(unknown, () => store.list()),
  };
}

export function leasesMeetingUnknown(leases: Leases, unknown: UnknownErrors): Leases {
  return {
    durationMs: leases.durationMs,
    acquire: meeting(unknown, (partition) => leases.acquire(partition)),
    renew: meeting(unknown, (partition, leaseId) => leases.renew(partition, leaseId)),
    release: meeting(unknown, (partition, leaseId) => leases.release(partition, leaseId)),
    attend: meeting(unknown, (config) => leases.attend(config)),
    leave: meeting(unknown, () => leases.leave()),
  };
}

function meeting<Given extends readonly unknown[], Result>(
  unknown: UnknownErrors,
  call: (...given: Given) => Promise<Result>,
): (...given: Given) => Promise<Result> {
  return async (...given) => {
    try {
      return await call(...given);
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      const status = isRestError(cause) ? cause.statusCode : undefined;
      if (status !== undefined && !FORESEEN.has(status)) unknown.meet(cause, storageCode(cause) ?? 'Unknown');
      throw error;
    }
  };
}

/** Opens the place of the state: a folder, locked for this daemon alone, or a container that several daemons share. */
import { hostname } from 'node:os';
import type { TokenCredential } from '@azure/core-auth';
import { UnknownErrors } from '../azure/unknown-errors.ts';
import type { UnknownError } from '../azure/unknown-errors.ts';
import type { StateSettings } from '../config/settings.ts';
import type { DaemonGiven } from '../controller/daemon.ts';
import { systemClock } from '../runtime/clock.ts';
import { newRolloutId } from '../runtime/random.ts';
import { FileStore, makeFolder } from '../store/file-store.ts';
import { lockFolder } from '../store/folder-lock.ts';
import { refuseMoved } from '../store/moved.ts';

export interface OpenState extends Pick<DaemonGiven, 'store' | 'sharing' | 'leadership'> {
  /** Aborts when somebody else has taken the folder over: stop at once. */
  readonly lost: AbortSignal | undefined;
  close(): Promise<void>;
}

export interface OpenStateGiven {
  readonly credential: TokenCredential;
  readonly onUnknownError?: (error: UnknownError) => void;
  /** Told how many daemons share the work. */
  readonly onDaemons?: (count: number) => void;
}

/** Throws StalledError or TransientError where it cannot be used. */
export function openState(state: StateSettings, given: OpenStateGiven): Promise<OpenState> {
  return state.kind === 'folder' ? openFolder(state.folder) : openShared(state.url, given);
}

/** `movedTo`: a folder that was marked as moved there is opened all the same. */
export async function openFolder(folder: string, movedTo?: string): Promise<OpenState> {
  await makeFolder(folder);
  const lock = await lockFolder(folder, systemClock);
  try {
    await refuseMoved(folder, movedTo);
    const store = await FileStore.open(folder);
    const leadership = { term: () => (lock.mayAct() ? 1 : undefined) };
    return { store, leadership, lost: lock.lost, close: () => lock.release() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openShared(url: string, given: OpenStateGiven): Promise<OpenState> {
  const { credential, onUnknownError = () => undefined, onDaemons = () => undefined } = given;
  // Loaded only where it is asked for: the storage library is large.
  const { openContainer } = await import('../store/blob-container.ts');
  const { BlobStore } = await import('../store/blob-store.ts');
  const { BlobLeases } = await import('../store/blob-leases.ts');
  const { leasesMeetingUnknown, storeMeetingUnknown } = await import('../store/meet-unknown.ts');
  const unknown = new UnknownErrors(onUnknownError);
  const container = await openContainer(url, credential);
  const leases = new BlobLeases(container, { daemon: `${hostname()}-${newRolloutId()}` });
  const sharing = { leases: leasesMeetingUnknown(leases, unknown), wall: () => Date.now(), onDaemons };
  const store = storeMeetingUnknown(new BlobStore(container), unknown);
  return { store, sharing, lost: undefined, close: async () => undefined };
}

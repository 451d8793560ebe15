/** Opens the place of the state: a folder, locked for this daemon alone, or a container that several daemons share. */
import { hostname } from 'node:os';
import type { TokenCredential } from '@azure/core-auth';
import type { StateSettings } from '../config/settings.ts';
import type { DaemonGiven } from '../controller/daemon.ts';
import { systemClock } from '../runtime/clock.ts';
import { newRolloutId } from '../runtime/random.ts';
import { FileStore } from '../store/file-store.ts';
import { lockFolder } from '../store/folder-lock.ts';

export interface OpenState extends Pick<DaemonGiven, 'store' | 'sharing'> {
  /** Aborts when somebody else has taken the folder over: stop at once. */
  readonly lost: AbortSignal | undefined;
  close(): Promise<void>;
}

/** Throws StalledError or TransientError where it cannot be used. */
export async function openState(state: StateSettings, credential: TokenCredential): Promise<OpenState> {
  if (state.kind === 'folder') {
    const store = await FileStore.open(state.folder);
    const lock = await lockFolder(state.folder, systemClock);
    return { store, lost: lock.lost, close: () => lock.release() };
  }
  // Loaded only where it is asked for: the storage library is large.
  const { openContainer } = await import('../store/blob-container.ts');
  const { BlobStore } = await import('../store/blob-store.ts');
  const { BlobLeases } = await import('../store/blob-leases.ts');
  const container = await openContainer(state.url, credential);
  const leases = new BlobLeases(container, { daemon: `${hostname()}-${newRolloutId()}` });
  const sharing = { leases, wall: () => Date.now() };
  return { store: new BlobStore(container), sharing, lost: undefined, close: async () => undefined };
}

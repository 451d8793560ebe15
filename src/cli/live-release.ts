/** What an app runs by its stored state, for commands that only look: nothing is locked, made or changed. */
import type { TokenCredential } from '@azure/core-auth';
import type { StateSettings } from '../config/settings.ts';
import { parseAppState } from '../controller/app-state.ts';
import type { AppState } from '../controller/app-state.ts';
import type { StateStore } from '../controller/ports.ts';
import type { Release } from '../model/release.ts';
import { FileStore } from '../store/file-store.ts';

export type LiveRelease =
  | { readonly kind: 'known'; readonly release: Release | undefined }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Never throws. */
export async function readLiveRelease(
  app: string,
  state: StateSettings,
  credential: TokenCredential,
): Promise<LiveRelease> {
  try {
    const stored = await readAppState(app, await viewState(state, credential));
    return { kind: 'known', release: stored?.live?.release };
  } catch (error) {
    return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Undefined where nothing is stored. Throws where it cannot be told. */
export async function readAppState(app: string, store: Pick<StateStore, 'load'>): Promise<AppState | undefined> {
  const stored = await store.load(app);
  return stored === undefined ? undefined : parseAppState(app, stored.state);
}

export async function viewState(state: StateSettings, credential: TokenCredential): Promise<Pick<StateStore, 'load'>> {
  if (state.kind === 'folder') return FileStore.view(state.folder);
  const { viewContainer } = await import('../store/blob-container.ts');
  const { BlobStore } = await import('../store/blob-store.ts');
  return new BlobStore(viewContainer(state.url, credential));
}

/** Where state is kept in a seed: it outlives the daemons, and the judges read it without a fault. */
import type { StateStore, StoredState } from '../controller/ports.ts';
import type { Disk } from '../store/disk.ts';
import type { Life } from './life.ts';

export interface Documents {
  /** As one life of a daemon sees them; what it has begun ends with it, wherever it stands. `plant` spoils its disk. */
  open(life: Life, plant?: (disk: Disk) => Disk): StateStore;
  peek(app: string): StoredState | undefined;
  /** The state alone. */
  text(app: string): string | undefined;
  /** All is lost. */
  clear(): void;
}

/** What a call of a store, a disk or a lease meets. */
export interface StoreTrouble {
  readonly delayMs: number;
  /** `after`: it took effect all the same. */
  readonly fails: 'before' | 'after' | undefined;
}

/** Sees every state that takes the place of another, as it does. */
export type OnSave = (app: string, before: unknown, after: unknown) => void;

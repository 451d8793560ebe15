/** The whole config after reading: what the daemon is started with. */
import type { CloudSettings, RegistrySettings } from '../azure/cloud.ts';
import type { App } from '../model/app.ts';

/** A folder of one daemon's own, or a container that several daemons share. */
export type StateSettings =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'blob'; readonly url: string };

export interface Settings {
  /** Absolute path of the config file. */
  readonly file: string;
  /** Marks what is ours: first part of endpoint names, and a tag on every group. */
  readonly owner: string;
  readonly cloud: CloudSettings;
  readonly registries: readonly RegistrySettings[];
  readonly state: StateSettings;
  /** What becomes of the groups of an app that has left the config. */
  readonly onRemoval: 'keep' | 'retire';
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' };
  readonly apps: readonly App[];
}

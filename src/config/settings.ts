/** The whole config after reading: what the daemon is started with. */
import type { CloudSettings, RegistrySettings } from '../azure/cloud.ts';
import type { App, SecretReference } from '../model/app.ts';

/** A folder of one daemon's own, or a container that several daemons share. */
export type StateSettings =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'blob'; readonly url: string };

/** Where something is listened to. */
export interface ListenSettings {
  readonly host: string;
  readonly port: number;
  /** Absolute paths of PEM files; without them it speaks plain http. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** Where operators ask and command. */
export interface ApiSettings extends ListenSettings {
  /** One or more, each of another person. */
  readonly tokens: readonly { readonly name: string; readonly token: SecretReference }[];
}

/** Where registries tell of pushes. */
export interface PushSettings extends ListenSettings {
  /** Header that carries the secret, in lower case. */
  readonly header: string;
  readonly secret: SecretReference;
}

/** A webhook that is told of events. */
export interface NotifySettings {
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly secret: SecretReference | undefined;
  readonly events: readonly string[];
}

/** Rollouts under way at a time; undefined: any number. */
export interface RolloutLimits {
  readonly all: number | undefined;
  /** By the name of a group of apps. */
  readonly groups: Readonly<Record<string, number | undefined>>;
}

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
  /** Absent: nothing is listened to, and changes are found by polls alone. */
  readonly push?: PushSettings;
  /** Absent: nobody can ask or command. */
  readonly api?: ApiSettings;
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' };
  /** Webhooks that are told of events; none where absent. */
  readonly notify?: readonly NotifySettings[];
  /** How many rollouts at a time; absent: any number. */
  readonly limits?: RolloutLimits;
  readonly apps: readonly App[];
}

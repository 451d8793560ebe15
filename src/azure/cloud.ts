/**
 * Everything the daemon knows about which Azure it speaks to: endpoints, identity, trust and name servers, all from the
 * config. A sovereign cloud and the local Azure differ from the public one in nothing else.
 */
import type { SecretReference } from '../model/app.ts';

export type CredentialSettings =
  | { readonly kind: 'managedIdentity'; readonly clientId: string | undefined }
  /** AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or certificate) as @azure/identity reads them. */
  | { readonly kind: 'environment' }
  | {
      readonly kind: 'servicePrincipal';
      readonly tenantId: string;
      readonly clientId: string;
      readonly clientSecret: SecretReference;
    };

export interface CloudSettings {
  readonly subscriptionId: string;
  /** Base URL of Azure Resource Manager, e.g. `https://management.azure.com`. */
  readonly resourceManager: string;
  /** Token audience of ARM, without `/.default`, e.g. `https://management.azure.com`. */
  readonly audience: string;
  /** Base URL of the token service, e.g. `https://login.microsoftonline.com`. */
  readonly authority: string;
  /** Base URL of the managed identity endpoint; undefined: the platform's own. */
  readonly managedIdentityEndpoint: string | undefined;
  readonly credential: CredentialSettings;
  /** Absolute path of a PEM file with further certificate authorities. */
  readonly caFile: string | undefined;
  /** Name servers (`ip` or `ip:port`) asked when groups are probed; empty: the system's own. */
  readonly nameServers: readonly string[];
  /** Traffic Manager's own (`ip` or `ip:port`); empty or undefined: found by the NS records of a profile's zone. */
  readonly trafficManagerNameServers?: readonly string[];
  readonly keyVault?: KeyVaultSettings;
}

export interface KeyVaultSettings {
  /** Base URL that vaults are reached at in place of their own hosts; their names stay, also in the certificate. */
  readonly endpoint: string | undefined;
  /** Cron expression (with seconds): when versions are looked up. */
  readonly schedule: string;
}

/** Who asks a registry. */
export type RegistryCredential =
  /** The daemon's own identity; Azure Container Registry only. */
  | { readonly kind: 'azure' }
  | { readonly kind: 'anonymous' }
  /** Also a token with a scope map, or a service principal. */
  | { readonly kind: 'basic'; readonly username: string; readonly password: SecretReference }
  /** A token that is sent as it is. */
  | { readonly kind: 'bearer'; readonly token: SecretReference };

/** One registry: its host as written in image names, and where it is reached. */
export interface RegistrySettings {
  readonly host: string;
  /** Base URL, `https://{host}` by default. */
  readonly endpoint: string;
  /** How tags are listed: as Azure Container Registry does, newest first, or by the open protocol. */
  readonly kind: 'acr' | 'oci';
  readonly credential: RegistryCredential;
  /** Cron expression (with seconds) of the polls, e.g. every 30 s is `0,30 * * * * *`. */
  readonly schedule: string;
  /** Random delay added to each poll, at most this much. */
  readonly jitterMs: number;
}

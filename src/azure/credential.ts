/** The daemon's identity, from the config: managed identity, environment, or a service principal. */
import { ClientSecretCredential, EnvironmentCredential, ManagedIdentityCredential } from '@azure/identity';
import type { TokenCredential } from '@azure/core-auth';
import type { SecretReference } from '../model/app.ts';
import type { CloudSettings } from './cloud.ts';

/** Authorities that Microsoft's own directory of clouds knows; others are not asked about there. */
const KNOWN_AUTHORITIES = new Set(['login.microsoftonline.com', 'login.microsoftonline.us', 'login.chinacloudapi.cn']);

export async function makeCredential(
  cloud: CloudSettings,
  readSecret: (reference: SecretReference) => Promise<string>,
): Promise<TokenCredential> {
  const isKnown = KNOWN_AUTHORITIES.has(new URL(cloud.authority).host);
  const options = { authorityHost: cloud.authority, disableInstanceDiscovery: !isKnown };
  const { credential } = cloud;
  switch (credential.kind) {
    case 'managedIdentity':
      // The identity library takes another endpoint only from this variable.
      if (cloud.managedIdentityEndpoint !== undefined)
        process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = cloud.managedIdentityEndpoint;
      return credential.clientId === undefined
        ? new ManagedIdentityCredential()
        : new ManagedIdentityCredential({ clientId: credential.clientId });
    case 'environment':
      return new EnvironmentCredential(options);
    case 'servicePrincipal':
      return new ClientSecretCredential(
        credential.tenantId,
        credential.clientId,
        await readSecret(credential.clientSecret),
        options,
      );
  }
}

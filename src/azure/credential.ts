/** The daemon's identity, from the config: managed identity, environment, or a service principal. */
import { ClientSecretCredential, EnvironmentCredential, ManagedIdentityCredential } from '@azure/identity';
import type { TokenCredential } from '@azure/core-auth';
import type { SecretReference } from '../model/app.ts';
import { TransientError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';
import type { CloudSettings } from './cloud.ts';

/** Authorities that Microsoft's own directory of clouds knows; others are not asked about there. */
const KNOWN_AUTHORITIES = new Set(['login.microsoftonline.com', 'login.microsoftonline.us', 'login.chinacloudapi.cn']);

const LONGEST_WAIT_MS = 30_000;

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

/** The same, but who waits for a token is not kept for more than 30 s: the identity library itself may wait for ever. */
export function impatient(credential: TokenCredential, clock: Clock): TokenCredential {
  return {
    async getToken(scopes, options) {
      const done = new AbortController();
      const tooLate = clock.wait(LONGEST_WAIT_MS, done.signal).then(() => {
        throw new TransientError('not sent: no token within 30 s; check azure.authority and the way to it');
      });
      try {
        return await Promise.race([credential.getToken(scopes, options), tooLate]);
      } finally {
        tooLate.catch(() => undefined);
        done.abort();
      }
    },
  };
}

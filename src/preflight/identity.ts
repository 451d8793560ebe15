/** Who the daemon is to Azure: what a token says of it, and what to set where there is none. The token itself is never told. */
import type { CredentialSettings } from '../azure/cloud.ts';
import { fail, fine } from './line.ts';
import type { PreflightLine } from './line.ts';
import type { Looked } from './looked.ts';

const PLACE = { subject: 'identity' };
const LONGEST_REASON = 300;
const ID = /^[\w.-]{1,64}$/;

export interface Who {
  readonly tenant: string | undefined;
  readonly client: string | undefined;
  /** Object id of the principal: what roles are given to. */
  readonly object: string | undefined;
}

/** What of a JWT is no secret; nothing of a token of another kind. */
export function whoIn(token: string): Who {
  const claims = claimsOf(token);
  const id = (name: string) => {
    const value = claims[name];
    return typeof value === 'string' && ID.test(value) ? value : undefined;
  };
  return { tenant: id('tid'), client: id('appid') ?? id('azp'), object: id('oid') };
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? Object.fromEntries(Object.entries(parsed)) : {};
  } catch {
    return {};
  }
}

const TITLES = {
  managedIdentity: 'the managed identity',
  environment: 'the credential of the environment',
  servicePrincipal: 'the service principal',
} as const;

const ADVICE = {
  managedIdentity:
    'run this where the identity is assigned, and check azure.credential.managedIdentity.clientId; elsewhere set azure.credential to environment',
  environment: 'set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH)',
  servicePrincipal: 'check tenant, clientId and clientSecret of azure.credential.servicePrincipal',
} as const;

export function judgeIdentity({ kind }: CredentialSettings, looked: Looked<Who>): PreflightLine {
  if (!looked.known) {
    const reason = (looked.reason.split('\n')[0] ?? '').slice(0, LONGEST_REASON);
    return fail(PLACE, `${TITLES[kind]} gives no token: ${reason}; nothing of Azure was looked at`, ADVICE[kind]);
  }
  const { tenant, client, object } = looked.value;
  const ids = Object.entries({ tenant, client, object }).flatMap(([name, id]) =>
    id === undefined ? [] : `${name} ${id}`,
  );
  return fine(PLACE, `${TITLES[kind]} gives a token${ids.length === 0 ? '' : ` (${ids.join(', ')})`}`);
}

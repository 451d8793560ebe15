/** Whether groups can pull their images: each registry of the app has a credential in the template that goes with it. Pure. */
import type { RegistrySettings } from '../azure/cloud.ts';
import type { App, JsonObject } from '../model/app.ts';
import { documentsOf } from './group-documents.ts';
import { fail, fine, warn } from './line.ts';
import type { Place, PreflightLine } from './line.ts';
import { identitiesOf, pullCredentialsOf } from './template-parts.ts';
import type { PullCredential } from './template-parts.ts';

const AZURE_REGISTRY = /\.azurecr\.(?:io|cn|us)$/;

/** The worst of each registry, where groups of the app differ. */
export function judgePull(app: App, registries: readonly RegistrySettings[]): readonly PreflightLine[] {
  const documents = documentsOf(app);
  return [...new Set(app.images.map(({ registry }) => registry))].flatMap((host) => {
    const place = { subject: `image pull: ${host}`, app: app.name };
    const lines = documents.map((document) => judgeHost(document, host, { registries, place }));
    return (
      lines.find(({ level }) => level === 'error') ?? lines.find(({ level }) => level === 'warning') ?? lines[0] ?? []
    );
  });
}

interface Pulling {
  readonly registries: readonly RegistrySettings[];
  readonly place: Place;
}

function judgeHost(document: JsonObject, host: string, given: Pulling): PreflightLine {
  const credentials = pullCredentialsOf(document);
  const credential = credentials.find(({ server }) => isServer(server, host));
  if (credential === undefined) return withoutCredential(host, credentials, given);
  return judgeCredential(credential, host, { assigned: identitiesOf(document), place: given.place });
}

function isServer(server: string, host: string): boolean {
  return server.replace(/^https?:\/\//, '').replace(/\/+$/, '') === host.toLowerCase();
}

function withoutCredential(
  host: string,
  credentials: readonly PullCredential[],
  { registries, place }: Pulling,
): PreflightLine {
  const others = credentials.map(({ server }) => server).filter((server) => server !== '');
  if (others.length > 0)
    return warn(
      place,
      `the template has credentials for ${others.join(', ')} only`,
      `correct the server of imageRegistryCredentials, or add one for ${host}`,
    );
  const asked = registries.find((registry) => registry.host.toLowerCase() === host.toLowerCase())?.credential.kind;
  if (asked === 'anonymous')
    return fine(place, 'no credential; whether it may be pulled anonymously is seen by the first group');
  return warn(
    place,
    'no credential in the template: groups pull anonymously',
    'add imageRegistryCredentials with an identity that has AcrPull (or a user name and password), or let the registry take anonymous pulls',
  );
}

function judgeCredential(
  credential: PullCredential,
  host: string,
  { assigned, place }: { readonly assigned: readonly string[]; readonly place: Place },
): PreflightLine {
  const { identity, username, hasPassword } = credential;
  if (identity === '') {
    if (username !== '' && hasPassword) return fine(place, `as user ${username}`);
    return fail(
      place,
      'its credential has neither an identity nor a user name with a password',
      'give it one of the two',
    );
  }
  const name = identity.split('/').at(-1) ?? identity;
  if (!AZURE_REGISTRY.test(host.toLowerCase()))
    return fail(place, `identity ${name} is of no use there: it is no Azure registry`, 'use a user name and password');
  if (!assigned.some((id) => id.toLowerCase() === identity.toLowerCase()))
    return fail(
      place,
      `identity ${name} is not among those of the group`,
      'add its id to identity.userAssignedIdentities of the template',
    );
  return fine(place, `as identity ${name}; it needs AcrPull there`);
}

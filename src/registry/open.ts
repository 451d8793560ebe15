/**
 * Opens a repository by the kind and the credential of its registry. What repositories of one registry share, its tokens
 * and its connections, is kept here.
 */
import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient, createEmptyPipeline, proxyPolicy } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { RegistrySettings } from '../azure/cloud.ts';
import type { UnknownError } from '../azure/unknown-errors.ts';
import type { SecretReference } from '../model/app.ts';
import { AcrRepository } from './acr.ts';
import { Authorizer } from './authorizer.ts';
import { boundedClient } from './bounded-client.ts';
import { checkCandidate } from './candidate.ts';
import type { CandidateAsked } from './candidate.ts';
import { AZURE_HINTS, OWN_CREDENTIAL_HINTS } from './failure.ts';
import { OciClient } from './oci-client.ts';
import { OciRepository } from './oci.ts';
import type { PolledRepository } from './poller.ts';
import type { RegistryAccess } from './token-service.ts';

export interface OpenedRepository extends PolledRepository {
  /** Throws where it cannot be told. */
  resolveDigest(tag: string): Promise<string>;
}

export interface OpenGiven {
  readonly credential: TokenCredential;
  /** Token audience for Azure's registries. */
  readonly audience: string;
  readonly readSecret: (reference: SecretReference) => Promise<string>;
  readonly onUnknownError: (error: UnknownError) => void;
  readonly now: () => number;
}

export type RegistryPlace = Pick<RegistrySettings, 'host' | 'endpoint' | 'kind' | 'credential'>;

/** Of a page of 100,000 tags at their longest, which a registry that knows no pages may send. */
const MOST_BYTES = 16 * 1024 * 1024;

export function openRegistries(given: OpenGiven): (place: RegistryPlace, repository: string) => OpenedRepository {
  const bare = boundedClient(throughProxy(createDefaultHttpClient()), MOST_BYTES);
  const authorizers = new Map<string, Authorizer>();
  return (place, repository) => {
    const { host, endpoint } = place;
    // A changed config may reach a registry otherwise.
    const reached = JSON.stringify(place);
    const access = accessTo(place, given);
    const authorized =
      authorizers.get(reached) ?? new Authorizer({ client: bare, endpoint, access, now: () => given.now() });
    authorizers.set(reached, authorized);
    const address = { host, endpoint, repository };
    const client = new OciClient(address, { authorized, bare });
    const hints = access.kind === 'azure' ? AZURE_HINTS : OWN_CREDENTIAL_HINTS;
    const name = `${host}/${repository}`;
    const check = (asked: CandidateAsked) => checkCandidate(client, asked, { name, hints, now: given.now });
    if (place.kind === 'oci') {
      const oci = new OciRepository(address, { ...given, client });
      return {
        listTags: () => oci.listTags(),
        resolveDigest: (tag) => oci.resolveDigest(tag),
        want: (tag) => oci.want(tag),
        checkCandidate: check,
      };
    }
    const { audience, onUnknownError } = given;
    // The SDK signs in as an Azure identity by itself, but knows no user names.
    const signIn =
      access.kind === 'azure'
        ? { credential: given.credential, httpClient: bare }
        : { credential: undefined, httpClient: authorized };
    const acr = new AcrRepository(address, { ...signIn, audience, hints, onUnknownError });
    return {
      listTags: () => acr.listTags(),
      resolveDigest: (tag) => acr.resolveDigest(tag),
      checkCandidate: check,
    };
  };
}

function accessTo({ credential }: RegistryPlace, given: OpenGiven): RegistryAccess {
  switch (credential.kind) {
    case 'anonymous':
      return credential;
    case 'basic': {
      const { username, password } = credential;
      return { kind: 'basic', username, password: () => given.readSecret(password) };
    }
    case 'bearer':
      return { kind: 'bearer', token: () => given.readSecret(credential.token) };
    case 'azure':
      return { kind: 'azure', token: () => azureToken(given) };
  }
}

async function azureToken({ credential, audience }: OpenGiven): Promise<string> {
  const token = await credential.getToken(`${audience}/.default`);
  if (token === null) throw new Error('the Azure identity gives no token');
  return token.token;
}

/** As the SDK's clients: through the proxy that the environment names, if it names one. */
function throughProxy(client: HttpClient): HttpClient {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(proxyPolicy());
  return { sendRequest: (request) => pipeline.sendRequest(client, request) };
}

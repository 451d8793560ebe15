/**
 * Azure Key Vault's face, at `NAME.vault.azure.net` of the HTTPS port: reads secrets and lists their versions. Who comes
 * without a token is told where to get one; one for another audience is refused, and so is who has no right.
 */
import { ArmError, asRecord } from './http.ts';
import type { Face, HttpAnswer, HttpRequest } from './http.ts';
import type { Tokens } from './tokens.ts';
import type { SecretVersion, Vaults } from './vaults.ts';

export const VAULT_DOMAIN = 'vault.azure.net';
const TENANT = '33333333-3333-3333-3333-333333333333';
const AUDIENCE = `https://${VAULT_DOMAIN}`;
const MOST_A_PAGE = 25;

export function vaultFace(given: { readonly vaults: Vaults; readonly tokens: Tokens }): Face {
  return (request) => {
    const host = request.headers['host']?.split(':')[0]?.toLowerCase() ?? '';
    if (!host.endsWith(`.${VAULT_DOMAIN}`)) return undefined;
    try {
      return answer(request, { ...given, vault: host.slice(0, -VAULT_DOMAIN.length - 1) });
    } catch (error) {
      if (error instanceof ArmError) return refusal(error);
      throw error;
    }
  };
}

interface Given {
  readonly vaults: Vaults;
  readonly tokens: Tokens;
  readonly vault: string;
}

function answer(request: HttpRequest, given: Given): HttpAnswer {
  authorize(request, given.tokens);
  if (request.query.get('api-version') === null) throw new ArmError(400, 'BadParameter', 'api-version is missing.');
  const [, collection, name = '', version = ''] = request.path.split('/');
  if (collection !== 'secrets' || name === '' || request.method !== 'GET')
    throw new ArmError(404, 'NotFound', `The local Azure reads secrets only, not ${request.method} ${request.path}.`);
  const versions = given.vaults.versions(given.vault, name);
  if (version === 'versions') return page(request, versions, given.vault);
  const found = version === '' ? versions.at(-1) : versions.find(({ id }) => id === version);
  if (found === undefined) {
    const message = `A secret with (name/id) ${name}${version === '' ? '' : `/${version}`} was not found in this key vault.`;
    throw new ArmError(404, 'SecretNotFound', message);
  }
  if (!found.enabled) throw new Disabled(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.');
  return { status: 200, json: { value: found.value, ...show(found, given.vault, name) } };
}

class Disabled extends ArmError {}

function authorize({ headers }: HttpRequest, tokens: Tokens): void {
  const token = /^Bearer (.+)$/i.exec(headers['authorization'] ?? '')?.[1];
  const challenge = {
    'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="${AUDIENCE}"`,
  };
  if (token === undefined)
    throw new ArmError(401, 'Unauthorized', 'AKV10000: Request is missing a Bearer or PoP token.', challenge);
  const claims = tokens.verify(token);
  if (claims?.kind !== 'aad') throw new ArmError(401, 'Unauthorized', 'AKV10032: Invalid issuer.', challenge);
  if (claims.aud === AUDIENCE) return;
  const message = `AKV10022: Invalid audience. Expected ${AUDIENCE}, found: ${claims.aud}.`;
  throw new ArmError(401, 'Unauthorized', message, challenge);
}

function page(request: HttpRequest, versions: readonly SecretVersion[], vault: string): HttpAnswer {
  const name = request.path.split('/')[2] ?? '';
  if (versions.length === 0) return { status: 200, json: { value: [] } };
  const skip = Number(request.query.get('$skiptoken') ?? 0);
  const most = Math.min(MOST_A_PAGE, Number(request.query.get('maxresults') ?? MOST_A_PAGE));
  // The real one lists them by their ids, not by age.
  const shown = versions.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(skip, skip + most);
  const next = new URLSearchParams(request.query);
  next.set('$skiptoken', String(skip + most));
  const link = `https://${vault}.${VAULT_DOMAIN}${request.path}?${next.toString()}`;
  return {
    status: 200,
    json: {
      value: shown.map((version) => show(version, vault, name)),
      ...(skip + most < versions.length ? { nextLink: link } : {}),
    },
  };
}

function show({ id, created, enabled, expires, notBefore }: SecretVersion, vault: string, name: string) {
  return {
    id: `https://${vault}.${VAULT_DOMAIN}/secrets/${name}/${id}`,
    attributes: {
      enabled,
      created,
      updated: created,
      ...(expires === undefined ? {} : { exp: expires }),
      ...(notBefore === undefined ? {} : { nbf: notBefore }),
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    },
  };
}

function refusal(error: ArmError): HttpAnswer {
  const inner = error instanceof Disabled ? { innererror: { code: 'SecretDisabled' } } : {};
  return {
    status: error.status,
    headers: error.headers,
    json: { error: { code: error.code, message: error.message, ...asRecord(inner) } },
  };
}

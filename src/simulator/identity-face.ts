/**
 * Who somebody is: the token service (`/{tenant}/oauth2/v2.0/token` and what clients read before it) and the managed
 * identity endpoint. Every client id is known; the secret `wrong` is refused, so that a refusal can be seen.
 */
import type { Face, HttpAnswer, HttpRequest } from './http.ts';
import type { Tokens } from './tokens.ts';

const TENANT = '33333333-3333-3333-3333-333333333333';

export function identityFace(tokens: Tokens): Face {
  return (request) => {
    const { path } = request;
    const [, tenant] = /^\/([^/]+)\/(?:v2\.0\/)?\.well-known\/openid-configuration$/i.exec(path) ?? [];
    if (tenant !== undefined) return { status: 200, json: openIdConfiguration(request.base, tenant) };
    if (/^\/common\/discovery\/instance$/i.test(path)) return { status: 200, json: instanceDiscovery(request) };
    if (/^\/[^/]+\/discovery\/(v2\.0\/)?keys$/i.test(path)) return { status: 200, json: { keys: [] } };
    if (/^\/[^/]+\/oauth2\/(v2\.0\/)?token$/i.test(path) && request.method === 'POST')
      return issueToken(request, tokens);
    return undefined;
  };
}

/** The endpoint that is at 169.254.169.254 in Azure: plain http, and the header `Metadata: true`. */
export function managedIdentityFace(tokens: Tokens): Face {
  return (request) => {
    if (!/^\/metadata\/identity\/oauth2\/token\/?$/i.test(request.path)) return undefined;
    const resource = request.query.get('resource');
    if (request.headers['metadata']?.toLowerCase() !== 'true' || resource === null) {
      return {
        status: 400,
        json: { error: 'invalid_request', error_description: 'Required metadata header or resource not specified' },
      };
    }
    const expiresIn = tokens.lifetimeSeconds;
    return {
      status: 200,
      json: {
        access_token: tokens.issue({ kind: 'aad', aud: resource }),
        client_id: request.query.get('client_id') ?? '22222222-2222-2222-2222-222222222222',
        expires_in: String(expiresIn),
        expires_on: String(Math.floor(Date.now() / 1000) + expiresIn),
        ext_expires_in: String(expiresIn),
        resource,
        token_type: 'Bearer',
      },
    };
  };
}

function issueToken(request: HttpRequest, tokens: Tokens): HttpAnswer {
  const form = new URLSearchParams(request.body);
  if (form.get('client_secret') === 'wrong') {
    return {
      status: 401,
      json: {
        error: 'invalid_client',
        error_description: 'AADSTS7000215: Invalid client secret provided.',
        error_codes: [7_000_215],
      },
    };
  }
  const audience = (form.get('scope') ?? form.get('resource') ?? '').split(' ')[0]?.replace(/\/?\.default$/, '') ?? '';
  const expiresIn = tokens.lifetimeSeconds;
  return {
    status: 200,
    json: {
      token_type: 'Bearer',
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: tokens.issue({ kind: 'aad', aud: audience }),
    },
  };
}

function openIdConfiguration(base: string, tenant: string) {
  const isAdfs = tenant.toLowerCase() === 'adfs';
  const version = isAdfs ? '' : '/v2.0';
  return {
    token_endpoint: `${base}/${tenant}/oauth2${version}/token`,
    authorization_endpoint: `${base}/${tenant}/oauth2${version}/authorize`,
    device_authorization_endpoint: `${base}/${tenant}/oauth2${version}/devicecode`,
    issuer: isAdfs ? `${base}/adfs` : `${base}/${TENANT}/v2.0`,
    jwks_uri: `${base}/${tenant}/discovery${version}/keys`,
    response_types_supported: ['code', 'token'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  };
}

function instanceDiscovery(request: HttpRequest) {
  const host = new URL(request.base).host;
  return {
    tenant_discovery_endpoint: `${request.base}/${TENANT}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

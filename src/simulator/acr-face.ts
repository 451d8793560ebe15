/**
 * A registry's face: the challenge, the exchange of an AAD token for a refresh token and that for an access token, the
 * lists of tags and manifests, with pages linked as Azure Container Registry links them, and what an image consists of.
 * Every user name is known; the password `wrong` is refused, so that a refusal can be seen.
 */
import type { Face, HttpAnswer, HttpRequest } from './http.ts';
import { INDEX, MANIFEST } from './image-content.ts';
import type { ImageTag, Images } from './images.ts';
import type { Tokens } from './tokens.ts';

export interface AcrGiven {
  readonly images: Images;
  readonly tokens: Tokens;
  /** The registry that a Host header means. */
  readonly registryFor: (host: string | undefined) => string;
}

interface Asked extends AcrGiven {
  readonly request: HttpRequest;
  readonly registry: string;
}

export function acrFace(given: AcrGiven): Face {
  return (request) => {
    const { path } = request;
    const asked: Asked = { ...given, request, registry: given.registryFor(request.headers['host']) };
    if (path === '/oauth2/exchange') return exchange(asked);
    if (path === '/oauth2/token') return accessToken(asked);
    if (!path.startsWith('/acr/v1/') && !path.startsWith('/v2/')) return undefined;
    const answer = answerData(asked);
    return {
      ...answer,
      headers: { 'docker-distribution-api-version': 'registry/2.0', server: 'openresty', ...answer.headers },
    };
  };
}

function exchange({ request, tokens, registry }: Asked): HttpAnswer {
  const form = new URLSearchParams(request.body);
  if (tokens.verify(form.get('access_token') ?? '')?.kind !== 'aad') {
    return registryError(
      401,
      'UNAUTHORIZED',
      'authentication required, visit https://aka.ms/acr/authorization for more information.',
    );
  }
  return { status: 200, json: { refresh_token: tokens.issue({ kind: 'refresh', aud: registry }) } };
}

function accessToken({ request, tokens, registry }: Asked): HttpAnswer {
  const form = request.method === 'POST' ? new URLSearchParams(request.body) : request.query;
  if (passwordOf(request) === 'wrong') return registryError(401, 'UNAUTHORIZED', 'the password is not the right one');
  const isAnonymous = form.get('grant_type') === 'password' || request.method === 'GET';
  if (!isAnonymous && tokens.verify(form.get('refresh_token') ?? '')?.kind !== 'refresh') {
    return registryError(401, 'UNAUTHORIZED', 'authentication required: the refresh token is not valid.');
  }
  return {
    status: 200,
    json: { access_token: tokens.issue({ kind: 'access', aud: registry, scope: form.getAll('scope').join(' ') }) },
  };
}

function passwordOf(request: HttpRequest): string | undefined {
  const basic = /^Basic (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  return basic === undefined
    ? undefined
    : Buffer.from(basic, 'base64')
        .toString()
        .replace(/^[^:]*:/, '');
}

function answerData(asked: Asked): HttpAnswer {
  const { path } = asked.request;
  if (path === '/v2/') return authorized(asked, '') ?? { status: 200 };
  const tags = /^\/acr\/v1\/(.+)\/_tags(?:\/([^/]+))?$/.exec(path);
  if (tags !== null)
    return withRepository(asked, tags[1] ?? '', (all) =>
      tags[2] === undefined ? tagPage(asked, tags[1] ?? '', all) : oneTag(asked, all, tags[2]),
    );
  const list = /^\/v2\/(.+)\/tags\/list$/.exec(path);
  if (list !== null) return withRepository(asked, list[1] ?? '', (all) => namePage(asked, list[1] ?? '', all));
  const [, name, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
  if (name !== undefined && reference !== undefined)
    return withRepository(asked, name, () => showContent(asked, { name, kind, reference }));
  const [, referred, subject] = /^\/v2\/(.+)\/referrers\/([^/]+)$/.exec(path) ?? [];
  if (referred !== undefined && subject !== undefined)
    return withRepository(asked, referred, () => showReferrers(asked, referred, subject));
  const manifests = /^\/acr\/v1\/(.+)\/_manifests$/.exec(path);
  if (manifests !== null)
    return withRepository(asked, manifests[1] ?? '', (all) => ({
      status: 200,
      json: { registry: asked.registry, imageName: manifests[1], manifests: all.map(manifestProperties) },
    }));
  return registryError(404, 'UNSUPPORTED', 'the operation is unsupported');
}

function withRepository(asked: Asked, encoded: string, answer: (tags: readonly ImageTag[]) => HttpAnswer): HttpAnswer {
  const repository = decodeURIComponent(encoded);
  const refused = authorized(asked, repository);
  if (refused !== undefined) return refused;
  const tags = asked.images.tags(asked.registry, repository);
  return tags === undefined
    ? registryError(404, 'NAME_UNKNOWN', 'repository name not known to registry', { name: repository })
    : answer(tags);
}

function authorized({ request, tokens, registry }: Asked, repository: string): HttpAnswer | undefined {
  const token = /^Bearer (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  const claims = token === undefined ? undefined : tokens.verify(token);
  const action = /^\/v2\/.+\/(manifests|blobs|referrers)\//.test(request.path) ? 'pull' : 'metadata_read';
  const scope = repository === '' ? 'registry:catalog:*' : `repository:${repository}:${action}`;
  if (claims?.kind === 'access' && (repository === '' || allows(claims.scope ?? '', repository, action)))
    return undefined;
  const challenge = `Bearer realm="${request.base}/oauth2/token",service="${registry}",scope="${scope}"`;
  const detail = [{ Type: 'repository', Name: repository, Action: action }];
  const message = 'authentication required, visit https://aka.ms/acr/authorization for more information.';
  return { ...registryError(401, 'UNAUTHORIZED', message, detail), headers: { 'www-authenticate': challenge } };
}

/** A scope is `repository:NAME:ACTION,ACTION`, and several are separated by spaces. */
function allows(scope: string, repository: string, action: string): boolean {
  return scope.split(' ').some((part) => {
    const [, name, actions = ''] = /^repository:(.+):([^:]+)$/.exec(part) ?? [];
    return name === repository && actions.split(',').includes(action);
  });
}

/** Of the open protocol: names in their order, all of them where no size is asked for. */
function namePage({ request: { query } }: Asked, encoded: string, all: readonly ImageTag[]): HttpAnswer {
  const names = all.map(({ name }) => name).sort();
  const last = query.get('last');
  const from = last === null ? 0 : names.findIndex((name) => name > last);
  const size = query.has('n') ? Math.min(1000, Math.max(1, Number(query.get('n')))) : names.length;
  const page = from < 0 ? [] : names.slice(from, from + size);
  const end = page.at(-1);
  const hasMore = end !== undefined && from + size < names.length;
  const link = `</v2/${encoded}/tags/list?last=${encodeURIComponent(end ?? '')}&n=${size}>; rel="next"`;
  const json = { name: decodeURIComponent(encoded), tags: page };
  return { status: 200, ...(hasMore ? { headers: { link } } : {}), json };
}

/** `last` and `n` page it; the link to the next page has no api-version, as the real one. */
function tagPage(asked: Asked, encoded: string, all: readonly ImageTag[]): HttpAnswer {
  const { query } = asked.request;
  const order = query.get('orderby') ?? '';
  const ordered =
    order === 'timedesc'
      ? all
      : order === 'timeasc'
        ? all.toReversed()
        : all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const last = query.get('last');
  const from = last === null ? 0 : ordered.findIndex(({ name }) => name === last) + 1;
  const size = Math.min(1000, Math.max(1, Number(query.get('n') ?? 100)));
  const page = ordered.slice(from, from + size);
  const end = page.at(-1);
  const hasMore = from + size < ordered.length && end !== undefined;
  const link = `</acr/v1/${encoded}/_tags?last=${encodeURIComponent(end?.name ?? '')}&n=${size}&orderby=${order}>; rel="next"`;
  const json = {
    registry: asked.registry,
    imageName: decodeURIComponent(encoded),
    tags: page.map(tagProperties),
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', ...(hasMore ? { link } : {}) },
    text: `${JSON.stringify(json)}\n`,
  };
}

function oneTag(asked: Asked, all: readonly ImageTag[], encoded: string): HttpAnswer {
  const [, repository = ''] = /^\/acr\/v1\/(.+)\/_tags\//.exec(asked.request.path) ?? [];
  const found = all.find(({ name }) => name === decodeURIComponent(encoded));
  if (found === undefined)
    return registryError(404, 'TAG_UNKNOWN', 'the specified tag does not exist', { tag: encoded });
  return {
    status: 200,
    json: { registry: asked.registry, imageName: decodeURIComponent(repository), tag: tagProperties(found) },
  };
}

function tagProperties(tag: ImageTag) {
  const changeableAttributes = { deleteEnabled: true, writeEnabled: true, readEnabled: true, listEnabled: true };
  return {
    name: tag.name,
    digest: tag.digest,
    createdTime: sevenDigits(tag.createdAt),
    lastUpdateTime: sevenDigits(tag.updatedAt),
    signed: false,
    changeableAttributes,
  };
}

function manifestProperties(tag: ImageTag) {
  return {
    digest: tag.digest,
    imageSize: 1024,
    createdTime: sevenDigits(tag.createdAt),
    lastUpdateTime: sevenDigits(tag.updatedAt),
    architecture: 'amd64',
    os: 'linux',
    mediaType: MANIFEST,
    tags: [tag.name],
    changeableAttributes: { deleteEnabled: true, writeEnabled: true, readEnabled: true, listEnabled: true },
  };
}

function showContent(
  asked: Asked,
  { name, kind, reference }: { name: string; kind: string | undefined; reference: string },
): HttpAnswer {
  const found = asked.images.content(asked.registry, decodeURIComponent(name), decodeURIComponent(reference));
  const isManifest = kind === 'manifests';
  if (found === undefined || isManifest !== /\.(manifest|index)\.v1/.test(found.mediaType)) {
    return isManifest
      ? registryError(404, 'MANIFEST_UNKNOWN', `manifest tagged by "${reference}" is not found`)
      : registryError(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  }
  return {
    status: 200,
    headers: { 'content-type': found.mediaType, 'docker-content-digest': found.digest },
    text: found.text,
  };
}

function showReferrers({ images, registry }: Asked, name: string, subject: string): HttpAnswer {
  const manifests = images.referrers(registry, decodeURIComponent(name), decodeURIComponent(subject));
  const index = { schemaVersion: 2, mediaType: INDEX, manifests };
  return { status: 200, headers: { 'content-type': INDEX }, text: JSON.stringify(index) };
}

function registryError(status: number, code: string, message: string, detail?: unknown): HttpAnswer {
  return { status, json: { errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] } };
}

/** `2026-01-01T12:00:00.1234567Z`: fractions of seven digits. */
function sevenDigits(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000Z');
}

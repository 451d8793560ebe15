/** The registry of the local Azure, held to the specification of Azure Container Registry's data plane. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asText } from '../../src/simulator/http.ts';
import { hasDocuments } from './documents.ts';
import { parse, Subject } from './subject.ts';

const VERSION = 'api-version=2021-07-01';
const SERVICE = 'local.azurecr.io';
const SCOPE = ['web', 'team/api', 'empty', 'none'].map((name) => `repository:${name}:pull,metadata_read`).join(' ');

describe.skipIf(!hasDocuments())('the registry', () => {
  let azure: Subject;
  let token = '';
  let digest = '';
  beforeAll(async () => {
    azure = await Subject.start('registry');
    for (const tag of ['1.0.0', '1.1.0', '1.2.0']) ({ digest } = azure.azure.push({ repository: 'web', tag }));
    azure.azure.push({ repository: 'team/api', tag: 'latest' });
    azure.azure.images.makeRepository(SERVICE, 'empty');
    token = await signIn();
  });
  afterAll(() => azure.close());

  const get = (path: string) => azure.send({ call: `GET ${path}`, token });
  const refreshToken = async (accessToken: string) => {
    const form = { grant_type: 'access_token', service: SERVICE, access_token: accessToken };
    return azure.send({ call: `POST /oauth2/exchange?${VERSION}`, form, token: undefined });
  };
  const accessToken = async (refreshToken: string) => {
    const form = { grant_type: 'refresh_token', service: SERVICE, scope: SCOPE, refresh_token: refreshToken };
    return azure.send({ call: `POST /oauth2/token?${VERSION}`, form, token: undefined });
  };
  const signIn = async () => {
    const refresh = parse(await refreshToken(azure.token))['refresh_token'];
    return asText(parse(await accessToken(asText(refresh)))['access_token']);
  };

  test('an AAD token becomes a refresh token and that an access token, which /v2/ takes', async () => {
    expect(token.split('.')).toHaveLength(3);
    expect((await get('/v2/')).status).toBe(200);
  });

  test('an access token can be asked for without a refresh token', async () => {
    const call = `GET /oauth2/token?service=${SERVICE}&scope=${encodeURIComponent(SCOPE)}`;
    const answer = await azure.send({ call, token: undefined });
    expect(asText(parse(answer)['access_token'])).not.toBe('');
  });

  test('tags are listed page by page', async () => {
    const first = await get(`/acr/v1/web/_tags?n=2&orderby=timedesc&${VERSION}`);
    expect(parse(first)['tags']).toHaveLength(2);
    const next = /<([^>]+)>; rel="next"/.exec(asText(first.headers['link']))?.[1] ?? '';
    expect(parse(await get(next))['tags']).toHaveLength(1);
  });

  test('a name with a slash, and a repository without tags, are listed as declared', async () => {
    const nested = await get(`/acr/v1/${encodeURIComponent('team/api')}/_tags?${VERSION}`);
    expect(parse(nested)).toMatchObject({ imageName: 'team/api', tags: [{ name: 'latest' }] });
    expect(parse(await get(`/acr/v1/empty/_tags?${VERSION}`))['tags']).toEqual([]);
  });

  test('one tag is shown with its digest', async () => {
    const answer = await get(`/acr/v1/web/_tags/1.2.0?${VERSION}`);
    expect(parse(answer)['tag']).toMatchObject({ name: '1.2.0', digest });
  });

  test('manifests are listed', async () => {
    const answer = await get(`/acr/v1/web/_manifests?${VERSION}`);
    expect(parse(answer)['manifests']).toContainEqual(expect.objectContaining({ digest, tags: ['1.2.0'] }));
  });

  test('a manifest is the same by tag and by digest', async () => {
    const [byTag, byDigest] = [await get('/v2/web/manifests/1.2.0'), await get(`/v2/web/manifests/${digest}`)];
    expect(byTag.headers['docker-content-digest']).toBe(digest);
    expect(byTag.body).toBe(byDigest.body);
  });

  test('errors have the declared shape, but for the detail of a refusal', async () => {
    const tags = `GET /acr/v1/web/_tags?${VERSION}`;
    const answers = await Promise.all([
      azure.send({ call: tags, token: undefined }),
      azure.send({ call: tags }),
      refreshToken('wrong'),
      accessToken('wrong'),
      get(`/acr/v1/none/_tags?${VERSION}`),
      get(`/acr/v1/web/_tags/9.9.9?${VERSION}`),
      get('/v2/web/manifests/9.9.9'),
      get(`/acr/v1/_catalog?${VERSION}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 404, 404, 404, 404]);
    expect(answers.map((answer) => parse(answer)['errors'])).not.toContain(undefined);
  });

  test('every operation was tried or is one that is not served, and no exception is idle', () => {
    expect(azure.leftovers()).toEqual({ untried: [], unneeded: [] });
  });
});

/**
 * The container groups and the Traffic Manager profiles of a resource group as Azure tells them, every field of them: only
 * read, and all pages or nothing.
 */
import { ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import type { TokenCredential } from '@azure/core-auth';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { asObject, asObjects, asText } from '../config/json.ts';
import type { Json, JsonObject } from '../model/app.ts';
import { TransientError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';
import type { CloudSettings } from './cloud.ts';
import { impatient } from './credential.ts';

export interface Resources {
  readonly groups: readonly JsonObject[];
  readonly profiles: readonly JsonObject[];
}

export interface ResourcesGiven {
  readonly cloud: Pick<CloudSettings, 'subscriptionId' | 'resourceManager' | 'audience'>;
  readonly credential: TokenCredential;
  readonly clock: Clock;
  /** In place of Node's own HTTPS. */
  readonly httpClient?: HttpClient;
}

const GROUPS = { type: 'Microsoft.ContainerInstance/containerGroups', version: '2023-05-01' };
const PROFILES = { type: 'Microsoft.Network/trafficManagerProfiles', version: '2022-04-01' };
const MOST_PAGES = 100;
const MOST_ITEMS = 10_000;
const LARGEST_PAGE = 32 * 1024 * 1024;

/** Throws TransientError where it cannot be read to its end. */
export async function readResources(resourceGroup: string, given: ResourcesGiven): Promise<Resources> {
  const { cloud, clock, httpClient } = given;
  const client = new ContainerInstanceManagementClient(impatient(given.credential, clock), cloud.subscriptionId, {
    endpoint: cloud.resourceManager,
    credentialScopes: `${cloud.audience}/.default`,
    userAgentOptions: { userAgentPrefix: 'viridian' },
    ...(httpClient === undefined ? {} : { httpClient }),
  });
  const scope = `${cloud.resourceManager}/subscriptions/${encodeURIComponent(cloud.subscriptionId)}/resourceGroups/${encodeURIComponent(resourceGroup)}`;
  const list = ({ type, version }: typeof GROUPS) =>
    listAll(client, `${scope}/providers/${type}?api-version=${version}`, { base: cloud.resourceManager, what: type });
  return { groups: await list(GROUPS), profiles: await list(PROFILES) };
}

async function listAll(
  client: ContainerInstanceManagementClient,
  first: string,
  { base, what }: { readonly base: string; readonly what: string },
): Promise<readonly JsonObject[]> {
  const items: JsonObject[] = [];
  let url = first;
  for (let page = 1; url !== ''; page += 1) {
    const body = await get(client, url, what);
    items.push(...asObjects(body['value']));
    if (items.length > MOST_ITEMS || page >= MOST_PAGES)
      throw new TransientError(`${what} cannot be listed: more than ${MOST_ITEMS} of them, or ${MOST_PAGES} pages`);
    url = asText(body['nextLink']);
    // The token goes with it.
    if (url !== '' && new URL(url).origin !== new URL(base).origin)
      throw new TransientError(`${what} cannot be listed: the next page is at another host, ${new URL(url).host}`);
  }
  return items;
}

async function get(client: ContainerInstanceManagementClient, url: string, what: string): Promise<JsonObject> {
  const { status, bodyAsText } = await client.sendRequest(createPipelineRequest({ url, method: 'GET' }));
  const text = bodyAsText ?? '';
  if (text.length > LARGEST_PAGE) throw new TransientError(`${what} cannot be listed: a page of ${text.length} bytes`);
  const body = parse(text);
  if (status === 200 && Array.isArray(body?.['value'])) return body;
  const error = asObject(body?.['error']);
  const why = error === undefined ? `HTTP ${status}` : `${asText(error['code'])}: ${asText(error['message'])}`;
  throw new TransientError(`${what} cannot be listed: ${why}`);
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(text);
    return asObject(value);
  } catch {
    return undefined;
  }
}

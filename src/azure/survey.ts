/**
 * What only a look before the first rollout asks of Azure Resource Manager: permissions of who asks, and what locations can
 * hold and have left. Reads alone, through the SDK client and its pipeline.
 */
import { ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import type { Permission } from '../preflight/granted.ts';
import type { Usage } from '../preflight/judge-quota.ts';
import type { Capability } from '../preflight/judge-size.ts';
import type { Looked } from '../preflight/looked.ts';
import { armClient } from './connect.ts';
import type { ConnectGiven } from './connect.ts';
import type { Diagnosis } from './failure.ts';
import { listOptions } from './list-answer.ts';

const API_VERSION = '2022-04-01';
const MOST_ITEMS = 2000;
const MOST_PAGES = 20;

/** No method throws for what Azure answers. */
export class Survey {
  readonly #client: ContainerInstanceManagementClient;
  readonly #base: string;
  readonly #diagnosis: Diagnosis;

  constructor(given: ConnectGiven) {
    const { credential, options, diagnosis } = armClient(given);
    this.#client = new ContainerInstanceManagementClient(credential, given.cloud.subscriptionId, options);
    this.#base = given.cloud.resourceManager;
    this.#diagnosis = diagnosis;
  }

  usages(location: string): Promise<Looked<readonly Usage[]>> {
    return this.#look(async () => {
      const usages: Usage[] = [];
      for await (const { name, currentValue, limit } of this.#client.location.listUsage(
        location,
        listOptions('usages'),
      )) {
        if (name?.value === undefined || currentValue === undefined || limit === undefined)
          throw new TypeError(
            'the answer is no list of usages: expected {value: [{name: {value}, currentValue, limit}]}',
          );
        usages.push({ name: name.value, used: currentValue, limit });
        if (usages.length > MOST_ITEMS) throw new Error(`more than ${MOST_ITEMS} usages in ${location}`);
      }
      return usages;
    });
  }

  capabilities(location: string): Promise<Looked<readonly Capability[]>> {
    return this.#look(async () => {
      const found: Capability[] = [];
      for await (const one of this.#client.location.listCapabilities(location, listOptions('capabilities'))) {
        const { maxCpu = 0, maxMemoryInGB = 0, maxGpuCount = 0 } = one.capabilities ?? {};
        found.push({
          osType: one.osType ?? '',
          addressType: one.ipAddressType ?? '',
          gpu: one.gpu ?? 'None',
          maxCpu,
          maxMemoryGb: maxMemoryInGB,
          maxGpus: maxGpuCount,
        });
        if (found.length > MOST_ITEMS) throw new Error(`more than ${MOST_ITEMS} capabilities in ${location}`);
      }
      return found;
    });
  }

  /** `id` of a resource or a resource group. */
  permissions(id: string): Promise<Looked<readonly Permission[]>> {
    return this.#look(async () => {
      const found: Permission[] = [];
      const path = id.split('/').map(encodeURIComponent).join('/');
      let url: string | undefined =
        `${this.#base}${path}/providers/Microsoft.Authorization/permissions?api-version=${API_VERSION}`;
      for (let page = 0; url !== undefined; page += 1) {
        if (page === MOST_PAGES) throw new Error(`more than ${MOST_PAGES} pages of permissions`);
        const { value, nextLink } = readPage(await this.#get(url));
        found.push(...value);
        url = nextLink;
      }
      return found;
    });
  }

  async #look<T>(read: () => Promise<T>): Promise<Looked<T>> {
    try {
      return { known: true, value: await read() };
    } catch (error) {
      const { code, message } = this.#diagnosis.failure(error);
      return { known: false, reason: `${code}: ${message}` };
    }
  }

  /** The token goes nowhere but to Azure Resource Manager. */
  async #get(url: string): Promise<string> {
    if (new URL(url).origin !== new URL(this.#base).origin)
      throw new Error(`the next page of permissions is at ${new URL(url).host}, expected ${new URL(this.#base).host}`);
    const headers = createHttpHeaders({ accept: 'application/json' });
    const request = createPipelineRequest({ url, method: 'GET', headers });
    const response = await this.#client.sendRequest(request);
    if (response.status === 200) return response.bodyAsText ?? '';
    throw new RestError(`HTTP ${response.status}`, { statusCode: response.status, request, response });
  }
}

function readPage(text: string): { readonly value: readonly Permission[]; readonly nextLink: string | undefined } {
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null || !('value' in body) || !Array.isArray(body.value))
    throw new TypeError('the answer is no list of permissions: expected {value: [{actions, notActions}]}');
  const value = body.value.map((one: unknown) => ({
    actions: texts(one, 'actions'),
    notActions: texts(one, 'notActions'),
  }));
  const nextLink =
    'nextLink' in body && typeof body.nextLink === 'string' && body.nextLink !== '' ? body.nextLink : undefined;
  return { value, nextLink };
}

function texts(given: unknown, key: string): readonly string[] {
  const list: unknown =
    typeof given === 'object' && given !== null ? Object.entries(given).find(([name]) => name === key)?.[1] : undefined;
  return Array.isArray(list) ? list.filter((one: unknown) => typeof one === 'string') : [];
}

/** Container groups through the SDK: lists, single looks, PUT of a whole body, deletion. */
import type { ContainerGroup, ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import { createHttpHeaders, createPipelineRequest, isRestError, RestError } from '@azure/core-rest-pipeline';
import type { JsonObject } from '../model/app.ts';
import type { Clock } from '../model/time.ts';
import type { EffectOutcome } from '../rollout/effect.ts';
import type { ObservedContainer, ObservedGroup, Seen } from '../rollout/observation.ts';
import type { GroupAddress } from './azure.ts';
import type { Diagnosis } from './failure.ts';

const API_VERSION = '2023-05-01';
const CALL_TIMEOUT_MS = 30_000;
const MOST_GROUPS = 10_000;
const MOST_WARNINGS = 20;

export class Groups {
  readonly #client: ContainerInstanceManagementClient;
  readonly #base: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #diagnosis: Diagnosis;
  readonly #lists = new Map<string, Promise<Seen<readonly ObservedGroup[]>>>();

  constructor(
    client: ContainerInstanceManagementClient,
    given: { base: string; subscriptionId: string; clock: Pick<Clock, 'now'>; diagnosis: Diagnosis },
  ) {
    this.#client = client;
    this.#base = `${given.base}/subscriptions/${encodeURIComponent(given.subscriptionId)}`;
    this.#clock = given.clock;
    this.#diagnosis = given.diagnosis;
  }

  /** Askers that come while a list is under way share its answer. */
  list(resourceGroup: string): Promise<Seen<readonly ObservedGroup[]>> {
    const key = resourceGroup.toLowerCase();
    const running = this.#lists.get(key);
    if (running !== undefined) return running;
    const list = this.#list(resourceGroup).finally(() => this.#lists.delete(key));
    this.#lists.set(key, list);
    return list;
  }

  async get({ resourceGroup, name }: GroupAddress): Promise<Seen<ObservedGroup | undefined>> {
    try {
      const group = await this.#client.containerGroups.get(resourceGroup, name, callOptions());
      return { known: true, at: this.#clock.now(), value: observeGroup(group) };
    } catch (error) {
      const { status, code, message } = this.#diagnosis.failure(error);
      const at = this.#clock.now();
      if (status === 404 && (code === 'ResourceNotFound' || code === 'NotFound'))
        return { known: true, at, value: undefined };
      return { known: false, at, reason: `${code}: ${message}` };
    }
  }

  /**
   * Sent through the client's own pipeline (its sign-in, retries and trace), as the SDK's typed model would drop every
   * field that it does not know.
   */
  async create({ resourceGroup, name }: GroupAddress, body: JsonObject): Promise<EffectOutcome> {
    const path = `resourceGroups/${encodeURIComponent(resourceGroup)}/providers/Microsoft.ContainerInstance/containerGroups/${encodeURIComponent(name)}`;
    const request = createPipelineRequest({
      url: `${this.#base}/${path}?api-version=${API_VERSION}`,
      method: 'PUT',
      headers: createHttpHeaders({ 'content-type': 'application/json', accept: 'application/json' }),
      body: JSON.stringify(body),
      timeout: CALL_TIMEOUT_MS,
    });
    try {
      const response = await this.#client.sendRequest(request);
      if (response.status >= 200 && response.status < 300) return { kind: 'accepted' };
      throw new RestError(`HTTP ${response.status}`, { statusCode: response.status, request, response });
    } catch (error) {
      return this.#diagnosis.outcome(error);
    }
  }

  /** Returns when it is accepted; that it is gone is observed. */
  async remove({ resourceGroup, name }: GroupAddress): Promise<EffectOutcome> {
    try {
      await this.#client.containerGroups.beginDelete(resourceGroup, name, callOptions());
      return { kind: 'accepted' };
    } catch (error) {
      return isNotFound(error) ? { kind: 'accepted' } : this.#diagnosis.outcome(error);
    }
  }

  async #list(resourceGroup: string): Promise<Seen<readonly ObservedGroup[]>> {
    try {
      const groups: ObservedGroup[] = [];
      const options = {
        ...callOptions(),
        onResponse: ({ status, parsedBody }: { status: number; parsedBody?: unknown }) => {
          if (status === 200) refuseOtherThanList(parsedBody);
        },
      };
      for await (const group of this.#client.containerGroups.listByResourceGroup(resourceGroup, options)) {
        groups.push(observeGroup(group));
        if (groups.length > MOST_GROUPS)
          throw new Error(`more than ${MOST_GROUPS} container groups in ${resourceGroup}`);
      }
      return { known: true, at: this.#clock.now(), value: groups };
    } catch (error) {
      const { code, message } = this.#diagnosis.failure(error);
      return { known: false, at: this.#clock.now(), reason: `${code}: ${message}` };
    }
  }
}

/** The SDK takes any JSON, even `{}` of a proxy, for an empty list, and an empty list would be believed. */
function refuseOtherThanList(body: unknown): void {
  if (typeof body === 'object' && body !== null && 'value' in body && Array.isArray(body.value)) return;
  throw new TypeError('the answer is no list of container groups: expected {value: […]}');
}

/** Gone already: what a deletion wanted. */
export function isNotFound(error: unknown): boolean {
  return isRestError(error) && error.statusCode === 404;
}

export function callOptions() {
  return { abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) };
}

function observeGroup(group: ContainerGroup): ObservedGroup {
  const events = [
    ...(group.instanceView?.events ?? []),
    ...group.containers.flatMap((container) => container.instanceView?.events ?? []),
  ];
  const warnings = events
    .filter(({ type }) => type === 'Warning')
    .map(({ name, message }) => `${name ?? ''}: ${message ?? ''}`);
  return {
    name: group.name ?? '',
    location: (group.location ?? '').toLowerCase().replaceAll(' ', ''),
    tags: group.tags ?? {},
    provisioningState: group.provisioningState ?? 'Succeeded',
    state: group.instanceView?.state,
    fqdn: group.ipAddress?.fqdn,
    ip: group.ipAddress?.ip,
    containers: group.containers.map(observeContainer),
    warnings: warnings.slice(-MOST_WARNINGS),
  };
}

function observeContainer(container: ContainerGroup['containers'][number]): ObservedContainer {
  const { instanceView } = container;
  return {
    name: container.name,
    image: container.image,
    state: instanceView?.currentState?.state,
    detail: instanceView?.currentState?.detailStatus,
    exitCode: instanceView?.currentState?.exitCode ?? instanceView?.previousState?.exitCode,
    restarts: instanceView?.restartCount ?? 0,
  };
}

/** Container groups through the SDK: lists, single looks, PUT of a whole body, deletion, stop and start. */
import type { ContainerGroup, ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import { createHttpHeaders, createPipelineRequest, isRestError, RestError } from '@azure/core-rest-pipeline';
import type { JsonObject, Tags } from '../model/app.ts';
import type { Clock, Instant } from '../model/time.ts';
import type { EffectOutcome } from '../rollout/effect.ts';
import type { ObservedContainer, ObservedGroup, Seen } from '../rollout/observation.ts';
import type { GroupAddress, LogsAsked } from './azure.ts';
import { observeCreated } from './created-group.ts';
import type { Diagnosis } from './failure.ts';
import { lastLines } from './last-lines.ts';
import { listOptions } from './list-answer.ts';

const API_VERSION = '2023-05-01';
const MOST_GROUPS = 10_000;
const MOST_WARNINGS = 20;
const MOST_LOG_BYTES = 16 * 1024;

export class Groups {
  readonly #client: ContainerInstanceManagementClient;
  readonly #base: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #diagnosis: Diagnosis;
  readonly #lists = new Map<string, Promise<Seen<readonly ObservedGroup[]>>>();
  /** The last list of each resource group, for other apps of it. */
  readonly #kept = new Map<string, { readonly list: Seen<readonly ObservedGroup[]>; readonly begunAt: Instant }>();
  /** When a change of a group in the resource group was last answered. */
  readonly #changedAt = new Map<string, Instant>();

  constructor(
    client: ContainerInstanceManagementClient,
    given: { base: string; subscriptionId: string; clock: Pick<Clock, 'now'>; diagnosis: Diagnosis },
  ) {
    this.#client = client;
    this.#base = `${given.base}/subscriptions/${encodeURIComponent(given.subscriptionId)}`;
    this.#clock = given.clock;
    this.#diagnosis = given.diagnosis;
  }

  /** Askers that come while a list is under way share its answer, and later ones where a list of then is new enough. */
  list(
    resourceGroup: string,
    { begunAfter = Number.POSITIVE_INFINITY }: { readonly begunAfter?: Instant | undefined } = {},
  ): Promise<Seen<readonly ObservedGroup[]>> {
    const key = resourceGroup.toLowerCase();
    const running = this.#lists.get(key);
    if (running !== undefined) return running;
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.begunAt > Math.max(begunAfter, this.#changedAt.get(key) ?? 0))
      return Promise.resolve(kept.list);
    const begunAt = this.#clock.now();
    const list = this.#list(resourceGroup)
      .then((seen) => {
        if (seen.known) this.#kept.set(key, { list: seen, begunAt });
        return seen;
      })
      .finally(() => this.#lists.delete(key));
    this.#lists.set(key, list);
    return list;
  }

  async get({ resourceGroup, name }: GroupAddress): Promise<Seen<ObservedGroup | undefined>> {
    try {
      const group = await this.#client.containerGroups.get(resourceGroup, name);
      return { known: true, at: this.#clock.now(), value: observeGroup(group) };
    } catch (error) {
      const { status, code, message } = this.#diagnosis.failure(error);
      const at = this.#clock.now();
      if (status === 404 && (code === 'ResourceNotFound' || code === 'NotFound'))
        return { known: true, at, value: undefined };
      return { known: false, at, reason: `${code}: ${message}` };
    }
  }

  async logs({ resourceGroup, name }: GroupAddress, container: string, { lines }: LogsAsked): Promise<Seen<string>> {
    try {
      const { content = '' } = await this.#client.containers.listLogs(resourceGroup, name, container, { tail: lines });
      return { known: true, at: this.#clock.now(), value: lastLines(content, { lines, bytes: MOST_LOG_BYTES }) };
    } catch (error) {
      const { code, message } = this.#diagnosis.failure(error);
      return { known: false, at: this.#clock.now(), reason: `${code}: ${message}` };
    }
  }

  /** By hand, as the SDK's typed model would drop every field that it does not know. */
  async create(address: GroupAddress, body: JsonObject): Promise<EffectOutcome> {
    try {
      const created = observeCreated(await this.#send('PUT', address, { body: JSON.stringify(body) }));
      return created === undefined ? { kind: 'accepted' } : { kind: 'accepted', created };
    } catch (error) {
      return this.#diagnosis.outcome(error);
    }
  }

  /** Azure replaces the whole set of tags. */
  async tag({ resourceGroup, name }: GroupAddress, tags: Tags): Promise<EffectOutcome> {
    try {
      await this.#client.containerGroups.update(resourceGroup, name, { tags: { ...tags } });
      return { kind: 'accepted' };
    } catch (error) {
      return this.#diagnosis.outcome(error);
    } finally {
      this.#hasChanged(resourceGroup);
    }
  }

  /**
   * Returns when it is accepted; that it is gone is observed. By hand, as the SDK would ask at once how the deletion goes,
   * and take a refusal of that question for one of the deletion.
   */
  async remove(address: GroupAddress): Promise<EffectOutcome> {
    try {
      await this.#send('DELETE', address);
      return { kind: 'accepted' };
    } catch (error) {
      return isNotFound(error) ? { kind: 'accepted' } : this.#diagnosis.outcome(error);
    }
  }

  /** Returns when it is accepted: by hand, as the SDK would wait for the end of a start. */
  async act(address: GroupAddress, action: 'stop' | 'start'): Promise<EffectOutcome> {
    try {
      await this.#send('POST', address, { action });
      return { kind: 'accepted' };
    } catch (error) {
      return this.#diagnosis.outcome(error);
    }
  }

  /** Whatever became of it: a list that was begun before may lack it. */
  #hasChanged(resourceGroup: string): void {
    this.#changedAt.set(resourceGroup.toLowerCase(), this.#clock.now());
  }

  /** Through the client's own pipeline: its sign-in, limits and trace. Throws for every answer but a 2xx. */
  async #send(
    method: 'PUT' | 'DELETE' | 'POST',
    { resourceGroup, name }: GroupAddress,
    { body, action }: { readonly body?: string; readonly action?: string } = {},
  ): Promise<string> {
    const group = `resourceGroups/${encodeURIComponent(resourceGroup)}/providers/Microsoft.ContainerInstance/containerGroups/${encodeURIComponent(name)}`;
    const path = action === undefined ? group : `${group}/${action}`;
    const request = createPipelineRequest({
      url: `${this.#base}/${path}?api-version=${API_VERSION}`,
      method,
      headers: createHttpHeaders({ accept: 'application/json' }),
    });
    if (body !== undefined) {
      request.headers.set('content-type', 'application/json');
      request.body = body;
    }
    const response = await this.#client.sendRequest(request).finally(() => this.#hasChanged(resourceGroup));
    if (response.status >= 200 && response.status < 300) return response.bodyAsText ?? '';
    throw new RestError(`HTTP ${response.status}`, { statusCode: response.status, request, response });
  }

  async #list(resourceGroup: string): Promise<Seen<readonly ObservedGroup[]>> {
    try {
      const groups: ObservedGroup[] = [];
      const options = listOptions('container groups');
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

/** Gone already: what a deletion wanted. */
export function isNotFound(error: unknown): boolean {
  return isRestError(error) && error.statusCode === 404;
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
    events: events
      .slice(-MOST_WARNINGS)
      .map(({ name, message, count }) => `${name ?? ''} ×${count ?? 1}: ${message ?? ''}`),
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

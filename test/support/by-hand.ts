/** What somebody made by hand in a virtual Azure, before Viridian came, and `viridian adopt` for it. */
import { connectAzure } from '../../src/azure/connect.ts';
import type { Azure } from '../../src/azure/azure.ts';
import { judgeAdoption } from '../../src/adoption/look.ts';
import type { Judged, LookGiven } from '../../src/adoption/look.ts';
import { tagGroups } from '../../src/adoption/tag-groups.ts';
import type { App } from '../../src/model/app.ts';
import { AcrRepository } from '../../src/registry/acr.ts';
import { OWNER, settingsFor } from '../../src/simulation/settings.ts';
import { makeTransport } from '../../src/simulation/transport.ts';
import { REGISTRY, RESOURCE_GROUP, SUBSCRIPTION } from '../../src/simulation/virtual-azure.ts';
import type { VirtualDaemon } from './virtual-daemon.ts';

export interface ByHand {
  readonly name: string;
  readonly location?: string;
  /** Of the DNS name; the group's own name where absent. */
  readonly label?: string;
  readonly tag?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** The endpoint that leads there; none where absent. */
  readonly endpoint?: { readonly name: string } & Readonly<Record<string, unknown>>;
  readonly byAddress?: boolean;
}

/** Asks the same Azure as the daemon. */
export class Hand {
  readonly azure: Azure;
  readonly #daemon: VirtualDaemon;
  readonly #repositories: LookGiven['listTags'];

  constructor(daemon: VirtualDaemon) {
    this.#daemon = daemon;
    const { time, azure } = daemon;
    const credential = { getToken: async () => ({ token: azure.bearer, expiresOnTimestamp: 8e15 }) };
    const httpClient = makeTransport({
      time,
      face: azure.face,
      trouble: () => ({ latencyMs: 5 }),
      onRequest: () => undefined,
    });
    const { cloud } = settingsFor([]);
    const onUnknownError = () => undefined;
    this.azure = connectAzure({ cloud, credential, clock: time.clock(), httpClient, onUnknownError });
    this.#repositories = ({ repository }) =>
      new AcrRepository(
        { host: REGISTRY, endpoint: `https://${REGISTRY}`, repository },
        { credential, audience: cloud.audience, httpClient, onUnknownError },
      ).listTags();
  }

  /** They run, and their endpoints are Online, once a minute has passed. */
  async make(app: App, groups: readonly ByHand[]): Promise<void> {
    for (const group of groups) this.#put(app, group);
    await this.#daemon.passMs(10_000);
    for (const { name, endpoint, byAddress } of groups) {
      const made = this.group(name);
      const profile = this.#daemon.azure.profile(app.traffic?.profile ?? '');
      if (endpoint === undefined || profile === undefined) continue;
      const { name: called, ...properties } = endpoint;
      const target = byAddress === true ? made?.ip : made?.fqdn;
      this.#daemon.azure.profiles.putEndpoint(profile, called, { properties: { target, ...properties } });
    }
    await this.#daemon.passMs(60_000);
  }

  group(name: string) {
    return this.#daemon.azure.groups.get({ subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name });
  }

  #put(app: App, { name, location = 'westeurope', label = name, tag = '1.0.0', tags = {} }: ByHand): void {
    const containers = app.images.map(({ container, registry, repository }) => ({
      name: container,
      properties: {
        image: `${registry}/${repository}:${tag}`,
        resources: { requests: { cpu: 1, memoryInGB: 1 } },
      },
    }));
    const ipAddress = { type: 'Public', ports: [{ port: 80, protocol: 'TCP' }], dnsNameLabel: label };
    const body = { location, tags, properties: { osType: 'Linux', containers, ipAddress } };
    this.#daemon.azure.groups.put({ subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name }, body);
  }

  /** What `viridian adopt` would say. */
  judge(app: App, named: { endpoints?: readonly string[]; groups?: readonly string[] }): Promise<Judged> {
    const { endpoints = [], groups = [] } = named;
    const { time } = this.#daemon;
    return this.#inTime(
      judgeAdoption(
        { app, owner: OWNER, endpoints, groups },
        {
          azure: this.azure,
          listTags: this.#repositories,
          readState: async () => this.#daemon.stored(app.name),
          now: () => time.now(),
        },
      ),
    );
  }

  /** `mostWrites`: it is cut off after so many tags. True where it came to its end. */
  async adopt(
    app: App,
    named: { endpoints?: readonly string[]; groups?: readonly string[] },
    mostWrites = Number.POSITIVE_INFINITY,
  ): Promise<boolean> {
    const judged = await this.judge(app, named);
    if (judged.kind !== 'planned') throw new Error(`not planned: ${JSON.stringify(judged)}`);
    let writes = 0;
    const tagGroup: Azure['tagGroup'] = (...call) => {
      if (writes >= mostWrites) throw new Error('cut off');
      writes += 1;
      return this.azure.tagGroup(...call);
    };
    const tagged = tagGroups(judged.plan, {
      azure: { getGroup: (...call) => this.azure.getGroup(...call), tagGroup },
      clock: this.#daemon.time.clock(),
      resourceGroup: RESOURCE_GROUP,
      onTagged: () => undefined,
    });
    return this.#inTime(
      tagged.then(
        () => true,
        () => false,
      ),
    );
  }

  /** Nothing of it takes more than some seconds of virtual time. */
  async #inTime<Result>(promise: Promise<Result>): Promise<Result> {
    await this.#daemon.passMs(20_000);
    return promise;
  }
}

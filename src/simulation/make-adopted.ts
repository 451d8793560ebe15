/** Makes what somebody else had deployed, with the tags that `viridian adopt` gives it, and proves it as that does. */
import { planAdoption } from '../adoption/plan.ts';
import type { Place } from '../adoption/places.ts';
import type { App } from '../model/app.ts';
import type { ReleaseImage } from '../model/release.ts';
import { endpointsAtMs, firstStartMs } from './draw-adopted.ts';
import type { AdoptedGroup } from './draw-adopted.ts';
import { mappingsFor } from './draw-routing.ts';
import type { AppOptions, Options } from './options.ts';
import { OWNER, settingsFor, WEIGHT } from './settings.ts';
import { WEB } from './release-words.ts';
import { RESOURCE_GROUP, SUBSCRIPTION } from './virtual-azure.ts';
import type { VirtualAzure } from './virtual-azure.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface MakeAdoptedGiven {
  readonly azure: VirtualAzure;
  readonly time: VirtualTime;
  readonly options: Options;
  /** Everything of it serves: called when the first daemon starts. */
  readonly onLive: (app: AppOptions) => void;
}

const TAG = '1.0.0';
/** What others have made without one has the first that is free. */
const FIRST_PRIORITY = 100;

export function makeAdopted(given: MakeAdoptedGiven): void {
  const { azure, time, options, onLive } = given;
  for (const app of options.apps) {
    if (app.adopted === undefined) continue;
    putGroups(azure, app, app.adopted);
    time.after(endpointsAtMs(options), () => putEndpoints(azure, app));
    time.after(firstStartMs(options), () => onLive(app));
  }
}

function putGroups(azure: VirtualAzure, options: AppOptions, adopted: readonly AdoptedGroup[]): void {
  const [app] = settingsFor([options]).apps;
  if (app === undefined) return;
  const images = app.images.map(({ container, registry, repository }): ReleaseImage => {
    const { digest } = azure.push({ repository, tag: TAG });
    return { container, registry, repository, tag: TAG, digest };
  });
  const tags = tagsFor(app, adopted, images);
  const containers = images.map(containerOf);
  for (const { name, location } of adopted) {
    const ipAddress = { type: 'Public', ports: [{ port: 80, protocol: 'TCP' }], dnsNameLabel: name };
    const properties = { osType: 'Linux', containers, ipAddress };
    const body = { location, tags: tags.get(name) ?? {}, properties };
    azure.groups.put({ subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name }, body);
  }
}

function containerOf({ container, registry, repository, tag }: ReleaseImage) {
  const properties = {
    image: `${registry}/${repository}:${tag}`,
    ...(container === WEB ? { ports: [{ port: 80 }] } : {}),
    resources: { requests: { cpu: 1, memoryInGB: 1 } },
  };
  return { name: container, properties };
}

function tagsFor(
  app: App,
  adopted: readonly AdoptedGroup[],
  images: readonly ReleaseImage[],
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const seen = { restarts: 0, state: 'Running', exitCode: undefined, detail: undefined };
  const containers = images.map((image) => {
    return { ...seen, name: image.container, image: `${image.registry}/${image.repository}:${image.tag}` };
  });
  const running = { tags: {}, provisioningState: 'Succeeded', state: 'Running', fqdn: undefined, ip: undefined };
  const places = adopted.map(({ name, location, endpoint }): Place => {
    const led = { name: endpoint, target: undefined, enabled: true, monitorStatus: 'Online' };
    return {
      group: { ...running, name, location, containers, warnings: [] },
      endpoint: app.traffic === undefined ? undefined : led,
    };
  });
  const plan = planAdoption({ app, owner: OWNER, endpoints: [], groups: [], places, images, notes: [] });
  return new Map(plan.groups.map(({ name, final }) => [name, final]));
}

function putEndpoints(azure: VirtualAzure, { name, adopted = [], routing, locations, hasTraffic }: AppOptions): void {
  const profile = azure.profile(name);
  if (profile === undefined || hasTraffic === false) return;
  const method = routing?.method ?? 'Weighted';
  const mappings = mappingsFor(routing, locations);
  for (const [index, { name: group, location, endpoint }] of adopted.entries()) {
    const made = azure.groups.get({ subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name: group });
    const target = method === 'MultiValue' ? made?.ip : made?.fqdn;
    // The world may have taken it away already.
    if (target === undefined) continue;
    const own = {
      ...(method === 'Weighted' ? { weight: WEIGHT } : {}),
      ...(method === 'Priority' ? { priority: FIRST_PRIORITY + index } : {}),
      ...(method === 'Performance' ? { endpointLocation: location } : {}),
      ...mappings?.[location],
    };
    azure.profiles.putEndpoint(profile, endpoint, { properties: { target, ...own } });
  }
}

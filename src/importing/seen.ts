/** Groups and profiles as Azure tells them, as far as they tell which of them belong together. Pure. */
import { asList, asObject, asObjects, asText } from '../config/json.ts';
import type { JsonObject } from '../model/app.ts';
import { readImageReference } from '../model/image-reference.ts';
import type { ImageReference } from '../model/image-reference.ts';

export interface SeenContainer {
  readonly name: string;
  readonly image: ImageReference;
}

export interface SeenGroup {
  readonly name: string;
  readonly location: string;
  /** Names and addresses that lead there, in lower case. */
  readonly addresses: readonly string[];
  readonly containers: readonly SeenContainer[];
  readonly tags: JsonObject;
  readonly body: JsonObject;
}

export interface SeenEndpoint {
  readonly name: string;
  readonly target: string;
  readonly isEnabled: boolean;
  readonly weight: number | undefined;
}

export interface SeenProfile {
  readonly name: string;
  readonly method: string;
  readonly monitor: { readonly protocol: string; readonly port: number | undefined; readonly path: string };
  /** External ones. */
  readonly endpoints: readonly SeenEndpoint[];
}

export function seeGroup(body: JsonObject): SeenGroup {
  const properties = asObject(body['properties']) ?? {};
  const address = asObject(properties['ipAddress']);
  const addresses = [address?.['fqdn'], address?.['ip']].map((one) => asText(one).toLowerCase());
  return {
    name: asText(body['name']),
    location: asText(body['location']).toLowerCase().replaceAll(' ', ''),
    addresses: addresses.filter((one) => one !== ''),
    containers: asList(properties['containers']).map((container) => {
      const object = asObject(container) ?? {};
      const image = readImageReference(asText(asObject(object['properties'])?.['image']));
      return { name: asText(object['name']), image };
    }),
    tags: asObject(body['tags']) ?? {},
    body,
  };
}

export function seeProfile(body: JsonObject): SeenProfile {
  const properties = asObject(body['properties']) ?? {};
  const monitor = asObject(properties['monitorConfig']) ?? {};
  const endpoints = asObjects(properties['endpoints']);
  return {
    name: asText(body['name']),
    method: asText(properties['trafficRoutingMethod']),
    monitor: {
      protocol: asText(monitor['protocol']).toUpperCase(),
      port: asNumber(monitor['port']),
      path: asText(monitor['path']),
    },
    endpoints: endpoints
      .filter((one) => asText(one['type']).toLowerCase().endsWith('externalendpoints'))
      .map(seeEndpoint),
  };
}

function seeEndpoint(body: JsonObject): SeenEndpoint {
  const properties = asObject(body['properties']) ?? {};
  return {
    name: asText(body['name']),
    target: asText(properties['target']).toLowerCase(),
    isEnabled: asText(properties['endpointStatus']).toLowerCase() !== 'disabled',
    weight: asNumber(properties['weight']),
  };
}

/** The same for groups that run the same containers, whatever the versions. */
export function kindOf({ containers }: SeenGroup): string {
  return containers
    .map(({ name, image }) => `${name}=${image.registry}/${image.repository}`)
    .sort()
    .join(' ');
}

function asNumber(value: JsonObject[string]): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

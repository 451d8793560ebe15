/** Traffic Manager's profiles and endpoints as the local Azure keeps them: what everything else of it looks at. */
import type { MonitorConfig } from './monitor-config.ts';
import type { Subnet } from './subnets.ts';

export type EndpointKind = 'external' | 'nested' | 'azure';

export interface Endpoint {
  readonly name: string;
  readonly kind: EndpointKind;
  /** Of a nested one: the name of its child. */
  target: string;
  resourceId: string | undefined;
  enabled: boolean;
  alwaysServe: boolean;
  weight: number;
  priority: number;
  location: string | undefined;
  minChildEndpoints: number;
  geoMapping: readonly string[];
  subnets: readonly Subnet[];
  customHeaders: readonly unknown[];
  monitor: 'CheckingEndpoint' | 'Online' | 'Degraded';
  failures: number;
  /** Ends the monitoring of this endpoint. */
  cancel: () => void;
}

export interface Profile {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
  location: string;
  tags: Record<string, unknown>;
  enabled: boolean;
  routingMethod: string;
  relativeName: string;
  ttl: number;
  maxReturn: number | undefined;
  monitor: MonitorConfig;
  readonly endpoints: Map<string, Endpoint>;
}

export interface ProfileKey {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
}

export function keyOf(key: ProfileKey): string {
  return `${key.subscription}/${key.resourceGroup}/${key.name}`.toLowerCase();
}

/** Of the id of a resource, in any letter case. */
export function keyOfId(id: string): string {
  const [, , subscription = '', , resourceGroup = '', , , , name = ''] = id.split('/');
  return keyOf({ subscription, resourceGroup, name });
}

export function fqdnOf({ relativeName }: Pick<Profile, 'relativeName'>): string {
  return `${relativeName}.trafficmanager.net`;
}

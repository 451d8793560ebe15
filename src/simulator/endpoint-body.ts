/**
 * An endpoint as a request's body has it. A PUT says all: what it leaves out is as by default; a PATCH changes what it
 * names.
 */
import type { Endpoint, EndpointKind } from './profile.ts';
import { ArmError, asArray, asRecord, asText } from './http.ts';
import type { Subnet } from './subnets.ts';

const KINDS: Readonly<Record<string, EndpointKind>> = {
  externalendpoints: 'external',
  nestedendpoints: 'nested',
  azureendpoints: 'azure',
};

export const TYPES: Readonly<Record<EndpointKind, string>> = {
  external: 'externalEndpoints',
  nested: 'nestedEndpoints',
  azure: 'azureEndpoints',
};

/** Of a segment of a path, or of the `type` in a body. Throws ArmError where there is no such type. */
export function kindOfType(type: string): EndpointKind {
  const last = type.split('/').at(-1) ?? '';
  const kind = KINDS[last.toLowerCase()];
  if (kind !== undefined) return kind;
  throw new ArmError(
    400,
    'BadRequest',
    `The endpoint type '${last}' is not one of ${Object.values(TYPES).join(', ')}.`,
  );
}

export function newEndpoint(name: string, kind: EndpointKind): Endpoint {
  return {
    name,
    kind,
    target: '',
    resourceId: undefined,
    enabled: true,
    alwaysServe: false,
    weight: 1,
    priority: 0,
    location: undefined,
    minChildEndpoints: 1,
    geoMapping: [],
    subnets: [],
    customHeaders: [],
    monitor: 'CheckingEndpoint',
    failures: 0,
    cancel: () => undefined,
  };
}

/** `base` with what the body names. */
export function readEndpoint(base: Endpoint, body: Record<string, unknown>): Endpoint {
  const given = asRecord(body['properties']) ?? {};
  const endpoint = { ...base };
  if (typeof given['target'] === 'string') endpoint.target = given['target'].toLowerCase();
  if (typeof given['targetResourceId'] === 'string') endpoint.resourceId = given['targetResourceId'];
  if (given['endpointStatus'] !== undefined) endpoint.enabled = given['endpointStatus'] !== 'Disabled';
  if (given['alwaysServe'] !== undefined) endpoint.alwaysServe = given['alwaysServe'] === 'Enabled';
  if (typeof given['weight'] === 'number') endpoint.weight = given['weight'];
  if (typeof given['priority'] === 'number') endpoint.priority = given['priority'];
  if (typeof given['endpointLocation'] === 'string') endpoint.location = given['endpointLocation'];
  if (typeof given['minChildEndpoints'] === 'number') endpoint.minChildEndpoints = given['minChildEndpoints'];
  if (Array.isArray(given['geoMapping'])) endpoint.geoMapping = given['geoMapping'].map((code) => asText(code));
  if (Array.isArray(given['subnets'])) endpoint.subnets = given['subnets'].map(readSubnet);
  if (Array.isArray(given['customHeaders'])) endpoint.customHeaders = asArray(given['customHeaders']);
  // An id tells no name: one is made up.
  if (endpoint.kind === 'azure' && endpoint.target === '')
    endpoint.target = `${endpoint.resourceId?.split('/').at(-1) ?? ''}.cloudapp.azure.com`;
  return endpoint;
}

function readSubnet(value: unknown): Subnet {
  const { first, last, scope } = asRecord(value) ?? {};
  return {
    first: asText(first),
    ...(typeof last === 'string' ? { last } : {}),
    ...(typeof scope === 'number' ? { scope } : {}),
  };
}

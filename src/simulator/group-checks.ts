/** What Azure refuses in the body of a container group, in its words as far as they are known. */
import { ArmError, asArray, asRecord, asText } from './http.ts';

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const RESERVED_PORTS = new Set([22, 1025, 1026, 1027, 3389, 9999, 19_000, 19_080, 19_100, 19_390]);
/** In lower case: ARM minds none. */
const MEMBERS = new Set([
  'id',
  'name',
  'type',
  'apiversion',
  'location',
  'tags',
  'zones',
  'identity',
  'properties',
  'extendedlocation',
  'managedby',
  'kind',
  'plan',
  'sku',
  'etag',
  'scope',
  'systemdata',
]);
const invalid = (message: string) => new ArmError(400, 'InvalidRequestContent', message);

export function checkGroup(name: string, body: Record<string, unknown>): void {
  if (!NAME.test(name)) {
    throw new ArmError(
      400,
      'InvalidContainerGroupName',
      `The container group name '${name}' is invalid: it must have 1 to 63 lower-case letters, digits and hyphens.`,
    );
  }
  const strange = Object.keys(body).find((key) => !MEMBERS.has(key.toLowerCase()));
  if (strange !== undefined)
    throw invalid(
      `The request content was invalid and could not be deserialized: 'Could not find member '${strange}' on object of type 'ResourceDefinition'. Path '${strange}'.'.`,
    );
  if (typeof body['location'] !== 'string')
    throw new ArmError(400, 'LocationRequired', 'The location property is required for this definition.');
  const properties = asRecord(body['properties']);
  if (properties === undefined) throw invalid("The request content was invalid: 'properties' is missing.");
  const containers = asArray(properties['containers']);
  const inProfile = asRecord(properties['containerGroupProfile']) !== undefined;
  if (containers.length === 0 && !inProfile)
    throw new ArmError(400, 'MissingContainers', `The container group '${name}' has no containers.`);
  if (containers.length > 60)
    throw new ArmError(400, 'ContainerLimitExceeded', 'A container group has at most 60 containers.');
  for (const container of containers) checkContainer(name, asRecord(container) ?? {});
  const osType = properties['osType'];
  if (osType !== undefined && osType !== 'Linux' && osType !== 'Windows') {
    throw new ArmError(
      400,
      'InvalidOsType',
      `The OS type '${asText(osType)}' of container group '${name}' is invalid.`,
    );
  }
  checkPorts(name, properties);
  checkForms(name, properties);
}

function checkForms(name: string, properties: Record<string, unknown>): void {
  const initContainers = asArray(properties['initContainers']).map((container) => asRecord(container) ?? {});
  for (const container of initContainers) checkOutline(name, container);
  if (properties['osType'] === 'Windows' && asArray(properties['containers']).length > 1)
    throw invalid(`The container group '${name}' is for Windows, which has one container in a group.`);
  const address = asRecord(properties['ipAddress']);
  if (address !== undefined && asText(properties['priority']).toLowerCase() === 'spot') {
    throw new ArmError(
      400,
      'SpotPriorityContainerGroupNotSupportedForInboundConnectivity',
      'Spot Priority is not supported for container groups with inbound connectivity.',
    );
  }
  if (asText(address?.['type']).toLowerCase() === 'private' && asArray(properties['subnetIds']).length === 0)
    throw invalid(`The address of container group '${name}' is private, and it names no subnet.`);
  checkMounts(name, properties);
}

function checkMounts(name: string, properties: Record<string, unknown>): void {
  const volumes = new Set(asArray(properties['volumes']).map((volume) => asRecord(volume)?.['name']));
  const containers = [...asArray(properties['containers']), ...asArray(properties['initContainers'])];
  const mounted = containers.flatMap((container) =>
    asArray(asRecord(asRecord(container)?.['properties'])?.['volumeMounts']).map((mount) => asRecord(mount)?.['name']),
  );
  const missing = mounted.find((volume) => !volumes.has(volume));
  if (missing !== undefined)
    throw invalid(`The volume '${asText(missing)}' that a container of group '${name}' mounts is not defined.`);
}

function checkOutline(group: string, container: Record<string, unknown>): void {
  const name = container['name'];
  if (typeof name !== 'string' || !NAME.test(name))
    throw invalid(`A container of group '${group}' has the invalid name '${asText(name)}'.`);
  const image = asRecord(container['properties'])?.['image'];
  if (typeof image !== 'string' || image === '')
    throw invalid(`The image of container '${name}' in group '${group}' is missing.`);
}

function checkContainer(group: string, container: Record<string, unknown>): void {
  checkOutline(group, container);
  const name = asText(container['name']);
  const properties = asRecord(container['properties']) ?? {};
  const requests = asRecord(asRecord(properties['resources'])?.['requests']);
  for (const resource of ['cpu', 'memoryInGB']) {
    const value = requests?.[resource];
    if (typeof value !== 'number' || !(value > 0)) {
      throw new ArmError(
        400,
        'ResourceRequestsNotSpecified',
        `The resource request '${resource}' of container '${name}' in group '${group}' is not a positive number.`,
      );
    }
  }
}

function checkPorts(name: string, properties: Record<string, unknown>): void {
  const address = asRecord(properties['ipAddress']);
  if (address === undefined) return;
  const label = address['dnsNameLabel'];
  if (label !== undefined && (typeof label !== 'string' || !/^[A-Za-z][A-Za-z0-9-]{3,61}[A-Za-z0-9]$/.test(label))) {
    throw new ArmError(
      400,
      'InvalidDnsNameLabel',
      `The DNS name label '${asText(label)}' of container group '${name}' is invalid: 5 to 63 letters, digits and hyphens.`,
    );
  }
  const ports = declaredPorts({ properties });
  if (ports.length > 5)
    throw invalid(`The container group '${name}' has ${ports.length} ports; an IP address has at most 5.`);
  const reserved = ports.find((port) => RESERVED_PORTS.has(port));
  if (reserved !== undefined)
    throw new ArmError(400, 'PortReserved', `The port '${reserved}' of container group '${name}' is reserved.`);
}

export function declaredPorts(body: Record<string, unknown>): readonly number[] {
  const address = asRecord(asRecord(body['properties'])?.['ipAddress']);
  return asArray(address?.['ports']).flatMap((port) => {
    const number = asRecord(port)?.['port'];
    return typeof number === 'number' ? [number] : [];
  });
}

/** What is odd in a container group and goes to Azure all the same, or is set by Viridian in any case. Pure. */
import type { Json, JsonObject } from '../../model/app.ts';
import { asList, asObject, asText } from '../json.ts';
import { pathText } from '../problems.ts';
import { containersOf, itemsAt, propertiesOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { unknownFields } from './unknown-fields.ts';

/** What is known of the app that the template is for. */
export interface GroupUse {
  readonly locations?: readonly string[];
  /** Containers whose images are followed. */
  readonly followed?: readonly string[];
  /** It answers requests: it has a profile or a probe. */
  readonly serves?: boolean;
}

/** Of Azure's own; what listens there behaves in odd ways. */
const RESERVED = [
  [22, 22],
  [1025, 1027],
  [3389, 3399],
  [9999, 9999],
  [19_000, 19_000],
  [19_080, 19_080],
  [19_100, 19_100],
  [19_390, 19_390],
  [20_000, 30_000],
  [49_152, 65_534],
] as const;

/** The version that groups are sent as. */
const API_VERSION = '2023-05-01';

export function groupWarnings(document: JsonObject, use: GroupUse = {}): readonly string[] {
  return [
    ...unknownFields(document),
    ...ofHead(document, use),
    ...ofAddress(document, use),
    ...ofPolicy(document, use),
    ...ofImages(document, use),
    ...ofPorts(document),
    ...ofVolumes(document),
    ...ofGpu(document),
  ].map(({ path, message, hint }) => `${pathText(path)}: ${message}${hint === undefined ? '' : `; ${hint}`}`);
}

function ofHead({ apiVersion, location }: JsonObject, { locations }: GroupUse): readonly Finding[] {
  const found: Finding[] = [];
  if (typeof apiVersion === 'string' && apiVersion.slice(0, 10) > API_VERSION) {
    const message = `${apiVersion} is newer than ${API_VERSION}, which groups are sent as`;
    found.push({ path: ['apiVersion'], message, hint: 'fields of newer versions may have no effect' });
  }
  const plain = asText(location).toLowerCase().replaceAll(' ', '');
  if (plain !== '' && locations !== undefined && !locations.includes(plain)) {
    const message = `${asText(location)} is none of the app's locations (${locations.join(', ')}), which are what counts`;
    found.push({ path: ['location'], message });
  }
  return found;
}

function ofAddress(document: JsonObject, { serves }: GroupUse): readonly Finding[] {
  const properties = propertiesOf(document);
  const { type, dnsNameLabel } = asObject(properties['ipAddress']) ?? {};
  const isPublic = asText(type).toLowerCase() === 'public';
  const isInSubnet = asList(properties['subnetIds']).length > 0;
  const path = ['properties', 'ipAddress'];
  const found: Finding[] = [];
  if (dnsNameLabel !== undefined && isPublic) {
    const message = 'is replaced: each group gets a label of its own';
    found.push({ path: [...path, 'dnsNameLabel'], message });
  } else if (dnsNameLabel !== undefined) {
    found.push({ path: [...path, 'dnsNameLabel'], message: 'a group without a public address has no name' });
  }
  if (isPublic && isInSubnet)
    found.push({ path: [...path, 'type'], message: 'Azure gives no public address to a group in a subnet' });
  if (serves === true && properties['ipAddress'] === undefined)
    found.push({ path, message: 'the app serves, and its groups have no address' });
  if (asList(document['zones']).length > 0 && isInSubnet)
    found.push({ path: ['zones'], message: 'Azure may refuse a zone for a group in a subnet' });
  if (properties['dnsConfig'] !== undefined && !isInSubnet)
    found.push({ path: ['properties', 'dnsConfig'], message: 'has no effect on a group in no subnet' });
  return found;
}

function ofPolicy(document: JsonObject, { serves }: GroupUse): readonly Finding[] {
  const { restartPolicy, sku, confidentialComputeProperties } = propertiesOf(document);
  const policy = asText(restartPolicy);
  const found: Finding[] = [];
  if (serves === true && policy !== '' && policy.toLowerCase() !== 'always') {
    const message = `${policy} on an app that serves: a container that exits is not always started again`;
    found.push({ path: ['properties', 'restartPolicy'], message });
  }
  if (confidentialComputeProperties !== undefined && asText(sku).toLowerCase() !== 'confidential') {
    const path = ['properties', 'confidentialComputeProperties'];
    found.push({ path, message: 'has no effect without sku Confidential' });
  }
  return found;
}

function ofImages(document: JsonObject, { followed = [] }: GroupUse): readonly Finding[] {
  return containersOf(document)
    .filter(({ name, properties, isInit }) => {
      return !isInit && followed.includes(name) && asText(properties['image']).includes('@sha256:');
    })
    .map(({ name, path }) => ({
      path: [...path, 'properties', 'image'],
      message: `the digest is replaced: the image of ${name} is followed`,
    }));
}

function ofPorts(document: JsonObject): readonly Finding[] {
  const inside = containersOf(document).flatMap(({ properties, path }) =>
    itemsAt(properties['ports'], [...path, 'properties', 'ports']),
  );
  return inside.flatMap(({ item, path }) => {
    const { port } = item;
    if (typeof port !== 'number' || !RESERVED.some(([from, to]) => port >= from && port <= to)) return [];
    return [{ path: [...path, 'port'], message: `${port} is one of the ports that Azure keeps for itself` }];
  });
}

function ofVolumes(document: JsonObject): readonly Finding[] {
  const mounted = new Set(
    containersOf(document).flatMap(({ properties, path }) =>
      itemsAt(properties['volumeMounts'], path).map(({ item }) => item['name']),
    ),
  );
  return itemsAt(propertiesOf(document)['volumes'], ['properties', 'volumes'])
    .filter(({ item }) => item['name'] !== undefined && !mounted.has(item['name']))
    .map(({ item, path }) => ({ path, message: `volume ${asText(item['name'])} is mounted by no container` }));
}

function ofGpu(document: JsonObject): readonly Finding[] {
  return containersOf(document).flatMap(({ properties, path }) => {
    const requests = asObject(asObject(properties['resources'])?.['requests']);
    const gpu: Json | undefined = requests?.['gpu'];
    if (gpu === undefined || gpu === null) return [];
    const message = 'few regions have GPUs for container groups, and none in a subnet: Azure may refuse it';
    return [{ path: [...path, 'properties', 'resources', 'requests', 'gpu'], message }];
  });
}

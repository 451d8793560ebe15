/**
 * What Azure would refuse for what a group is: Windows, GPU, Spot, Confidential, zones. Each rule stands in the public
 * documentation of Azure Container Instances or among its error codes. Pure.
 */
import type { JsonObject } from '../../model/app.ts';
import { asList, asObject, asText } from '../json.ts';
import { containersOf, notOneOf, propertiesOf, shown } from './finding.ts';
import type { Finding } from './finding.ts';

const at = (key: string) => ({ path: ['properties', key] });

export function checkKind(document: JsonObject): readonly Finding[] {
  const properties = propertiesOf(document);
  const osType = asText(properties['osType']).toLowerCase();
  return [
    ...(properties['osType'] === undefined
      ? [{ ...at('osType'), message: 'the group needs osType: Linux or Windows' }]
      : notOneOf(properties['osType'], ['Linux', 'Windows'], at('osType'))),
    ...notOneOf(properties['restartPolicy'], ['Always', 'OnFailure', 'Never'], at('restartPolicy')),
    ...notOneOf(properties['priority'], ['Regular', 'Spot'], at('priority')),
    ...(osType === 'windows' ? checkWindows(document) : []),
    ...(asText(properties['priority']).toLowerCase() === 'spot' ? checkSpot(document) : []),
    ...checkZones(document),
  ];
}

function checkWindows(document: JsonObject): readonly Finding[] {
  const properties = propertiesOf(document);
  const containers = asList(properties['containers']).length;
  const found: Finding[] = [];
  if (containers > 1) {
    const message = `a Windows group has one container, this one has ${containers}`;
    found.push({ ...at('containers'), message, hint: 'groups of several containers are Linux only' });
  }
  if (asList(properties['initContainers']).length > 0)
    found.push({ ...at('initContainers'), message: 'a Windows group has one container and no init containers' });
  if (asList(properties['volumes']).length > 0)
    found.push({ ...at('volumes'), message: 'a Windows group has no volumes: they are Linux only' });
  if (asText(properties['sku']).toLowerCase() === 'confidential')
    found.push({ ...at('sku'), message: 'a Confidential group is Linux only' });
  return [...found, ...gpus(document).map(({ path }) => ({ path, message: 'a Windows group has no GPU' }))];
}

function checkSpot(document: JsonObject): readonly Finding[] {
  const { ipAddress, sku } = propertiesOf(document);
  const found: Finding[] = [];
  if (ipAddress !== undefined) {
    const message = 'a Spot group takes no connections from outside: expected no ipAddress';
    found.push({ ...at('ipAddress'), message, hint: 'an app that serves traffic needs priority Regular' });
  }
  if (sku !== undefined && asText(sku).toLowerCase() !== 'standard')
    found.push({ ...at('sku'), message: `a Spot group has sku Standard, got ${shown(sku)}` });
  return [...found, ...gpus(document).map(({ path }) => ({ path, message: 'a Spot group has no GPU' }))];
}

function checkZones(document: JsonObject): readonly Finding[] {
  const { zones } = document;
  if (zones === undefined) return [];
  const path = ['zones'];
  const named = asList(zones);
  if (!Array.isArray(zones) || named.some((zone) => typeof zone !== 'string'))
    return [{ path, message: `zones: expected a list of texts, got ${shown(zones)}`, hint: "write it as ['1']" }];
  if (named.length > 1) return [{ path, message: `a group is in one zone, got ${shown(zones)}` }];
  return named.length === 0
    ? []
    : gpus(document).map(({ path: place }) => ({ path: place, message: 'a group with a GPU is in no zone' }));
}

function gpus(document: JsonObject): readonly Pick<Finding, 'path'>[] {
  return containersOf(document).flatMap(({ properties, path }) => {
    const requests = asObject(asObject(properties['resources'])?.['requests']);
    return requests?.['gpu'] === undefined || requests['gpu'] === null
      ? []
      : [{ path: [...path, 'properties', 'resources', 'requests', 'gpu'] }];
  });
}

/** Microsoft.ContainerInstance: container groups, their operations and logs, usages. */
import type { ArmCall, ArmGiven } from './arm-call.ts';
import { notFound } from './arm-call.ts';
import { groupId, showGroup } from './group-shape.ts';
import { exitCodeOf } from './group.ts';
import type { Group } from './group.ts';
import { ArmError, parseBody } from './http.ts';
import type { HttpAnswer } from './http.ts';

const RATE_HEADERS = {
  'x-ms-ratelimit-remaining-subscription-resource-requests-pt5m': '98',
  'x-ms-ratelimit-remaining-subscription-resource-requests-pt1h': '298',
  'x-ms-ratelimit-remaining-subscription-writes': '1199',
};

export function answerGroups(call: ArmCall, given: ArmGiven): HttpAnswer {
  const [kind = '', name, ...more] = call.rest;
  if (kind.toLowerCase() === 'locations') return answerLocation(call, given);
  if (kind.toLowerCase() !== 'containergroups') throw notFound(call.request.path, call.resourceGroup);
  if (name === undefined) {
    const value = given.groups
      .list(call.subscription, call.resourceGroup)
      .map((group) => showGroup(group, { instanceView: false }));
    return { status: 200, json: { value } };
  }
  const key = { subscription: call.subscription, resourceGroup: (call.resourceGroup ?? '').toLowerCase(), name };
  if (more.length === 0 && call.request.method === 'PUT') return answerPut(call, given, key);
  const group = given.groups.get(key);
  if (group === undefined && call.request.method === 'DELETE') return { status: 204 };
  if (group === undefined) throw notFound(`Microsoft.ContainerInstance/containerGroups/${name}`, call.resourceGroup);
  if (more.length > 0) return answerAction(call, given, { group, action: more });
  switch (call.request.method) {
    case 'GET':
      return { status: 200, json: showGroup(group, { instanceView: true }) };
    case 'PATCH':
      group.body = { ...group.body, tags: parseBody(call.request)['tags'] ?? group.body['tags'] };
      return { status: 200, json: showGroup(group, { instanceView: true }) };
    case 'DELETE':
      return answerDelete(given, group, call);
    default:
      throw new ArmError(405, 'MethodNotAllowed', `The method ${call.request.method} is not allowed here.`);
  }
}

function answerPut(call: ArmCall, given: ArmGiven, key: Group['key']): HttpAnswer {
  const group = given.groups.put(key, parseBody(call.request));
  return {
    status: 201,
    headers: { ...RATE_HEADERS, 'azure-asyncoperation': operationUrl(call, group) },
    json: showGroup(group, { instanceView: true }),
  };
}

/** With the long query that the real one appends since 2024: clients must take URLs of 4 kB. */
function operationUrl(call: ArmCall, group: Group): string {
  const certificate = 'A'.repeat(2500);
  return `${call.request.base}/subscriptions/${call.subscription}/providers/Microsoft.ContainerInstance/locations/${group.location}/operations/${group.operation}?api-version=2018-06-01&t=1&c=${certificate}&s=local&h=local`;
}

function answerDelete(given: ArmGiven, group: Group, call: ArmCall): HttpAnswer {
  const json = showGroup(group, { instanceView: true });
  given.groups.remove(group.key);
  if (given.deleteStatus === 200) return { status: 200, json };
  if (given.deleteStatus === 204) return { status: 204 };
  return { status: 202, headers: { 'azure-asyncoperation': operationUrl(call, group) } };
}

function answerAction(call: ArmCall, given: ArmGiven, asked: { group: Group; action: readonly string[] }): HttpAnswer {
  const { group, action } = asked;
  const [verb = '', container, what] = action.map((segment) => segment.toLowerCase());
  const restarted = { status: 204, headers: { 'azure-asyncoperation': operationUrl(call, group) } };
  switch (verb) {
    case 'stop':
      given.groups.stop(group);
      return { status: 204 };
    case 'start':
      if (isUpOrComing(group)) return { status: 204 };
      given.groups.start(group);
      return { ...restarted, status: 202 };
    case 'restart':
      given.groups.start(group);
      return restarted;
    case 'containers':
      if (what === 'logs')
        return {
          status: 200,
          json: { content: logOf(group, container ?? '', call.request.query.get('tail') ?? undefined) },
        };
      throw notFound(call.request.path, call.resourceGroup);
    default:
      throw notFound(call.request.path, call.resourceGroup);
  }
}

function isUpOrComing({ state, provisioning }: Group): boolean {
  return state === 'Running' || (state === 'Pending' && provisioning !== 'Failed');
}

function logOf(group: Group, container: string, tail: string | undefined): string {
  if (group.startedAt === undefined) {
    throw new ArmError(404, 'ContainerLogNotAvailable', `The log of container '${container}' is not available yet.`);
  }
  const { program } = group.containers.find(({ name }) => name === container) ?? group;
  const { version, log, exitCode } = program;
  const end =
    group.isCrashing && program.crash
      ? [`fatal: exits with code ${exitCode}`]
      : group.endedAt === undefined
        ? ['listening']
        : [`exits with code ${exitCodeOf({ program })}`];
  const lines = [`${container} ${version} starts`, ...(log === '' ? [] : log.split('\n')), ...end];
  const shown = tail === undefined ? lines : lines.slice(-Number(tail));
  return shown.map((line) => `${line}\n`).join('');
}

function answerLocation(call: ArmCall, given: ArmGiven): HttpAnswer {
  const [, location = '', kind = '', id = ''] = call.rest;
  switch (kind.toLowerCase()) {
    case 'operations':
    case 'operationresults':
      return answerOperation(call, given, id);
    case 'usages':
      return { status: 200, json: { value: given.locations.usages(location, given.groups, call.subscription) } };
    case 'capabilities':
      return { status: 200, json: { value: given.locations.capabilities(location) } };
    case 'cachedimages':
      return { status: 200, json: { value: [] } };
    default:
      throw notFound(call.request.path, undefined);
  }
}

function answerOperation(call: ArmCall, given: ArmGiven, id: string): HttpAnswer {
  const operation = given.groups.operation(id);
  if (operation === undefined) throw notFound(`operations/${id}`, undefined);
  const { group, status, startTime } = operation;
  const json = { id: groupId(group), status, startTime, properties: { events: group.events } };
  if (status !== 'Failed') return { status: 200, json };
  const message = group.events.at(-1)?.message ?? 'The operation failed.';
  return { status: 200, json: { ...json, error: { code: 'DeploymentFailed', message } } };
}

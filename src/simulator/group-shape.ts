/** A container group as ARM shows it: defaults filled in, secrets left out, instance views only in single GETs. */
import { asArray, asRecord } from './http.ts';
import { exitCodeOf } from './group.ts';
import type { Group, GroupContainer, InitContainer } from './group.ts';

const SECRETS = new Set(['secureValue', 'password', 'storageAccountKey', 'workspaceKey']);

export function showGroup(group: Group, options: { readonly instanceView: boolean }): Record<string, unknown> {
  const body = asRecord(withoutSecrets(group.body)) ?? {};
  const properties = asRecord(body['properties']) ?? {};
  return {
    properties: {
      sku: 'Standard',
      provisioningState: group.provisioning,
      ...properties,
      containers: asArray(properties['containers']).map((container) =>
        showContainer(group, asRecord(container) ?? {}, options),
      ),
      initContainers: asArray(properties['initContainers']).map((container, index) =>
        showInitContainer(group, asRecord(container) ?? {}, { index, ...options }),
      ),
      restartPolicy: properties['restartPolicy'] ?? 'Always',
      osType: properties['osType'] ?? 'Linux',
      ...showAddress(group, asRecord(properties['ipAddress'])),
      ...(options.instanceView ? { instanceView: { events: [], state: group.state } } : {}),
    },
    ...showIdentity(asRecord(body['identity'])),
    ...(body['zones'] === undefined ? {} : { zones: body['zones'] }),
    id: groupId(group),
    name: group.key.name,
    type: 'Microsoft.ContainerInstance/containerGroups',
    location: group.location,
    tags: body['tags'] ?? {},
  };
}

export function groupId(group: Group): string {
  const { subscription, resourceGroup, name } = group.key;
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}`;
}

function showContainer(
  group: Group,
  container: Record<string, unknown>,
  options: { instanceView: boolean },
): Record<string, unknown> {
  const properties = asRecord(container['properties']) ?? {};
  const one = group.containers.find(({ name }) => name === container['name']);
  const isShown = options.instanceView && group.provisioning !== 'Pending' && one !== undefined;
  return {
    ...container,
    properties: {
      environmentVariables: [],
      ...properties,
      ...(isShown ? { instanceView: containerView(group, one) } : {}),
    },
  };
}

function containerView(group: Group, { program }: GroupContainer): Record<string, unknown> {
  const { events } = group;
  const startTime = timeOf(group.startedAt);
  if (group.isCrashing && program.crash) {
    const previousState = { ...endedState(program.exitCode), startTime, finishTime: startTime };
    return {
      restartCount: group.restarts,
      events,
      currentState: { state: 'Waiting', detailStatus: 'CrashLoopBackOff: Back-off 10s restarting failed' },
      previousState,
    };
  }
  return { restartCount: program.crash ? group.restarts : 0, events, currentState: currentState(group, program) };
}

function currentState(group: Group, program: Group['program']): Record<string, unknown> {
  const startTime = timeOf(group.startedAt);
  if (group.endedAt !== undefined && startTime !== undefined)
    return { ...endedState(exitCodeOf({ program })), startTime, finishTime: timeOf(group.endedAt) };
  if (group.state === 'Stopped')
    return { state: 'Terminated', exitCode: 0, detailStatus: 'Container stopped per client request' };
  return group.state === 'Running'
    ? { state: 'Running', startTime, detailStatus: '' }
    : { state: 'Waiting', detailStatus: '' };
}

function showInitContainer(
  group: Group,
  container: Record<string, unknown>,
  { index, instanceView }: { index: number; instanceView: boolean },
): Record<string, unknown> {
  const properties = asRecord(container['properties']) ?? {};
  const one = group.initContainers[index];
  if (!instanceView || group.provisioning === 'Pending' || one === undefined) return container;
  return { ...container, properties: { ...properties, instanceView: initView(group, one) } };
}

function initView({ events }: Group, one: InitContainer): Record<string, unknown> {
  const startTime = timeOf(one.startedAt);
  const waiting = { state: 'Waiting', detailStatus: '' };
  const ended = { ...endedState(exitCodeOf(one)), startTime, finishTime: timeOf(one.endedAt) };
  const running = startTime === undefined ? waiting : { state: 'Running', startTime, detailStatus: '' };
  return { restartCount: one.restarts, events, currentState: one.endedAt === undefined ? running : ended };
}

function endedState(exitCode: number): Record<string, unknown> {
  return { state: 'Terminated', exitCode, detailStatus: exitCode === 0 ? 'Completed' : 'Error' };
}

function timeOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

function showAddress(group: Group, address: Record<string, unknown> | undefined): Record<string, unknown> {
  if (address === undefined) return {};
  return {
    ipAddress: {
      ...address,
      ...(group.ip === undefined ? {} : { ip: group.ip }),
      ...(group.fqdn === undefined ? {} : { fqdn: group.fqdn }),
      autoGeneratedDomainNameLabelScope: address['autoGeneratedDomainNameLabelScope'] ?? 'Unsecure',
    },
  };
}

/** Identities come back with the ids that Azure gave them. */
function showIdentity(identity: Record<string, unknown> | undefined): Record<string, unknown> {
  if (identity === undefined) return {};
  const ids = { principalId: '11111111-1111-1111-1111-111111111111', clientId: '22222222-2222-2222-2222-222222222222' };
  const assigned = asRecord(identity['userAssignedIdentities']);
  if (assigned === undefined)
    return {
      identity: { ...identity, principalId: ids.principalId, tenantId: '33333333-3333-3333-3333-333333333333' },
    };
  const userAssignedIdentities = Object.fromEntries(Object.keys(assigned).map((id) => [id, ids]));
  return { identity: { ...identity, tenantId: '33333333-3333-3333-3333-333333333333', userAssignedIdentities } };
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  const record = asRecord(value);
  if (record === undefined) return value;
  return Object.fromEntries(
    Object.entries(record)
      .filter(([key]) => !SECRETS.has(key))
      .map(([key, item]) => [key, key === 'secret' ? {} : withoutSecrets(item)]),
  );
}

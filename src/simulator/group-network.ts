/** The network that the containers of a group share: who listens at which port, and which ports are open to the outside. */
import { addressKind, definitionOf } from './group.ts';
import type { Group, GroupContainer } from './group.ts';
import { asArray, asRecord, asText } from './http.ts';

/** Ports of the address that speak TCP, each once. What is for UDP alone is shown, and nothing answers there. */
export function outsidePorts({ body }: Pick<Group, 'body'>): readonly number[] {
  if (addressKind({ body }) === undefined) return [];
  return tcpPorts(asRecord(asRecord(body['properties'])?.['ipAddress'])?.['ports']);
}

/** The container that declares the port; nothing listens where it crashes. */
export function listenerAt(group: Pick<Group, 'body' | 'containers'>, port: number): GroupContainer | undefined {
  const owner = group.containers.find(({ name }) => tcpPorts(definitionOf(group, name)['ports']).includes(port));
  return owner?.program.crash === true ? undefined : owner;
}

/** Who answers at a port of the address; the first container where none declares it. */
export function outsideListener(group: Pick<Group, 'body' | 'containers'>, port: number): GroupContainer | undefined {
  const isDeclared = group.containers.some(({ name }) => tcpPorts(definitionOf(group, name)['ports']).includes(port));
  const [first] = group.containers;
  if (isDeclared) return listenerAt(group, port);
  return first?.program.crash === true ? undefined : first;
}

function tcpPorts(given: unknown): readonly number[] {
  const ports = asArray(given).flatMap((one) => {
    const { port, protocol } = asRecord(one) ?? {};
    return typeof port === 'number' && asText(protocol, 'TCP').toUpperCase() !== 'UDP' ? [port] : [];
  });
  return [...new Set(ports)];
}

/** One container group of the local Azure: what was put, its containers and what they run, and how far its life has come. */
import { asArray, asRecord, asText } from './http.ts';
import type { Program } from './program.ts';

export interface GroupKey {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
}

export interface GroupEvent {
  count: number;
  readonly name: string;
  readonly type: 'Normal' | 'Warning';
  readonly message: string;
  readonly firstTimestamp: string;
  lastTimestamp: string;
}

/** A container of the group; its definition is in the body. */
export interface GroupContainer {
  readonly name: string;
  readonly program: Program;
}

/** Runs to its end before the containers start. */
export interface InitContainer extends GroupContainer {
  startedAt: number | undefined;
  endedAt: number | undefined;
  restarts: number;
}

export interface Group {
  readonly key: GroupKey;
  body: Record<string, unknown>;
  readonly location: string;
  /** The worst of its containers, as far as the group as a whole has one. */
  program: Program;
  containers: readonly GroupContainer[];
  readonly initContainers: readonly InitContainer[];
  provisioning: string;
  /** The last two: all its containers have exited, and are not restarted. */
  state: 'Pending' | 'Running' | 'Stopped' | 'Succeeded' | 'Failed';
  endedAt: number | undefined;
  ip: string | undefined;
  readonly fqdn: string | undefined;
  isCrashing: boolean;
  restarts: number;
  startedAt: number | undefined;
  readonly events: GroupEvent[];
  readonly operation: string;
  /** Cancels what is still to happen. */
  cancel: () => void;
  /** Servers are coming up or up; counts starts, so that a late one can tell that it is stale. */
  generation: number;
}

export type AddressKind = 'public' | 'private';

/** Where groups run: real servers, or nothing but bookkeeping in virtual time. */
export interface Hosts {
  allocate(kind: AddressKind): string;
  start(group: Group): Promise<string>;
  stop(group: Group): void;
}

export function idOf(key: GroupKey): string {
  return `${key.subscription}/${key.resourceGroup}/${key.name}`.toLowerCase();
}

export function isBeingCreated({ provisioning }: Pick<Group, 'provisioning'>): boolean {
  return provisioning === 'Pending' || provisioning === 'Creating';
}

/** True where its containers are not started again once they have exited. */
export function isJob({ body }: Pick<Group, 'body'>): boolean {
  return asRecord(body['properties'])?.['restartPolicy'] === 'Never';
}

/** Of what runs to its end: what its program is worth as a test. */
export function exitCodeOf({ program }: Pick<GroupContainer, 'program'>): number {
  return program.crash || !program.healthy ? program.exitCode : 0;
}

/** Undefined where it has no address. What is in a subnet has a private one, whatever it asks for. */
export function addressKind({ body }: Pick<Group, 'body'>): AddressKind | undefined {
  const properties = asRecord(body['properties']);
  const address = asRecord(properties?.['ipAddress']);
  if (address === undefined) return undefined;
  const isPrivate = asText(address['type']).toLowerCase() === 'private';
  return isPrivate || asArray(properties?.['subnetIds']).length > 0 ? 'private' : 'public';
}

/** The properties of a container as they were put. */
export function definitionOf({ body }: Pick<Group, 'body'>, container: string): Readonly<Record<string, unknown>> {
  const all = asArray(asRecord(body['properties'])?.['containers']).map((one) => asRecord(one) ?? {});
  return asRecord(all.find(({ name }) => name === container)?.['properties']) ?? {};
}

/**
 * The container groups of the local Azure and their life: accepted, pulled, running, crashing, stopped, deleted. It does
 * as the recordings of the real one say, also where that is odd: a crash-looping group says Succeeded and Running.
 */
import { randomUUID } from 'node:crypto';
import { shortHash } from '../model/release.ts';
import { HOUR } from '../model/time.ts';
import { checkGroup, declaredPorts } from './group-checks.ts';
import { ArmError, asArray, asRecord, asText } from './http.ts';
import type { SimClock } from './http.ts';
import type { Images } from './images.ts';
import type { Program } from './program.ts';
import { DEFAULT_PROGRAM } from './program.ts';

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

export interface Group {
  readonly key: GroupKey;
  body: Record<string, unknown>;
  readonly location: string;
  program: Program;
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

interface Operation {
  readonly group: Group;
  status: string;
  readonly startTime: string;
}

/** After that nobody asks what became of it, and it is found no more. */
const OPERATION_KEPT_MS = HOUR;

/** Where groups run: real servers, or nothing but bookkeeping in virtual time. */
export interface Hosts {
  allocate(): string;
  start(group: Group): Promise<string>;
  stop(group: Group): void;
}

export interface GroupOptions {
  readonly createMs: number;
  readonly restartMs: number;
  readonly coresPerLocation: number;
}

/** What is wrong with the regions at the moment. */
export interface GroupTrouble {
  /** Locations without capacity. */
  readonly full: Set<string>;
  /** Locations whose quota of the subscription is used up by others. */
  readonly spent: Set<string>;
  /** Creations that are accepted now take so much longer. */
  extraCreateMs: number;
  /** A group that is deleted is still there for so long. */
  deleteMs: number;
  /** A group that is deleted while it is being created comes back after this time, and bills. */
  comesBackAfterMs: number | undefined;
}

export class ContainerGroups {
  readonly #groups = new Map<string, Group>();
  /** Oldest first. */
  readonly #operations = new Map<string, Operation>();
  readonly #clock: SimClock;
  readonly #images: Images;
  readonly #hosts: Hosts;
  readonly options: GroupOptions;
  readonly trouble: GroupTrouble = {
    full: new Set(),
    spent: new Set(),
    extraCreateMs: 0,
    deleteMs: 0,
    comesBackAfterMs: undefined,
  };

  constructor(given: { clock: SimClock; images: Images; hosts: Hosts; options: GroupOptions }) {
    this.#clock = given.clock;
    this.#images = given.images;
    this.#hosts = given.hosts;
    this.options = given.options;
  }

  /** Accepts a PUT; throws ArmError as the real one refuses. The very group again starts it anew in place. */
  put(key: GroupKey, body: Record<string, unknown>): Group {
    checkGroup(key.name, body);
    const before = this.#groups.get(idOf(key));
    if (before !== undefined && (isBeingCreated(before) || before.provisioning === 'Deleting')) {
      throw new ArmError(
        409,
        'ContainerGroupTransitioning',
        `The container group '${key.name}' is still transitioning, please retry later.`,
      );
    }
    const location = String(body['location']).toLowerCase().replaceAll(' ', '');
    this.#checkQuota(location, key, body);
    const program = this.#programOf(key.name, body);
    const fqdn = this.#labelOf(key, body, location);
    if (before !== undefined) this.#end(before);
    const group: Group = {
      key,
      body,
      location,
      program,
      fqdn,
      provisioning: 'Pending',
      state: 'Pending',
      ip:
        asRecord(asRecord(body['properties'])?.['ipAddress']) === undefined
          ? undefined
          : (before?.ip ?? this.#hosts.allocate()),
      isCrashing: false,
      restarts: 0,
      startedAt: undefined,
      endedAt: undefined,
      events: [],
      operation: randomUUID(),
      cancel: () => undefined,
      generation: (before?.generation ?? 0) + 1,
    };
    this.#groups.set(idOf(key), group);
    this.#forgetOperations();
    this.#operations.set(group.operation, { group, status: 'Pending', startTime: this.#time() });
    this.#event(group, 'Pulling', `pulling image "${this.#imagesOf(body).join('", "')}"`);
    const createMs = this.options.createMs + this.trouble.extraCreateMs;
    this.#later(group, createMs / 4, () => {
      group.provisioning = 'Creating';
      this.#setOperation(group, 'Creating');
      this.#later(group, (createMs * 3) / 4, () => this.#run(group));
    });
    return group;
  }

  get(key: GroupKey): Group | undefined {
    return this.#groups.get(idOf(key));
  }

  list(subscription: string, resourceGroup?: string): readonly Group[] {
    return [...this.#groups.values()].filter(
      (group) =>
        group.key.subscription === subscription.toLowerCase() &&
        (resourceGroup === undefined || group.key.resourceGroup === resourceGroup.toLowerCase()),
    );
  }

  all(): readonly Group[] {
    return [...this.#groups.values()];
  }

  operation(id: string): Readonly<Operation> | undefined {
    return this.#operations.get(id);
  }

  byFqdn(fqdn: string): Group | undefined {
    return this.all().find((group) => group.fqdn === fqdn.toLowerCase());
  }

  byAddress(ip: string): Group | undefined {
    return this.all().find((group) => group.ip === ip);
  }

  /** Undefined where there was none. */
  remove(key: GroupKey): Group | undefined {
    const group = this.get(key);
    if (group === undefined) return undefined;
    if (group.provisioning === 'Deleting') return group;
    this.#end(group);
    if (isBeingCreated(group)) this.#comeBack(group);
    const { deleteMs } = this.trouble;
    if (deleteMs === 0) this.#groups.delete(idOf(key));
    else {
      group.provisioning = 'Deleting';
      this.#later(group, deleteMs, () => void this.#groups.delete(idOf(key)));
    }
    return group;
  }

  #comeBack({ key, body }: Group): void {
    const { comesBackAfterMs } = this.trouble;
    if (comesBackAfterMs === undefined) return;
    this.#clock.after(comesBackAfterMs, () => {
      const location = String(body['location']);
      const hasRoom = !this.trouble.full.has(location) && !this.trouble.spent.has(location);
      if (this.get(key) === undefined && hasRoom) this.put(key, body);
    });
  }

  /** The address goes, as it may while a group is moved; undefined again once `assignIp` was called. */
  loseIp(group: Group): void {
    this.#hosts.stop(group);
    group.ip = undefined;
  }

  assignIp(group: Group): void {
    if (group.ip !== undefined || group.state !== 'Running') return;
    group.ip = this.#hosts.allocate();
    void this.#hosts.start(group);
  }

  /** Of one that is stopped, or has ended by itself, nothing changes. */
  stop(group: Group): void {
    checkMovable(group);
    if (group.state === 'Stopped' || group.endedAt !== undefined) return;
    this.#end(group);
    group.state = 'Stopped';
    group.isCrashing = false;
    if (isBeingCreated(group)) group.provisioning = 'Succeeded';
    this.#setOperation(group, 'Succeeded');
  }

  /** A new deployment: it needs room again, and one that was stopped has another address afterwards. */
  start(group: Group): void {
    checkMovable(group);
    if (group.state === 'Stopped') {
      this.#checkQuota(group.location, group.key, group.body);
      if (group.ip !== undefined) group.ip = this.#hosts.allocate();
    }
    this.#end(group);
    group.provisioning = 'Pending';
    group.state = 'Pending';
    group.startedAt = undefined;
    group.endedAt = undefined;
    group.restarts = 0;
    this.#later(group, this.options.createMs + this.trouble.extraCreateMs, () => this.#run(group));
  }

  /** Faults from outside: the program changes under the running group. */
  setProgram(group: Group, program: Partial<Program>): void {
    this.#end(group);
    group.program = { ...group.program, ...program };
    this.#run(group);
  }

  /** Provisioning fails as it does without capacity: the group stays, and bills. */
  fail(group: Group, message: string): void {
    this.#end(group);
    group.provisioning = 'Failed';
    group.state = 'Pending';
    this.#event(group, 'Failed', message, 'Warning');
    this.#setOperation(group, 'Failed');
  }

  close(): void {
    for (const group of this.all()) this.#end(group);
  }

  #run(group: Group): void {
    group.provisioning = 'Succeeded';
    group.state = 'Running';
    group.startedAt = this.#clock.now();
    group.endedAt = undefined;
    this.#event(group, 'Pulled', `Successfully pulled image "${this.#imagesOf(group.body).join('", "')}"`);
    this.#event(group, 'Started', 'Started container');
    this.#setOperation(group, 'Succeeded');
    if (isJob(group)) return this.#later(group, group.program.runMs, () => this.#exit(group));
    if (group.program.crash) return this.#crash(group);
    group.isCrashing = false;
    const { generation } = group;
    void this.#hosts.start(group).then((ip) => {
      if (group.generation !== generation) return;
      group.ip = ip;
    });
  }

  #exit(group: Group): void {
    group.state = exitCodeOf(group) === 0 ? 'Succeeded' : 'Failed';
    group.endedAt = this.#clock.now();
  }

  #crash(group: Group): void {
    group.isCrashing = true;
    group.restarts += 1;
    this.#event(group, 'BackOff', 'Back-off restarting failed container', 'Warning');
    this.#later(group, this.options.restartMs, () => this.#crash(group));
  }

  #end(group: Group): void {
    group.cancel();
    group.generation += 1;
    this.#hosts.stop(group);
  }

  #later(group: Group, ms: number, callback: () => void): void {
    group.cancel = this.#clock.after(ms, callback);
  }

  #event(group: Group, name: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    const at = this.#time();
    const same = group.events.find((event) => event.name === name && event.message === message);
    if (same === undefined) group.events.push({ count: 1, name, type, message, firstTimestamp: at, lastTimestamp: at });
    else {
      same.count += 1;
      same.lastTimestamp = at;
    }
  }

  #forgetOperations(): void {
    const before = this.#clock.now() - OPERATION_KEPT_MS;
    for (const [id, { startTime }] of this.#operations) {
      if (Date.parse(startTime) >= before) return;
      this.#operations.delete(id);
    }
  }

  #setOperation(group: Group, status: string): void {
    const operation = this.#operations.get(group.operation);
    if (operation !== undefined) operation.status = status;
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  #imagesOf(body: Record<string, unknown>): string[] {
    return asArray(asRecord(body['properties'])?.['containers']).map((container) =>
      String(asRecord(asRecord(container)?.['properties'])?.['image']),
    );
  }

  /** Images of registries that are not simulated run the default program. */
  #programOf(name: string, body: Record<string, unknown>): Program {
    const programs = this.#imagesOf(body).map((reference) => {
      const found = this.#images.resolve(reference);
      const [registry = ''] = reference.split('/');
      if (found === undefined && this.#images.repositories(registry).length > 0) {
        throw new ArmError(
          400,
          'InaccessibleImage',
          `The image '${reference}' in container group '${name}' is not accessible. Please check the image and registry credential.`,
        );
      }
      return found?.program ?? DEFAULT_PROGRAM;
    });
    return programs.find((program) => program.crash || !program.healthy) ?? programs[0] ?? DEFAULT_PROGRAM;
  }

  #labelOf(key: GroupKey, body: Record<string, unknown>, location: string): string | undefined {
    const address = asRecord(asRecord(body['properties'])?.['ipAddress']);
    const label = address?.['dnsNameLabel'];
    if (typeof label !== 'string') return undefined;
    const scope = asText(address?.['autoGeneratedDomainNameLabelScope'], 'Unsecure').toLowerCase();
    const hash = scope === 'unsecure' ? '' : `${shortHash(`${scope} ${key.subscription}`, 16)}.`;
    const fqdn = `${label}.${hash}${location}.azurecontainer.io`.toLowerCase();
    const holder = this.byFqdn(fqdn);
    if (holder !== undefined && idOf(holder.key) !== idOf(key)) {
      throw new ArmError(
        400,
        'DnsNameLabelAlreadyTaken',
        `The DNS name label '${label}' in container group '${key.name}' is not available. Try using a different label.`,
      );
    }
    return fqdn;
  }

  #checkQuota(location: string, key: GroupKey, body: Record<string, unknown>): void {
    if (this.trouble.full.has(location)) {
      throw new ArmError(
        409,
        'ServiceUnavailable',
        `The requested resource is not available in the location '${location}' at this moment. Please retry with a different resource request or in another location.`,
      );
    }
    const used = this.all().filter((group) => group.location === location && idOf(group.key) !== idOf(key));
    // What is stopped holds none.
    const usage = used.filter(({ state }) => state !== 'Stopped').reduce((sum, group) => sum + coresOf(group.body), 0);
    const requested = coresOf(body);
    if (usage + requested <= this.options.coresPerLocation && !this.trouble.spent.has(location)) return;
    throw new ArmError(
      400,
      'ContainerGroupQuotaReached',
      `Resource type 'Microsoft.ContainerInstance/containerGroups' container group quota 'StandardCores' exceeded in region '${location}'. Limit: '${this.options.coresPerLocation}', Usage: '${usage}' Requested: '${requested}'.`,
    );
  }
}

function checkMovable({ key, provisioning }: Group): void {
  if (provisioning !== 'Deleting') return;
  throw new ArmError(
    409,
    'ContainerGroupTransitioning',
    `The container group '${key.name}' is still transitioning, please retry later.`,
  );
}

function isBeingCreated({ provisioning }: Group): boolean {
  return provisioning === 'Pending' || provisioning === 'Creating';
}

/** True where its containers are not started again once they have exited. */
export function isJob({ body }: Pick<Group, 'body'>): boolean {
  return asRecord(body['properties'])?.['restartPolicy'] === 'Never';
}

/** Of a job: what its program is worth as a test. */
export function exitCodeOf({ program }: Pick<Group, 'program'>): number {
  return program.crash || !program.healthy ? program.exitCode : 0;
}

export function portsOf(group: Group): readonly number[] {
  return declaredPorts(group.body);
}

export function coresOf(body: Record<string, unknown>): number {
  return asArray(asRecord(body['properties'])?.['containers']).reduce<number>((sum, container) => {
    const requests = asRecord(asRecord(asRecord(asRecord(container)?.['properties'])?.['resources'])?.['requests']);
    return sum + Number(requests?.['cpu'] ?? 0);
  }, 0);
}

function idOf(key: GroupKey): string {
  return `${key.subscription}/${key.resourceGroup}/${key.name}`.toLowerCase();
}

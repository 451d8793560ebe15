/**
 * The container groups of the local Azure and their life: accepted, pulled, running, crashing, stopped, deleted. It does
 * as the recordings of the real one say, also where that is odd: a crash-looping group says Succeeded and Running.
 */
import { randomUUID } from 'node:crypto';
import { checkGroup } from './group-checks.ts';
import { addEvent } from './group-events.ts';
import { fqdnFor } from './group-label.ts';
import { Operations } from './group-operations.ts';
import type { Operation } from './group-operations.ts';
import { imagesOf, programsOf, worstOf } from './group-programs.ts';
import { checkRoom } from './group-quota.ts';
import type { Wanted } from './group-quota.ts';
import { addressKind, exitCodeOf, idOf, isBeingCreated, isJob } from './group.ts';
import type { Group, GroupKey, Hosts } from './group.ts';
import { ArmError } from './http.ts';
import type { SimClock } from './http.ts';
import type { Images } from './images.ts';
import { resetInitContainers, runInitContainers } from './init-containers.ts';
import type { Program } from './program.ts';

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
  readonly #operations = new Operations();
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
    this.#checkRoom({ location, key, body });
    const group = this.#newGroup({ location, key, body }, before);
    if (before !== undefined) this.#end(before);
    this.#groups.set(idOf(key), group);
    this.#operations.begin(group, this.#clock.now());
    this.#event(group, 'Pulling', `pulling image "${imagesOf(body).join('", "')}"`);
    const createMs = this.options.createMs + this.trouble.extraCreateMs;
    this.#later(group, createMs / 4, () => {
      group.provisioning = 'Creating';
      this.#operations.set(group, 'Creating');
      this.#later(group, (createMs * 3) / 4, () => this.#initialise(group));
    });
    return group;
  }

  #newGroup({ location, key, body }: Wanted, before: Group | undefined): Group {
    const containers = programsOf(key.name, body, { images: this.#images, list: 'containers' });
    const initContainers = programsOf(key.name, body, { images: this.#images, list: 'initContainers' });
    const fqdn = fqdnFor({ key, body, location }, (name) => this.byFqdn(name));
    const kind = addressKind({ body });
    return {
      key,
      body,
      location,
      program: worstOf(containers),
      containers,
      initContainers: initContainers.map((one) => ({ ...one, startedAt: undefined, endedAt: undefined, restarts: 0 })),
      fqdn,
      provisioning: 'Pending',
      state: 'Pending',
      ip: kind === undefined ? undefined : (before?.ip ?? this.#hosts.allocate(kind)),
      isCrashing: false,
      restarts: 0,
      startedAt: undefined,
      endedAt: undefined,
      events: [],
      operation: randomUUID(),
      cancel: () => undefined,
      generation: (before?.generation ?? 0) + 1,
    };
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
    group.ip = this.#hosts.allocate(addressKind(group) ?? 'public');
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
    this.#operations.set(group, 'Succeeded');
  }

  /** A new deployment: it needs room again, and one that was stopped has another address afterwards. */
  start(group: Group): void {
    checkMovable(group);
    if (group.state === 'Stopped') {
      this.#checkRoom(group);
      if (group.ip !== undefined) group.ip = this.#hosts.allocate(addressKind(group) ?? 'public');
    }
    this.#end(group);
    group.provisioning = 'Pending';
    group.state = 'Pending';
    group.startedAt = undefined;
    group.endedAt = undefined;
    group.restarts = 0;
    resetInitContainers(group);
    this.#later(group, this.options.createMs + this.trouble.extraCreateMs, () => this.#initialise(group));
  }

  /** Faults from outside: the program changes under the running group. */
  setProgram(group: Group, program: Partial<Program>): void {
    this.#end(group);
    group.program = { ...group.program, ...program };
    group.containers = group.containers.map((one) => ({ ...one, program: { ...one.program, ...program } }));
    this.#run(group);
  }

  /** Provisioning fails as it does without capacity: the group stays, and bills. */
  fail(group: Group, message: string): void {
    this.#end(group);
    group.provisioning = 'Failed';
    group.state = 'Pending';
    this.#event(group, 'Failed', message, 'Warning');
    this.#operations.set(group, 'Failed');
  }

  close(): void {
    for (const group of this.all()) this.#end(group);
  }

  #run(group: Group): void {
    group.provisioning = 'Succeeded';
    group.state = 'Running';
    group.startedAt = this.#clock.now();
    group.endedAt = undefined;
    this.#event(group, 'Pulled', `Successfully pulled image "${imagesOf(group.body).join('", "')}"`);
    this.#event(group, 'Started', 'Started container');
    this.#operations.set(group, 'Succeeded');
    if (isJob(group)) return this.#later(group, group.program.runMs, () => this.#exit(group));
    group.isCrashing = false;
    if (group.program.crash) this.#crash(group);
    // Those that do not crash serve all the same.
    if (group.containers.some(({ program }) => !program.crash)) this.#serve(group);
  }

  #serve(group: Group): void {
    const { generation } = group;
    void this.#hosts.start(group).then((ip) => {
      if (group.generation === generation && addressKind(group) !== undefined) group.ip = ip;
    });
  }

  #initialise(group: Group): void {
    runInitContainers(group, {
      restartMs: this.options.restartMs,
      now: () => this.#clock.now(),
      later: (ms, callback) => this.#later(group, ms, callback),
      done: () => this.#run(group),
      failed: () => this.#failInit(group),
    });
  }

  #failInit(group: Group): void {
    group.provisioning = 'Succeeded';
    group.state = 'Failed';
    group.endedAt = this.#clock.now();
    this.#operations.set(group, 'Succeeded');
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
    addEvent(group, this.#clock.now(), { name, type, message });
  }

  #checkRoom(wanted: Wanted): void {
    checkRoom(wanted, { ...this.trouble, groups: this.all(), coresPerLocation: this.options.coresPerLocation });
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

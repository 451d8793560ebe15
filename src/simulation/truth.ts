/**
 * The rules as the world sees them, with no trust in the controller: every request that reaches the model is judged by
 * what is true there, not by what the controller believes. Shares no code with src/rollout/rules.ts on purpose.
 */
import type { Instant } from '../model/time.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import { isJob } from '../simulator/group.ts';
import type { Group } from '../simulator/group.ts';
import { asRecord } from '../simulator/http.ts';
import type { HttpRequest } from '../simulator/http.ts';
import type { Endpoint, Profile } from '../simulator/profile.ts';
import { chainTtl } from './chain.ts';
import { releasesInRotation, tooMany } from './judge-rotation.ts';
import type { AppOptions } from './options.ts';
import { isOwnEndpoint } from './own-endpoint.ts';
import { WEIGHT } from './settings.ts';
import { RESOURCE_GROUP, SUBSCRIPTION } from './virtual-azure.ts';
import type { VirtualAzure } from './virtual-azure.ts';

export interface Violation {
  /** R1 to R10, or the name of what is judged beside them. */
  readonly rule: string;
  readonly at: Instant;
  readonly message: string;
}

export interface TruthGiven {
  readonly azure: VirtualAzure;
  readonly now: () => Instant;
  readonly owner: string;
  /** As they count now. */
  readonly apps: () => readonly AppOptions[];
  /** Whether nobody need serve it, as it has left the config. */
  readonly isGoing?: (app: string) => boolean;
  /** Successes in a row that verify a group. */
  readonly successes: number;
  /** The text of an app's saved state; undefined where there is none. */
  readonly savedState: (app: string) => string | undefined;
  /** The daemon that may drive an app now; undefined where one alone needs no lease, or nobody holds it. */
  readonly holder?: (app: string) => string | undefined;
  /** Sees each change that a daemon alive asks for, and when that was sent. */
  readonly onChange?: (app: AppOptions, what: string, sentAt: Instant) => void;
}

/** What the world broke is excused for as long as Traffic Manager and the daemon may take to notice. */
const UNNOTICED_MS = 5 * MINUTE;
/** Between a look and the deletion of an endpoint it may be enabled with nobody to see it, since it has no ETag. */
const UNSEEN_MS = 10 * SECOND;
const PROVIDERS =
  /\/providers\/Microsoft\.(?:ContainerInstance\/containerGroups|Network\/trafficManagerProfiles)\/([^/]+)(?:\/(?:externalEndpoints\/([^/]+)|(stop|start)))?$/i;

/** A PATCH is told by what it changes. */
function effectOf({ method, body, path }: HttpRequest, isGroup: boolean): string {
  if (isGroup && method === 'PATCH') return 'tagGroup';
  if (isGroup && method === 'POST') return /\/start$/i.test(path) ? 'startGroup' : 'stopGroup';
  if (isGroup) return `${method === 'PUT' ? 'create' : 'delete'}${JOB.test(path) ? 'Job' : 'Group'}`;
  if (method === 'DELETE') return 'deleteEndpoint';
  if (method === 'PUT') return 'enableEndpoint';
  if (/"endpointStatus":"Disabled"/.test(body)) return 'disableEndpoint';
  return /"endpointStatus":"Enabled"/.test(body) ? 'enableEndpoint' : 'retargetEndpoint';
}

/** As jobs are named. */
const JOB = /-job-[0-9a-f]{8}$/;

interface Exposure {
  removedAt: Instant | undefined;
  ttlSeconds: number;
  /** Until then somebody may hold an answer that leads there. */
  heldUntil: Instant;
  /** When somebody enabled what had been removed, and what was held before. */
  again: { readonly at: Instant; readonly heldUntil: Instant } | undefined;
}

export class Truth {
  readonly violations: Violation[] = [];
  /** Apps that were live once: from then on they are to be reachable. */
  readonly live = new Set<string>();
  readonly #given: TruthGiven;
  readonly #exposures = new Map<string, Exposure>();
  readonly #proofs = new Map<string, number>();
  readonly #verified = new Set<string>();
  readonly #brokenAt = new Map<string, Instant>();
  /** Until when name servers may say that nothing serves an app; for ever while nothing does. */
  readonly #downUntil = new Map<string, Instant>();
  readonly #partlyOutUntil = new Map<string, Instant>();
  /** Names of groups by the addresses that they have or had. */
  readonly #addresses = new Map<string, string>();
  readonly #ttlUnknownUntil = new Map<string, Instant>();

  constructor(given: TruthGiven) {
    this.#given = given;
  }

  violate(rule: string, message: string): void {
    this.violations.push({ rule, at: this.#given.now(), message });
  }

  /** The world itself has broken something of the app; by the name of a group, or of the app for its profile. */
  worldBroke(name: string): void {
    this.#brokenAt.set(name, this.#given.now());
  }

  /** Nobody can know by which TTL answers of the app are held, for so long. */
  forgetTtl(app: string, forMs: number): void {
    this.#ttlUnknownUntil.set(app, this.#given.now() + forMs);
  }

  isBrokenByWorld(name: string): boolean {
    return this.#brokenAt.has(name);
  }

  /** Whether the world ever broke anything whose name begins so. */
  hasBroken(prefix: string): boolean {
    return [...this.#brokenAt.keys()].some((name) => name.startsWith(prefix));
  }

  /** True where the world broke something of the app lately, or anything of it still is. */
  isExcused(app: string): boolean {
    const { now } = this.#given;
    for (const [name, at] of this.#brokenAt) {
      if ((name === app || name.startsWith(`${app}-`)) && now() < at + UNNOTICED_MS) return true;
    }
    return false;
  }

  /** True where nothing served the app at the last change that all name servers know of: what is lost then was lost before. */
  wasDown(app: string): boolean {
    return this.#given.now() < (this.#downUntil.get(app) ?? 0);
  }

  /** The group that a name or an address stands for, also once it is gone. */
  groupOf(target: string): string {
    const { azure } = this.#given;
    const group = azure.groups.byAddress(target)?.key.name;
    if (group !== undefined) this.#addresses.set(target, group);
    return this.#addresses.get(target) ?? nameOf(target);
  }

  /**
   * Where regions and ranges belong to one endpoint each: one of them has none that Traffic Manager would answer with, or had
   * none at the last change that all name servers know of.
   */
  isPartlyOut(app: string): boolean {
    return this.#lacksMapped(app) || this.#given.now() < (this.#partlyOutUntil.get(app) ?? 0);
  }

  #lacksMapped(name: string): boolean {
    const profile = this.#given.azure.profile(name);
    const locations = this.#appOf(name)?.locations.length ?? 0;
    if (profile === undefined || !isMapped(profile)) return false;
    const app = this.#appOf(name);
    const own = [...profile.endpoints.values()].filter((one) => isOwnEndpoint(this.#given.owner, app, one.name));
    return own.filter(({ enabled, monitor }) => enabled && monitor !== 'Degraded').length < locations;
  }

  /** True where every group of the app that is there serves, and the world has left it in peace. */
  isSound(app: string): boolean {
    const { azure, owner } = this.#given;
    const profile = this.#profiles().find(({ name }) => name === app);
    const own = azure.groups
      .all()
      .filter((group) => ownerOf(group) === owner && group.key.name.startsWith(`${app}-`) && !isJob(group));
    const endpoints = [...(profile?.endpoints.values() ?? [])].filter(
      ({ name, enabled }) => enabled && isOwnEndpoint(owner, this.#appOf(app), name),
    );
    return (
      !this.isExcused(app) &&
      own.length > 0 &&
      own.every((group) => group.state === 'Stopped' || azure.serves(group)) &&
      (profile === undefined || endpoints.length > 0) &&
      endpoints.every(({ monitor }) => monitor === 'Online')
    );
  }

  isGone(name: string): boolean {
    return (
      this.#given.azure.groups.get({ subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name }) === undefined
    );
  }

  /** Somebody has looked at it before, and found that it serves. */
  proven(name: string): void {
    this.#verified.add(name);
  }

  probed(fqdn: string, ok: boolean): void {
    const name = this.groupOf(fqdn);
    const row = ok ? (this.#proofs.get(name) ?? 0) + 1 : 0;
    this.#proofs.set(name, row);
    if (row >= this.#given.successes) this.#verified.add(name);
  }

  /** Judges a request as it reaches the model; what is given back judges what became of it. */
  onRequest(
    request: HttpRequest,
    daemon: { readonly name: string; readonly isAlive: boolean; readonly at: Instant },
  ): (() => void) | undefined {
    if (request.method === 'GET' || request.method === 'HEAD') return undefined;
    const [, name = '', endpoint, action] = PROVIDERS.exec(request.path) ?? [];
    if (name === '') return undefined;
    const isGroup = /containergroups/i.test(request.path);
    if (isGroup)
      this.#judgeGroup(request, decodeURIComponent(name), { action: action?.toLowerCase(), sentAt: daemon.at });
    else if (endpoint === undefined) this.violate('R4', `${request.method} of the whole profile ${name}`);
    else this.#judgeEndpoint(request, name, decodeURIComponent(endpoint));
    const effect = effectOf(request, isGroup);
    const groups = endpoint === undefined ? [decodeURIComponent(name)] : this.#groupsOf(request, name, endpoint);
    // Of a profile that somebody has deleted nothing changes, and nobody can tell any more where its endpoints lead.
    const isThere = isGroup || this.#given.azure.profile(decodeURIComponent(name)) !== undefined;
    if (daemon.isAlive && isThere) this.#judgeSaved(effect, name, groups);
    const app = this.#appOf(name);
    const what = `${effect} ${decodeURIComponent(endpoint ?? name)}`;
    if (daemon.isAlive && app !== undefined) this.#given.onChange?.(app, what, daemon.at);
    this.#judgeHolder(`${request.method} ${decodeURIComponent(endpoint ?? name)}`, name, daemon.name);
    const before = new Map(this.#profiles().map((profile) => [profile.name, this.#given.azure.serving(profile)]));
    const judgeReleases = this.#judgeReleases(app);
    return () => {
      this.#judgeService(request, before);
      judgeReleases();
    };
  }

  /** What the request that is to come makes of them. */
  #judgeReleases(app: AppOptions | undefined): () => void {
    const { azure, owner } = this.#given;
    const inRotation = () => {
      const profile = app === undefined ? undefined : azure.profile(app.name);
      return profile === undefined ? new Set<string>() : releasesInRotation(azure, profile, owner);
    };
    const before = inRotation();
    return () => {
      const found = tooMany(before, inRotation());
      if (app !== undefined && found !== undefined && !this.isExcused(app.name))
        this.violate('releases', `${app.name}: ${found}`);
    };
  }

  /** Called after every change of profiles, whoever made it. */
  scan(): void {
    const enabled = new Map<string, number>();
    for (const profile of this.#profiles()) {
      const ttl = chainTtl(this.#given.azure, profile);
      for (const endpoint of profile.endpoints.values()) {
        if (endpoint.enabled) enabled.set(this.groupOf(endpoint.target), ttl);
      }
    }
    const now = this.#given.now();
    // The last of the name servers hands it out for so long after it has left, with the TTL that it knows of.
    const { delayMs: lagMs } = this.#given.azure.profiles.nameServers;
    for (const [target, ttl] of enabled) {
      const before = this.#exposures.get(target);
      const heldUntil = Math.max(before?.heldUntil ?? 0, now + lagMs + ttl * 1000);
      const again = before?.removedAt === undefined ? before?.again : { at: now, heldUntil: before.heldUntil };
      this.#exposures.set(target, { removedAt: undefined, ttlSeconds: ttl, heldUntil, again });
    }
    for (const profile of this.#profiles()) {
      noteOut(this.#downUntil, profile.name, { isOut: this.#given.azure.serving(profile) === 0, backAt: now + lagMs });
      noteOut(this.#partlyOutUntil, profile.name, { isOut: this.#lacksMapped(profile.name), backAt: now + lagMs });
    }
    for (const [target, exposure] of this.#exposures) {
      if (enabled.has(target) || exposure.removedAt !== undefined) continue;
      exposure.removedAt = now;
      const { again } = exposure;
      const isUnseen = again !== undefined && now <= again.at + UNSEEN_MS && !this.#hasEndpoint(target);
      exposure.again = undefined;
      if (isUnseen) exposure.heldUntil = again.heldUntil;
      else exposure.heldUntil = Math.max(exposure.heldUntil, now + lagMs + exposure.ttlSeconds * 1000);
    }
  }

  #profiles(): readonly Profile[] {
    return this.#given.azure.profiles.list(SUBSCRIPTION);
  }

  #hasEndpoint(group: string): boolean {
    return this.#profiles().some(({ endpoints }) =>
      [...endpoints.values()].some(({ target }) => this.groupOf(target) === group),
    );
  }

  /** That the endpoint is led to, leads to, or has its name from; one that never was, where it leads to none of ours. */
  #groupsOf({ body }: HttpRequest, app: string, encoded: string): readonly string[] {
    const name = decodeURIComponent(encoded);
    const target = targetIn(body) ?? this.#given.azure.profile(app)?.endpoints.get(name.toLowerCase())?.target;
    const [location, replica] = name.split('.').slice(-2);
    const named = name.replace(`${this.#given.owner}.`, '');
    return [...(target === undefined ? [] : [this.groupOf(target)]), named, `${app}-00000000-${location}-${replica}`];
  }

  #appOf(name: string): AppOptions | undefined {
    return this.#given.apps().find((app) => name === app.name || name.startsWith(`${app.name}-`));
  }

  #judgeGroup(
    request: HttpRequest,
    name: string,
    { action, sentAt }: { action: string | undefined; sentAt: Instant },
  ): void {
    const { method } = request;
    const { azure, owner } = this.#given;
    const group = azure.groups.get({ subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name });
    if (group !== undefined && ownerOf(group) !== owner) this.violate('R4', `${method} of ${name}, which is not ours`);
    if (method === 'PATCH' && group !== undefined) this.#judgeTags(request, group);
    const isComing = action === 'start' || (method === 'PUT' && group === undefined);
    if (isComing && !JOB.test(name)) this.#judgeWriter(name);
    // R3: what is stopped or started proves itself anew.
    if (action !== undefined) this.#forgetProof(name);
    const isStop = action === 'stop';
    if ((method !== 'DELETE' && !isStop) || group === undefined) return;
    const done = isStop ? 'stopped' : 'deleted';
    for (const profile of this.#profiles()) {
      for (const endpoint of profile.endpoints.values()) {
        // A name that stays ours may have an endpoint that is out of rotation.
        if (this.groupOf(endpoint.target) !== name || (isStop && !endpoint.enabled)) continue;
        // It was enabled just before the stop was sent, or while it was on its way.
        const again = this.#exposures.get(name)?.again;
        if (isStop && again !== undefined && again.at > sentAt - UNSEEN_MS) continue;
        const state = endpoint.enabled ? 'enabled' : 'disabled';
        this.violate('R2', `${name} is ${done} while the ${state} endpoint ${endpoint.name} targets it`);
      }
    }
    this.#judgeDrain(name, done);
  }

  /** A single writer: no group of another stack may run, or be about to, when one is made or started. */
  #judgeWriter(name: string): void {
    const { azure, owner } = this.#given;
    const app = this.#appOf(name);
    const strategy = app?.rollout?.strategy;
    if (app === undefined || strategy?.kind !== 'recreate' || strategy.order !== 'oldFirst') return;
    if (this.isExcused(app.name)) return;
    const stackOf = (group: string) => group.slice(app.name.length + 1).split('-')[0];
    const other = azure.groups.all().find((group) => {
      const isOurs = ownerOf(group) === owner && this.#appOf(group.key.name) === app && !isJob(group);
      return isOurs && group.state !== 'Stopped' && stackOf(group.key.name) !== stackOf(name);
    });
    if (other !== undefined) this.violate('writer', `${name} is made or started while ${other.key.name} is there`);
  }

  #forgetProof(name: string): void {
    this.#proofs.delete(name);
    this.#verified.delete(name);
  }

  /** R4: a PATCH takes all of a group's tags with it, so those that are not of its role have to come back as they were. */
  #judgeTags({ body }: HttpRequest, { key: { name }, body: shown }: Group): void {
    const { candidate, live } = this.#appOf(name)?.rollout?.tags ?? { candidate: {}, live: {} };
    const before = asRecord(shown['tags']) ?? {};
    const after = asRecord(asRecord(JSON.parse(body))?.['tags']) ?? {};
    for (const key of Object.keys({ ...before, ...after })) {
      if (key in candidate || key in live || before[key] === after[key]) continue;
      this.violate('R4', `tag ${key} of ${name} is changed, which is not one of its role`);
    }
  }

  /** R5: each act is written down before it is done, or the next driver would know nothing of it. */
  #judgeSaved(kind: string, name: string, groups: readonly string[]): void {
    const app = this.#appOf(name);
    const saved = app === undefined ? undefined : this.#given.savedState(app.name);
    // A job that was left over goes as any stray does.
    const kinds = kind === 'deleteJob' ? [kind, 'deleteGroup'] : [kind];
    const keys = kinds.flatMap((one) => groups.map((group) => `"${one} ${group}"`));
    if (app === undefined || keys.some((key) => saved?.includes(key) === true)) return;
    this.violate('R5', `${kind} ${groups[0]} before it was saved`);
  }

  /** R5: while another daemon holds the lease, nobody else changes anything, not even by a request that arrives late. */
  #judgeHolder(what: string, name: string, daemon: string): void {
    const app = this.#appOf(name);
    const holder = app === undefined ? undefined : this.#given.holder?.(app.name);
    if (holder === undefined || holder === daemon) return;
    this.violate('R5', `${what} by ${daemon}, while ${holder} holds the lease`);
  }

  #judgeDrain(name: string, done: string): void {
    const exposure = this.#exposures.get(name);
    const app = this.#appOf(name);
    if (exposure?.removedAt === undefined || app === undefined) return;
    const until = exposure.heldUntil + app.drainMs;
    const early = until - this.#given.now();
    if (early > 0 && this.#given.now() >= (this.#ttlUnknownUntil.get(app.name) ?? 0)) {
      this.violate('R2', `${name} is ${done} ${early} ms before the end of its drain`);
    }
  }

  #judgeEndpoint(request: HttpRequest, profileName: string, name: string): void {
    const { owner, successes } = this.#given;
    const own = `${owner}.${profileName}`.toLowerCase();
    const isAdopted = this.#appOf(profileName)?.adopted?.some(({ endpoint }) => endpoint === name) === true;
    if (!isAdopted && !name.toLowerCase().startsWith(`${own}-`) && !name.toLowerCase().startsWith(`${own}.`)) {
      this.violate('R4', `${request.method} of endpoint ${name}, which is not ours`);
    }
    const target = targetIn(request.body);
    if (request.method === 'DELETE' || target === undefined) return;
    const group = this.groupOf(target);
    if (!this.#verified.has(group)) this.violate('R3', `${group} gets traffic without ${successes} successes in a row`);
    const before = this.#given.azure.profile(profileName)?.endpoints.get(name.toLowerCase());
    if (request.method === 'PATCH' && before?.enabled === true) this.#judgeSwap(request, before, target);
  }

  /** R4: what leads an endpoint elsewhere changes nothing else of it. R1: never from what serves to what does not. */
  #judgeSwap({ body }: HttpRequest, { name, weight, target: before }: Endpoint, target: string): void {
    const { azure } = this.#given;
    const [from, to] = [this.groupOf(before), this.groupOf(target)];
    const app = this.#appOf(from)?.name;
    // What somebody led to a place of their own is put right as a whole; an address that changes is of the same group.
    if (from === to || app === undefined) return;
    const changed = Object.keys(asRecord(asRecord(JSON.parse(body))?.['properties']) ?? {});
    // A weight that somebody has changed is put right with it.
    const isWeighted = azure.profile(app)?.routingMethod === 'Weighted';
    if (changed.join() !== 'target' && (!isWeighted || weight === WEIGHT))
      this.violate('R4', `leading ${name} elsewhere also writes ${changed.join()}`);
    const isLost = azure.serves(azure.groupBehind(before)) && !azure.serves(azure.groupBehind(target));
    if (isLost && !this.isExcused(app))
      this.violate('R1', `${name} is led from ${from}, which serves, to ${to}, which does not`);
  }

  /** R1: what the controller does never takes the last that serves; of a region, where each has one. */
  #judgeService(request: HttpRequest, before: ReadonlyMap<string, number>): void {
    this.scan();
    for (const profile of this.#profiles()) {
      const served = before.get(profile.name) ?? 0;
      const serving = this.#given.azure.serving(profile);
      // A place that the config has no more goes; what it had is of the place for all others.
      const places = this.#appOf(profile.name)?.locations.length ?? served;
      const isFine = isMapped(profile) ? serving >= Math.min(served, places) : serving > 0;
      if (served === 0 || isFine || !this.live.has(profile.name)) continue;
      if (this.isExcused(profile.name) || this.#given.isGoing?.(profile.name) === true) continue;
      this.violate(
        'R1',
        `${request.method} ${request.path.split('/').at(-1)} takes the last that serves ${profile.name}`,
      );
    }
  }
}

/** A region or a range belongs to one endpoint. */
function isMapped({ routingMethod }: Profile): boolean {
  return routingMethod === 'Geographic' || routingMethod === 'Subnet';
}

function targetIn(body: string): string | undefined {
  return /"target":"([^"]+)"/.exec(body)?.[1];
}

export function ownerOf(group: Group): unknown {
  const tags = group.body['tags'];
  return typeof tags === 'object' && tags !== null && 'viridian-owner' in tags ? tags['viridian-owner'] : undefined;
}

/** The group's name is the first label of its own. */
export function nameOf(fqdn: string): string {
  return fqdn.split('.')[0] ?? fqdn;
}

/** `until` has for ever while it is out, and then when the last name server knows that it is back. */
function noteOut(
  until: Map<string, Instant>,
  app: string,
  { isOut, backAt }: { isOut: boolean; backAt: Instant },
): void {
  if (isOut) until.set(app, Number.POSITIVE_INFINITY);
  else if (until.get(app) === Number.POSITIVE_INFINITY) until.set(app, backAt);
}

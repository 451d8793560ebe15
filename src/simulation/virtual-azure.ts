/**
 * The model of the local Azure in virtual time: the same groups, profiles, images and wire shapes, with nothing listening.
 * Requests come in through `face`, as they would over HTTPS.
 */
import type { NameAnswers } from '../model/confirmed-gone.ts';
import { acrFace } from '../simulator/acr-face.ts';
import { armFace } from '../simulator/arm-face.ts';
import { ContainerGroups } from '../simulator/groups.ts';
import { definitionOf } from '../simulator/group.ts';
import type { Group } from '../simulator/group.ts';
import type { GroupOptions } from '../simulator/groups.ts';
import { asText } from '../simulator/http.ts';
import type { Face } from '../simulator/http.ts';
import { Images } from '../simulator/images.ts';
import type { Profile } from '../simulator/profile.ts';
import { Locations } from '../simulator/locations.ts';
import { Permissions } from '../simulator/permissions.ts';
import { Profiles } from '../simulator/profiles.ts';
import type { NameAnswer, ProfileOptions } from '../simulator/profiles.ts';
import { Tokens } from '../simulator/tokens.ts';
import type { Measured } from './options.ts';
import type { VirtualTime } from './virtual-time.ts';

export const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
export const RESOURCE_GROUP = 'shop';
export const REGISTRY = 'shop.azurecr.io';

const ASKS_EACH = 3;
/** Steps of it fall evenly between 0 and 1, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const DAEMON_ADDRESS = '10.255.0.1';
/** A group that is deleted while it is being created. */
const COMES_BACK_AFTER_MS = 20_000;

export class VirtualAzure {
  readonly images = new Images();
  readonly groups: ContainerGroups;
  readonly profiles: Profiles;
  readonly face: Face;
  /** Targets that Traffic Manager finds Degraded for no reason. */
  readonly deaf = new Set<string>();
  isDeafTo: (group: string) => boolean = () => false;
  readonly #time: VirtualTime;
  /** By the digest of an image. */
  readonly #measured = new Map<string, Measured>();
  /** Of each name and server, where the last draw fell. */
  readonly #turns = new Map<string, number>();

  constructor(given: {
    time: VirtualTime;
    random: () => number;
    options: GroupOptions;
    probeIntervalMs: number;
    traffic?: Omit<ProfileOptions, 'probeIntervalMs'>;
  }) {
    const { time, random, options, probeIntervalMs, traffic = {} } = given;
    this.#time = time;
    let addresses = 0;
    const allocate = () => `10.0.${(addresses += 1) >> 8}.${addresses & 255}`;
    const hosts = {
      allocate,
      start: (group: Group) => Promise.resolve(group.ip ?? allocate()),
      stop: () => undefined,
    };
    this.groups = new ContainerGroups({ clock: time, images: this.images, hosts, options });
    this.groups.trouble.comesBackAfterMs = COMES_BACK_AFTER_MS;
    this.profiles = new Profiles({
      clock: time,
      random,
      probe: (target) => Promise.resolve(this.#isFoundHealthy(target)),
      options: { ...traffic, probeIntervalMs },
    });
    const tokens = new Tokens();
    // In the log, so the same in each run.
    let requests = 0;
    const newId = () => `00000000-0000-4000-8000-${String((requests += 1)).padStart(12, '0')}`;
    const faces = [
      armFace({
        groups: this.groups,
        profiles: this.profiles,
        locations: new Locations(),
        permissions: new Permissions(),
        isAuthorized: () => true,
        deleteStatus: 200,
        newId,
      }),
      acrFace({ images: this.images, tokens, registryFor: () => REGISTRY }),
    ];
    this.face = async (request) => {
      for (const face of faces) {
        const answer = await face(request);
        if (answer !== undefined) return answer;
      }
      return undefined;
    };
    this.bearer = tokens.issue({ kind: 'aad', aud: 'https://management.azure.com' });
  }

  /** A token that everything here takes. */
  readonly bearer: string;

  /** True where a request to the group is answered with 200 now: a container that does not serve keeps the others from it. */
  serves(group: Group | undefined): boolean {
    const { startedAt, ip, containers = [] } = group ?? {};
    if (group === undefined || startedAt === undefined || ip === undefined || !this.runs(group)) return false;
    return containers.every(({ program }) => program.healthy && this.#time.now() >= startedAt + program.startMs);
  }

  /** Whether or not it answers. */
  runs({ state, provisioning, isCrashing }: Group): boolean {
    return state === 'Running' && provisioning === 'Succeeded' && !isCrashing;
  }

  /** By its name, or by its address. */
  groupBehind(target: string): Group | undefined {
    return this.groups.byFqdn(target) ?? this.groups.byAddress(target);
  }

  #isFoundHealthy(target: string): boolean {
    const isDeaf = this.deaf.has(target) || this.isDeafTo(target.split('.')[0] ?? '');
    return !isDeaf && this.serves(this.groupBehind(target));
  }

  push(given: {
    repository: string;
    tag: string;
    healthy?: boolean;
    crash?: boolean;
    startMs?: number;
    runMs?: number;
    log?: string;
    measured?: Measured | undefined;
  }): { digest: string } {
    const { repository, tag, measured, ...program } = given;
    const { digest } = this.images.push({ registry: REGISTRY, repository, tag, program, at: this.#time.now() });
    if (measured !== undefined) this.#measured.set(digest, measured);
    return { digest };
  }

  /** What whoever is asked says of what a group runs; undefined where that is as good as it serves. */
  measuredOf(group: Group): Measured | undefined {
    const images = group.containers.map(({ name }) => asText(definitionOf(group, name)['image']));
    return images.map((image) => this.#measured.get(image.split('@')[1] ?? '')).find((one) => one !== undefined);
  }

  /** `more`: of its properties, such as another routing method. */
  createProfile(name: string, ttlSeconds: number, more: Readonly<Record<string, unknown>> = {}): void {
    this.profiles.put(
      { subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name },
      {
        location: 'global',
        properties: {
          trafficRoutingMethod: 'Weighted',
          dnsConfig: { relativeName: name, ttl: ttlSeconds },
          monitorConfig: { protocol: 'HTTP', port: 80, path: '/' },
          ...more,
        },
      },
    );
  }

  /**
   * As the daemon sees it, which asks each name server so many times, from a place that none of the clients is at. It is
   * answered evenly: that all of many answers lack a target by chance is what it takes the risk of, and no fault of its own.
   */
  nameAnswers(fqdn: string, answersEach = ASKS_EACH): NameAnswers {
    const { count: servers } = this.profiles.nameServers;
    const answers = Array.from({ length: servers * answersEach }, (_, index) =>
      this.#answerEvenly(fqdn, Math.floor(index / answersEach)),
    );
    const targets = answers.flatMap((answer) => answer?.endpoints.map(({ target }) => target) ?? []);
    const ttlSeconds = Math.max(0, ...answers.map((answer) => answer?.ttlSeconds ?? 0));
    return { servers, answersEach, targets: [...new Set(targets)].sort(), ttlSeconds };
  }

  #answerEvenly(fqdn: string, server: number): NameAnswer | undefined {
    const key = `${fqdn} ${server}`;
    const random = () => {
      const next = ((this.#turns.get(key) ?? 0) + GOLDEN) % 1;
      this.#turns.set(key, next);
      return next;
    };
    return this.profiles.answer(fqdn, { address: DAEMON_ADDRESS, server, random });
  }

  profile(name: string): Profile | undefined {
    return this.profiles.get({ subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name });
  }

  /** Enabled endpoints whose groups answer with 200 now. */
  serving(profile: Profile): number {
    return [...profile.endpoints.values()].filter(
      ({ enabled, target }) => enabled && this.serves(this.groupBehind(target)),
    ).length;
  }

  close(): void {
    this.groups.close();
    this.profiles.close();
  }
}

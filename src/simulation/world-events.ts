/** What the world does by itself while a seed runs: it crashes, deletes, edits and takes away. Everything heals again. */
import { MINUTE, SECOND } from '../model/time.ts';
import type { Group } from '../simulator/groups.ts';
import type { Event } from './options.ts';
import { OWNER } from './settings.ts';
import type { Truth } from './truth.ts';
import { ownerOf } from './truth.ts';
import { RESOURCE_GROUP, SUBSCRIPTION } from './virtual-azure.ts';
import type { VirtualAzure } from './virtual-azure.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface WorldGiven {
  readonly azure: VirtualAzure;
  readonly time: VirtualTime;
  readonly truth: Truth;
  /** Kills the daemon; it starts again some time later. */
  readonly killDaemon: () => void;
  readonly loseState: () => void;
}

const GETS_BETTER_MS = 3 * MINUTE;
const LONGEST_TTL_SECONDS = 240;
const FORGOTTEN_MS = LONGEST_TTL_SECONDS * SECOND;

export class World {
  readonly #given: WorldGiven;
  readonly #healing: (() => void)[] = [];
  readonly #ttlChangedAt = new Map<string, number>();

  constructor(given: WorldGiven) {
    this.#given = given;
  }

  happen(event: Event): void {
    const { truth, killDaemon, loseState } = this.#given;
    switch (event.kind) {
      case 'killDaemon':
        return killDaemon();
      case 'loseState':
        this.#forgetTtls();
        return loseState();
      case 'crashGroup':
        this.#crash(event);
        break;
      case 'vanishGroup':
        this.#vanish(event);
        break;
      case 'changeTtl':
        this.#changeTtl(event);
        break;
      case 'toggleEndpoint':
        this.#toggle(event);
        break;
      case 'dropProfile':
        this.#dropProfile(event);
        break;
      case 'degradeMonitor':
        this.#degrade(event);
        break;
      case 'degradeNewest':
        this.#degradeNewest(event);
    }
    truth.scan();
  }

  /** The end of the fault phase. */
  heal(): void {
    for (const heal of this.#healing.splice(0)) heal();
    this.#given.truth.scan();
  }

  /** Heals after a while, or at the end of the fault phase, whichever comes first. */
  #later(heal: () => void): void {
    let isHealed = false;
    const once = () => {
      if (!isHealed) heal();
      isHealed = true;
    };
    this.#healing.push(once);
    this.#given.time.after(GETS_BETTER_MS, () => {
      once();
      this.#given.truth.scan();
    });
  }

  #pickGroup({ app, which }: Event): Group | undefined {
    const own = this.#given.azure.groups
      .all()
      .filter((group) => ownerOf(group) === OWNER && group.key.name.startsWith(`${app}-`));
    return own[Math.floor(which * own.length)];
  }

  #crash(event: Event): void {
    const { azure, truth } = this.#given;
    const group = this.#pickGroup(event);
    if (group === undefined || group.state !== 'Running') return;
    truth.worldBroke(group.key.name);
    const { crash } = group.program;
    azure.groups.setProgram(group, { crash: true });
    this.#later(() => {
      truth.worldBroke(group.key.name);
      if (azure.groups.get(group.key) === group) azure.groups.setProgram(group, { crash });
    });
  }

  #vanish(event: Event): void {
    const group = this.#pickGroup(event);
    if (group === undefined) return;
    this.#given.truth.worldBroke(group.key.name);
    this.#given.azure.groups.remove(group.key);
  }

  /** A TTL that was lowered just before the state was lost cannot be known: nobody can wait for it. */
  #forgetTtls(): void {
    const { time, truth } = this.#given;
    for (const [app, at] of this.#ttlChangedAt) if (time.now() < at + FORGOTTEN_MS) truth.worldBroke(app);
  }

  /** Up or down: what was handed out before is held by the TTL of then. */
  #changeTtl({ app, which }: Event): void {
    const { azure, truth, time } = this.#given;
    const profile = azure.profile(app);
    truth.scan();
    if (profile === undefined) return;
    profile.ttl = 1 + Math.floor(which * LONGEST_TTL_SECONDS);
    this.#ttlChangedAt.set(app, time.now());
  }

  #toggle({ app, which }: Event): void {
    const { azure, truth } = this.#given;
    const profile = azure.profile(app);
    const own = [...(profile?.endpoints.values() ?? [])].filter(({ name }) => name.startsWith(`${OWNER}.`));
    const endpoint = own[Math.floor(which * own.length)];
    if (profile === undefined || endpoint === undefined) return;
    truth.worldBroke(app);
    const endpointStatus = endpoint.enabled ? 'Disabled' : 'Enabled';
    azure.profiles.putEndpoint(profile, endpoint.name, { properties: { endpointStatus } });
  }

  #dropProfile({ app }: Event): void {
    const { azure, truth } = this.#given;
    const profile = azure.profile(app);
    if (profile === undefined) return;
    truth.worldBroke(app);
    azure.profiles.remove(profile);
    this.#later(() => {
      truth.worldBroke(app);
      if (azure.profile(app) !== undefined) return;
      azure.createProfile(app, profile.ttl);
      const restored = azure.profile(app);
      for (const { name, target, enabled, weight } of restored === undefined ? [] : profile.endpoints.values()) {
        if (restored === undefined || azure.groups.byFqdn(target) === undefined) continue;
        const endpointStatus = enabled ? 'Enabled' : 'Disabled';
        azure.profiles.putEndpoint(restored, name, { properties: { target, weight, endpointStatus } });
      }
    });
  }

  #degradeNewest({ app }: Event): void {
    const { azure } = this.#given;
    const known = new Set(azure.groups.all().map(({ key }) => key.name));
    azure.isDeafTo = (name) => name.startsWith(`${app}-`) && !known.has(name);
    this.#healing.push(() => (azure.isDeafTo = () => false));
  }

  /** Traffic Manager finds healthy endpoints Degraded for a while. */
  #degrade(event: Event): void {
    const { azure, truth } = this.#given;
    const fqdn = this.#pickGroup(event)?.fqdn;
    if (fqdn === undefined) return;
    truth.worldBroke(event.app);
    azure.deaf.add(fqdn);
    this.#later(() => {
      truth.worldBroke(event.app);
      azure.deaf.delete(fqdn);
    });
  }
}

/** A group and an endpoint that somebody else made, in the very places that the daemon looks at. */
export function addForeigners(azure: VirtualAzure, app: string): void {
  const profile = azure.profile(app);
  if (profile === undefined) return;
  azure.groups.put(
    { subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name: `${app}-by-hand` },
    {
      location: 'westeurope',
      properties: {
        osType: 'Linux',
        containers: [
          {
            name: 'web',
            properties: { image: 'elsewhere.example/web:1', resources: { requests: { cpu: 1, memoryInGB: 1 } } },
          },
        ],
      },
    },
  );
  const properties = { target: 'cdn.example', weight: 1, endpointStatus: 'Disabled' };
  azure.profiles.putEndpoint(profile, 'by-hand', { properties });
}

/** One whole daemon in virtual time, on a virtual Azure of its own, with all that it logs. */
import type { Settings } from '../../src/config/settings.ts';
import { EMPTY_STATE, parseAppState } from '../../src/controller/app-state.ts';
import type { AppState, Summary } from '../../src/controller/app-state.ts';
import type { Control } from '../../src/controller/control.ts';
import type { EventLog } from '../../src/controller/event-log.ts';
import type { App, ImageSource } from '../../src/model/app.ts';
import { Chance } from '../../src/simulation/chance.ts';
import type { HttpRequest } from '../../src/simulator/http.ts';
import type { Trouble } from '../../src/simulation/transport.ts';
import { startLife } from '../../src/simulation/daemon-life.ts';
import type { Life } from '../../src/simulation/life.ts';
import { MemoryStore } from '../../src/simulation/memory-store.ts';
import { settingsFor } from '../../src/simulation/settings.ts';
import { REGISTRY, VirtualAzure } from '../../src/simulation/virtual-azure.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

export const START = Date.UTC(2026, 0, 1);

export interface Said {
  /** Milliseconds since the start. */
  readonly at: number;
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** How long things take in its Azure. */
export interface Pace {
  readonly createMs?: number;
  /** Of Traffic Manager. */
  readonly probeIntervalMs?: number;
  readonly ttlSeconds?: number;
  /** Of each request, there and again back. */
  readonly latencyMs?: number;
  /** Of Traffic Manager, which each know of a change at once. */
  readonly nameServers?: number;
}

export class VirtualDaemon {
  readonly time = new VirtualTime(START);
  readonly azure: VirtualAzure;
  readonly #pace: Required<Pace>;
  readonly said: Said[] = [];
  /** Paths of all requests. */
  readonly requests: string[] = [];
  /** What its log goes through. */
  wrapLog: (log: EventLog) => EventLog = (log) => log;
  /** Nothing can be read or written. */
  isStoreDown = false;
  /** Whether its config is what stands in the file. */
  isConfigInForce = true;
  #apply: (next: Settings) => void = () => undefined;
  readonly #documents = new MemoryStore({
    trouble: () => ({ delayMs: 5, fails: this.isStoreDown ? 'before' : undefined }),
    sleep: (ms) => this.time.sleep(ms),
    onSave: () => undefined,
  });
  #life: Life | undefined;
  #lives = 0;
  /** What a request meets beside its latency. */
  trouble: (request: HttpRequest) => Partial<Trouble> = () => ({});
  /** What operators can do, of the life that began last. */
  control: Control | undefined;

  constructor(pace: Pace = {}) {
    this.#pace = { createMs: 5000, probeIntervalMs: 10_000, ttlSeconds: 10, latencyMs: 5, nameServers: 1, ...pace };
    this.azure = new VirtualAzure({
      time: this.time,
      random: new Chance(1).next,
      options: { createMs: this.#pace.createMs, restartMs: 5000, coresPerLocation: 100 },
      probeIntervalMs: this.#pace.probeIntervalMs,
      traffic: { nameServers: this.#pace.nameServers },
    });
  }

  /** Another config for the life that began last, which goes on. */
  reload(apps: readonly App[], settings: Partial<Settings> = {}): void {
    this.#makeProfiles(apps);
    this.#apply({ ...settingsFor([]), ...settings, apps });
  }

  /** Starts it, or starts it again with another config, on the state that it has. */
  run(apps: readonly App[], settings: Partial<Settings> = {}): void {
    this.#life?.kill();
    this.#makeProfiles(apps);
    this.#life = startLife({
      name: 'daemon',
      skewMs: 0,
      wallStepMs: () => 0,
      leases: undefined,
      time: this.time,
      azure: this.azure,
      documents: this.#documents,
      settings: { ...settingsFor([]), ...settings, apps },
      // No two lives give the same ids.
      chance: new Chance((this.#lives += 1)),
      trouble: (request) => ({ latencyMs: this.#pace.latencyMs, ...this.trouble(request) }),
      onRequest: ({ path }) => void this.requests.push(path),
      onProbe: () => undefined,
      log: (isOver) => {
        const log = (fields: Said['fields'], message: string) => (isOver() ? undefined : this.#add(fields, message));
        return this.wrapLog({ debug: log, info: log, warn: log, error: log });
      },
      plant: undefined,
      followed: () => ({
        isInForce: () => this.isConfigInForce,
        follow: (apply) => {
          this.#apply = apply;
          return new Promise(() => undefined);
        },
      }),
      onControl: (control) => void (this.control = control),
      onWrite: (_, write = 0) => write,
    });
  }

  /** Ends its life, and all that it had stored. */
  forget(): void {
    this.#life?.kill();
    this.#documents.clear();
  }

  /** Since the start. */
  elapsedMs(): number {
    return this.time.now() - START;
  }

  async passMs(ms: number): Promise<void> {
    await this.time.runUntil(this.time.now() + ms);
  }

  /** Lines of these events so far, oldest first. */
  linesOf(...events: readonly string[]): readonly Said[] {
    return this.said.filter(({ event }) => events.includes(event));
  }

  /** As it is stored. */
  stored(app: string): AppState {
    return parseAppState(app, this.#documents.peek(app)?.state ?? EMPTY_STATE);
  }

  history(app: string): readonly Summary[] {
    return this.stored(app).history;
  }

  /** What rollouts led to, in order of their start, with the time of that in seconds. */
  rollouts(): readonly (readonly [number, unknown])[] {
    return this.linesOf('rollout.started').map(({ at, fields }) => [Math.floor(at / 1000), fields['to']]);
  }

  close(): void {
    this.#life?.kill();
    this.azure.close();
  }

  #makeProfiles(apps: readonly App[]): void {
    for (const { name } of apps)
      if (this.azure.profile(name) === undefined) this.azure.createProfile(name, this.#pace.ttlSeconds);
  }

  #add(fields: Said['fields'], message: string): void {
    this.said.push({ at: this.time.now() - START, event: String(fields['event']), message, fields });
  }
}

/** An app with a container for each repository; what is not given is as in the simulation. */
export function appOf(
  name: string,
  images: Readonly<Record<string, ImageSource['policy']>>,
  given: Partial<App> = {},
): App {
  const options = { replicas: 1, locations: ['westeurope'], ttlSeconds: 10, marginMs: 0, drainMs: 0, observeMs: 1000 };
  const [app] = settingsFor([{ name, ...options }]).apps;
  if (app === undefined) throw new Error('no app');
  const containers = Object.keys(images).map((repository) => ({
    name: repository,
    properties: { image: `${REGISTRY}/${repository}:latest`, resources: { requests: { cpu: 1, memoryInGB: 1 } } },
  }));
  const ipAddress = { type: 'Public', ports: [{ port: 80, protocol: 'TCP' }] };
  return {
    ...app,
    images: Object.entries(images).map(([repository, policy]) => ({
      container: repository,
      registry: REGISTRY,
      repository,
      policy,
    })),
    template: {
      ...app.template,
      document: { properties: { osType: 'Linux', containers, ipAddress } },
      containers: Object.keys(images),
    },
    ...given,
  };
}

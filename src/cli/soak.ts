/**
 * `viridian soak`: one upgrade after the other on the local Azure, in real time, under load, with random faults of ARM and
 * the daemon killed again and again. Exit status 0 only if no request failed, and nothing is left over or missing.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOwnership } from '../model/ownership.ts';
import { Load } from '../simulator/load.ts';
import { startAzure } from '../simulator/start.ts';
import type { LocalAzure } from '../simulator/start.ts';
import { startDaemon } from './demo-daemon.ts';
import type { DemoDaemon } from './demo-daemon.ts';
import type { LogLine } from './demo-log.ts';
import { countLeftOver } from './soak-count.ts';
import type { LeftOver } from './soak-count.ts';
import type { TextOutput } from './validate.ts';

export interface SoakCommand {
  readonly rollouts: number;
  readonly kills: number;
  readonly json: boolean;
}

const APPS = ['web', 'api'] as const;
const REPLICAS = 2;
const REQUESTS_PER_SECOND = 200;
const FAULT_EVERY_MS = 500;
const TIDY_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 250;

export async function soak(command: SoakCommand, output: TextOutput): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'viridian-soak-'));
  const azure = await startAzure({ folder, createMs: 500, probeIntervalMs: 200, registries: ['soak.azurecr.io'] });
  const load = new Load();
  const run = new SoakRun({ command, azure, output, folder });
  try {
    await writeFile(join(folder, 'viridian.yaml'), configText(azure));
    await writeFile(join(folder, 'group.yaml'), TEMPLATE);
    await run.deployFirst();
    load.start(
      APPS.map((app) => ({ app, host: `${app}.trafficmanager.net`, port: 8080, path: '/' })),
      { dnsPort: azure.dnsPort, clients: 20, perSecond: REQUESTS_PER_SECOND / APPS.length },
    );
    await run.rollOut();
    await load.stop();
    const { requests, failed } = load.total();
    for (const count of load.counts.values()) for (const failure of count.failures) output.err(failure);
    const { orphans, missing } = await run.leftOver();
    if (missing > 0) output.err(`${missing} groups or endpoints of what should run are missing`);
    const total = { rollouts: run.succeeded, kills: run.kills, requests, failed, orphans };
    output.out(
      command.json
        ? JSON.stringify(total)
        : `${total.rollouts} rollouts, ${total.kills} kills, ${requests} requests, ${failed} failed, ${total.orphans} orphans`,
    );
    const isWhole = total.rollouts >= command.rollouts && total.kills >= command.kills;
    return failed === 0 && orphans === 0 && missing === 0 && isWhole ? 0 : 1;
  } finally {
    await load.stop();
    await run.stop();
    await azure.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class SoakRun {
  succeeded = 0;
  kills = 0;
  readonly #given: { command: SoakCommand; azure: LocalAzure; output: TextOutput; folder: string };
  readonly #versions = new Map<string, number>(APPS.map((app) => [app, 0]));
  /** What each app was last seen to have come to. */
  readonly #running = new Map<string, string>();
  #pushed = 0;
  #isUnderWay = false;
  #daemon: DemoDaemon | undefined;
  #onLine: () => void = () => undefined;
  #faults: NodeJS.Timeout | undefined;

  constructor(given: { command: SoakCommand; azure: LocalAzure; output: TextOutput; folder: string }) {
    this.#given = given;
  }

  async deployFirst(): Promise<void> {
    const { azure } = this.#given;
    for (const app of APPS) {
      azure.createProfile({ resourceGroup: 'soak', name: app, ttlSeconds: 1, port: 8080, path: '/' });
      this.#push(app);
    }
    this.#start();
    await this.#until(() => this.succeeded >= APPS.length);
    this.succeeded = 0;
  }

  /** Each app gets its next version as soon as the last one runs; the daemon is killed evenly in between. */
  async rollOut(): Promise<void> {
    const { command } = this.#given;
    this.#faults = setInterval(() => this.#addFault(), FAULT_EVERY_MS);
    this.#isUnderWay = true;
    for (const app of APPS) this.#pushNext(app);
    const perKill = command.rollouts / Math.max(1, command.kills);
    while (this.succeeded < command.rollouts) {
      const wanted = Math.min(command.rollouts, (this.kills + 1) * perKill);
      await this.#until(() => this.succeeded >= wanted || this.#isMidway(wanted));
      if (this.kills < command.kills) await this.#kill();
    }
    clearInterval(this.#faults);
    this.#given.azure.faults.clear();
  }

  /** Once all had time to settle. */
  async leftOver(): Promise<LeftOver> {
    const end = Date.now() + TIDY_WITHIN_MS;
    const isTidy = ({ orphans, missing }: LeftOver) => orphans + missing === 0;
    while (!isTidy(this.#count()) && Date.now() < end)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    return this.#count();
  }

  async stop(): Promise<void> {
    clearInterval(this.#faults);
    await this.#daemon?.stop();
  }

  #count(): LeftOver {
    const { azure } = this.#given;
    const groups = azure.groups.all().map(({ key, body, program, fqdn }) => {
      const { app, stackId } = readOwnership(tagsOf(body)) ?? { app: '', stackId: undefined };
      return { name: key.name, app, stack: stackId, version: program.version, fqdn };
    });
    const profiles = azure.profiles.list('00000000-0000-0000-0000-000000000001');
    const seen = APPS.map((app) => {
      const endpoints = profiles.filter(({ name }) => name === app).flatMap((one) => [...one.endpoints.values()]);
      return {
        groups: groups.filter((group) => group.app === app),
        targets: endpoints.map(({ target }) => target),
        version: versionOf(this.#versions.get(app) ?? 0),
        replicas: REPLICAS,
      };
    });
    const counted = countLeftOver(seen);
    const others = groups.filter(({ app }) => !APPS.some((name) => name === app)).length;
    return { ...counted, orphans: counted.orphans + others };
  }

  /** Half a rollout further than the last kill: in the middle of something. */
  #isMidway(wanted: number): boolean {
    return this.succeeded >= wanted - 0.5;
  }

  async #kill(): Promise<void> {
    this.kills += 1;
    // At a moment that has nothing to do with what it is doing.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 2500));
    await this.#daemon?.kill();
    this.#start();
  }

  /** As many as were asked for, and no more. */
  #pushNext(app: (typeof APPS)[number]): void {
    if (this.#pushed >= this.#given.command.rollouts) return;
    this.#pushed += 1;
    this.#push(app);
  }

  #push(app: (typeof APPS)[number]): void {
    const version = (this.#versions.get(app) ?? 0) + 1;
    this.#versions.set(app, version);
    this.#given.azure.push({ registry: 'soak.azurecr.io', repository: app, tag: versionOf(version) });
  }

  #start(): void {
    const { folder } = this.#given;
    this.#daemon = startDaemon(join(folder, 'viridian.yaml'), {
      logFile: join(folder, 'daemon.log'),
      onLine: (line) => this.#hear(line),
    });
  }

  #hear(line: LogLine): void {
    const app = APPS.find((name) => name === line.app);
    const to = runningSince(line);
    if (app !== undefined && to !== undefined) this.#succeed(app, to);
    this.#onLine();
  }

  /** A repair of the same version is no further upgrade. */
  #succeed(app: (typeof APPS)[number], to: string): void {
    if (to !== versionOf(this.#versions.get(app) ?? 0) || this.#running.get(app) === to) return;
    this.#running.set(app, to);
    this.succeeded += 1;
    const { command, output } = this.#given;
    if (!command.json && this.succeeded % 10 === 0) output.out(`${this.succeeded} rollouts, ${this.kills} kills`);
    if (this.#isUnderWay) this.#pushNext(app);
  }

  #until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onLine = () => {
        if (isTrue()) resolve();
      };
      this.#onLine();
    });
  }

  #addFault(): void {
    const pick = <Item>(items: readonly Item[]) => items[Math.floor(Math.random() * items.length)];
    this.#given.azure.faults.add({
      method: pick(['GET', 'PUT', 'PATCH', 'DELETE']),
      path: pick(['containerGroups', 'trafficManagerProfiles']) ?? '',
      status: pick([408, 500, 503, 0]) ?? 500,
      when: pick(['before', 'after']),
      times: 1,
    });
  }
}

function tagsOf({ tags }: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const entries: readonly (readonly [string, unknown])[] =
    typeof tags === 'object' && tags !== null ? Object.entries(tags) : [];
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** A kill may have come before the line of the end was written: then the next life says what it is up to date with. */
function runningSince({ event, outcome, to, reason }: LogLine): string | undefined {
  if (event === 'rollout.finished' && outcome === 'Succeeded') return to;
  return event === 'app.idle' ? /^up to date with (.+)$/.exec(reason ?? '')?.[1] : undefined;
}

function versionOf(count: number): string {
  return `1.${count}.0`;
}

function configText({ url, dnsPort, identityUrl }: LocalAzure): string {
  const app = (name: string) => `  - name: ${name}
    template: group.yaml
    resourceGroup: soak
    locations: [westeurope]
    replicas: ${REPLICAS}
    images: [{ container: app, image: soak.azurecr.io/${name}, policy: { semver: '*' } }]
    traffic: { profile: ${name} }
    probe: { port: 8080, interval: 50ms, timeout: 2s, successes: 2, failures: 20, grace: 2s }
    rollout: { propagationMargin: 200ms, drain: 200ms, observeInterval: 100ms }
`;
  return `version: 1
owner: soak
azure:
  subscription: 00000000-0000-0000-0000-000000000001
  resourceManager: ${url}
  audience: https://management.azure.com
  authority: ${url}
  managedIdentityEndpoint: ${identityUrl}
  caFile: ca.pem
  nameServers: ['127.0.0.1:${dnsPort}']
  trafficManagerNameServers: ['127.0.0.1:${dnsPort}']
registries: [{ host: soak.azurecr.io, endpoint: '${url}', poll: '* * * * * *', jitter: 0ms }]
state: { folder: state }
apps:
${APPS.map(app).join('')}`;
}

const TEMPLATE = `properties:
  osType: Linux
  containers:
    - name: app
      properties:
        image: soak.azurecr.io/app:latest
        ports: [{ port: 8080 }]
        resources: { requests: { cpu: 1, memoryInGB: 1 } }
  ipAddress: { type: Public, ports: [{ port: 8080, protocol: TCP }] }
`;

/**
 * The whole daemon in this process, with its real edges, on a local Azure of its own: for tests that watch it by its
 * events and never wait a fixed time.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import { runDaemon } from '../../src/controller/daemon.ts';
import { makeEvents } from '../../src/controller/events.ts';
import { serveApiOf } from '../../src/server/serve-api.ts';
import { takePushesOf } from '../../src/server/take-pushes.ts';
import { startAzure } from '../../src/simulator/start.ts';
import type { AzureOptions, LocalAzure } from '../../src/simulator/start.ts';
import { FileStore } from '../../src/store/file-store.ts';

const TENANT = '33333333-3333-3333-3333-333333333333';
process.env['VIRIDIAN_TEST_CLIENT_SECRET'] = 'right';

export interface Line {
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Collects log lines; `next` resolves with the first one, old or new, that has not been taken and fits. */
export class Journal {
  readonly lines: Line[] = [];
  readonly #taken = new Set<Line>();
  #onLine: (() => void)[] = [];

  readonly log = {
    debug: (fields: Readonly<Record<string, unknown>>, message: string) => this.#add(fields, message),
    info: (fields: Readonly<Record<string, unknown>>, message: string) => this.#add(fields, message),
    warn: (fields: Readonly<Record<string, unknown>>, message: string) => this.#add(fields, message),
    error: (fields: Readonly<Record<string, unknown>>, message: string) => this.#add(fields, message),
  };

  async next(event: string, fits: (line: Line) => boolean = () => true): Promise<Line> {
    for (;;) {
      const found = this.lines.find((line) => line.event === event && !this.#taken.has(line) && fits(line));
      if (found !== undefined) {
        this.#taken.add(found);
        return found;
      }
      await new Promise<void>((resolve) => this.#onLine.push(resolve));
    }
  }

  #add(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ event: String(fields['event']), message, fields });
    const listeners = this.#onLine;
    this.#onLine = [];
    for (const listener of listeners) listener();
  }
}

export interface LocalOptions extends Partial<AzureOptions> {
  /** Changes to the config's text. */
  readonly config?: (text: string) => string;
  readonly template?: (text: string) => string;
  readonly withProfile?: boolean;
}

interface Lists {
  readonly waiting: ((path: string) => void)[];
}

export class Local {
  readonly azure: LocalAzure;
  readonly folder: string;
  readonly configFile: string;
  #running: { stop: AbortController; ended: Promise<void> } | undefined;

  readonly #lists: Lists;

  private constructor(azure: LocalAzure, { folder, lists }: { folder: string; lists: Lists }) {
    this.azure = azure;
    this.folder = folder;
    this.#lists = lists;
    this.configFile = join(folder, 'viridian.yaml');
  }

  static async start(options: LocalOptions = {}): Promise<Local> {
    const folder = await mkdtemp(join(tmpdir(), 'viridian-test-'));
    const lists: Lists = { waiting: [] };
    const azure = await startAzure({
      createMs: 100,
      restartMs: 50,
      probeIntervalMs: 50,
      ...options,
      folder,
      onRequest: (request) => {
        options.onRequest?.(request);
        if (!request.path.endsWith('_tags')) return;
        for (const seen of lists.waiting.splice(0)) seen(request.path);
      },
    });
    const local = new Local(azure, { folder, lists });
    if (options.withProfile !== false) local.makeProfile();
    const config = configText(azure);
    await writeFile(local.configFile, options.config?.(config) ?? config);
    await writeFile(join(folder, 'web.yaml'), options.template?.(TEMPLATE) ?? TEMPLATE);
    return local;
  }

  makeProfile(): void {
    this.azure.createProfile({ resourceGroup: 'test', name: 'web', ttlSeconds: 1, port: 8080, path: '/' });
  }

  push(tag: string, program: Parameters<LocalAzure['push']>[0]['program'] = {}): void {
    this.azure.push({ repository: 'web', tag, program: program ?? {} });
  }

  /** Names of the groups that exist. */
  groups(): string[] {
    return this.azure.groups
      .all()
      .map(({ key }) => key.name)
      .sort();
  }

  /** Versions behind the enabled endpoints. */
  versionsInRotation(): string[] {
    const profile = this.azure.profiles.list('00000000-0000-0000-0000-000000000001')[0];
    const enabled = [...(profile?.endpoints.values() ?? [])].filter((endpoint) => endpoint.enabled);
    return enabled.map(({ target }) => this.azure.groups.byFqdn(target)?.program.version ?? 'dangling').sort();
  }

  /** Resolves once a whole poll of the registry has begun and ended: with the path of the one after it. */
  async nextList(): Promise<string> {
    const next = () => new Promise<string>((resolve) => this.#lists.waiting.push(resolve));
    await next();
    return next();
  }

  /** Starts the daemon; its log goes to the journal given back. */
  async run(): Promise<Journal> {
    const journal = new Journal();
    const { settings } = loadSettings(this.configFile);
    const store = await FileStore.open(join(this.folder, 'state'));
    const stop = new AbortController();
    const events = makeEvents(journal.log);
    const edges = await joinEdges(settings);
    const takePushes = takePushesOf(settings, { ...edges, events });
    const serveApi = serveApiOf(settings, { ...edges, events, version: 'test' });
    const served = { ...(takePushes && { takePushes }), ...(serveApi && { serveApi }) };
    const ended = runDaemon({ ...edges, settings, store, events, ...served }, stop.signal);
    this.#running = { stop, ended };
    return journal;
  }

  async stop(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.ended;
    this.#running = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.azure.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A service principal, since the identity library keeps managed identity tokens for the whole process. */
function configText({ url, dnsPort, nameServers }: LocalAzure): string {
  return `version: 1
owner: tester
azure:
  subscription: 00000000-0000-0000-0000-000000000001
  resourceManager: ${url}
  audience: https://management.azure.com
  authority: ${url}
  credential: { servicePrincipal: { tenant: ${TENANT}, clientId: ${TENANT}, clientSecret: { env: VIRIDIAN_TEST_CLIENT_SECRET } } }
  caFile: ca.pem
  nameServers: ["127.0.0.1:${dnsPort}"]
  trafficManagerNameServers: [${nameServers.map(({ port }) => `"127.0.0.1:${port}"`).join(', ')}]
  keyVault: { endpoint: ${url}, poll: "*/1 * * * * *" }
registries:
  - host: local.azurecr.io
    endpoint: ${url}
    poll: "* * * * * *"
    jitter: 0ms
state: { folder: state }
apps:
  - name: web
    template: web.yaml
    resourceGroup: test
    locations: [westeurope]
    replicas: 2
    images: [{ container: web, image: local.azurecr.io/web, policy: { semver: ">=1.0.0" } }]
    traffic: { profile: web }
    probe: { port: 8080, interval: 30ms, timeout: 2s, successes: 2, failures: 3, grace: 0s }
    rollout: { propagationMargin: 100ms, drain: 100ms, observeInterval: 100ms, deadlines: { provision: 20s } }
`;
}

const TEMPLATE = `properties:
  osType: Linux
  containers:
    - name: web
      properties:
        image: local.azurecr.io/web:latest
        ports: [{ port: 8080 }]
        resources: { requests: { cpu: 1, memoryInGB: 1 } }
  ipAddress: { type: Public, ports: [{ port: 8080, protocol: TCP }] }
`;

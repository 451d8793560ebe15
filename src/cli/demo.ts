/**
 * `viridian demo`: the local Azure, two apps on it, clients that send requests throughout, and the daemon as a process of
 * its own. Act one pushes a new version of both apps, act two a broken one. Exit status 0 only if no request failed and
 * every rollout ended as expected.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../simulator/free-ports.ts';
import type { DemoPorts } from '../simulator/free-ports.ts';
import { Load } from '../simulator/load.ts';
import { startAzure } from '../simulator/start.ts';
import type { LocalAzure } from '../simulator/start.ts';
import { startDaemon } from './demo-daemon.ts';
import type { LogLine } from './demo-log.ts';
import { judge, summaryText, toFinished } from './demo-summary.ts';
import type { ExpectedRollout, FinishedRollout } from './demo-summary.ts';
import { DemoView } from './demo-view.ts';
import type { ViewOutput } from './demo-view.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG_PORTS: DemoPorts = { https: 18_443, identity: 18_480, dns: 18_453 };
const REGISTRY = 'demo.azurecr.io';
const REQUESTS_PER_SECOND = 80;
const CREATE_MS = 3000;
const MONITOR_MS = 1000;
const ACT_TIMEOUT_MS = 90_000;
const TTL_SECONDS = { web: 10, api: 5 } as const;

export interface DemoOptions {
  readonly json: boolean;
  readonly out: ViewOutput;
}

export async function demo(options: DemoOptions): Promise<number> {
  const folder = join(project, '.demo');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const ports = await freePorts(CONFIG_PORTS);
  const config = await configFor(ports, folder);
  const azure = await startAzure({
    port: ports.https,
    dnsPort: ports.dns,
    identityPort: ports.identity,
    folder,
    createMs: CREATE_MS,
    probeIntervalMs: MONITOR_MS,
    registries: [REGISTRY],
  });
  const load = new Load();
  const stage = new Stage(options.out, load);
  const daemon = startDaemon(config, { logFile: join(folder, 'daemon.log'), onLine: (line) => stage.onLine(line) });
  try {
    return await play({ azure, load, stage, daemon, options });
  } finally {
    stage.view.stop();
    await load.stop();
    await daemon.stop();
    await azure.close();
  }
}

interface Play {
  readonly azure: LocalAzure;
  readonly load: Load;
  readonly stage: Stage;
  readonly daemon: ReturnType<typeof startDaemon>;
  readonly options: DemoOptions;
}

async function play({ azure, load, stage, daemon, options }: Play): Promise<number> {
  const { view } = stage;
  void daemon.ended.then((code) =>
    stage.fail(`the daemon has ended (exit status ${code ?? 'unknown'}); see .demo/daemon.log`),
  );
  for (const app of ['web', 'api'] as const) {
    azure.createProfile({
      resourceGroup: 'demo',
      name: app,
      ttlSeconds: TTL_SECONDS[app],
      port: 8080,
      path: '/healthz',
    });
    push(azure, app, '1.0.0', {});
  }
  view.start();
  view.say(`A local Azure runs at ${azure.url}; the daemon brings up 1.0.0 of two apps.`);
  await stage.act([expected('web', '1.0.0', 'Succeeded'), expected('api', '1.0.0', 'Succeeded')]);

  load.start(
    (['web', 'api'] as const).map((app) => ({ app, host: `${app}.trafficmanager.net`, port: 8080, path: '/' })),
    { dnsPort: azure.dnsPort, clients: 20, perSecond: REQUESTS_PER_SECOND },
  );
  view.say(`\nAct 1: 1.1.0 of both is pushed, while 40 clients send ${2 * REQUESTS_PER_SECOND} requests a second.`);
  push(azure, 'web', '1.1.0', {});
  push(azure, 'api', '1.1.0', {});
  await stage.act([expected('web', '1.1.0', 'Succeeded'), expected('api', '1.1.0', 'Succeeded')]);

  view.say('\nAct 2: a broken 1.2.0 is pushed: web answers 503, api crashes at its start.');
  push(azure, 'web', '1.2.0', { healthy: false });
  push(azure, 'api', '1.2.0', { crash: true });
  await stage.act([expected('web', '1.2.0', 'RolledBack'), expected('api', '1.2.0', 'RolledBack')]);

  const residentMiB = daemon.residentMiB();
  await load.stop();
  view.stop();
  return report({ load, stage, residentMiB, options });
}

function report(given: { load: Load; stage: Stage; residentMiB: number | undefined; options: DemoOptions }): number {
  const { load, stage, residentMiB, options } = given;
  const summary = { ...load.total(), rollouts: stage.finished };
  const faults = judge(summary, stage.expected);
  const write = (text: string) => options.out.write(`${text}\n`);
  write(`\nEvery rollout:\n${summaryText(summary, stage.expected)}`);
  for (const [app, count] of load.counts) {
    const versions = [...count.versions].map(([version, n]) => `${n} by ${version}`).join(', ');
    write(`  ${app}: ${count.requests} requests, ${count.failed} failed; answered ${versions}`);
    for (const failure of count.failures) write(`    ${failure}`);
  }
  if (residentMiB !== undefined) write(`  the daemon uses ${residentMiB.toFixed(0)} MiB of memory`);
  for (const fault of faults) write(`  NOT AS EXPECTED: ${fault}`);
  write(`${summary.requests} requests sent, ${summary.failed} failed. The daemon's own log is in .demo/daemon.log.`);
  if (options.json) write(JSON.stringify(summary));
  return faults.length === 0 ? 0 : 1;
}

/** Keeps what is expected and what has finished, and wakes whoever waits for the end of an act. */
class Stage {
  readonly view: DemoView;
  readonly expected: ExpectedRollout[] = [];
  readonly finished: FinishedRollout[] = [];
  #onChange: (() => void) | undefined;
  #failure: string | undefined;

  constructor(out: ViewOutput, load: Load) {
    this.view = new DemoView(out, () => `  ${load.total().requests} requests sent, ${load.total().failed} failed`);
  }

  onLine(line: LogLine): void {
    this.view.show(line);
    if (line.event !== 'rollout.finished') return;
    this.finished.push(toFinished(line));
    this.#onChange?.();
  }

  fail(reason: string): void {
    this.#failure = reason;
    this.#onChange?.();
  }

  /** Resolves when as many rollouts have finished as are expected by now. */
  async act(expected: readonly ExpectedRollout[]): Promise<void> {
    this.expected.push(...expected);
    const { promise, resolve: done, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`act not finished within ${ACT_TIMEOUT_MS / 1000} s; see .demo/daemon.log`)),
      ACT_TIMEOUT_MS,
    );
    this.#onChange = () => {
      if (this.#failure !== undefined) reject(new Error(this.#failure));
      else if (this.finished.length >= this.expected.length) done();
    };
    this.#onChange();
    await promise.finally(() => clearTimeout(timer));
  }
}

function push(azure: LocalAzure, app: string, version: string, program: { healthy?: boolean; crash?: boolean }): void {
  azure.push({ registry: REGISTRY, repository: app, tag: version, program: { version, ...program } });
}

/** The settings of config/demo.yaml, added up; an upgrade also waits for the TTL, 1 s margin and 1 s drain. */
function expected(app: 'web' | 'api', to: string, outcome: string): ExpectedRollout {
  const verifySeconds = 0.5;
  const upSeconds = CREATE_MS / 1000 + verifySeconds + MONITOR_MS / 1000;
  const downSeconds = to === '1.0.0' ? 0 : TTL_SECONDS[app] + 2;
  return { app, to, outcome, lowerBoundSeconds: outcome === 'Succeeded' ? upSeconds + downSeconds : undefined };
}

/** config/demo.yaml itself, or a copy with other ports where its own are taken. */
async function configFor(ports: DemoPorts, folder: string): Promise<string> {
  const file = join(project, 'config', 'demo.yaml');
  if (ports === CONFIG_PORTS) return file;
  const text = await readFile(file, 'utf8');
  const copy = join(folder, 'demo.yaml');
  const moved = text
    .replaceAll(String(CONFIG_PORTS.https), String(ports.https))
    .replaceAll(String(CONFIG_PORTS.identity), String(ports.identity))
    .replaceAll(String(CONFIG_PORTS.dns), String(ports.dns))
    .replaceAll('template: demo.', `template: ${resolve(project, 'config')}/demo.`)
    .replaceAll('../.demo/', `${folder}/`);
  await writeFile(copy, moved);
  return copy;
}

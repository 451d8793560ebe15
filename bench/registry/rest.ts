/**
 * What 1,000 apps on 300 repositories cost at rest, on the local Azure: the polls alone, by a process that does nothing
 * else; and the whole daemon, which looks at each app's groups and profile besides.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { startDaemon } from '../../src/cli/demo-daemon.ts';
import { Local } from '../../test/support/local.ts';
import { runScript } from './run-script.ts';

export interface AtRest {
  readonly apps: number;
  readonly repositories: number;
  readonly intervalSeconds: number;
  /** Of the polls. */
  readonly corePercent: number;
  /** Of the whole daemon; undefined where the system does not tell. */
  readonly daemonCorePercent: number | undefined;
}

const APPS = 1000;
const REPOSITORIES = 300;
const TAGS = 100;
const INTERVAL_SECONDS = 30;
/** The first polls, which list all, and a round after them. */
const SETTLE_SECONDS = 40;
/** The first look of each app, which saves what it finds: so many look once in 300 s. */
const DAEMON_SETTLE_SECONDS = 320;
const MEASURED_SECONDS = 90;
const POLLERS = new URL('pollers.ts', import.meta.url);
/** Of the times in /proc, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export async function measureRest(): Promise<AtRest> {
  let polls = 0;
  const local = await Local.start({
    withProfile: false,
    config: manyApps,
    onRequest: ({ path }) => (polls += path.endsWith('_tags') ? 1 : 0),
  });
  try {
    fill(local);
    const shape = { repositories: z.literal(REPOSITORIES), failures: z.literal(0), corePercent: z.number() };
    const given = [local.configFile, String(SETTLE_SECONDS), String(MEASURED_SECONDS)];
    const { corePercent } = await runScript(POLLERS, given, shape);
    const due = REPOSITORIES * Math.floor((SETTLE_SECONDS + MEASURED_SECONDS) / INTERVAL_SECONDS);
    if (polls < due) throw new Error(`${polls} polls came, expected ${due} at least`);
    const daemonCorePercent = await percentOfDaemon(local);
    const asked = { apps: APPS, repositories: REPOSITORIES, intervalSeconds: INTERVAL_SECONDS };
    return { ...asked, corePercent, daemonCorePercent };
  } finally {
    await local.close();
  }
}

/** One app per profile and resource group; no tag is within the policy, so nothing is rolled out. */
function manyApps(text: string): string {
  const [head = '', app = ''] = text
    .replace('poll: "* * * * * *"', `poll: "*/${INTERVAL_SECONDS} * * * * *"`)
    .replace('jitter: 0ms', 'jitter: 5s')
    .replace('>=1.0.0', '>=2.0.0')
    .split('  - name: web\n');
  const apps = Array.from({ length: APPS }, (_, index) => {
    const changed = app
      .replace('local.azurecr.io/web', `local.azurecr.io/of-${index % REPOSITORIES}`)
      .replace('resourceGroup: test', `resourceGroup: group-${index}`)
      .replace('profile: web', `profile: web-${index}`);
    return `  - name: web-${index}\n${changed}`;
  });
  return head + apps.join('');
}

function fill({ azure }: Local): void {
  const { images, registry } = azure;
  for (let number = 0; number < REPOSITORIES * TAGS; number += 1) {
    const repository = `of-${number % REPOSITORIES}`;
    const at = Date.UTC(2026, 0, 1) + number * 1000;
    images.push({ registry, repository, tag: `1.0.${Math.floor(number / REPOSITORIES)}`, program: {}, at });
  }
  for (let index = 0; index < APPS; index += 1) {
    const profile = { resourceGroup: `group-${index}`, name: `web-${index}` };
    azure.createProfile({ ...profile, ttlSeconds: 1, port: 8080, path: '/' });
  }
}

async function percentOfDaemon(local: Local): Promise<number | undefined> {
  const daemon = startDaemon(local.configFile, { logFile: join(local.folder, 'daemon.log'), onLine: () => undefined });
  try {
    await sleep(DAEMON_SETTLE_SECONDS * 1000);
    const before = cpuSeconds(daemon.pid);
    const from = performance.now();
    await sleep(MEASURED_SECONDS * 1000);
    const after = cpuSeconds(daemon.pid);
    if (before === undefined || after === undefined) return undefined;
    return ((after - before) / ((performance.now() - from) / 1000)) * 100;
  } finally {
    await daemon.stop();
  }
}

/** User and system time of a process so far; undefined where there is no /proc. */
function cpuSeconds(pid: number): number | undefined {
  try {
    // The name, in parentheses, may have spaces; user and system time are fields 14 and 15.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    return (Number(fields?.[11]) + Number(fields?.[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

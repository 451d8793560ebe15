/**
 * Side by side on one Distribution server, through the counting proxy: which tag is the newest, asked by Viridian, by a
 * script with skopeo, and by Renovate's data source. What is not installed is left out, with how to get it.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { z } from 'zod';
import { isDistributionInstalled, startDistribution } from '../../test/system/distribution.ts';
import { startCountingProxy } from './counting-proxy.ts';
import type { CountingProxy } from './counting-proxy.ts';
import { runScript } from './run-script.ts';

export interface Peer {
  readonly name: string;
  readonly requests: number;
  /** Both ways, with headers. */
  readonly bytes: number;
  readonly seconds: number;
}

export interface Peers {
  readonly peers: readonly Peer[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

const TAGS = 1000;
const NEWEST = `1.9.${TAGS - 1}`;
const TIMES = 5;
const LATER_LOOKS = 10;
const VIRIDIAN = new URL('look.ts', import.meta.url);
const RENOVATE = new URL('../peers/renovate.mjs', import.meta.url);
const RENOVATE_INSTALLED = new URL('../peers/node_modules/renovate/package.json', import.meta.url);
/** As a script would do it: the highest version of all names. */
const SKOPEO = `skopeo list-tags --tls-verify=false "docker://$1/web" | sed -n 's/^ *"\\([0-9][^"]*\\)",\\{0,1\\}$/\\1/p' | sort -V | tail -1`;

export async function measurePeers(): Promise<Peers> {
  if (!isDistributionInstalled()) {
    const note =
      'peers: docker-registry is not installed, nothing is compared; apt-get install docker-registry brings it';
    return { peers: [], notes: [note] };
  }
  const registry = await startDistribution({ withPassword: false });
  const proxy = await startCountingProxy(registry.url);
  try {
    const names = Array.from({ length: TAGS }, (_, number) => `1.${Math.floor(number / 100)}.${number}`);
    await registry.push(names, [{ os: 'linux', architecture: 'amd64' }]);
    const peers = await scriptPeers('viridian', VIRIDIAN, proxy);
    const notes: string[] = [];
    if (await isSkopeoInstalled()) peers.push(await skopeo(proxy));
    else notes.push('skopeo: left out, it is not installed; apt-get install skopeo brings it');
    if (existsSync(RENOVATE_INSTALLED)) peers.push(...(await scriptPeers('renovate', RENOVATE, proxy)));
    else notes.push('renovate: left out, it is not installed; npm --prefix bench/peers ci --ignore-scripts brings it');
    return { peers, notes };
  } finally {
    await proxy.close();
    await registry.close();
  }
}

/** A whole process that looks once, and the looks of one that stays. */
async function scriptPeers(name: string, script: URL, proxy: CountingProxy): Promise<Peer[]> {
  const look = async (looks: number) => {
    const shape = { newest: z.literal(NEWEST), seconds: z.array(z.number()).length(looks) };
    const { seconds } = await runScript(script, [proxy.host, String(looks)], shape);
    return seconds;
  };
  const once = await median(`${name}, a process for one look`, proxy, () => look(1));
  proxy.take();
  const [, ...later] = await look(1 + LATER_LOOKS);
  const { requests, bytes } = proxy.take();
  const seconds = later.reduce((sum, one) => sum + one, 0) / LATER_LOOKS;
  const each = {
    requests: (requests - once.requests) / LATER_LOOKS,
    bytes: Math.round((bytes - once.bytes) / LATER_LOOKS),
  };
  return [once, { name: `${name}, each later look`, ...each, seconds }];
}

async function skopeo(proxy: CountingProxy): Promise<Peer> {
  return median('skopeo list-tags and sort', proxy, async () => {
    const { stdout } = await promisify(execFile)('sh', ['-c', SKOPEO, 'sh', proxy.host]);
    if (stdout.trim() !== NEWEST) throw new Error(`skopeo and sort gave ${stdout}, expected ${NEWEST}`);
  });
}

/** Of several times: the time in the middle; requests and bytes are the same each time. */
async function median(name: string, proxy: CountingProxy, work: () => Promise<unknown>): Promise<Peer> {
  const runs: Peer[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    proxy.take();
    const from = performance.now();
    await work();
    const seconds = (performance.now() - from) / 1000;
    runs.push({ name, ...proxy.take(), seconds });
  }
  const [middle] = runs.sort((a, b) => a.seconds - b.seconds).slice(Math.floor(TIMES / 2));
  if (middle === undefined) throw new Error(`${name} was never run`);
  return middle;
}

async function isSkopeoInstalled(): Promise<boolean> {
  try {
    await promisify(execFile)('skopeo', ['--version']);
    return true;
  } catch {
    return false;
  }
}

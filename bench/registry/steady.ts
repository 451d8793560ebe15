/**
 * What watching one repository of Azure's registry costs, by its size: the real client on the local Azure, through the
 * counting proxy; and the first list of the largest one, by a process of its own.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import { trustFile } from '../../src/runtime/trust.ts';
import { makeCertificates } from '../../src/simulator/tls.ts';
import { Local } from '../../test/support/local.ts';
import { startCountingProxy } from './counting-proxy.ts';
import type { CountingProxy } from './counting-proxy.ts';
import { runScript } from './run-script.ts';

export interface Steady {
  readonly tags: number;
  /** Of one poll. */
  readonly requests: number;
  readonly bytes: number;
}

export interface FirstListing {
  readonly tags: number;
  readonly requests: number;
  readonly cpuSeconds: number;
  /** Resident memory at its highest, over what the process had before. */
  readonly peakMiB: number;
  /** The same of the whole process. */
  readonly processPeakMiB: number;
}

const SIZES = [10, 1000, 100_000];
const POLLS = 20;
const FIRST_LOOK = new URL('first-look.ts', import.meta.url);

export async function measureSteady(): Promise<{ steady: readonly Steady[]; first: FirstListing }> {
  const { local, proxy } = await startBehindProxy();
  try {
    const steady: Steady[] = [];
    for (const tags of SIZES) {
      pushMany(local, `of-${tags}`, tags);
      steady.push(await steadyOf(local, proxy, tags));
    }
    const tags = Math.max(...SIZES);
    proxy.take();
    const shape = { cpuSeconds: z.number(), peakMiB: z.number(), processPeakMiB: z.number() };
    const look = await runScript(FIRST_LOOK, [local.configFile, `of-${tags}`, String(tags)], shape);
    return { steady, first: { tags, requests: proxy.take().requests, ...look } };
  } finally {
    await proxy.close();
    await local.close();
  }
}

/** The config's registry is the proxy; both certificate authorities are in its file. */
async function startBehindProxy(): Promise<{ local: Local; proxy: CountingProxy }> {
  const local = await Local.start();
  const { url, caFile, registry } = local.azure;
  const tls = await makeCertificates([registry]);
  await writeFile(join(local.folder, 'ca.pem'), `${await readFile(caFile, 'utf8')}\n${tls.ca}`);
  trustFile(caFile);
  const proxy = await startCountingProxy(url, tls);
  const text = await readFile(local.configFile, 'utf8');
  await writeFile(local.configFile, text.replace(`endpoint: ${url}`, `endpoint: ${proxy.url}`));
  return { local, proxy };
}

function pushMany({ azure: { images, registry } }: Local, repository: string, tags: number): void {
  for (let number = 0; number < tags; number += 1) {
    const at = Date.UTC(2026, 0, 1) + number * 1000;
    images.push({ registry, repository, tag: `1.0.${number}`, program: {}, at });
  }
}

async function steadyOf(local: Local, proxy: CountingProxy, tags: number): Promise<Steady> {
  const { settings } = loadSettings(local.configFile);
  const { openRepository } = await joinEdges(settings);
  const [place] = settings.registries;
  if (place === undefined) throw new Error('the config has no registry');
  const repository = openRepository(place, `of-${tags}`);
  const poll = async () => {
    const list = await repository.listTags();
    if (list.kind === 'unknown') throw new Error(list.reason);
    if (list.tags.length !== tags) throw new Error(`${list.tags.length} of ${tags} tags were listed`);
  };
  await poll();
  proxy.take();
  for (let polls = 0; polls < POLLS; polls += 1) await poll();
  const { requests, bytes } = proxy.take();
  return { tags, requests: requests / POLLS, bytes: Math.round(bytes / POLLS) };
}

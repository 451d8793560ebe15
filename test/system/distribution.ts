/** The Distribution registry server of Debian, started on a loopback port of its own, and images pushed to it. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAME = 'docker-registry';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/** `robot` with the password `right`, as htpasswd -B writes it. */
const HTPASSWD = '$2b$04$9sHys6UL95t9TBGRtklxJuf49US2/YQ2cg9pKUqsfVmNAGDAFGKoq';
export const BASIC = `Basic ${Buffer.from('robot:right').toString('base64')}`;

export function isDistributionInstalled(): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, NAME), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface Distribution {
  readonly url: string;
  readonly host: string;
  /** Pushes an image for each platform (one: a single manifest) and gives the digest of what the tags point to. */
  push(tags: readonly string[], platforms: readonly object[]): Promise<string>;
  /** An artifact with one layer, by a tag. */
  attach(tag: string, layer: { mediaType: string; text: string; annotations?: object }): Promise<void>;
  /** Takes the manifest away, and with it its tags. */
  remove(digest: string): Promise<void>;
  close(): Promise<void>;
}

export async function startDistribution(options: { withPassword: boolean }): Promise<Distribution> {
  const folder = await mkdtemp(join(tmpdir(), 'viridian-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const auth = options.withPassword ? `auth: { htpasswd: { realm: test, path: ${folder}/htpasswd } }\n` : '';
  await writeFile(join(folder, 'htpasswd'), `robot:${HTPASSWD}\n`);
  await writeFile(
    join(folder, 'config.yml'),
    `version: 0.1
log: { accesslog: { disabled: true }, level: error }
storage: { filesystem: { rootdirectory: ${folder}/data }, delete: { enabled: true } }
http: { addr: "${host}" }
${auth}`,
  );
  const server = spawn(NAME, ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const exited = once(server, 'exit');
  const url = `http://${host}`;
  const headers: Record<string, string> = options.withPassword ? { authorization: BASIC } : {};
  await untilItAnswers(url);
  return {
    url,
    host,
    push: (tags, platforms) => push({ url, headers }, tags, platforms),
    attach: (tag, layer) => attach({ url, headers }, tag, layer),
    async remove(digest) {
      await send(`${url}/v2/web/manifests/${digest}`, { method: 'DELETE', headers });
    },
    async close() {
      server.kill();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** It says nowhere that it listens. */
async function untilItAnswers(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      await fetch(`${url}/v2/`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`${NAME} does not answer at ${url}`);
}

interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function push(target: Target, tags: readonly string[], platforms: readonly object[]): Promise<string> {
  const images: { text: string; platform: object }[] = [];
  for (const platform of platforms) images.push({ text: await imageOf(target, platform), platform });
  const [only, ...others] = images;
  if (only !== undefined && others.length === 0) {
    for (const tag of tags) await putManifest(target, tag, { type: MANIFEST, text: only.text });
    return digestOf(only.text);
  }
  for (const { text } of images) await putManifest(target, digestOf(text), { type: MANIFEST, text });
  const manifests = images.map(({ text, platform }) => ({ ...descriptor(MANIFEST, text), platform }));
  const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
  for (const tag of tags) await putManifest(target, tag, { type: INDEX, text: index });
  return digestOf(index);
}

async function attach(
  target: Target,
  tag: string,
  { mediaType, text, annotations }: { mediaType: string; text: string; annotations?: object },
): Promise<void> {
  await putBlob(target, text);
  const layers = [{ ...descriptor(mediaType, text), annotations }];
  const image: unknown = JSON.parse(await imageOf(target, {}));
  await putManifest(target, tag, { type: MANIFEST, text: JSON.stringify(Object.assign({}, image, { layers })) });
}

async function imageOf(target: Target, platform: object): Promise<string> {
  const config = JSON.stringify({ ...platform, rootfs: { type: 'layers', diff_ids: [] } });
  await putBlob(target, config);
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [],
  });
}

async function putBlob({ url, headers }: Target, text: string): Promise<void> {
  const started = await send(`${url}/v2/web/blobs/uploads/`, { method: 'POST', headers });
  const place = new URL(started.headers.get('location') ?? '', url);
  place.searchParams.set('digest', digestOf(text));
  const type = { 'content-type': 'application/octet-stream' };
  await send(place.href, { method: 'PUT', headers: { ...headers, ...type }, body: text });
}

async function putManifest({ url, headers }: Target, reference: string, given: { type: string; text: string }) {
  const { type, text } = given;
  const place = `${url}/v2/web/manifests/${reference}`;
  await send(place, { method: 'PUT', headers: { ...headers, 'content-type': type }, body: text });
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init.method} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

function descriptor(mediaType: string, text: string) {
  return { mediaType, digest: digestOf(text), size: Buffer.byteLength(text) };
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

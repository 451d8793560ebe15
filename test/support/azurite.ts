/** The storage server of the tests: Azurite in a process of its own, over HTTPS, with bearer tokens as the real one takes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TokenCredential } from '@azure/core-auth';
import { trustFile } from '../../src/runtime/trust.ts';
import { makeCertificates } from '../../src/simulator/tls.ts';
import { Tokens } from '../../src/simulator/tokens.ts';

const require = createRequire(import.meta.url);
const PROGRAM = require.resolve('azurite/dist/src/blob/main.js');

export interface Azurite {
  /** URL of a container that does not exist yet, another one at each call. */
  newContainer(): string;
  /** PEM file of the authority that signed its certificate; this process trusts it already. */
  readonly caFile: string;
  readonly credential: TokenCredential;
  stop(): Promise<void>;
}

export async function startAzurite(): Promise<Azurite> {
  const folder = await mkdtemp(join(tmpdir(), 'viridian-azurite-'));
  const { ca, cert, key } = await makeCertificates([]);
  const files = { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  await Promise.all([writeFile(files.ca, ca), writeFile(files.cert, cert), writeFile(files.key, key)]);
  trustFile(files.ca);
  const options = ['--blobPort', '0', '--oauth', 'basic', '--cert', files.cert, '--key', files.key];
  const more = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const server = spawn(process.execPath, [PROGRAM, ...options, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await urlOf(server.stdout);
  const token = new Tokens().issue({ kind: 'aad', aud: 'https://storage.azure.com' });
  let containers = 0;
  return {
    newContainer: () => `${url}/devstoreaccount1/state-${(containers += 1)}`,
    caFile: files.ca,
    credential: { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
    async stop() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function urlOf(output: NodeJS.ReadableStream): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: output })) {
    said.push(line);
    const url = /successfully listen(?:s|ing) (?:on|at) (https:\/\/\S+)/.exec(line)?.[1];
    if (url !== undefined) return url.replace(/\/$/, '');
  }
  throw new Error(`Azurite did not start: ${said.join('\n')}`);
}

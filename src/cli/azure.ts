/** `viridian azure`: the local Azure on its own, until it is stopped; tells how to point a config and a shell at it. */
import { resolve } from 'node:path';
import { LOCAL_SUBSCRIPTION, startAzure } from '../simulator/start.ts';
import type { AzureOptions, LocalAzure } from '../simulator/start.ts';

export interface ProfileOption {
  readonly name: string;
  readonly ttlSeconds: number;
  /** Where it probes its endpoints. */
  readonly port: number;
  readonly path: string;
}

/** `name[:ttl[:port[:path]]]`; throws with what was expected. */
export function parseProfile(text: string): ProfileOption {
  const match = /^([A-Za-z0-9][A-Za-z0-9-]{0,62})(?::(\d{1,6}))?(?::(\d{1,5}))?(?::(\/\S*))?$/.exec(text);
  const [, name, ttl = '10', port = '80', path = '/'] = match ?? [];
  if (name === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new Error('expected name[:ttl in seconds[:port[:/path]]], such as web:10:8080:/healthz.');
  }
  return { name, ttlSeconds: Number(ttl), port: Number(port), path };
}

export interface SecretOption {
  readonly vault: string;
  readonly secret: string;
  readonly value: string;
}

/** `vault/name=value`; throws with what was expected, never with the value. */
export function parseSecret(text: string): SecretOption {
  const match = /^([A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9])\/([0-9A-Za-z-]{1,127})=(.+)$/s.exec(text);
  const [, vault, secret, value] = match ?? [];
  if (vault === undefined || secret === undefined || value === undefined)
    throw new Error('expected vault/name=value, such as shop/db-password=secret.');
  return { vault, secret, value };
}

export interface AzureCommand {
  readonly port: number;
  readonly dnsPort: number;
  readonly identityPort: number;
  readonly folder: string;
  readonly createMs: number;
  readonly probeIntervalMs: number | undefined;
  readonly registry: string;
  /** Made at the start. */
  readonly profiles: readonly ProfileOption[];
  /** Of key vaults, set at the start. */
  readonly secrets: readonly SecretOption[];
  readonly resourceGroup: string;
  readonly json: boolean;
}

/** Runs until SIGTERM or SIGINT. Exit status 1 where a port is taken. */
export async function azure(command: AzureCommand): Promise<number> {
  const options: AzureOptions = {
    port: command.port,
    dnsPort: command.dnsPort,
    identityPort: command.identityPort,
    createMs: command.createMs,
    folder: resolve(command.folder),
    registries: [command.registry],
    onFallback: (message) => console.error(message),
    ...(command.probeIntervalMs === undefined ? {} : { probeIntervalMs: command.probeIntervalMs }),
  };
  let local: LocalAzure;
  try {
    local = await startAzure(options);
  } catch (error) {
    console.error(
      `the local Azure cannot start: ${error instanceof Error ? error.message : String(error)}; choose other ports with --port, --dns-port and --identity-port`,
    );
    return 1;
  }
  // Before anything is printed: who reads the first line may send the signal at once.
  const stopped = new Promise<void>((done) => {
    process.once('SIGTERM', () => done());
    process.once('SIGINT', () => done());
  });
  for (const profile of command.profiles) local.createProfile({ resourceGroup: command.resourceGroup, ...profile });
  for (const secret of command.secrets) local.vaults.set(secret);
  const { url, dnsPort, identityUrl, caFile, registry } = local;
  if (command.json)
    console.log(JSON.stringify({ url, dnsPort, identityUrl, caFile, registry, subscription: LOCAL_SUBSCRIPTION }));
  else console.log(guide(local));
  await stopped;
  await local.close();
  return 0;
}

function guide({ url, dnsPort, identityUrl, caFile, registry }: LocalAzure): string {
  return `A local Azure runs at ${url} (ARM, registry, tokens, key vaults), ${identityUrl} (managed identity) and 127.0.0.1:${dnsPort} (DNS).

Point a config at it:

azure:
  subscription: ${LOCAL_SUBSCRIPTION}
  resourceManager: ${url}
  audience: https://management.azure.com
  authority: ${url}
  managedIdentityEndpoint: ${identityUrl}
  credential: managedIdentity
  caFile: ${caFile}
  nameServers: ["127.0.0.1:${dnsPort}"]
  trafficManagerNameServers: ["127.0.0.1:${dnsPort}"]
  keyVault: { endpoint: ${url} }
registries:
  - host: ${registry}
    endpoint: ${url}

Push an image (a small program with a version, health and delay):
  curl --cacert ${caFile} ${url}/simulator/images -d '{"repository": "web", "tag": "1.0.0"}'
  curl --cacert ${caFile} ${url}/simulator/images -d '{"repository": "web", "tag": "1.1.0", "program": {"healthy": false}}'
Set a secret of a key vault, for {keyVault: {vault: https://shop.vault.azure.net, secret: db-password}}:
  curl --cacert ${caFile} ${url}/simulator/secrets -d '{"vault": "shop", "secret": "db-password", "value": "…"}'
Ask for an error, or look at everything:
  curl --cacert ${caFile} ${url}/simulator/faults -d '{"method": "PUT", "path": "containerGroups", "status": 429, "retryAfterSeconds": 5, "times": 3}'
  curl --cacert ${caFile} ${url}/simulator/state
Ask its name servers:
  dig @127.0.0.1 -p ${dnsPort} web.trafficmanager.net

It runs until Ctrl+C.`;
}

/**
 * Starts a local Azure: one model of groups, profiles, images and tokens, with its faces over HTTPS, plain http (managed
 * identity) and DNS, all on loopback.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acrFace } from './acr-face.ts';
import { armFace } from './arm-face.ts';
import { controlFace } from './control-face.ts';
import { startDns } from './dns.ts';
import type { DnsServer } from './dns.ts';
import { Faults } from './faults.ts';
import { ContainerGroups } from './groups.ts';
import type { HttpRequest, SimClock } from './http.ts';
import { identityFace, managedIdentityFace } from './identity-face.ts';
import type { ImagePlatform } from './image-content.ts';
import { Images } from './images.ts';
import { Locations } from './locations.ts';
import { resolveNames } from './names.ts';
import { Permissions } from './permissions.ts';
import type { Program } from './program.ts';
import { Profiles } from './profiles.ts';
import type { ProfileOptions } from './profiles.ts';
import { RealHosts } from './real-hosts.ts';
import { serve } from './server.ts';
import type { Shares } from './shares.ts';
import { makeCertificates } from './tls.ts';
import { Tokens } from './tokens.ts';
import { VAULT_DOMAIN, vaultFace } from './vault-face.ts';
import { Vaults } from './vaults.ts';

export const LOCAL_SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';

export interface AzureOptions {
  /** Folder that ca.pem is written to. */
  readonly folder: string;
  /** 0 or absent: any free one. */
  readonly port?: number;
  readonly dnsPort?: number;
  readonly identityPort?: number;
  /** From the PUT of a group until it runs; 3 s where absent. */
  readonly createMs?: number;
  /** Pause of a crash loop; 1 s where absent. */
  readonly restartMs?: number;
  /** In place of the profiles' own monitoring interval. */
  readonly probeIntervalMs?: number;
  readonly coresPerLocation?: number;
  /** Name servers of Traffic Manager, each at a port of its own; one where absent. */
  readonly nameServers?: number;
  /** How Traffic Manager behaves where the real one may, or takes its time. */
  readonly traffic?: Pick<ProfileOptions, 'propagationMs' | 'places' | 'refuseSameLocation' | 'nestedTtl'>;
  readonly deleteStatus?: 200 | 202 | 204;
  /** Hosts of registries; the first is meant where a request does not tell. */
  readonly registries?: readonly string[];
  /** Address for the next group; a loopback address of its own where absent. */
  readonly nextAddress?: () => string;
  readonly random?: () => number;
  readonly onFallback?: (message: string) => void;
  readonly onRequest?: (request: HttpRequest) => void;
}

export interface LocalAzure {
  /** `https://localhost:PORT` */
  readonly url: string;
  /** Of the first of the name servers. */
  readonly dnsPort: number;
  readonly nameServers: readonly DnsServer[];
  readonly identityUrl: string;
  readonly caFile: string;
  /** PEM of the certificate authority. */
  readonly ca: string;
  readonly registry: string;
  readonly images: Images;
  readonly groups: ContainerGroups;
  readonly profiles: Profiles;
  readonly locations: Locations;
  readonly permissions: Permissions;
  readonly faults: Faults;
  readonly tokens: Tokens;
  readonly vaults: Vaults;
  /** File shares, by what the containers that mount them have written. */
  readonly shares: Shares;
  createProfile(given: { resourceGroup: string; name: string; ttlSeconds: number; port: number; path: string }): void;
  push(given: {
    registry?: string;
    repository: string;
    tag: string;
    program?: Partial<Program>;
    platforms?: readonly ImagePlatform[];
  }): { digest: string };
  close(): Promise<void>;
}

const realClock: SimClock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

export async function startAzure(options: AzureOptions): Promise<LocalAzure> {
  const host = '127.0.0.1';
  const registries = options.registries ?? ['local.azurecr.io'];
  const [registry = 'local.azurecr.io'] = registries;
  const model = makeModel(options);
  const { images, groups, profiles, locations, permissions, faults, tokens, hosts, vaults } = model;
  const tls = await makeCertificates([...registries, `*.${VAULT_DOMAIN}`]);
  await mkdir(options.folder, { recursive: true });
  const caFile = join(options.folder, 'ca.pem');
  await writeFile(caFile, tls.ca);
  const registryFor = (name: string | undefined) =>
    registries.find((known) => name?.toLowerCase().startsWith(known)) ?? registry;
  const arm = armFace({
    groups,
    profiles,
    locations,
    permissions,
    isAuthorized: (header) => tokens.isBearer(header),
    deleteStatus: options.deleteStatus ?? 200,
  });
  const faces = [arm, acrFace({ images, tokens, registryFor }), identityFace(tokens), vaultFace({ vaults, tokens })];
  const onRequest = options.onRequest === undefined ? {} : { onRequest: options.onRequest };
  const opened: { close(): Promise<void> }[] = [];
  const open = async <T extends { close(): Promise<void> }>(server: Promise<T>): Promise<T> => {
    opened.push(await server);
    return server;
  };
  const close = async () => {
    groups.close();
    profiles.close();
    await Promise.all(opened.map((server) => server.close()));
  };
  try {
    const https = await open(
      serve(
        [
          controlFace({
            images,
            faults,
            groups,
            profiles,
            locations,
            permissions,
            vaults,
            registry,
            shares: hosts.shares,
          }),
          ...faces.map((face) => faults.before(face)),
        ],
        { host, port: options.port ?? 0, tls, ...onRequest },
      ),
    );
    const identity = await open(
      serve([faults.before(managedIdentityFace(tokens))], { host, port: options.identityPort ?? 0 }),
    );
    const resolve = resolveNames({ groups, profiles, hosts });
    const nameServers: DnsServer[] = [];
    for (let server = 0; server < profiles.nameServers.count; server += 1) {
      const wanted = server === 0 ? (options.dnsPort ?? 0) : 0;
      nameServers.push(await open(startDns({ host, port: wanted, resolve, server })));
    }
    return {
      url: `https://localhost:${https.port}`,
      dnsPort: nameServers[0]?.port ?? 0,
      nameServers,
      identityUrl: `http://${host}:${identity.port}`,
      caFile,
      ca: tls.ca,
      registry,
      images,
      groups,
      profiles,
      locations,
      permissions,
      faults,
      tokens,
      vaults,
      shares: hosts.shares,
      createProfile: (given) => createProfile(profiles, given),
      push: (given) => images.push({ registry, program: {}, ...given, at: Date.now() }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function makeModel(options: AzureOptions) {
  const images = new Images();
  const hosts = new RealHosts(options.onFallback ?? (() => undefined), options.nextAddress);
  const groups = new ContainerGroups({
    clock: realClock,
    images,
    hosts,
    options: {
      createMs: options.createMs ?? 3000,
      restartMs: options.restartMs ?? 1000,
      coresPerLocation: options.coresPerLocation ?? 100,
    },
  });
  const profiles = new Profiles({
    clock: realClock,
    random: options.random ?? Math.random,
    probe: (target, monitor) => hosts.probe(groups.byFqdn(target) ?? groups.byAddress(target), monitor),
    options: {
      ...options.traffic,
      probeIntervalMs: options.probeIntervalMs,
      nameServers: options.nameServers ?? 1,
    },
  });
  const [locations, permissions] = [new Locations(), new Permissions()];
  const others = { faults: new Faults(), tokens: new Tokens(), vaults: new Vaults() };
  return { images, hosts, groups, profiles, locations, permissions, ...others };
}

function createProfile(
  profiles: Profiles,
  given: { resourceGroup: string; name: string; ttlSeconds: number; port: number; path: string },
): void {
  const monitorConfig = { protocol: 'HTTP', port: given.port, path: given.path };
  profiles.put(
    { subscription: LOCAL_SUBSCRIPTION, resourceGroup: given.resourceGroup, name: given.name },
    {
      location: 'global',
      properties: {
        trafficRoutingMethod: 'Weighted',
        dnsConfig: { relativeName: given.name, ttl: given.ttlSeconds },
        monitorConfig,
      },
    },
  );
}

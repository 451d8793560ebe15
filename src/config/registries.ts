/** The registries of a config: what is of which kind, where it is reached and who asks, with the defaults. Pure. */
import type { RegistryCredential, RegistrySettings } from '../azure/cloud.ts';
import type { Config, RegistryConfig } from './schema.ts';
import { splitImage } from './split-image.ts';

const AZURE = /\.azurecr\.(io|cn|us)$/;
/** Docker Hub is called by another name than it is reached at. */
const ENDPOINTS = new Map([['docker.io', 'https://registry-1.docker.io']]);

/** Every registry that an app uses, with defaults where the config says nothing of it. */
export function toRegistries(config: Config): readonly RegistrySettings[] {
  const listed = new Map(config.registries.map((registry) => [registry.host.toLowerCase(), registry]));
  const hosts = new Set(config.apps.flatMap((app) => app.images.map(({ image }) => splitImage(image).registry)));
  return [...hosts].map((host) => {
    const registry = listed.get(host);
    const kind = registry?.kind ?? kindOf(host);
    return {
      host,
      endpoint: (registry?.endpoint ?? ENDPOINTS.get(host) ?? `https://${host}`).replace(/\/+$/, ''),
      kind,
      credential: toCredential(registry?.credential, kind),
      schedule: registry?.poll ?? '*/30 * * * * *',
      jitterMs: registry?.jitter ?? 5000,
    };
  });
}

/** Why a registry cannot have the credential that it has in the config; undefined where it can. */
export function wrongCredential(registry: RegistryConfig): string | undefined {
  const { host, credential } = registry;
  const kind = registry.kind ?? kindOf(host.toLowerCase());
  if (kind === 'oci' && credential === 'azure') {
    return `credential: azure is for registries of kind acr, and ${host} is of kind oci; give a username and a password`;
  }
  if (kind === 'acr' && typeof credential === 'object' && 'token' in credential) {
    return 'credential: a registry of kind acr takes no token as it is; give its name and password as username and password';
  }
  return undefined;
}

function kindOf(host: string): RegistrySettings['kind'] {
  return AZURE.test(host) ? 'acr' : 'oci';
}

function toCredential(given: RegistryConfig['credential'], kind: RegistrySettings['kind']): RegistryCredential {
  if (given === undefined) return { kind: kind === 'acr' ? 'azure' : 'anonymous' };
  if (typeof given === 'string') return { kind: given };
  if ('token' in given) return { kind: 'bearer', token: given.token };
  return { kind: 'basic', username: given.username, password: given.password };
}

/**
 * Which repositories of the config a push is about. Registries call themselves by the host that their client used, which
 * may be the endpoint rather than the host in image names; Docker Hub goes by several names.
 */
import type { RegistrySettings } from '../azure/cloud.ts';
import type { ImageSource } from '../model/app.ts';
import { pathName } from '../registry/address.ts';
import type { PushedImage } from './push-body.ts';

const DOCKER_HUB = ['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'];

interface FollowedGiven {
  readonly registries: readonly Pick<RegistrySettings, 'host' | 'endpoint'>[];
  readonly apps: readonly { readonly images: readonly Pick<ImageSource, 'registry' | 'repository'>[] }[];
}

/** Gives `host/repository` as the daemon calls them; none where no app follows the image. */
export function followedRepositories({ registries, apps }: FollowedGiven): (image: PushedImage) => readonly string[] {
  const hosts = new Map(DOCKER_HUB.map((name) => [name, 'docker.io']));
  for (const { host, endpoint } of registries) hosts.set(new URL(endpoint).host, host);
  for (const { host } of registries) hosts.set(withoutPort(host), host);
  const keys = new Map<string, Set<string>>();
  for (const { registry, repository } of apps.flatMap(({ images }) => images)) {
    const name = fullName(registry, repository);
    keys.set(name, (keys.get(name) ?? new Set()).add(`${registry}/${repository}`));
  }
  return ({ host, repository }) => {
    const called = withoutPort(host.toLowerCase());
    return [...(keys.get(fullName(hosts.get(called) ?? called, repository)) ?? [])];
  };
}

function fullName(host: string, repository: string): string {
  return `${host}/${pathName({ host, endpoint: '', repository })}`;
}

/** Without the port that https has anyway. */
function withoutPort(host: string): string {
  return host.replace(/:443$/, '');
}

/** Where a repository is, and the one origin that requests for it, and so its credentials, may go to. */

export interface RepositoryAddress {
  /** Host as in image names, for messages. */
  readonly host: string;
  readonly endpoint: string;
  readonly repository: string;
}

/** The name in paths of the API: what Docker Hub shows without an owner is below `library/`. */
export function pathName({ host, repository }: RepositoryAddress): string {
  return host === 'docker.io' && !repository.includes('/') ? `library/${repository}` : repository;
}

/**
 * A link of the registry's, resolved against the request that it answered. A registry behind a proxy may call itself by
 * another scheme or port: the request goes to `endpoint` all the same. Throws where it leads to another host.
 */
export function atEndpoint(link: string, current: string, endpoint: string): string {
  const target = new URL(link, current);
  const own = new URL(endpoint);
  if (target.hostname !== own.hostname) {
    throw new Error(`a link leads from ${own.host} to another host, ${target.host}, and is not followed`);
  }
  return `${own.origin}${target.pathname}${target.search}`;
}

/** The target of `rel="next"` in a Link header, as it stands there. */
export function nextLink(header: string | undefined): string | undefined {
  for (const [, target, parameters = ''] of (header ?? '').matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;\s*rel="?next"?\s*(?:[;,]|$)/i.test(parameters)) return target;
  }
  return undefined;
}

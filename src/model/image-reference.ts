/** An image as a container group names it: `host/repository:tag`, `host/repository@sha256:…`, or both. Pure. */
export interface ImageReference {
  /** Lower-case; `docker.io` where none is named, as a config calls it. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const DOCKER_HUB = 'docker.io';
/** Other names that it has. */
const HUB_NAMES = new Set(['index.docker.io', 'registry-1.docker.io']);

export function readImageReference(image: string): ImageReference {
  const [named = '', digest] = image.split('@');
  const [, path = named, tag] = /^(.*?)(?::(\w[\w.-]{0,127}))?$/.exec(named) ?? [];
  const slash = path.indexOf('/');
  const host = slash < 0 ? '' : path.slice(0, slash);
  const hasHost = /[.:]/.test(host) || host === 'localhost';
  const short = slash < 0 ? `library/${path}` : path;
  return {
    registry: !hasHost || HUB_NAMES.has(host.toLowerCase()) ? DOCKER_HUB : host.toLowerCase(),
    repository: hasHost ? path.slice(slash + 1) : short,
    tag: tag ?? (digest === undefined ? 'latest' : undefined),
    digest,
  };
}

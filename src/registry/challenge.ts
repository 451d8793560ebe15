/** What a registry answers with a 401: how it wants to be asked (WWW-Authenticate, RFC 9110 and the token specification). */

export type Challenge =
  | { readonly kind: 'basic' }
  | {
      readonly kind: 'bearer';
      /** URL of the token service, as it was sent. */
      readonly realm: string;
      readonly service: string | undefined;
      readonly scope: string | undefined;
    };

const LONGEST = 8 * 1024;

/** Bearer before Basic where both are offered; undefined where neither is. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined || header.length > LONGEST) return undefined;
  const bearer = /(?:^|,\s*)bearer\s+(.*)$/i.exec(header)?.[1];
  if (bearer !== undefined) {
    const parameters = new Map<string, string>();
    for (const [, name = '', quoted, plain] of bearer.matchAll(/([a-z_]+)=(?:"([^"]*)"|([^\s,"]+))/gi)) {
      const key = name.toLowerCase();
      // The first wins: what follows may belong to a further challenge.
      if (!parameters.has(key)) parameters.set(key, quoted ?? plain ?? '');
    }
    const realm = parameters.get('realm');
    if (realm !== undefined && URL.canParse(realm)) {
      return { kind: 'bearer', realm, service: parameters.get('service'), scope: parameters.get('scope') };
    }
  }
  return /(?:^|,\s*)basic(?:\s|$)/i.test(header) ? { kind: 'basic' } : undefined;
}

/**
 * Whether a token service may be given the credential of a registry: it is the registry itself, or beside it or above it
 * in one domain, as auth.docker.io is to registry-1.docker.io and gitlab.com to registry.gitlab.com.
 */
export function isBeside(realm: URL, endpoint: URL): boolean {
  if (realm.protocol !== 'https:' && realm.protocol !== endpoint.protocol) return false;
  if (realm.hostname === endpoint.hostname) return true;
  if (/^\[|^[\d.]+$/.test(endpoint.hostname)) return false;
  const labels = endpoint.hostname.split('.');
  const domain = (labels.length > 2 ? labels.slice(1) : labels).join('.');
  return realm.hostname === domain || realm.hostname.endsWith(`.${domain}`);
}

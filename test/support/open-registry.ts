/** A registry of the open protocol on loopback whose every answer a test gives, and a repository opened in it. */
import { openRegistries } from '../../src/registry/open.ts';
import type { OpenedRepository, RegistryPlace } from '../../src/registry/open.ts';
import type { HttpAnswer, HttpRequest } from '../../src/simulator/http.ts';
import { serve } from '../../src/simulator/server.ts';

export const SECRET = 'a very secret word';

export interface OpenRegistry {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly host: string;
  /** What was asked so far, with the header of who asks. */
  readonly asked: { readonly line: string; readonly authorization: string | undefined }[];
  open(given?: { credential?: RegistryPlace['credential']; now?: () => number }): OpenedRepository;
  close(): Promise<void>;
}

export async function startRegistry(answer: (request: HttpRequest) => HttpAnswer): Promise<OpenRegistry> {
  const asked: OpenRegistry['asked'] = [];
  const server = await serve([answer], {
    host: '127.0.0.1',
    port: 0,
    onRequest: ({ method, path, query, headers }) => {
      const text = query.toString();
      asked.push({
        line: `${method} ${path}${text === '' ? '' : `?${text}`}`,
        authorization: headers['authorization'],
      });
    },
  });
  const host = `127.0.0.1:${server.port}`;
  const url = `http://${host}`;
  return {
    url,
    host,
    asked,
    open({ credential, now = () => 0 } = {}) {
      const open = openRegistries({
        credential: { getToken: async () => ({ token: 'of Azure', expiresOnTimestamp: 8e15 }) },
        audience: 'https://management.azure.com',
        readSecret: async () => SECRET,
        onUnknownError: () => undefined,
        now,
      });
      return open({ host, endpoint: url, kind: 'oci', credential: credential ?? { kind: 'anonymous' } }, 'web');
    },
    close: () => server.close(),
  };
}

/** Names of tags, page by page, as the specification has it; `link` writes the next page's URL. */
export function paged(names: readonly string[], link: (path: string, request: HttpRequest) => string) {
  return (request: HttpRequest): HttpAnswer => {
    const { query } = request;
    const from = query.has('last') ? names.indexOf(query.get('last') ?? '') + 1 : 0;
    const size = Number(query.get('n') ?? names.length);
    const tags = names.slice(from, from + size);
    const next = `/v2/web/tags/list?n=${size}&last=${encodeURIComponent(tags.at(-1) ?? '')}`;
    const headers: Record<string, string> =
      from + size < names.length ? { link: `<${link(next, request)}>; rel="next"` } : {};
    return { status: 200, headers, json: { name: 'web', tags } };
  };
}

/**
 * Sends requests to another address than their URL says, as to a proxy. Who is spoken to stays the same: its name is in the
 * Host header, and the certificate must be for it.
 */
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';

/** `endpoint`: base URL without a path; undefined: as the URL says. `timeoutMs`: of each request. */
export function reachedAt(endpoint: string | undefined, client: HttpClient, timeoutMs: number): HttpClient {
  return {
    async sendRequest(request) {
      request.timeout = timeoutMs;
      if (endpoint === undefined) return client.sendRequest(request);
      const url = new URL(request.url);
      // What sends it may look at the URL again afterwards: that stays.
      const headers = createHttpHeaders({ ...request.headers.toJSON({ preserveCase: true }), Host: url.host });
      const moved = createPipelineRequest({
        ...request,
        headers,
        url: new URL(url.pathname + url.search, endpoint).href,
      });
      return { ...(await client.sendRequest(moved)), request };
    },
  };
}

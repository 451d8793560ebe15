/**
 * The last check before a change leaves: whether this daemon still drives the app. It sits behind everything that may
 * take time (tokens, turns of the rate limiter), since a process can be paused anywhere and wake up late. From here a call
 * has 30 s to its end, however long it waited before.
 */
import { RestError } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';
import { InvariantError } from '../model/errors.ts';
import { currentCaller } from './caller.ts';

/** The leases count on it: a change that was sent has ended by then. */
const CALL_TIMEOUT_MS = 30_000;

export function fencedClient(client: HttpClient): HttpClient {
  return {
    async sendRequest(request) {
      if (request.method !== 'GET' && request.method !== 'HEAD') passFence(request);
      request.timeout = CALL_TIMEOUT_MS;
      return client.sendRequest(request);
    },
  };
}

/** A change that nobody answers for is a bug, and worse than one that is not made. */
function passFence(request: PipelineRequest): void {
  const { fence } = currentCaller();
  if (fence === undefined) throw new InvariantError(`${request.method} of ${request.url} without a fence`, 'R5');
  if (fence()) return;
  throw new RestError('not sent: another daemon may drive this app by now', { code: 'FENCED', request });
}

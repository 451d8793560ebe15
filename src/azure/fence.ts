/**
 * The last check before a change leaves: whether this daemon still drives the app. It sits behind everything that may
 * take time (turns of the rate limiter, tokens), since a process can be paused anywhere and wake up late.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { RestError } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';

/** False where another daemon may drive the app by now. */
export type Fence = () => boolean;

const fences = new AsyncLocalStorage<Fence>();

/** Whatever `act` sends is sent only while the fence is open. */
export function behind<Result>(fence: Fence, act: () => Promise<Result>): Promise<Result> {
  return fences.run(fence, act);
}

export function fencedClient(client: HttpClient): HttpClient {
  return {
    async sendRequest(request) {
      const isOpen = request.method === 'GET' || request.method === 'HEAD' || fences.getStore()?.() !== false;
      if (isOpen) return client.sendRequest(request);
      const message = 'not sent: another daemon may drive this app by now';
      throw new RestError(message, { code: 'FENCED', request });
    },
  };
}

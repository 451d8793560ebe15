/**
 * Counts what is really sent to Azure Resource Manager, for whom: at the wire, behind the fence and the rate limiter, so that
 * a repetition by the SDK counts again and what was never sent does not.
 */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { currentCaller } from './caller.ts';

export interface RequestCounts {
  readonly reads: number;
  readonly writes: number;
}

export const NO_REQUESTS: RequestCounts = { reads: 0, writes: 0 };

export class RequestCounter {
  readonly #counts = new Map<string, RequestCounts>();

  count(client: HttpClient): HttpClient {
    return {
      sendRequest: (request) => {
        this.#add(currentCaller().app, request.method === 'GET' || request.method === 'HEAD');
        return client.sendRequest(request);
      },
    };
  }

  /** What was sent for an app since this was last asked. */
  take(app: string): RequestCounts {
    const counts = this.#counts.get(app) ?? NO_REQUESTS;
    this.#counts.delete(app);
    return counts;
  }

  #add(app: string, isRead: boolean): void {
    const { reads, writes } = this.#counts.get(app) ?? NO_REQUESTS;
    this.#counts.set(app, isRead ? { reads: reads + 1, writes } : { reads, writes: writes + 1 });
  }
}

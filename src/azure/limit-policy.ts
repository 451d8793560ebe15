/**
 * The limits of Azure Resource Manager for one subscription, as a policy of the SDK clients' pipeline, next to the wire,
 * where every answer passes as it came. The figures are the documented token buckets of reads, writes and deletions.
 */
import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import { TransientError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';
import { currentCaller } from './caller.ts';
import { readErrorBody } from './error-body.ts';
import { RateLimiter } from './rate-limiter.ts';
import { readRetryAfter } from './retry-after.ts';

const LIMITS = {
  read: { burst: 250, perSecond: 25 },
  write: { burst: 200, perSecond: 10 },
  delete: { burst: 200, perSecond: 10 },
};
/** After a refusal that does not say for how long. */
const SHORTEST_PAUSE_MS = 1000;
const PROVIDER = /\/providers\/([^/?]+)/i;
const REMAINING = 'x-ms-ratelimit-remaining-subscription-';
/** So begin those of a resource provider, which differ in nothing else. */
const REMAINING_OF_PROVIDER = `${REMAINING}resource-`;

/** `share`: how many daemons draw on the limits of the subscription; asked at each request. */
export function limitRate(clock: Clock, share: () => number): PipelinePolicy {
  const limiters = {
    read: new RateLimiter(LIMITS.read, clock, share),
    write: new RateLimiter(LIMITS.write, clock, share),
    delete: new RateLimiter(LIMITS.delete, clock, share),
  };
  return {
    name: 'limitRate',
    async sendRequest(request, next) {
      const limiter = limiters[kindOf(request.method)];
      const provider = PROVIDER.exec(request.url)?.[1]?.toLowerCase() ?? '';
      const leave = await limiter.take(currentCaller(), provider);
      if (leave.kind === 'denied') throw notSent(leave.retryAfterMs);
      const response = await next(request);
      const pauseMs = pauseAfter(response);
      if (pauseMs !== undefined) limiter.pause(pauseMs, isOfSubscription(response) ? undefined : provider);
      return response;
    },
  };
}

function kindOf(method: string): keyof typeof LIMITS {
  if (method === 'DELETE') return 'delete';
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}

function notSent(retryAfterMs: number): TransientError {
  const why =
    retryAfterMs > 0
      ? `Azure has asked for a pause, of which ${Math.ceil(retryAfterMs / 1000)} s are left`
      : 'too many requests wait for their turn';
  return new TransientError(`not sent: ${why}`, { retryAfterMs });
}

function pauseAfter({ status, headers }: PipelineResponse): number | undefined {
  const askedMs = readRetryAfter(headers);
  if (status === 429) return Math.max(SHORTEST_PAUSE_MS, askedMs ?? 0);
  return status === 503 ? askedMs : undefined;
}

/** Resource providers throttle too, each for itself: then the others go on. */
function isOfSubscription({ headers, bodyAsText }: PipelineResponse): boolean {
  if (readErrorBody(bodyAsText)?.code.toLowerCase() === 'subscriptionrequeststhrottled') return true;
  return [...headers].some(
    ([name, value]) => name.startsWith(REMAINING) && !name.startsWith(REMAINING_OF_PROVIDER) && value.trim() === '0',
  );
}

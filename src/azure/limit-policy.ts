/**
 * The limits of Azure Resource Manager for one subscription, as a policy of the SDK clients' pipeline. The figures are the
 * documented token buckets: about 200 writes and 250 reads at once, refilled with 10 and 25 a second.
 */
import { RestError } from '@azure/core-rest-pipeline';
import type { PipelinePolicy, PipelineRequest } from '@azure/core-rest-pipeline';
import type { Clock } from '../model/time.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { Priority } from './rate-limiter.ts';

const READS = { burst: 250, perSecond: 25 };
const WRITES = { burst: 200, perSecond: 10 };
/** After a refusal that does not say for how long. */
const SHORTEST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;
const OWN_NAME = /(?:^|\.)([a-z0-9-]+)-[0-9a-f]{8}-[a-z0-9]+-\d+$/;

export function limitRate(clock: Clock): PipelinePolicy {
  const reads = new RateLimiter(READS, clock);
  const writes = new RateLimiter(WRITES, clock);
  return {
    name: 'limitRate',
    async sendRequest(request, next) {
      const limiter = request.method === 'GET' || request.method === 'HEAD' ? reads : writes;
      if (!(await limiter.take(priorityOf(request), appOf(request), request.abortSignal))) {
        const message = 'not sent: too many requests wait for their turn';
        throw new RestError(message, { code: 'RATE_LIMITED', request });
      }
      const response = await next(request);
      if (response.status === 429) limiter.pause(pauseMs(response.headers.get('retry-after')));
      return response;
    },
  };
}

/** New groups wait for everything else: what goes, or goes back, frees what it holds. */
function priorityOf({ method, url }: PipelineRequest): Priority {
  return method === 'PUT' && /\/containergroups\//i.test(url) ? 'ordinary' : 'urgent';
}

function appOf({ url }: PipelineRequest): string {
  const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '').toLowerCase();
  return OWN_NAME.exec(name)?.[1] ?? name;
}

function pauseMs(retryAfter: string | undefined): number {
  const ms = Number(retryAfter ?? Number.NaN) * 1000;
  return Number.isNaN(ms) ? SHORTEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, ms));
}

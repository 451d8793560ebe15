/** Keeps the SDK at its registry: it would follow a page link to any host, and take its token along. */
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { atEndpoint } from './address.ts';

export function stayAtEndpoint(endpoint: string): PipelinePolicy {
  return {
    name: 'stayAtEndpoint',
    sendRequest(request, next) {
      request.url = atEndpoint(request.url, endpoint, endpoint);
      return next(request);
    },
  };
}

/**
 * Refuses answers that are no list of tags before the SDK reads on: it takes any JSON, even `{}` of a proxy, for a list
 * without tags, and an empty list would be believed. It looks at what the SDK has parsed: parsing a page a second time
 * was a fifth of the work on a long list.
 */
import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';

export const refuseOtherThanTagLists: PipelinePolicy = {
  name: 'refuseOtherThanTagLists',
  async sendRequest(request, next) {
    const response = await next(request);
    const isList = new URL(request.url).pathname.endsWith('/_tags');
    if (isList && response.status === 200 && !isTagList(response)) {
      const start = JSON.stringify((response.bodyAsText ?? '').slice(0, 60));
      throw new TypeError(`the answer is no list of tags: expected {imageName, tags: […]}, got ${start}`);
    }
    return response;
  },
};

/** By the SDK's names of `imageName` and `tags`. A repository whose tags were all deleted may be shown with `null`. */
function isTagList(response: PipelineResponse): boolean {
  const body: unknown = 'parsedBody' in response ? response.parsedBody : undefined;
  if (typeof body !== 'object' || body === null || !('repository' in body) || !('tagAttributeBases' in body))
    return false;
  const { repository, tagAttributeBases: tags } = body;
  return typeof repository === 'string' && (tags === null || Array.isArray(tags));
}

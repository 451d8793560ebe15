/**
 * Refuses answers that are no list of tags before the SDK reads them: it takes any JSON, even `{}` of a proxy, for a list
 * without tags, and an empty list would be believed.
 */
import type { PipelinePolicy } from '@azure/core-rest-pipeline';

export const refuseOtherThanTagLists: PipelinePolicy = {
  name: 'refuseOtherThanTagLists',
  async sendRequest(request, next) {
    const response = await next(request);
    const isList = new URL(request.url).pathname.endsWith('/_tags');
    if (isList && response.status === 200 && !isTagList(response.bodyAsText ?? '')) {
      const start = JSON.stringify((response.bodyAsText ?? '').slice(0, 60));
      throw new TypeError(`the answer is no list of tags: expected {imageName, tags: […]}, got ${start}`);
    }
    return response;
  },
};

/** A repository whose tags were all deleted may be shown with `null`. */
function isTagList(text: string): boolean {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof body !== 'object' || body === null || !('imageName' in body) || !('tags' in body)) return false;
  return typeof body.imageName === 'string' && (body.tags === null || Array.isArray(body.tags));
}

/** Which endpoints are ours to judge: by their names, or since they were taken over with the groups that they lead to. */
import type { AppOptions } from './options.ts';

export function isOwnEndpoint(owner: string, app: AppOptions | undefined, name: string): boolean {
  return name.startsWith(`${owner}.`) || app?.adopted?.some(({ endpoint }) => endpoint === name) === true;
}

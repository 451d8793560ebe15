/**
 * One tag or digest, whatever else there is: for sidecars, and for the operator to go down or elsewhere. A pinned digest
 * needs no list; a pinned tag that runs stays at its digest when it is pushed again.
 */
import type { TagRule } from '../model/app.ts';
import { byName, keep } from './choice.ts';
import type { ListedTag, RunningTag, Selection } from './choice.ts';

type PinRule = Extract<TagRule, { kind: 'pin' }>;

export function selectPinned({ to }: PinRule, tags: readonly ListedTag[], running: RunningTag | undefined): Selection {
  const isPinned = isDigest(to) ? (tag: ListedTag) => tag.digest === to : (tag: ListedTag) => tag.name === to;
  const skipped = tags.filter((tag) => !isPinned(tag)).map(({ name }) => ({ tag: name, reason: `pinned to ${to}` }));
  const reason = `pinned to ${to}`;
  if (running !== undefined && isPinned(running)) return keep(running, reason, skipped);
  const [listed] = tags.filter(isPinned).sort((a, b) => byName(a.name, b.name));
  if (listed !== undefined) return { chosen: { name: listed.name, digest: listed.digest }, reason, skipped };
  if (isDigest(to)) return { chosen: { name: to, digest: to }, reason, skipped };
  return keep(running, `pinned to ${to}, which is not listed`, skipped);
}

/** A tag cannot hold a colon. */
function isDigest(to: string): boolean {
  return to.startsWith('sha256:');
}

/**
 * Follows one tag that is pushed again and again, such as `latest`. `always`: each new digest is a new release. `once`:
 * one digest for each name, until another tag is named. `never`: the first digest seen, for ever.
 */
import type { TagRule } from '../model/app.ts';
import { keep } from './choice.ts';
import type { ListedTag, RunningTag, Selection } from './choice.ts';

type DigestRule = Extract<TagRule, { kind: 'digest' }>;

/** `refuse` says why the filter leaves a tag out. */
export function followTag(
  rule: DigestRule,
  tags: readonly ListedTag[],
  given: { running: RunningTag | undefined; refuse: (tag: ListedTag) => string | undefined },
): Selection {
  const { running } = given;
  const followed = tags.find(({ name, digest }) => name === rule.tag && digest !== undefined);
  const refused = followed === undefined ? undefined : given.refuse(followed);
  const skipped = tags
    .filter((tag) => tag !== followed || refused !== undefined)
    .map((tag) => ({ tag: tag.name, reason: reasonToSkip(rule, tag, refused) }));
  if (running !== undefined) {
    const stays = reasonToStay(rule, running);
    if (stays !== undefined) return keep(running, stays, skipped);
  }
  if (followed === undefined) return keep(running, `tag ${rule.tag} is not listed with a digest`, skipped);
  if (refused !== undefined) return keep(running, `tag ${rule.tag} is left out: ${refused}`, skipped);
  const { name, digest } = followed;
  if (running?.name === name && running.digest === digest) return keep(running, `${name} is where it was`, skipped);
  const moved = running?.name === name && running.digest !== undefined;
  const reason = moved ? `${name} was pushed again` : `${name} is the tag that is followed`;
  return { chosen: { name, digest }, reason, skipped };
}

function reasonToStay(rule: DigestRule, running: RunningTag): string | undefined {
  if (rule.update === 'never') return `${running.name} runs, and update: never keeps what runs`;
  if (rule.update === 'always' || running.name !== rule.tag) return undefined;
  return `${running.name} runs, and update: once keeps its first digest`;
}

function reasonToSkip(rule: DigestRule, tag: ListedTag, refused: string | undefined): string {
  if (tag.name !== rule.tag) return `not the tag that is followed, ${rule.tag}`;
  return refused ?? 'listed without a digest';
}

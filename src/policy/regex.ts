/**
 * Newest push among the tags that match as a whole. A tag pushed before the running one is a downgrade and never taken;
 * where the running tag is not in the list, that cannot be told, and it stays.
 */
import type { TagPolicy } from '../model/app.ts';
import type { Tag } from '../model/tag.ts';
import { keep } from './choice.ts';
import type { Select, Skipped } from './choice.ts';

export const selectByRegex: Select<Extract<TagPolicy, { kind: 'regex' }>> = (policy, tags, running) => {
  const pattern = new RegExp(`^(?:${policy.pattern})$`, 'u');
  const eligible = tags.filter((tag) => pattern.test(tag.name));
  const skipped: Skipped[] = tags
    .filter((tag) => !eligible.includes(tag))
    .map((tag) => ({ tag: tag.name, reason: `does not match ${policy.pattern}` }));
  const [best] = eligible.sort((a, b) => b.pushedAt - a.pushedAt || (a.name < b.name ? 1 : -1));
  if (best === undefined) {
    return { chosen: running, reason: `none of ${tags.length} tags matches ${policy.pattern}`, skipped };
  }
  const newest = { name: best.name, digest: best.digest };
  const reason = `${best.name} was pushed last of ${eligible.length} tags that match ${policy.pattern}`;
  if (running === undefined) return { chosen: newest, reason, skipped };
  const current: Tag | undefined = tags.find((tag) => tag.name === running.name);
  if (current === undefined) {
    return keep(
      running,
      `running tag ${running.name} is not listed, so ${best.name} cannot be told from a downgrade`,
      skipped,
    );
  }
  if (best.name === running.name) {
    const moved = best.digest === running.digest ? '' : '; it was pushed again, what runs stays';
    return keep(running, `${running.name} is the newest match of ${policy.pattern}${moved}`, skipped);
  }
  if (best.pushedAt <= current.pushedAt) {
    return keep(running, `no match of ${policy.pattern} was pushed after running ${running.name}`, skipped);
  }
  return { chosen: newest, reason, skipped };
};

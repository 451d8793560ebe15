/**
 * Newest push among the tags that match as a whole. A tag pushed before the running one is a downgrade and never taken;
 * where the running tag is not in the list, that cannot be told, and it stays.
 */
import type { TagPolicy } from '../model/app.ts';
import type { Tag } from '../model/tag.ts';
import type { Instant } from '../model/time.ts';
import { keep } from './choice.ts';
import type { Select, Skipped } from './choice.ts';

type Dated = Tag & { readonly pushedAt: Instant };

export const selectByRegex: Select<Extract<TagPolicy, { kind: 'regex' }>> = (policy, tags, running) => {
  const pattern = new RegExp(`^(?:${policy.pattern})$`, 'u');
  const eligible: Dated[] = [];
  const skipped: Skipped[] = [];
  for (const tag of tags) {
    const { name, digest, pushedAt } = tag;
    if (!pattern.test(name)) skipped.push({ tag: name, reason: `does not match ${policy.pattern}` });
    else if (pushedAt === undefined)
      skipped.push({ tag: name, reason: 'the registry does not say when it was pushed' });
    else eligible.push({ name, digest, pushedAt });
  }
  const [best] = eligible.sort((a, b) => b.pushedAt - a.pushedAt || (a.name < b.name ? 1 : -1));
  if (best === undefined) {
    const timeless = tags.some(({ name, pushedAt }) => pushedAt === undefined && pattern.test(name));
    const reason = timeless
      ? `the registry does not say when tags were pushed, so that none is the newest match of ${policy.pattern}`
      : `none of ${tags.length} tags matches ${policy.pattern}`;
    return { chosen: running, reason, skipped };
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
  if (current.pushedAt === undefined || best.pushedAt <= current.pushedAt) {
    return keep(running, `no match of ${policy.pattern} was pushed after running ${running.name}`, skipped);
  }
  return { chosen: newest, reason, skipped };
};

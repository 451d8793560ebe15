/** Chooses the tag that should run by the policy of its kind. The order of the list never matters. */
import type { TagPolicy } from '../model/app.ts';
import type { Tag } from '../model/tag.ts';
import type { Choice, RunningTag } from './choice.ts';
import { selectByRegex } from './regex.ts';
import { selectBySemver } from './semver.ts';

export function choose(policy: TagPolicy, tags: readonly Tag[], running: RunningTag | undefined): Choice {
  if (tags.length === 0) {
    const reason = 'the repository has no tags; waiting for the first';
    return running === undefined
      ? { chosen: undefined, reason, skipped: [] }
      : { chosen: running, reason, skipped: [] };
  }
  switch (policy.kind) {
    case 'semver':
      return selectBySemver(policy, tags, running);
    case 'regex':
      return selectByRegex(policy, tags, running);
  }
}

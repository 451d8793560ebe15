/**
 * Highest version within a range. Strict: `v` may stand before it, all else must be a full version, so that a commit
 * hash is never one. Never lower than what runs; of equal versions the running one stays.
 */
import { compare, parse, satisfies } from 'semver';
import type { SemVer } from 'semver';
import type { TagPolicy } from '../model/app.ts';
import type { Tag } from '../model/tag.ts';
import { keep } from './choice.ts';
import type { Choice, RunningTag, Select, Skipped } from './choice.ts';

type SemverPolicy = Extract<TagPolicy, { kind: 'semver' }>;
type Versioned = { readonly tag: Tag; readonly version: SemVer };

export const selectBySemver: Select<SemverPolicy> = (policy, tags, running) => {
  const skipped: Skipped[] = [];
  const range = policy.range.replaceAll(/(^|[\s<>=~^|])v(?=\d)/g, '$1');
  const eligible: Versioned[] = [];
  for (const tag of tags) {
    const version = parseTag(tag.name);
    const reason = reasonToSkip(policy, range, version);
    if (version !== undefined && reason === undefined) eligible.push({ tag, version });
    else skipped.push({ tag: tag.name, reason: reason ?? '' });
  }
  // Equal versions (`1.2.0` and `v1.2.0`, or other build metadata): by name, so that the order of the list is irrelevant.
  const [best] = eligible.sort((a, b) => compare(b.version, a.version) || (a.tag.name < b.tag.name ? -1 : 1));
  return judge(policy, best, { running, skipped });
};

function judge(
  policy: SemverPolicy,
  best: Versioned | undefined,
  given: { running: RunningTag | undefined; skipped: readonly Skipped[] },
): Choice {
  const { running, skipped } = given;
  const runningVersion = running === undefined ? undefined : parseTag(running.name);
  if (best === undefined) {
    const reason = `none of ${skipped.length} tags is a version within ${policy.range}`;
    return { chosen: running, reason, skipped };
  }
  if (running !== undefined && runningVersion === undefined) {
    const reason = `running tag ${running.name} is no version, so ${best.tag.name} cannot be told from a downgrade`;
    return keep(running, reason, skipped);
  }
  if (running !== undefined && runningVersion !== undefined && compare(best.version, runningVersion) <= 0) {
    const isLower = compare(best.version, runningVersion) < 0;
    const reason = isLower
      ? `highest version within ${policy.range} is ${best.tag.name}, lower than running ${running.name}: never a downgrade`
      : `${running.name} is the highest version within ${policy.range}`;
    return keep(running, reason, skipped);
  }
  const reason = `${best.tag.name} is the highest version within ${policy.range}`;
  return { chosen: { name: best.tag.name, digest: best.tag.digest }, reason, skipped };
}

function parseTag(name: string): SemVer | undefined {
  return /^v?\d+\.\d+\.\d+/.test(name) ? (parse(name.replace(/^v/, '')) ?? undefined) : undefined;
}

function reasonToSkip(policy: SemverPolicy, range: string, version: SemVer | undefined): string | undefined {
  if (version === undefined) return 'not a version';
  if (version.prerelease.length > 0 && !policy.prerelease) return 'a pre-release, which the policy does not allow';
  return satisfies(version, range, { includePrerelease: policy.prerelease }) ? undefined : `not within ${policy.range}`;
}

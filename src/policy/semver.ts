/**
 * Highest version within a range. Strict: `v` may stand before it, all else must be a full version, so that a commit
 * hash is never one.
 */
import { Range, compare, parse } from 'semver';
import type { SemVer } from 'semver';
import type { TagRule } from '../model/app.ts';
import type { Ordering } from './ordering.ts';

export function bySemver({ range, prerelease }: Extract<TagRule, { kind: 'semver' }>): Ordering<SemVer> {
  const wanted = new Range(withoutV(range), { includePrerelease: prerelease });
  return {
    parse: ({ value }) => parseVersion(value),
    refuse(version) {
      if (version.prerelease.length > 0 && !prerelease) return 'a pre-release, which the policy does not allow';
      return wanted.test(version) ? undefined : `not within ${range}`;
    },
    compare,
    words: {
      unparsed: 'not a version',
      runningUnparsed: 'is no version',
      one: `a version within ${range}`,
      best: `highest version within ${range}`,
      worse: 'lower than',
    },
  };
}

/** `>=v1.0.0` is taken as `>=1.0.0`. */
export function withoutV(range: string): string {
  return range.replaceAll(/(^|[\s<>=~^|])v(?=\d)/g, '$1');
}

function parseVersion(value: string): SemVer | undefined {
  return /^v?\d+\.\d+\.\d+/.test(value) ? (parse(value) ?? undefined) : undefined;
}

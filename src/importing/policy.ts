/** The policy that a running tag suggests, with the words that say why: a guess that somebody has to look at. Pure. */
import { parse } from 'semver';
import type { ImageReference } from '../model/image-reference.ts';

export interface DraftPolicy {
  readonly policy: Readonly<Record<string, string>>;
  readonly why: string;
}

/** `tags`: of the same container in all groups of the app. */
export function draftPolicy(references: readonly ImageReference[]): DraftPolicy {
  const versions = references.flatMap(({ tag }) => (tag === undefined ? [] : (parse(tag) ?? [])));
  const [first] = references;
  const isSemver = versions.length === references.length && versions.every(({ prerelease }) => prerelease.length === 0);
  if (isSemver) {
    const [lowest] = versions.toSorted((a, b) => a.compare(b));
    const range = `^${lowest?.version ?? '0.0.0'}`;
    return {
      policy: { semver: range },
      why: `runs ${tagsOf(references)}: newer ones of the same major version follow`,
    };
  }
  const tags = new Set(references.map(({ tag }) => tag));
  if (first?.tag !== undefined && tags.size === 1 && first.digest === undefined && isMoving(first.tag))
    return { policy: { digest: first.tag }, why: `follows whatever tag ${first.tag} is` };
  const pin = first?.digest ?? first?.tag ?? 'latest';
  return { policy: { pin }, why: `stays at ${pin}, as nothing tells what comes after it; choose another policy` };
}

/** Such a name is pushed again and again. */
function isMoving(tag: string): boolean {
  return /^(latest|stable|main|master|release|prod|production|edge|current|[a-z]+)$/i.test(tag);
}

function tagsOf(references: readonly ImageReference[]): string {
  return [...new Set(references.map(({ tag }) => tag ?? ''))].sort().join(', ');
}

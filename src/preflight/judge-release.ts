/** What the registries were seen to hold, and what of it an app would run now. Pure. */
import type { Desired } from '../controller/desired.ts';
import { releaseName } from '../model/release.ts';
import type { Release } from '../model/release.ts';
import type { TagList } from '../model/tag.ts';
import { fail, fine, splitAdvice, warn } from './line.ts';
import type { PreflightLine } from './line.ts';

export function judgeRepository(repository: string, list: TagList): PreflightLine {
  const place = { subject: `registry ${repository}` };
  if (list.kind === 'unknown') {
    const { message, advice } = splitAdvice(
      list.reason,
      'check the way to the registry, and its credential under registries (docs/operations.md, "Registries")',
    );
    return fail(place, message, advice);
  }
  if (list.tags.length === 0) return warn(place, 'has no tags', 'push a first image');
  return fine(place, list.tags.length === 1 ? 'one tag' : `${list.tags.length} tags`);
}

/** Undefined where a repository is unknown, which is told by itself. */
export function judgeRelease(app: string, desired: Desired, live: Release | undefined): PreflightLine | undefined {
  const place = { subject: 'release', app };
  switch (desired.kind) {
    case 'unknown':
      return undefined;
    case 'unresolved':
      return fail(place, desired.reason, 'see that the tag is there, and may be pulled');
    case 'nothing':
      return warn(place, `nothing would run: ${desired.reason}`, `see why with: viridian tags ${app}`);
    case 'release': {
      const { release, reasons } = desired;
      if (live?.id === release.id) return fine(place, `${releaseName(release)} runs, and is what should run`);
      return fine(place, `${releaseName(release)} would run now: ${reasons.join('; ')}`);
    }
  }
}

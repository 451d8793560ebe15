/**
 * Tags that say what the groups of a stack are just now: those of a candidate, those of what is live, or neither once it has
 * left rotation. All other tags of a group stay as they were seen. Names are compared without regard to case, as Azure does.
 */
import type { RoleTags, Tags } from '../model/app.ts';
import type { Role } from './state.ts';

export function tagsAs(role: Role, tags: RoleTags | undefined): Tags {
  return role === 'retired' ? {} : (tags?.[role] ?? {});
}

/** All tags that the group shall have in place of those that were seen; undefined where it has them. */
export function retagged(seen: Tags, role: Role, tags: RoleTags): Tags | undefined {
  const wanted = { ...othersOf(seen, tags), ...tagsAs(role, tags) };
  return isSame(seen, wanted) ? undefined : wanted;
}

/** True where they say that a group is a candidate, and another word for what is live. */
export function saysCandidate(seen: Tags, tags: RoleTags | undefined): boolean {
  const candidate = Object.entries(tags?.candidate ?? {});
  const shown = new Map(Object.entries(seen).map(([name, value]) => [name.toLowerCase(), value]));
  const isCandidate =
    candidate.length > 0 && candidate.every(([name, value]) => shown.get(name.toLowerCase()) === value);
  return isCandidate && tags !== undefined && retagged(seen, 'live', tags) !== undefined;
}

/** True where nothing but the tags of roles differs. */
export function leavesOthers(before: Tags, after: Tags, tags: RoleTags | undefined): boolean {
  return isSame(othersOf(before, tags), othersOf(after, tags));
}

function othersOf(seen: Tags, tags: RoleTags | undefined): Tags {
  const names = [...Object.keys(tags?.candidate ?? {}), ...Object.keys(tags?.live ?? {})];
  const own = new Set(names.map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(seen).filter(([name]) => !own.has(name.toLowerCase())));
}

function isSame(a: Tags, b: Tags): boolean {
  const left = new Map(Object.entries(a).map(([name, value]) => [name.toLowerCase(), value]));
  const right = Object.entries(b);
  return left.size === right.length && right.every(([name, value]) => left.get(name.toLowerCase()) === value);
}

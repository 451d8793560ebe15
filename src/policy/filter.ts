/**
 * What is left out before a rule chooses: by pattern, by name or digest, by age; and what the rule reads of the tags that
 * are left. Of tags that extract to the same value one counts: the running one, else the one pushed last, else by name.
 */
import type { TagFilter } from '../model/app.ts';
import { HOUR, MINUTE, SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import { byName } from './choice.ts';
import type { Candidate, ChooseGiven, Collision, ListedTag, Skipped } from './choice.ts';
import { extract, parseTemplate } from './extract.ts';
import { compilePattern } from './pattern.ts';

/**
 * Signatures and attestations that cosign keeps beside an image, and the tags of the OCI referrers fallback. Source: OCI
 * Distribution specification, "Referrers Tag Schema"; cosign's signature specification.
 */
export const DEFAULT_EXCLUDE: readonly string[] = [
  String.raw`^sha(256|384|512)-[0-9a-f]{64,128}(\.[a-z0-9]+)?$`,
  String.raw`\.(sig|att|sbom)$`,
];

export const DEFAULT_FILTER: TagFilter = {
  include: undefined,
  extract: undefined,
  exclude: DEFAULT_EXCLUDE,
  deny: [],
  minAgeMs: 0,
};

export interface Filtered {
  readonly candidates: readonly Candidate[];
  readonly skipped: readonly Skipped[];
  readonly collisions: readonly Collision[];
}

export function applyFilter(filter: TagFilter, tags: readonly ListedTag[], given: ChooseGiven): Filtered {
  const skipped: Skipped[] = [];
  const candidates: Candidate[] = [];
  const refuse = refusals(filter, given.now);
  const read = readerOf(filter);
  for (const tag of tags) {
    const value = read(tag.name);
    const reason =
      refuse(tag) ??
      (value === undefined ? `does not match ${filter.include}` : value === '' ? 'extracts to nothing' : undefined);
    if (reason === undefined && value !== undefined) candidates.push({ tag, value });
    else skipped.push({ tag: tag.name, reason: reason ?? '' });
  }
  if (filter.extract === undefined) return { candidates, skipped, collisions: [] };
  const settled = settleCollisions(candidates, given.running?.name);
  return { ...settled, skipped: [...skipped, ...settled.skipped] };
}

/** What the rule reads of a name; undefined where the name does not match what is included. */
export function readerOf({ include, extract: template }: TagFilter): (name: string) => string | undefined {
  if (include === undefined) return (name) => name;
  const pattern = compilePattern(include);
  if (template === undefined) return (name) => (pattern.test(name) ? name : undefined);
  const parts = parseTemplate(template);
  return (name) => extract(name, pattern, parts);
}

/** Why a tag is left out, the include pattern apart. */
export function refusals(filter: TagFilter, now: Instant): (tag: ListedTag) => string | undefined {
  const excluded = filter.exclude.map((text) => ({ text, pattern: compilePattern(text) }));
  const denied = new Set(filter.deny);
  return (tag) => {
    const found = excluded.find(({ pattern }) => pattern.test(tag.name));
    if (found !== undefined) return `excluded by ${found.text}`;
    if (denied.has(tag.name)) return 'on the deny list';
    if (tag.digest !== undefined && denied.has(tag.digest)) return 'its digest is on the deny list';
    return filter.minAgeMs === 0 ? undefined : tooYoung(tag, filter.minAgeMs, now);
  };
}

/** When the first of the tags that are too young is old enough; undefined where none is too young. */
export function nextRipe(filter: TagFilter | undefined, tags: readonly ListedTag[], now: Instant): Instant | undefined {
  const minAgeMs = filter?.minAgeMs ?? 0;
  if (minAgeMs === 0) return undefined;
  let next = Infinity;
  for (const { pushedAt = -Infinity } of tags)
    if (now - pushedAt < minAgeMs) next = Math.min(next, pushedAt + minAgeMs);
  return next === Infinity ? undefined : next;
}

function tooYoung({ pushedAt }: ListedTag, minAgeMs: number, now: Instant): string | undefined {
  const wanted = `minAge ${durationText(minAgeMs)}`;
  if (pushedAt === undefined) return `the registry gives no push time, so ${wanted} cannot be told`;
  const ageMs = now - pushedAt;
  if (ageMs >= minAgeMs) return undefined;
  if (ageMs < 0) return `pushed in ${durationText(-ageMs)} by the registry's clock, younger than ${wanted}`;
  return `pushed ${durationText(ageMs)} ago, younger than ${wanted}`;
}

function settleCollisions(candidates: readonly Candidate[], running: string | undefined): Filtered {
  const groups = new Map<string, [Candidate, ...Candidate[]]>();
  for (const candidate of candidates) {
    const group = groups.get(candidate.value);
    if (group === undefined) groups.set(candidate.value, [candidate]);
    else group.push(candidate);
  }
  const kept: Candidate[] = [];
  const skipped: Skipped[] = [];
  const collisions: Collision[] = [];
  for (const [value, group] of groups) {
    const [first, ...others] = group.sort((a, b) => preferOfEqual(a.tag, b.tag, running));
    kept.push(first);
    if (others.length === 0) continue;
    collisions.push({ value, tags: group.map(({ tag }) => tag.name) });
    for (const { tag } of others)
      skipped.push({ tag: tag.name, reason: `extracts to ${value}, as ${first.tag.name} does` });
  }
  return { candidates: kept, skipped, collisions: collisions.sort((a, b) => byName(a.value, b.value)) };
}

/** Negative where `a` comes first of two that are worth the same: what runs, the later push, the name. */
export function preferOfEqual(a: ListedTag, b: ListedTag, running: string | undefined): number {
  if (a.name !== b.name && (a.name === running || b.name === running)) return a.name === running ? -1 : 1;
  return (b.pushedAt ?? 0) - (a.pushedAt ?? 0) || byName(a.name, b.name) || byName(a.digest ?? '', b.digest ?? '');
}

function durationText(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  const [hours, minutes] = [Math.floor(ms / HOUR), Math.floor((ms % HOUR) / MINUTE)];
  return `${hours === 0 ? '' : `${hours}h`}${minutes === 0 && hours > 0 ? '' : `${minutes}m`}`;
}

/** Chooses the tag that should run: the filter, then the rule of its kind. The order of the list never matters. */
import type { TagPolicy } from '../model/app.ts';
import { byAlphabet } from './alphabetical.ts';
import { byCalendar } from './calver.ts';
import { byName, keep } from './choice.ts';
import type { Candidate, Choice, ChooseGiven, Explained, ListedTag, Selection, Skipped } from './choice.ts';
import { followTag } from './digest.ts';
import { applyFilter, DEFAULT_FILTER, readerOf, refusals } from './filter.ts';
import { byPush } from './newest.ts';
import { byNumber } from './numerical.ts';
import { selectBest } from './ordering.ts';
import type { SelectGiven } from './ordering.ts';
import { compilePattern } from './pattern.ts';
import { selectPinned } from './pin.ts';
import { bySemver } from './semver.ts';

export function choose(policy: TagPolicy, tags: readonly ListedTag[], given: ChooseGiven): Choice {
  return decide(policy, tags, given).choice;
}

/** The same choice, with a reason for every other tag of the list. */
export function explain(policy: TagPolicy, tags: readonly ListedTag[], given: ChooseGiven): Explained {
  const { choice, behind = () => [] } = decide(policy, tags, given);
  const explained = behind();
  const known = new Set([choice.chosen?.name, ...[...explained, ...choice.skipped].map(({ tag }) => tag)]);
  const left = tags.filter(({ name }) => !known.has(name)).map(({ name }) => ({ tag: name, reason: choice.reason }));
  return { ...choice, behind: [...explained, ...left] };
}

interface Decided {
  readonly choice: Choice;
  readonly behind: (() => readonly Skipped[]) | undefined;
}

function decide(policy: TagPolicy, tags: readonly ListedTag[], given: ChooseGiven): Decided {
  const filter = policy.filter ?? DEFAULT_FILTER;
  const { running } = given;
  if (policy.kind === 'pin') return finish(selectPinned(policy, tags, running));
  if (tags.length === 0) return finish(keep(running, 'the repository has no tags; waiting for the first'));
  if (policy.kind === 'digest')
    return finish(followTag(policy, tags, { running, refuse: refusals(filter, given.now) }));
  const filtered = applyFilter(filter, tags, given);
  const current = running === undefined ? undefined : currentOf(running.name, tags, readerOf(filter));
  const selection = select(policy, filtered.candidates, { running, current, total: tags.length });
  return finish(selection, filtered);
}

type OrderedPolicy = Exclude<TagPolicy, { kind: 'pin' | 'digest' }>;

function select(policy: OrderedPolicy, candidates: readonly Candidate[], given: SelectGiven): Selection {
  switch (policy.kind) {
    case 'semver':
      return selectBest(bySemver(policy), candidates, given);
    case 'numerical':
      return selectBest(byNumber(policy), candidates, given);
    case 'alphabetical':
      return selectBest(byAlphabet(policy), candidates, given);
    case 'calver':
      return selectBest(byCalendar(policy), candidates, given);
    case 'newest':
      return selectBest(byPush(), candidates, given);
    case 'regex':
      return selectByRegex(policy.pattern, candidates, given);
  }
}

/** Short for `newest` with a filter that the whole tag must match. */
function selectByRegex(pattern: string, candidates: readonly Candidate[], given: SelectGiven): Selection {
  const compiled = compilePattern(pattern);
  const matching = candidates.filter(({ tag }) => compiled.matches(tag.name));
  const skipped = candidates
    .filter(({ tag }) => !compiled.matches(tag.name))
    .map(({ tag }) => ({ tag: tag.name, reason: `does not match ${pattern}` }));
  const selection = selectBest(byPush(`match of ${pattern}`), matching, given);
  return { ...selection, skipped: [...selection.skipped, ...skipped] };
}

/** What runs, with what the list tells of it: a filter that has changed since must not hide when it was pushed. */
function currentOf(running: string, tags: readonly ListedTag[], read: (name: string) => string | undefined): Candidate {
  const [listed] = tags.filter(({ name }) => name === running).sort((a, b) => (a.pushedAt ?? 0) - (b.pushedAt ?? 0));
  return { tag: listed ?? { name: running }, value: read(running) ?? '' };
}

function finish(
  { behind, ...selection }: Selection,
  { skipped, collisions }: Pick<Choice, 'skipped' | 'collisions'> = NOTHING,
): Decided {
  const choice = { ...selection, skipped: [...skipped, ...selection.skipped].sort(inOrder), collisions };
  return { choice, behind };
}

const NOTHING = { skipped: [], collisions: [] };

function inOrder(a: { tag: string; reason: string }, b: { tag: string; reason: string }): number {
  return byName(a.tag, b.tag) || byName(a.reason, b.reason);
}

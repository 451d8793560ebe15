/**
 * The best of the tags by some order, never below what runs: where a worse one is all there is, or where it cannot be
 * told, what runs stays; so it does where the best is worth the same.
 */
import { keep } from './choice.ts';
import type { Candidate, RunningTag, Selection, Skipped } from './choice.ts';
import { preferOfEqual } from './filter.ts';

/** One way to order tags. The words complete the sentences below. */
export interface Ordering<Key> {
  /** Undefined where the tag has no place in the order. */
  parse(candidate: Candidate): Key | undefined;
  /** Why a tag that has a place is not wanted all the same. */
  refuse?(key: Key): string | undefined;
  /** Positive where `a` is better. */
  compare(a: Key, b: Key): number;
  readonly words: {
    /** Why a tag without a place is skipped: `not a version`. */
    readonly unparsed: string;
    /** The running tag … : `is no version`. */
    readonly runningUnparsed: string;
    /** None of 3 tags is … : `a version within 1.x`. */
    readonly one: string;
    /** The … : `highest version within 1.x`. */
    readonly best: string;
    /** Is 1.2.0, … running 1.3.0: `lower than`. */
    readonly worse: string;
  };
}

export interface SelectGiven {
  readonly running: RunningTag | undefined;
  /** What runs as the filter reads it; without a value where it does not match what is included. */
  readonly current: Candidate | undefined;
  /** How many tags the list has. */
  readonly total: number;
}

type Ranked<Key> = Candidate & { readonly key: Key };

export function selectBest<Key>(
  ordering: Ordering<Key>,
  candidates: readonly Candidate[],
  given: SelectGiven,
): Selection {
  const { words } = ordering;
  const skipped: Skipped[] = [];
  const wanted: Ranked<Key>[] = [];
  let best: Ranked<Key> | undefined;
  for (const candidate of candidates) {
    const key = ordering.parse(candidate);
    const reason = key === undefined ? words.unparsed : ordering.refuse?.(key);
    if (key === undefined || reason !== undefined) {
      skipped.push({ tag: candidate.tag.name, reason: reason ?? words.unparsed });
      continue;
    }
    const ranked = { ...candidate, key };
    wanted.push(ranked);
    if (best === undefined || comesBefore(ranked, best, { ordering, running: given.running?.name })) best = ranked;
  }
  if (best === undefined) return keep(given.running, `none of ${given.total} tags is ${words.one}`, skipped);
  const selection = { ...againstRunning(ordering, best, given), skipped };
  const behind = () => explainWanted(wanted, { ordering, selection, running: given.running?.name });
  return { ...selection, behind };
}

/** Of the tags that were wanted but not chosen, best first, what each is behind. */
function explainWanted<Key>(
  wanted: readonly Ranked<Key>[],
  given: { ordering: Ordering<Key>; selection: Selection; running: string | undefined },
): readonly Skipped[] {
  const { ordering, selection } = given;
  const [best, ...others] = [...wanted].sort((a, b) => (comesBefore(a, b, given) ? -1 : 1));
  if (best === undefined) return [];
  const behind = others.map(({ tag, key }) => {
    const isEqual = ordering.compare(best.key, key) === 0;
    return { tag: tag.name, reason: `${isEqual ? 'worth the same as' : ordering.words.worse} ${best.tag.name}` };
  });
  return [{ tag: best.tag.name, reason: selection.reason }, ...behind].filter(
    ({ tag }) => tag !== selection.chosen?.name,
  );
}

function comesBefore<Key>(
  a: Ranked<Key>,
  b: Ranked<Key>,
  { ordering, running }: { ordering: Ordering<Key>; running: string | undefined },
): boolean {
  const order = ordering.compare(b.key, a.key) || preferOfEqual(a.tag, b.tag, running);
  return order < 0;
}

function againstRunning<Key>(ordering: Ordering<Key>, best: Ranked<Key>, given: SelectGiven): Selection {
  const { running, current } = given;
  const { words } = ordering;
  const { name, digest } = best.tag;
  if (running === undefined) return { chosen: { name, digest }, reason: `${name} is the ${words.best}`, skipped: [] };
  const key = current === undefined ? undefined : ordering.parse(current);
  if (key === undefined) {
    const what = current?.value === '' ? 'does not match the filter' : words.runningUnparsed;
    return keep(running, `running tag ${running.name} ${what}, so ${name} cannot be told from a downgrade`);
  }
  const difference = ordering.compare(best.key, key);
  if (difference > 0) return { chosen: { name, digest }, reason: `${name} is the ${words.best}`, skipped: [] };
  if (difference < 0) {
    return keep(running, `${words.best} is ${name}, ${words.worse} running ${running.name}: never a downgrade`);
  }
  const moved = name === running.name && isOther(digest, running.digest);
  return keep(running, `${running.name} is the ${words.best}${moved ? '; it was pushed again, what runs stays' : ''}`);
}

function isOther(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

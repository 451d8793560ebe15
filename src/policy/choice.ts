/** What a policy is given and gives: the tag that should run, why, and why each other tag was not considered. */
import type { Instant } from '../model/time.ts';

/** A tag as a registry lists it; what it does not tell is undefined. */
export interface ListedTag {
  readonly name: string;
  readonly digest?: string | undefined;
  readonly pushedAt?: Instant | undefined;
}

/** What runs now; `undefined` in its place: nothing does. */
export interface RunningTag {
  readonly name: string;
  readonly digest?: string | undefined;
}

export interface ChooseGiven {
  readonly running: RunningTag | undefined;
  /** For the age of tags. */
  readonly now: Instant;
}

/** A tag that the filter lets through, and what the rule reads of it. */
export interface Candidate {
  readonly tag: ListedTag;
  readonly value: string;
}

export interface Skipped {
  readonly tag: string;
  readonly reason: string;
}

/** Tags that extract to the same value; the first of them counts. */
export interface Collision {
  readonly value: string;
  readonly tags: readonly string[];
}

export interface Choice {
  /** The running tag itself where nothing better is there; undefined where nothing can be told. */
  readonly chosen: RunningTag | undefined;
  /** A sentence for people. */
  readonly reason: string;
  /** By name. Tags that are merely not the best are not among them. */
  readonly skipped: readonly Skipped[];
  readonly collisions: readonly Collision[];
}

/** A choice, and what became of the tags that are merely not the best, which come best first. */
export interface Explained extends Choice {
  readonly behind: readonly Skipped[];
}

/** What a rule adds to a choice, over what the filter has said. */
export interface Selection extends Omit<Choice, 'collisions'> {
  /** Worked out only where somebody asks; absent where the rule has no order. */
  readonly behind?: () => readonly Skipped[];
}

export function keep(running: RunningTag | undefined, reason: string, skipped: readonly Skipped[] = []): Selection {
  return { chosen: running, reason, skipped };
}

export function byName(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

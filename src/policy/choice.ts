/** What a policy gives: the tag that should run, why, and why each other tag was not considered. */
import type { Tag } from '../model/tag.ts';

/** What runs now; `undefined` in its place: nothing does. */
export interface RunningTag {
  readonly name: string;
  readonly digest: string;
}

export interface Skipped {
  readonly tag: string;
  readonly reason: string;
}

export interface ChosenTag {
  readonly name: string;
  /** Undefined where the registry lists names only: it is asked for before anything is done. */
  readonly digest: string | undefined;
}

export interface Choice {
  /** The running tag itself where nothing better is there; undefined where nothing can be told. */
  readonly chosen: ChosenTag | undefined;
  /** A sentence for people. */
  readonly reason: string;
  readonly skipped: readonly Skipped[];
}

/** One kind of policy: a new one is a new file with this shape and a line in choose.ts. */
export type Select<Policy> = (policy: Policy, tags: readonly Tag[], running: RunningTag | undefined) => Choice;

export function keep(running: RunningTag, reason: string, skipped: readonly Skipped[]): Choice {
  return { chosen: running, reason, skipped };
}

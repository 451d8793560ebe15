/** What there is to say of a release to a check that asks, and the ratio of errors that says it. */
import type { AskedCheck } from '../model/check.ts';
import type { Instant } from '../model/time.ts';
import type { Chance } from './chance.ts';

/** What somebody who is asked has truly said: that it is good, or bad, or neither; or nothing of it at all. */
export type Told = 'good' | 'bad' | 'neither' | 'nothing';

/** `late`: it takes its time where it is asked to confirm; all else answers. */
export type Trouble = 'none' | 'late' | 'fails' | 'blurs';

export type WireAnswer =
  | {
      readonly kind: 'answer';
      readonly told: Told;
      readonly status: number;
      readonly text: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'silence' | 'cut' | 'refused'; readonly told: Told };

/** `errs`: it answers, and does badly; `sick`: it does not work, by its own fault; `down`: nothing is known of it. */
export interface SeenGroup {
  readonly name: string;
  readonly is: 'good' | 'errs' | 'sick' | 'down';
}

export interface WireGiven {
  readonly chance: Chance;
  readonly trouble: Trouble;
  readonly now: Instant;
  readonly groups: readonly SeenGroup[];
}

/** How it says neither good nor bad; a single condition is fulfilled, or it is not. */
export function vagueness({ successWhen, failureWhen }: AskedCheck, { chance, trouble }: WireGiven) {
  if (trouble !== 'blurs') return undefined;
  const how = chance.pick(['between', 'empty', 'nan'] as const);
  return how === 'between' && (successWhen === undefined || failureWhen === undefined) ? 'nan' : how;
}

export function ratio(chance: Chance, is: 'good' | 'bad' | 'between'): number {
  const ranges = { good: [0, 9], between: [15, 45], bad: [50, 900] } as const;
  const [from, to] = ranges[is];
  return chance.whole(from, to) / 1000;
}

export function isBad(is: SeenGroup['is']): boolean {
  return is === 'errs' || is === 'sick';
}

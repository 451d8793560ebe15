/** What a step says of the world: done, waiting (with what to do meanwhile), or broken (and by whose fault). */
import type { Instant } from '../model/time.ts';
import type { Effect, Fault, StackGroup } from './effect.ts';
import type { Observation } from './observation.ts';
import type { Rollout, Side, Step } from './state.ts';

export type Verdict =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'broken';
      readonly fault: Fault;
      readonly reason: string;
      /** It is not tried again before somebody says so. */
      readonly needsPerson?: boolean;
    }
  /** Endpoints beside those that are there are refused: these are led to the candidate in their place. */
  | { readonly kind: 'replan'; readonly reason: string }
  | Waiting;

export interface Waiting {
  readonly kind: 'waiting';
  /** For people: what is waited for. */
  readonly waitingOn: string;
  readonly effects: readonly Effect[];
  /** When the wait ends by itself, where that is known. */
  readonly until?: Instant;
  /** The deadline does not count: nothing is better than to wait. */
  readonly isPatient?: boolean;
  /** People are waited for: no deadline runs meanwhile. */
  readonly isHeld?: boolean;
  /** How many are ready, verified or written: its growth puts the deadline off. */
  readonly progress?: number;
}

export interface Scene {
  readonly rollout: Rollout;
  readonly step: Step;
  readonly side: Side;
  /** Those that the step works on. */
  readonly groups: readonly StackGroup[];
  readonly observation: Observation;
  readonly now: Instant;
}

/** One kind of step. Adding one means one such file and a line in steps/index. */
export interface StepLogic {
  /** Judges from the observation alone, never from having acted. */
  judge(scene: Scene): Verdict;
  /** How long it may take before it is overdue. */
  deadlineMs(rollout: Rollout, step: Step): number;
  /** What undoes it once it was entered, in order. */
  undo(step: Step): readonly Step[];
  /** Whose fault it is when the deadline passes. */
  overdueFault(scene: Scene): Fault;
  /** Nothing depends on it: once its deadline has passed, that is told, and the rollout goes on without it. */
  readonly isOptional?: boolean;
}

export function waiting(waitingOn: string, effects: readonly Effect[] = [], until?: Instant): Waiting {
  return until === undefined ? { kind: 'waiting', waitingOn, effects } : { kind: 'waiting', waitingOn, effects, until };
}

/** `2 groups`, `1 group`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** What applying a command gives, before it is saved: shared by the files that know one command each. */
import type { App } from '../model/app.ts';
import type { Caller } from '../model/command.ts';
import type { Release } from '../model/release.ts';
import { releaseName } from '../model/release.ts';
import type { Instant } from '../model/time.ts';
import type { Change } from '../rollout/decide.ts';
import type { Rollout } from '../rollout/state.ts';
import type { AppState } from './app-state.ts';
import type { OperatorState } from './operator-state.ts';

export type CommandOutcome =
  | {
      readonly kind: 'applied';
      readonly state: AppState;
      readonly message: string;
      /** Of the rollout under way, to be logged once it is saved. */
      readonly change?: Change | undefined;
    }
  | { readonly kind: 'unchanged'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

export interface CommandScene {
  readonly app: Pick<App, 'name' | 'afterRollback'>;
  readonly caller: Caller;
  readonly now: Instant;
  /** What the app should run by its policies; undefined where that is not known. */
  readonly desired: Release | undefined;
}

export function unchanged(message: string): CommandOutcome {
  return { kind: 'unchanged', message };
}

export function refused(message: string): CommandOutcome {
  return { kind: 'refused', message };
}

export function said(state: AppState, operator: Partial<OperatorState>, message: string): CommandOutcome {
  return { kind: 'applied', state: { ...state, operator: { ...state.operator, ...operator } }, message };
}

export function words({ caller, now }: CommandScene): { by: string; at: Instant } {
  return { by: caller.by, at: now };
}

/** Where it is not the one that was meant, a sentence that says so. */
export function isAnother(rollout: Rollout | undefined, meant: string | undefined): string | undefined {
  if (meant === undefined || rollout?.id === meant) return undefined;
  return rollout === undefined
    ? `rollout ${meant} is over, or never was: none is under way`
    : `rollout ${meant} is not under way, but ${rollout.id}`;
}

export function candidateName(rollout: Rollout): string {
  return rollout.candidate === undefined ? `rollout ${rollout.id}` : releaseName(rollout.candidate.release);
}

export function isoOf(at: Instant): string {
  return new Date(at).toISOString();
}

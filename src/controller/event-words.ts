/** Words and fields that events of several kinds share. Pure. */
import { releaseName } from '../model/release.ts';
import type { Instant } from '../model/time.ts';
import { currentStep } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';

export function fieldsOf(rollout: Rollout) {
  const step = currentStep(rollout);
  return {
    app: rollout.app,
    rollout: rollout.id,
    ...namesOf(rollout),
    release: rollout.candidate?.release.id,
    step: step?.kind,
    side: step?.side,
    part: step?.part,
    direction: rollout.backPlan === undefined ? 'forward' : 'back',
  };
}

/** Names of the releases that a rollout leads from and to. */
export function namesOf(rollout: Rollout): { from?: string; to?: string } {
  return {
    ...(rollout.live === undefined ? {} : { from: releaseName(rollout.live.release) }),
    ...(rollout.candidate === undefined ? {} : { to: releaseName(rollout.candidate.release) }),
  };
}

export function moreText(more: number): string {
  return more === 0 ? '' : ` (${more} more since the last such line)`;
}

export function isoOf(at: Instant | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

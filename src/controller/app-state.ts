/**
 * What is remembered of an app: its live stack, the rollout under way, the releases that failed by their own fault, and
 * a short history. Parsed when it is read, since a file may have been written by another version or by hand.
 */
import { z } from 'zod';
import type { App, JsonObject } from '../model/app.ts';
import type { Instant } from '../model/time.ts';
import type { Bypass } from '../model/window.ts';
import { StalledError } from '../model/errors.ts';
import type { Stack } from '../rollout/effect.ts';
import { sizeOf } from '../rollout/evidence.ts';
import type { Evidence } from '../rollout/evidence.ts';
import { OUTCOMES, REASONS, leavesStacks } from '../rollout/state.ts';
import type { Outcome, Proof, Reason, Rollout } from '../rollout/state.ts';
import { goLive, keepFailed, proofsAfter } from './retained.ts';
import type { Figures } from './figures.ts';
import type { FormerRelease, Retained } from './retained.ts';
import {
  absent,
  instant,
  storedEvidence,
  storedProbe,
  storedProof,
  storedRelease,
  storedRollout,
  storedSettings,
  storedStack,
  storedTraffic,
} from './stored-rollout.ts';
import { afterSuccess, NOBODY, NOTHING_SAID, operatorSchema } from './operator-state.ts';
import type { OperatorState } from './operator-state.ts';
import type { TtlMemory } from './ttl-memory.ts';

/** A release that failed by its own fault: it is not tried again. */
export interface Condemned {
  readonly releaseId: string;
  readonly name: string;
  readonly reason: string;
  readonly at: Instant;
}

/** A release whose rollout failed by no fault of its own: it is tried again, later each time. */
export interface Retry {
  readonly releaseId: string;
  readonly attempts: number;
  readonly notBefore: Instant;
}

export interface Summary {
  readonly rollout: string;
  readonly reason: Reason;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Id of the release that it led to; undefined also where it was written by an older version. */
  readonly release?: string | undefined;
  readonly outcome: Outcome;
  readonly detail: string | undefined;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** Absent where an earlier version wrote it. */
  readonly figures?: Figures | undefined;
  /** Of a candidate that failed; dropped first where there is too much of it. */
  readonly evidence?: Evidence | undefined;
}

/** What it takes to take an app away that is in the config no more. */
export type AppSetup = Pick<App, 'resourceGroup' | 'traffic' | 'probe' | 'rollout'>;

/** Which save a stored state is of. */
export interface SaveId {
  /** A life of a daemon, and its term. */
  readonly by: string;
  readonly count: number;
}

export interface Saved extends SaveId {
  /** The last save of the driver before. */
  readonly before: SaveId | undefined;
}

export interface AppState {
  readonly live: Stack | undefined;
  readonly rollout: Rollout | undefined;
  readonly condemned: readonly Condemned[];
  readonly retry: Retry | undefined;
  readonly ttl: TtlMemory | undefined;
  readonly history: readonly Summary[];
  /** Of the live stack's groups. */
  readonly liveProofs: Readonly<Record<string, Proof>>;
  /** Oldest first. */
  readonly retained: readonly Retained[];
  /** That were live, the newest last. */
  readonly releases: readonly FormerRelease[];
  /** As written, by their hash. */
  readonly templates: Readonly<Record<string, JsonObject>>;
  /** That their secrets in files are named from, by the same hash; absent where an earlier version wrote the template. */
  readonly folders: Readonly<Record<string, string>>;
  /** Closed windows do not hold it. */
  readonly bypass: Bypass | undefined;
  /** As last configured. */
  readonly setup: AppSetup | undefined;
  readonly saved: Saved | undefined;
  readonly operator: OperatorState;
}

export const EMPTY_STATE: AppState = {
  live: undefined,
  rollout: undefined,
  condemned: [],
  retry: undefined,
  ttl: undefined,
  history: [],
  liveProofs: {},
  retained: [],
  releases: [],
  templates: {},
  folders: {},
  bypass: undefined,
  setup: undefined,
  saved: undefined,
  operator: NOTHING_SAID,
};

const MOST_CONDEMNED = 100;
const MOST_HISTORY = 50;
/** Of an app. */
const MOST_EVIDENCE_BYTES = 256 * 1024;

const saveId = z.object({ by: z.string(), count: z.number() });
const appState = z.object({
  live: absent(storedStack),
  rollout: absent(storedRollout),
  condemned: z.array(z.object({ releaseId: z.string(), name: z.string(), reason: z.string(), at: instant })),
  retry: absent(z.object({ releaseId: z.string(), attempts: z.number(), notBefore: instant })),
  ttl: absent(z.object({ seconds: z.number(), before: absent(z.object({ seconds: z.number(), until: instant })) })),
  history: z.array(
    z.object({
      rollout: z.string(),
      reason: z.enum(REASONS),
      from: absent(z.string()),
      to: absent(z.string()),
      release: z.string().optional(),
      outcome: z.enum(OUTCOMES),
      detail: absent(z.string()),
      startedAt: instant,
      endedAt: instant,
      figures: absent(
        z.object({
          totalMs: z.number(),
          heldMs: z.number(),
          progressionMs: z.number(),
          armReads: z.number(),
          armWrites: z.number(),
          overlapContainerSeconds: z.number(),
          overlapCost: absent(z.number()),
          currency: absent(z.string()),
        }),
      ),
      evidence: absent(storedEvidence),
    }),
  ),
  liveProofs: z.record(z.string(), storedProof).default({}),
  retained: z
    .array(
      z.object({
        kind: absent(z.literal('failed')),
        as: absent(z.literal('stopped')),
        stack: storedStack,
        proofs: z.record(z.string(), storedProof),
        until: absent(instant),
      }),
    )
    .default([]),
  releases: z.array(z.object({ release: storedRelease, at: instant })).default([]),
  templates: z.record(z.string(), z.record(z.string(), z.json())).default({}),
  folders: z.record(z.string(), z.string()).default({}),
  bypass: absent(z.object({ by: z.string(), until: instant })),
  setup: absent(
    z.object({
      resourceGroup: z.string(),
      traffic: absent(storedTraffic),
      probe: absent(storedProbe),
      rollout: storedSettings,
    }),
  ),
  saved: absent(saveId.extend({ before: absent(saveId) })),
  operator: operatorSchema.prefault({}),
});

/** Throws StalledError where the stored state is not one that this version can read. */
export function parseAppState(app: string, stored: unknown): AppState {
  const parsed = appState.safeParse(stored);
  if (parsed.success) return { ...EMPTY_STATE, ...parsed.data };
  const [issue] = parsed.error.issues;
  throw new StalledError(
    `the stored state of app ${app} cannot be read: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}; ` +
      'restore the file, or move it away: the daemon then finds what is its own by the tags of the groups',
  );
}

/** The state after a rollout has finished: who is live now, what is remembered of the release. */
export function afterRollout(
  state: AppState,
  finished: Rollout,
  names: { from?: string; to?: string; figures?: Figures | undefined },
): AppState {
  const { outcome, at } = finished.finished ?? { outcome: 'Failed' as const, at: finished.startedAt };
  const turned = finished.turnedBack;
  const summary: Summary = {
    rollout: finished.id,
    reason: finished.reason,
    from: names.from,
    to: names.to,
    release: finished.candidate?.release.id,
    outcome,
    detail: turned?.reason,
    startedAt: finished.startedAt,
    endedAt: at,
    figures: names.figures,
    ...(finished.evidence === undefined ? {} : { evidence: finished.evidence }),
  };
  const history = withinLimit([...state.history, summary].slice(-MOST_HISTORY));
  const release = finished.candidate?.release;
  const liveProofs = proofsAfter(state.liveProofs, finished);
  if (release === undefined) {
    const isGone = !leavesStacks(finished);
    const retained = state.retained.filter(({ stack }) => !isGone || stack.id !== finished.live?.id);
    return { ...state, rollout: undefined, retained, liveProofs, history };
  }
  const releaseId = release.id;
  if (outcome === 'Succeeded') {
    const isNewRelease = finished.reason === 'newRelease' || finished.reason === 'firstDeployment';
    const operator = afterSuccess(state.operator, isNewRelease);
    return goLive({ ...state, rollout: undefined, retry: undefined, history, operator }, finished, at);
  }
  const kept = keepFailed(state, finished, at);
  if (outcome !== 'RolledBack' && outcome !== 'Failed') return { ...kept, rollout: undefined, liveProofs, history };
  if (turned?.needsPerson === true) {
    const refused = { release, after: 'abort' as const, by: NOBODY, at };
    return {
      ...kept,
      rollout: undefined,
      retry: undefined,
      liveProofs,
      history,
      operator: { ...state.operator, refused },
    };
  }
  // Somebody asked for it once, and it ran before: it is not condemned, nor tried again by itself but where there was no room.
  if (finished.reason === 'rollback' && kept.operator.rollback?.to !== releaseId)
    return { ...kept, rollout: undefined, liveProofs, history };
  // A release that ran is not condemned when its repair fails.
  if (turned?.fault === 'release' && finished.reason !== 'repair') {
    const condemned = { releaseId, name: names.to ?? releaseId, reason: turned.reason, at };
    return {
      ...kept,
      rollout: undefined,
      retry: undefined,
      condemned: [...state.condemned, condemned].slice(-MOST_CONDEMNED),
      liveProofs,
      history,
    };
  }
  const attempts = state.retry?.releaseId === releaseId ? state.retry.attempts + 1 : 1;
  return {
    ...kept,
    rollout: undefined,
    retry: { releaseId, attempts, notBefore: at + retryPauseMs(attempts) },
    liveProofs,
    history,
  };
}

/** The oldest evidence goes first, and only that: what became of each rollout stays. */
function withinLimit(history: readonly Summary[]): readonly Summary[] {
  let left = MOST_EVIDENCE_BYTES;
  const kept = history.toReversed().map((summary) => {
    const { evidence, ...rest } = summary;
    left -= evidence === undefined ? 0 : sizeOf(evidence);
    return left < 0 ? rest : summary;
  });
  return kept.toReversed();
}

/** One minute, doubling, up to an hour. */
export function retryPauseMs(attempts: number): number {
  return Math.min(3_600_000, 60_000 * 2 ** Math.min(attempts - 1, 10));
}

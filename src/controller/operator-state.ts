/**
 * What operators have said of an app, and what is remembered of who said it: beside the rollout, never a phase of it.
 * Stored with the app's state; a state from before there were commands reads as one in which nothing was said.
 */
import { z } from 'zod';
import type { CommandKind } from '../model/command.ts';
import { COMMAND_KINDS } from '../model/command.ts';
import type { Release } from '../model/release.ts';
import type { Instant } from '../model/time.ts';

interface Said {
  readonly by: string;
  readonly at: Instant;
}

/** No new rollout starts, but for repairs. */
export interface Hold extends Said {
  readonly reason: string;
}

/** Nothing is looked at or changed. */
export interface Pause extends Said {
  readonly reason: string | undefined;
}

/** One person's word for the rollout with this id. */
export interface Vote extends Said {
  readonly rollout: string;
  readonly full: boolean;
}

/** A release that was called off or left: it is not started by itself, nor is one that is older. */
export interface RefusedRelease extends Said {
  readonly release: Release;
  readonly after: 'abort' | 'rollback';
}

/** In place of a name, where a gate's time was over. */
export const NOBODY = 'nobody';

/** An earlier release that is to be rolled out. */
export interface WantedRollback extends Said {
  readonly to: string;
  readonly name: string;
}

/** A command that changed something. */
export interface AuditEntry extends Said {
  readonly from: string;
  readonly command: CommandKind;
  readonly outcome: string;
}

export interface OperatorState {
  readonly hold: Hold | undefined;
  readonly pause: Pause | undefined;
  /** Of the rollout under way; of each person one. */
  readonly votes: readonly Vote[];
  readonly refused: RefusedRelease | undefined;
  readonly rollback: WantedRollback | undefined;
  /** The last ones, oldest first. */
  readonly audit: readonly AuditEntry[];
}

export const NOTHING_SAID: OperatorState = {
  hold: undefined,
  pause: undefined,
  votes: [],
  refused: undefined,
  rollback: undefined,
  audit: [],
};

const MOST_AUDITED = 50;

const said = { by: z.string(), at: z.number() };
const absent = <T extends z.ZodType>(type: T) => type.optional().transform((value): z.output<T> | undefined => value);
const image = z.object({
  container: z.string(),
  registry: z.string(),
  repository: z.string(),
  tag: z.string(),
  digest: z.string(),
});

export const operatorSchema = z.object({
  hold: absent(z.object({ ...said, reason: z.string() })),
  pause: absent(z.object({ ...said, reason: absent(z.string()) })),
  votes: z.array(z.object({ ...said, rollout: z.string(), full: z.boolean() })).default([]),
  refused: absent(
    z.object({
      ...said,
      release: z.object({ id: z.string(), images: z.array(image), templateHash: z.string() }),
      after: z.enum(['abort', 'rollback']),
    }),
  ),
  rollback: absent(z.object({ ...said, to: z.string(), name: z.string() })),
  audit: z
    .array(z.object({ ...said, from: z.string(), command: z.enum(COMMAND_KINDS), outcome: z.string() }))
    .default([]),
});

export function audited(operator: OperatorState, entry: AuditEntry): OperatorState {
  return { ...operator, audit: [...operator.audit, entry].slice(-MOST_AUDITED) };
}

/** How many different people have said yes to this rollout, and whether one of them to all of it. */
export function votesFor({ votes }: Pick<OperatorState, 'votes'>, rollout: string): { people: number; full: boolean } {
  const own = votes.filter((vote) => vote.rollout === rollout);
  return { people: new Set(own.map(({ by }) => by)).size, full: own.some(({ full }) => full) };
}

/** Once a newer release than the refused one runs, that is replaced. Votes count for their rollout only. */
export function afterSuccess(operator: OperatorState, isNewRelease: boolean): OperatorState {
  return { ...operator, votes: [], refused: isNewRelease ? undefined : operator.refused };
}

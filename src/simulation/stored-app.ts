/** The part of a saved state that the judges of people's words look at: read anew here, not by the controller's eyes. */
import { z } from 'zod';
import { nameImages } from './release-words.ts';

const release = z.object({
  id: z.string(),
  templateHash: z.string(),
  images: z.array(z.object({ container: z.string(), tag: z.string() })),
});
const stack = z.object({ id: z.string(), release, groups: z.array(z.object({ name: z.string() })) });
const storedApp = z.object({
  live: stack.optional(),
  rollout: z
    .object({
      id: z.string(),
      reason: z.string(),
      live: stack.optional(),
      candidate: stack.optional(),
      plan: z.array(z.object({ kind: z.string(), part: z.string().optional(), phase: z.string().optional() })),
      backPlan: z.array(z.object({ kind: z.string() })).optional(),
      cursor: z.number(),
      enteredAt: z.number(),
      heldSince: z.number().optional(),
      turnedBack: z
        .object({ reason: z.string(), fault: z.string().optional(), needsPerson: z.boolean().optional() })
        .optional(),
      tallies: z.record(z.string(), z.object({ counts: z.object({ failure: z.number() }) })).default({}),
    })
    .optional(),
  condemned: z.array(z.object({ releaseId: z.string() })),
  retained: z.array(z.object({ kind: z.string().optional(), stack, until: z.number().optional() })).default([]),
  operator: z
    .object({
      audit: z.array(z.object({ at: z.number(), by: z.string(), from: z.string(), command: z.string() })).default([]),
    })
    .default({ audit: [] }),
});

export type StoredApp = z.output<typeof storedApp>;
export type StoredRollout = NonNullable<StoredApp['rollout']>;
export type Release = z.output<typeof release>;

const EMPTY: StoredApp = { condemned: [], retained: [], operator: { audit: [] }, live: undefined, rollout: undefined };

/** Judges ask again and again what one state says. */
const known = new WeakMap<object, StoredApp>();

export function readStored(state: unknown): StoredApp {
  if (state === undefined) return EMPTY;
  if (typeof state !== 'object' || state === null) return storedApp.parse(state);
  const found = known.get(state) ?? storedApp.parse(state);
  known.set(state, found);
  return found;
}

/** Its tags, as `release-words.ts` reads them. */
export function nameOf(one: Release | undefined): string | undefined {
  return one === undefined ? undefined : nameImages(one.images);
}

/** It makes a whole stack anew, so it counts as a rollout at a time. */
export function isLarge({ reason }: StoredRollout): boolean {
  return ['firstDeployment', 'newRelease', 'repair', 'rollback'].includes(reason);
}

/** A release that the app did not run before. */
export function isNew({ reason }: StoredRollout): boolean {
  return reason === 'firstDeployment' || reason === 'newRelease';
}

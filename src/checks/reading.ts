/** What one look has shown, and what several looks that must all hold come to. */
import type { Measurement } from '../model/check.ts';

/** A measurement before it has its time, its detail of any length. */
export type Reading = Omit<Measurement, 'at'>;

/** A bad part is not made better by others of which less is known. */
const BY_WEIGHT = ['failure', 'error', 'inconclusive', 'success'] as const;

/** The worst, told with how many share its lot. `noun` is that of one. Nothing at all is inconclusive. */
export function worst(readings: readonly Reading[], noun: string): Reading {
  for (const kind of BY_WEIGHT) {
    const same = readings.filter((reading) => reading.kind === kind);
    const [first] = same;
    if (first === undefined) continue;
    if (readings.length === 1) return first;
    return { ...first, detail: `${same.length} of ${readings.length} ${noun}s: ${first.detail}` };
  }
  return { kind: 'inconclusive', detail: `no ${noun} at all: zero results are never healthy` };
}

export function errorReading(detail: string): Reading {
  return { kind: 'error', detail };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

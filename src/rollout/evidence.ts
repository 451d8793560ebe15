/**
 * What is kept of a candidate that failed, for people, after its groups have gone: states, events, ends of logs, probes and
 * checks, as text without secrets and within a limit. Nothing is decided by it.
 */
import type { Instant } from '../model/time.ts';

export const EVIDENCE_KINDS = ['state', 'events', 'log', 'probes', 'check'] as const;

export interface EvidenceItem {
  readonly kind: (typeof EVIDENCE_KINDS)[number];
  /** Name of a group, with its container where it is a log; or of a check. */
  readonly of: string;
  /** Lines, oldest first. */
  readonly text: string;
}

export interface Evidence {
  readonly at: Instant;
  readonly items: readonly EvidenceItem[];
  /** Something was left out for want of room or time. */
  readonly isCut: boolean;
}

/** One probe of a group. */
export interface ProbeLine {
  readonly at: Instant;
  readonly ok: boolean;
  readonly detail: string;
}

/** Of a job that failed. */
export interface JobLog {
  readonly check: string;
  readonly group: string;
  readonly text: string;
}

/** Of one rollout. */
export const MOST_EVIDENCE_BYTES = 32 * 1024;
/** Of all groups of a rollout. */
const MOST_PROBES = 100;
const MOST_PROBES_EACH = 10;
const LONGEST_PROBE = 200;

export function withProbe(lines: readonly ProbeLine[], probe: ProbeLine, groups: number): readonly ProbeLine[] {
  if (probe.at <= (lines.at(-1)?.at ?? 0)) return lines;
  const most = Math.min(MOST_PROBES_EACH, Math.max(1, Math.floor(MOST_PROBES / groups)));
  const { at, ok, detail } = probe;
  return [...lines, { at, ok, detail: detail.slice(0, LONGEST_PROBE) }].slice(-most);
}

export function sizeOf({ items }: Pick<Evidence, 'items'>): number {
  return items.reduce((sum, item) => sum + bytesOf(item), 0);
}

/** Each item gets an equal share, and what the small ones leave; of what is too long, the last lines are kept. */
export function fit(
  items: readonly EvidenceItem[],
  mostBytes = MOST_EVIDENCE_BYTES,
): Pick<Evidence, 'items' | 'isCut'> {
  let left = mostBytes;
  const kept = new Map<EvidenceItem, EvidenceItem>();
  const bySize = [...items].sort((a, b) => bytesOf(a) - bytesOf(b));
  for (const [index, item] of bySize.entries()) {
    const fitting = {
      ...item,
      text: lastBytes(item.text, Math.floor(left / (bySize.length - index)) - nameBytes(item)),
    };
    if (fitting.text === '') continue;
    left -= bytesOf(fitting);
    kept.set(item, fitting);
  }
  const fitted = items.flatMap((item) => kept.get(item) ?? []);
  return { items: fitted, isCut: items.some((item) => kept.get(item)?.text !== item.text) };
}

function bytesOf(item: EvidenceItem): number {
  return nameBytes(item) + utf8(item.text).length;
}

function nameBytes({ kind, of }: EvidenceItem): number {
  return utf8(kind + of).length;
}

function lastBytes(text: string, most: number): string {
  const bytes = utf8(text);
  if (bytes.length <= most) return text;
  if (most <= 0) return '';
  // Where a character is cut, its rest is shown as one that is not known.
  return new TextDecoder().decode(bytes.slice(bytes.length - most)).replace(/^\uFFFD+/, '');
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

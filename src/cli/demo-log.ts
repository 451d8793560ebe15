/** Reads the daemon's own log, line by line: all that the demo knows of a rollout, and all that an operator would. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** The fields of a log line that the demo shows; see docs/events.md. */
export interface LogLine {
  readonly event: string;
  readonly msg: string;
  readonly level?: string | undefined;
  readonly app?: string | undefined;
  readonly rollout?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly step?: string | undefined;
  readonly side?: string | undefined;
  readonly waitingOn?: string | undefined;
  /** Epoch milliseconds. */
  readonly until?: number | undefined;
  readonly tookMs?: number | undefined;
  readonly outcome?: string | undefined;
  readonly seconds?: number | undefined;
  readonly reason?: string | undefined;
}

export function readLog(stream: Readable, listener: (line: LogLine, text: string) => void): void {
  createInterface({ input: stream }).on('line', (text) => {
    const line = parseLine(text);
    if (line !== undefined) listener(line, text);
  });
}

export function parseLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const fields = new Map(Object.entries(parsed));
  const string = (name: string) => asString(fields.get(name));
  const number = (name: string) => asNumber(fields.get(name));
  const until = string('until');
  return {
    event: string('event') ?? '',
    msg: string('msg') ?? '',
    level: string('level'),
    app: string('app'),
    rollout: string('rollout'),
    from: string('from'),
    to: string('to'),
    step: string('step'),
    side: string('side'),
    waitingOn: string('waitingOn'),
    until: until === undefined ? undefined : Date.parse(until),
    tookMs: number('tookMs'),
    outcome: string('outcome'),
    seconds: number('seconds'),
    reason: string('reason'),
  };
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** What an image of the local Azure does when it runs: a small HTTP service of a version, a health and a delay. */

export interface Program {
  readonly version: string;
  /** False: it answers 503. */
  readonly healthy: boolean;
  /** Before each answer. */
  readonly delayMs: number;
  /** From the start of its container until it answers at all. */
  readonly startMs: number;
  /** True: it exits at once, and again after each restart. */
  readonly crash: boolean;
  readonly exitCode: number;
  /** Of a group that is not restarted: from the start of its container until it exits by itself. */
  readonly runMs: number;
  /** What it writes to its log, besides that it starts. */
  readonly log: string;
}

export const DEFAULT_PROGRAM: Program = {
  version: '1.0.0',
  healthy: true,
  delayMs: 0,
  startMs: 0,
  crash: false,
  exitCode: 1,
  runMs: 0,
  log: '',
};

/** From what somebody sent: unknown keys and wrong types are named in the error. */
export function parseProgram(given: Readonly<Record<string, unknown>>): Program {
  const wrong = Object.entries(given).find(
    ([key, value]) => typeof value !== typeof new Map(Object.entries(DEFAULT_PROGRAM)).get(key),
  );
  if (wrong !== undefined) {
    throw new TypeError(
      `program.${wrong[0]}: expected one of ${Object.keys(DEFAULT_PROGRAM).join(', ')} with the type of its default`,
    );
  }
  return { ...DEFAULT_PROGRAM, ...given };
}

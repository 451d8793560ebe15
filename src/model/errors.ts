/**
 * The ways in which something can go wrong, told apart by who can do something about it.
 * A message says what was attempted on which resource, what was expected and what was got; the cause goes in `cause`.
 */

/** One mistake in a file of the operator's, with its place. Lines and columns count from 1. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The offending line as it stands in the file. */
  readonly excerpt: string;
  readonly message: string;
  readonly hint?: string;
}

/** The operator's configuration is wrong: every problem at once; nothing was started. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map((p) => `${p.file}:${p.line}:${p.column}: ${p.message}`).join('\n'));
    this.problems = problems;
  }
}

/** Will probably pass: try again, not before `retryAfterMs` where the other side said so. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A person must act: the message says what to do. */
export class StalledError extends Error {
  override readonly name = 'StalledError';
}

/** A bug in Viridian: the app concerned stops, the others go on. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  /** Number of the broken rule (R1–R10), where one is named. */
  readonly rule: string | undefined;
  constructor(message: string, rule?: string) {
    super(message);
    this.rule = rule;
  }
}

/** Someone else has saved in the meantime: what was known of the stored state is out of date. */
export class StoreConflictError extends Error {
  override readonly name = 'StoreConflictError';
}

/**
 * What is wrong at one place of an ARM template. It is thrown without a place where none is known yet; whoever evaluates
 * the text around it adds the nearest one.
 */
import { ConfigError } from '../../model/errors.ts';
import type { ConfigProblem } from '../../model/errors.ts';
import { inOrder } from '../problems.ts';

export interface ArmPlace {
  readonly source: { problem(offset: number, message: string, hint?: string): ConfigProblem };
  /** Characters from the start of the file. */
  readonly offset: number;
}

export class ArmFault extends Error {
  override readonly name = 'ArmFault';
  readonly place: ArmPlace | undefined;
  readonly hint: string | undefined;
  constructor(message: string, more: { hint?: string | undefined; place?: ArmPlace | undefined } = {}) {
    super(message);
    this.place = more.place;
    this.hint = more.hint;
  }

  /** The same with a place, unless it has a nearer one. */
  at(place: ArmPlace): ArmFault {
    return this.place === undefined ? new ArmFault(this.message, { hint: this.hint, place }) : this;
  }
}

/** Faults as they are told: each place and message once, in order of place. */
export function toConfigError(faults: readonly ArmFault[], fallback: ArmPlace): ConfigError {
  const problems = new Map<string, ConfigProblem>();
  for (const { place, message, hint } of faults) {
    const { source, offset } = place ?? fallback;
    const problem = source.problem(offset, message, hint);
    problems.set(`${problem.file}:${problem.line}:${problem.column}:${message}`, problem);
  }
  return new ConfigError(inOrder([...problems.values()]));
}

/** What a text of an ARM template may refer to at its place: loops around it, names of lambdas, a function's parameters. */
import type { ArmValue } from './arm-value.ts';

export interface ArmScope {
  /** Index by the name of the loop, in lower case. */
  readonly copies: ReadonlyMap<string, number>;
  /** Of the loop of the resource. */
  readonly resourceCopy?: number | undefined;
  readonly locals: ReadonlyMap<string, ArmValue>;
  /** In a function of the template's own: its parameters in lower case, and nothing else of the template. */
  readonly parameters?: ReadonlyMap<string, ArmValue>;
}

export const OUTERMOST: ArmScope = { copies: new Map(), locals: new Map() };

export function withCopy(scope: ArmScope, name: string, index: number): ArmScope {
  return { ...scope, copies: new Map([...scope.copies, [name.toLowerCase(), index]]) };
}

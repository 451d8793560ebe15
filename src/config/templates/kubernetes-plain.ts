/**
 * What kubectl makes of a word without quotes. It reads YAML 1.1 in the way of Go: `yes`, `on` and `y` are true, `012` is
 * octal, `1_000` and `0x10` are numbers; times of day and dates stay text. Pure.
 */

/** Undefined: null. */
export type PlainValue = string | number | boolean | undefined;

const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const EMPTY = /^(?:|~|null|Null|NULL)$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/;

export function readPlain(source: string): PlainValue {
  if (EMPTY.test(source)) return undefined;
  if (TRUE.test(source)) return true;
  if (FALSE.test(source)) return false;
  if (INFINITE.test(source)) return /nan/i.test(source) ? Number.NaN : Number.POSITIVE_INFINITY;
  if (!/^[-+.0-9]/.test(source)) return source;
  const digits = source.replaceAll('_', '');
  const integer = INTEGER.exec(digits);
  if (integer !== null) return integerOf(integer);
  return FLOAT.test(digits) ? Number(digits) : source;
}

function integerOf([, sign, hex, binary, octal, decimal]: RegExpExecArray): number {
  const digits = hex ?? binary ?? octal ?? decimal ?? '';
  const base = hex !== undefined ? 16 : binary !== undefined ? 2 : octal !== undefined ? 8 : 10;
  const value = Number.parseInt(digits, base);
  return sign === '-' ? -value : value;
}

/** Written with a zero before it, so that people and tools disagree on its value. */
export function looksOctal(source: string): boolean {
  return /^[-+]?0[0-9]/.test(source);
}

/** The function format of ARM templates: places in braces, filled as .NET does, with the number formats in use there. */
import { textArg } from './arm-function.ts';
import { ArmFault } from './arm-fault.ts';
import { ArmSecret, toText } from './arm-value.ts';
import type { ArmValue } from './arm-value.ts';
import type { SecretReference } from '../../model/app.ts';

const LONGEST_PAD = 1024;

export function formatText(args: readonly ArmValue[]): ArmValue {
  const pattern = textArg(args, 0);
  const names = new Set<string>();
  const parts: (string | SecretReference)[] = [];
  const piece = /\{\{|\}\}|\{(\d{1,3})(?:,(-?\d{1,4}))?(?::([^{}]*))?\}|[{}]|[^{}]+/g;
  for (const [found, index, width, format] of pattern.matchAll(piece)) {
    if (found === '{' || found === '}')
      throw new ArmFault(
        `argument 1: a "${found}" that is no part of a place such as {0}; written as itself it is doubled`,
      );
    if (index === undefined) {
      parts.push(found.startsWith('{{') || found.startsWith('}}') ? found.slice(1) : found);
      continue;
    }
    const value = args[Number(index) + 1];
    if (value === undefined) throw new ArmFault(`argument 1 has {${index}}, but ${args.length - 1} values follow`);
    if (!(value instanceof ArmSecret)) {
      parts.push(pad(formatOne(value, format ?? ''), Number(width ?? 0)));
      continue;
    }
    if (value.isBase64 || width !== undefined || format !== undefined)
      throw new ArmFault(`the secret ${value.shown} can only be put in as it stands, by {${index}}`);
    for (const name of value.names) names.add(name);
    parts.push(...value.parts);
  }
  return names.size === 0
    ? parts.filter((part) => typeof part === 'string').join('')
    : new ArmSecret(parts, [...names]);
}

function pad(text: string, width: number): string {
  if (Math.abs(width) > LONGEST_PAD) throw new ArmFault(`argument 1: a width above ${LONGEST_PAD}`);
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}

function formatOne(value: ArmValue, format: string): string {
  if (typeof value !== 'number' || format === '') return toText(value);
  const [, letter = '', digits] = /^([DdNnXxFfGg])(\d{0,2})$/.exec(format) ?? [];
  const count = digits === undefined || digits === '' ? undefined : Number(digits);
  const sign = value < 0 ? '-' : '';
  if (/^0{1,99}$/.test(format)) return sign + Math.abs(Math.round(value)).toFixed(0).padStart(format.length, '0');
  switch (letter.toUpperCase()) {
    case 'D':
      return (
        sign +
        Math.abs(whole(value, format))
          .toFixed(0)
          .padStart(count ?? 0, '0')
      );
    case 'X': {
      // As two's complement where it is below zero.
      const hex = BigInt.asUintN(64, BigInt(whole(value, format)))
        .toString(16)
        .padStart(count ?? 0, '0');
      return letter === 'X' ? hex.toUpperCase() : hex;
    }
    case 'N':
      return grouped(value.toFixed(count ?? 2));
    case 'F':
      return value.toFixed(count ?? 2);
    case 'G':
      if (count === undefined) return toText(value);
  }
  throw new ArmFault(`argument 1: the format "${format}" is not supported here`, {
    hint: 'supported are D, N, F and X with a number of digits, and zeros such as 000',
  });
}

/** A comma before each three digits of the whole part. */
function grouped(number: string): string {
  const [before = '', after] = number.split('.');
  const text = before.replace(/\B(?=(\d{3})+$)/g, ',');
  return after === undefined ? text : `${text}.${after}`;
}

function whole(value: number, format: string): number {
  if (!Number.isInteger(value)) throw new ArmFault(`the format "${format}" is for whole numbers, got ${value}`);
  return value;
}

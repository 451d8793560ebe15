/** What a function of ARM templates is made of, and how its arguments are read with messages that say what was expected. */
import type { Place } from './format.ts';
import { ArmFault } from './arm-fault.ts';
import { ArmSecret, isList, isObject, kindOf } from './arm-value.ts';
import type { ArmObject, ArmValue } from './arm-value.ts';

/** What is known about where the group will be. */
export interface ArmWorld {
  readonly place: Place;
  /** As az calls a deployment: the template's file without its ending. */
  readonly deployment: string;
}

export interface ArmFunction {
  /** As its documentation writes it. */
  readonly name: string;
  /** Fewest and most arguments. */
  readonly takes: readonly [number, number];
  /** Secrets may be arguments themselves; elsewhere only within arrays and objects. */
  readonly takesSecrets?: true;
  readonly run: (args: readonly ArmValue[], world: ArmWorld) => ArmValue;
}

export const ANY_NUMBER = Number.POSITIVE_INFINITY;

export function callFunction(called: ArmFunction, args: readonly ArmValue[], world: ArmWorld): ArmValue {
  checkCount(called, args.length);
  const secret = args.find((arg) => arg instanceof ArmSecret);
  if (secret instanceof ArmSecret && called.takesSecrets !== true) throw secretFault(called.name, secret);
  return called.run(args, world);
}

export function checkCount({ name, takes: [fewest, most] }: Pick<ArmFunction, 'name' | 'takes'>, count: number): void {
  if (count >= fewest && count <= most) return;
  const wanted = most === ANY_NUMBER ? `${fewest} or more` : fewest === most ? `${fewest}` : `${fewest} to ${most}`;
  throw new ArmFault(`${name} takes ${wanted} argument${wanted === '1' ? '' : 's'}, got ${count}`);
}

export function secretFault(name: string, { names, shown }: ArmSecret): ArmFault {
  const many = names.length === 1 ? '' : 's';
  return new ArmFault(`${name} cannot look into the secret${many} ${shown}`, {
    hint: 'a secret is passed on whole, or put into a text by concat or format; its value is read when a group is made',
  });
}

/** Reads one argument; the number counts from 1 in messages. */
export function textArg(args: readonly ArmValue[], index: number): string {
  const value = args[index] ?? '';
  if (typeof value !== 'string') throw wrongArg(index, 'a string', value);
  return value;
}

export function intArg(args: readonly ArmValue[], index: number): number {
  const value = args[index] ?? 0;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongArg(index, 'an int', value);
  return value;
}

export function boolArg(args: readonly ArmValue[], index: number): boolean {
  const value = args[index] ?? false;
  if (typeof value !== 'boolean') throw wrongArg(index, 'a bool', value);
  return value;
}

export function listArg(args: readonly ArmValue[], index: number): readonly ArmValue[] {
  const value = args[index] ?? [];
  if (!isList(value)) throw wrongArg(index, 'an array', value);
  return value;
}

export function objectArg(args: readonly ArmValue[], index: number): ArmObject {
  const value = args[index] ?? {};
  if (!isObject(value)) throw wrongArg(index, 'an object', value);
  return value;
}

export function wrongArg(index: number, expected: string, got: ArmValue): ArmFault {
  return new ArmFault(`argument ${index + 1}: expected ${expected}, got ${kindOf(got)}`);
}

/** Throws where a number is too large to be exact. */
export function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new ArmFault('the result is too large a number');
  return value;
}

/** What options take on the command line. Throws InvalidArgumentError, which says what was expected. */
import { InvalidArgumentError } from 'commander';
import type { RunningTag } from '../policy/choice.ts';
import { readTime } from './tag-lines.ts';

export function runningTag(text: string): RunningTag {
  const match = /^(\w[\w.+-]{0,127})(?:@(sha256:[0-9a-f]{64}))?$/.exec(text);
  const [, name, digest] = match ?? [];
  if (name === undefined) throw new InvalidArgumentError('expected a tag, or a tag, @ and its digest.');
  return { name, digest };
}

export function instant(text: string): number {
  const time = readTime(text);
  if (time === undefined) throw new InvalidArgumentError('expected a time such as 2026-01-31T12:00:00Z.');
  return time;
}

export function port(text: string): number {
  const number = whole(text);
  if (number > 65_535) throw new InvalidArgumentError('expected a port, 0 to 65535.');
  return number;
}

export function workers(text: string): number {
  const number = whole(text);
  if (number < 1 || number > 256) throw new InvalidArgumentError('expected a number of workers, 1 to 256.');
  return number;
}

export function atLeastOne(text: string): number {
  const number = whole(text);
  if (number < 1) throw new InvalidArgumentError('expected a whole number of at least 1.');
  return number;
}

export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number.');
  return Number(text);
}

export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

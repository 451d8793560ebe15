/** Functions of ARM templates on texts. */
import { ANY_NUMBER, exact, intArg, listArg, textArg, wrongArg } from './arm-function.ts';
import type { ArmFunction } from './arm-function.ts';
import { ArmFault } from './arm-fault.ts';
import { formatText } from './arm-format.ts';
import { guid, uniqueString } from './arm-hash.ts';
import { readJson } from './arm-read-json.ts';
import { ArmSecret, isList, toText } from './arm-value.ts';
import type { ArmValue } from './arm-value.ts';

const LONGEST_PAD = 1024;

export const TEXT_FUNCTIONS: readonly ArmFunction[] = [
  { name: 'base64', takes: [1, 1], takesSecrets: true, run: ([value]) => base64(value ?? '') },
  { name: 'base64ToString', takes: [1, 1], run: (args) => fromBase64(textArg(args, 0)) },
  { name: 'base64ToJson', takes: [1, 1], run: (args) => readJson(fromBase64(textArg(args, 0))) },
  { name: 'concat', takes: [1, ANY_NUMBER], takesSecrets: true, run: concat },
  {
    name: 'dataUri',
    takes: [1, 1],
    run: (args) => `data:text/plain;charset=utf8;base64,${toBase64(textArg(args, 0))}`,
  },
  { name: 'dataUriToString', takes: [1, 1], run: (args) => fromDataUri(textArg(args, 0)) },
  { name: 'endsWith', takes: [2, 2], run: (args) => lower(args, 0).endsWith(lower(args, 1)) },
  {
    name: 'fail',
    takes: [1, 1],
    run: (args) => {
      throw new ArmFault(`the template says: ${textArg(args, 0)}`);
    },
  },
  { name: 'format', takes: [1, ANY_NUMBER], takesSecrets: true, run: formatText },
  { name: 'guid', takes: [1, ANY_NUMBER], run: (args) => guid(args.map((_, index) => textArg(args, index))) },
  { name: 'join', takes: [2, 2], run: (args) => listArg(args, 0).map(toText).join(textArg(args, 1)) },
  { name: 'json', takes: [1, 1], run: (args) => readJson(textArg(args, 0)) },
  { name: 'padLeft', takes: [2, 3], run: padLeft },
  {
    name: 'replace',
    takes: [3, 3],
    run: (args) =>
      textArg(args, 1) === '' ? emptySearch() : textArg(args, 0).replaceAll(textArg(args, 1), () => textArg(args, 2)),
  },
  { name: 'split', takes: [2, 2], run: split },
  { name: 'startsWith', takes: [2, 2], run: (args) => lower(args, 0).startsWith(lower(args, 1)) },
  { name: 'string', takes: [1, 1], run: ([value]) => toText(value ?? '') },
  { name: 'substring', takes: [2, 3], run: substring },
  { name: 'toLower', takes: [1, 1], run: (args) => textArg(args, 0).toLowerCase() },
  { name: 'toUpper', takes: [1, 1], run: (args) => textArg(args, 0).toUpperCase() },
  { name: 'trim', takes: [1, 1], run: (args) => textArg(args, 0).trim() },
  {
    name: 'uniqueString',
    takes: [1, ANY_NUMBER],
    run: (args) => uniqueString(args.map((_, index) => textArg(args, index))),
  },
  { name: 'uri', takes: [2, 2], run: (args) => joinUri(textArg(args, 0), textArg(args, 1)) },
  { name: 'uriComponent', takes: [1, 1], run: (args) => encoded(textArg(args, 0)) },
  { name: 'uriComponentToString', takes: [1, 1], run: (args) => decoded(textArg(args, 0)) },
];

function concat(args: readonly ArmValue[]): ArmValue {
  if (args.some(isList)) return args.flatMap((_, index) => listArg(args, index));
  const wrong = args.findIndex((arg) => typeof arg === 'object' && arg !== null && !(arg instanceof ArmSecret));
  if (wrong !== -1) throw wrongArg(wrong, 'a string', args[wrong] ?? '');
  const secrets = args.filter((arg) => arg instanceof ArmSecret);
  if (secrets.length === 0) return args.map(toText).join('');
  return joinSecrets(args, secrets);
}

/** A text around secrets. */
function joinSecrets(args: readonly ArmValue[], secrets: readonly ArmSecret[]): ArmSecret {
  if (secrets.some(({ isBase64 }) => isBase64))
    throw new ArmFault('a secret in base64 cannot become part of a text', { hint: 'it fits a secret volume only' });
  const parts = args.flatMap((arg) => (arg instanceof ArmSecret ? arg.parts : [toText(arg)]));
  return new ArmSecret(parts, [...new Set(secrets.flatMap(({ names }) => names))]);
}

function base64(value: ArmValue): ArmValue {
  if (!(value instanceof ArmSecret)) return toBase64(textArg([value], 0));
  const texts = value.parts.filter((part) => typeof part === 'string');
  if (value.isBase64) throw new ArmFault(`the secret ${value.shown} is in base64 already`);
  if (texts.length < value.parts.length) return new ArmSecret(value.parts, value.names, true);
  return new ArmSecret([toBase64(texts.join(''))], value.names);
}

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function fromBase64(text: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new ArmFault('argument 1 is not base64');
  return Buffer.from(text, 'base64').toString('utf8');
}

function fromDataUri(text: string): string {
  const [, base, content] = /^data:[^,]*?(;base64)?,(.*)$/is.exec(text) ?? [];
  if (content === undefined) throw new ArmFault('argument 1 is not a data URI');
  return base === undefined ? decoded(content) : fromBase64(content);
}

function lower(args: readonly ArmValue[], index: number): string {
  return textArg(args, index).toLowerCase();
}

function padLeft(args: readonly ArmValue[]): string {
  const [value = '', , character = ' '] = args;
  const length = intArg(args, 1);
  if (typeof value !== 'string' && typeof value !== 'number') throw wrongArg(0, 'a string or an int', value);
  if (length < 0 || length > LONGEST_PAD) throw new ArmFault(`argument 2: expected 0 to ${LONGEST_PAD}, got ${length}`);
  if (typeof character !== 'string' || character.length !== 1) throw new ArmFault('argument 3: expected one character');
  return String(value).padStart(length, character);
}

function emptySearch(): never {
  throw new ArmFault('argument 2: expected a text that is not empty');
}

function split(args: readonly ArmValue[]): ArmValue {
  const [, delimiter = ''] = args;
  const delimiters = isList(delimiter) ? delimiter.map((_, index) => textArg(delimiter, index)) : [textArg(args, 1)];
  let parts = [textArg(args, 0)];
  for (const one of delimiters) if (one !== '') parts = parts.flatMap((part) => part.split(one));
  return parts;
}

function substring(args: readonly ArmValue[]): string {
  const text = textArg(args, 0);
  const start = intArg(args, 1);
  const length = args.length < 3 ? text.length - start : intArg(args, 2);
  if (start < 0 || length < 0 || start + length > text.length) {
    const asked = exact(start + Math.max(0, length));
    throw new ArmFault(`characters ${start} to ${asked} are not all there: the text has ${text.length}`);
  }
  return text.slice(start, start + length);
}

function joinUri(base: string, relative: string): string {
  try {
    return new URL(relative, base).href;
  } catch {
    throw new ArmFault('arguments 1 and 2 do not make a URI');
  }
}

/** encodeURIComponent leaves five more characters than Azure does. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  } catch {
    throw new ArmFault('argument 1 has half a character in it');
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ArmFault('argument 1 is not an encoded part of a URI');
  }
}

/** Types of parameters of ARM templates and what a value must be for them. A secret's value is never part of a message. */
import type { Json, SecretReference } from '../../model/app.ts';
import { nearMatch } from '../near-match.ts';
import { asSecretReference } from '../secret-places.ts';
import { membersOf } from './arm-copies.ts';
import { ArmFault } from './arm-fault.ts';
import type { ArmNode } from './arm-json.ts';
import { valueOf } from './arm-read-json.ts';
import { ArmSecret, fromJson, isList, isObject, isSame, kindOf, plain } from './arm-value.ts';
import type { ArmValue } from './arm-value.ts';

const TYPES = ['string', 'int', 'bool', 'object', 'array', 'secureString', 'secureObject'] as const;
type ParameterType = (typeof TYPES)[number];

/** Types of its own that a definition may refer to, one after another. */
const MOST_REFERENCES = 16;

export interface ParameterDefinition {
  readonly name: string;
  readonly type: ParameterType;
  readonly isSecure: boolean;
  /** All of its keys in lower case. */
  readonly parts: Readonly<Record<string, ArmNode | undefined>>;
}

/** Throws ArmFault without a place. `types`: the definitions of the template. */
export function readDefinition(name: string, node: ArmNode, types: ArmNode | undefined): ParameterDefinition {
  let parts = membersOf(node);
  for (let count = 0; parts['$ref'] !== undefined; count += 1) {
    const { $ref: reference, ...own } = parts;
    const path = reference?.kind === 'text' ? /^#\/definitions\/([^/]+)$/.exec(reference.value)?.[1] : undefined;
    const found = path === undefined ? undefined : membersOf(types)[path.toLowerCase()];
    if (found === undefined || count >= MOST_REFERENCES)
      throw new ArmFault(`the type of parameter "${name}" refers to no definition of the template`);
    parts = { ...membersOf(found), ...own };
  }
  const { type } = parts;
  const written = type?.kind === 'text' ? type.value : '';
  const known = TYPES.find((one) => one.toLowerCase() === written.toLowerCase());
  if (known !== undefined) return { name, type: known, isSecure: known.startsWith('secure'), parts };
  const near = nearMatch(written, TYPES);
  throw new ArmFault(`parameter "${name}": ${written === '' ? 'it has no type' : `unknown type "${written}"`}`, {
    hint: near === undefined ? `types are ${TYPES.join(', ')}` : `did you mean ${near}?`,
  });
}

/** A value that was given, with secrets made opaque. Throws ArmFault without a place. */
export function toParameter(definition: ParameterDefinition, given: Json): ArmValue {
  const { name, type } = definition;
  if (type === 'secureString') {
    const secret = toSecret(name, given);
    if (secret !== undefined) return secret;
    throw wrong(definition, 'a string, or a secret by reference such as {env: NAME}', fromJson(given));
  }
  if (type !== 'secureObject') return fromJson(given);
  if (asSecretReference(given) !== undefined)
    throw new ArmFault(`parameter "${name}": a secureObject has references in its members, it is none itself`);
  return withSecrets(name, given);
}

/** Also of what comes from a default. Of a secret, what stands in plain text is checked. Throws ArmFault without a place. */
export function checkParameter(definition: ParameterDefinition, given: ArmValue): void {
  checkType(definition, given);
  const value = literalOf(given);
  const { name, parts, isSecure } = definition;
  const allowed = parts['allowedvalues'];
  if (allowed !== undefined && !isOpaque(value)) checkAllowed(definition, value, valueOf(allowed));
  const size =
    typeof value === 'number' ? value : isList(value) || typeof value === 'string' ? value.length : undefined;
  if (size === undefined) return;
  const [low, high, of] =
    typeof value === 'number' ? ['minvalue', 'maxvalue', 'a value'] : ['minlength', 'maxlength', 'a length'];
  const least = numberOf(parts[low]);
  const most = numberOf(parts[high]);
  const got = isSecure ? '' : `, got ${size}`;
  if (least !== undefined && size < least)
    throw new ArmFault(`parameter "${name}": expected ${of} of ${least} or more${got}`);
  if (most !== undefined && size > most)
    throw new ArmFault(`parameter "${name}": expected ${of} of ${most} or less${got}`);
}

function checkType(definition: ParameterDefinition, value: ArmValue): void {
  const { type, parts } = definition;
  const nullable = parts['nullable'];
  if (value === null && nullable?.kind === 'plain' && nullable.value === true) return;
  const fits: Record<ParameterType, boolean> = {
    string: typeof value === 'string',
    int: typeof value === 'number' && Number.isSafeInteger(value),
    bool: typeof value === 'boolean',
    object: isObject(value),
    array: isList(value),
    secureString: typeof value === 'string' || value instanceof ArmSecret,
    secureObject: isObject(value),
  };
  if (fits[type]) return;
  if (value instanceof ArmSecret) throw secureWanted(definition);
  if (type === 'string' && isObject(value) && asSecretReference(plain(value)) !== undefined)
    throw secureWanted(definition);
  throw wrong(definition, `${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`, value);
}

export function secureWanted({ name, type }: ParameterDefinition): ArmFault {
  return new ArmFault(`parameter "${name}" is of type ${type} and is given a secret by reference`, {
    hint: 'make it a secureString in the template, so that Azure hides it too',
  });
}

function checkAllowed({ name, isSecure }: ParameterDefinition, value: ArmValue, allowed: ArmValue): void {
  if (!isList(allowed)) throw new ArmFault(`parameter "${name}": allowedValues is no array`);
  const isAllowed = (one: ArmValue) => allowed.some((candidate) => isSame(candidate, one));
  // For an array each of its items may be allowed, or the array as a whole.
  if (isAllowed(value) || (isList(value) && value.every(isAllowed))) return;
  const got = isSecure ? '' : `, got ${JSON.stringify(plain(value))}`;
  throw new ArmFault(
    `parameter "${name}": expected one of ${allowed.map((one) => JSON.stringify(plain(one))).join(', ')}${got}`,
  );
}

function literalOf(value: ArmValue): ArmValue {
  if (!(value instanceof ArmSecret)) return value;
  const texts = value.parts.filter((part) => typeof part === 'string');
  return texts.length === value.parts.length ? texts.join('') : value;
}

function isOpaque(value: ArmValue): boolean {
  if (value instanceof ArmSecret) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(isOpaque);
}

function numberOf(node: ArmNode | undefined): number | undefined {
  return node?.kind === 'plain' && typeof node.value === 'number' ? node.value : undefined;
}

function wrong({ name }: ParameterDefinition, expected: string, got: ArmValue): ArmFault {
  return new ArmFault(`parameter "${name}": expected ${expected}, got ${kindOf(got)}`);
}

function toSecret(name: string, given: Json): ArmSecret | string | undefined {
  const reference: SecretReference | undefined = asSecretReference(given);
  if (reference !== undefined) return new ArmSecret([reference], [name]);
  if (typeof given !== 'string') return undefined;
  return given === '' ? '' : new ArmSecret([given], [name]);
}

/** Texts and references in it become opaque. */
function withSecrets(name: string, given: Json): ArmValue {
  const secret = toSecret(name, given);
  if (secret !== undefined) return secret;
  if (Array.isArray(given)) return given.map((item: Json) => withSecrets(name, item));
  if (typeof given !== 'object' || given === null) return fromJson(given);
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, item]) => (item === undefined ? [] : [[key, withSecrets(name, item)]])),
  );
}

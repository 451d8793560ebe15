/**
 * Puts secrets of an evaluated ARM template into the common document, as references. One that would stand where Azure
 * shows it to everybody who may read the group is refused.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import { asObject } from '../json.ts';
import { mapSecrets } from '../secret-places.ts';
import { ArmFault } from './arm-fault.ts';
import type { ArmPlace } from './arm-fault.ts';
import type { ArmNode } from './arm-json.ts';
import { ArmSecret, isList, isObject } from './arm-value.ts';
import type { ArmObject, ArmValue } from './arm-value.ts';

type Path = readonly (string | number)[];

interface Kept {
  readonly secret: ArmSecret;
  readonly path: Path;
}

/** Stands for the secret of that number while places are looked for; a text of the template's own may not begin so. */
const MARK = '\u0000secret ';

/** Members that are null are left out, as if they were not there. `placeOf`: where a path stands in the file. */
export function placeSecrets(
  body: ArmObject,
  { placeOf, faults }: { placeOf: (path: Path) => ArmPlace; faults: ArmFault[] },
): JsonObject {
  const kept: Kept[] = [];
  const marked = asObject(mark(body, [], kept)) ?? {};
  const placed = new Set<Kept>();
  const document = mapSecrets(marked, (value, path) => {
    const found = markedOf(value, kept);
    if (found === undefined) return value;
    placed.add(found);
    const fault = encodingFault(found.secret, path.includes('.secret.'));
    if (fault !== undefined) faults.push(fault.at(placeOf(found.path)));
    return found.secret.toJson();
  });
  for (const one of kept) {
    if (placed.has(one)) continue;
    const where = one.path.join('.');
    const fault = new ArmFault(`the secret ${one.secret.shown} stands at ${where}, which Azure does not keep secret`, {
      hint: hintFor(one.path),
    });
    faults.push(fault.at(placeOf(one.path)));
  }
  return document;
}

/** The nearest thing in the file: what loops and functions make has no place of its own. */
export function nearestNode(node: ArmNode, [first, ...rest]: Path): ArmNode {
  if (first === undefined) return node;
  const inner =
    node.kind === 'object'
      ? node.members.find(({ key }) => key === first)?.value
      : node.kind === 'list' && typeof first === 'number'
        ? node.items[first]
        : undefined;
  return inner === undefined ? node : nearestNode(inner, rest);
}

function mark(value: ArmValue, path: Path, kept: Kept[]): Json {
  if (value instanceof ArmSecret) {
    kept.push({ secret: value, path });
    return `${MARK}${kept.length - 1}`;
  }
  if (typeof value === 'string' && value.startsWith(MARK))
    throw new ArmFault('a text begins with a character that is not seen');
  if (isList(value)) return value.map((item, index) => mark(item, [...path, index], kept));
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(members.map(([key, item]) => [key, mark(item, [...path, key], kept)]));
}

function markedOf(value: Json, kept: readonly Kept[]): Kept | undefined {
  return typeof value === 'string' && value.startsWith(MARK) ? kept[Number(value.slice(MARK.length))] : undefined;
}

/** Azure takes the files of secret volumes in base64; Viridian writes what a reference leads to in it. */
function encodingFault({ isBase64, parts, shown, names }: ArmSecret, isFile: boolean): ArmFault | undefined {
  const isReference = parts.some((part) => typeof part !== 'string');
  if (isBase64 && !isFile)
    return new ArmFault(`the secret ${shown} in base64 fits a file of a secret volume only`, {
      hint: 'remove base64(…)',
    });
  if (!isBase64 && isFile && isReference)
    return new ArmFault(`the secret ${shown} is a file of a secret volume: those are in base64`, {
      hint: `write base64(parameters('${names[0] ?? ''}')), and let the reference lead to the text itself`,
    });
  return undefined;
}

function hintFor(path: Path): string {
  const isVariable = path.some((part) => typeof part === 'string' && part.toLowerCase() === 'environmentvariables');
  return isVariable
    ? 'use secureValue in place of value'
    : 'it may stand at secureValue, password, storageAccountKey, workspaceKey, or in a secret volume';
}

/**
 * References to secrets where none is resolved, and objects that are no reference where one is expected: either would be
 * sent to Azure as it stands. Pure.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import type { ConfigProblem } from '../../model/errors.ts';
import { asObject } from '../json.ts';
import { asSecretReference, findSecrets, mapSecrets } from '../secret-places.ts';
import type { Path } from '../yaml-file.ts';
import type { ProblemAt } from './format.ts';

export function checkSecretPlaces(document: JsonObject, problemAt: ProblemAt): ConfigProblem[] {
  const rest = mapSecrets(document, () => '');
  return [
    ...misplaced(rest, []).map((path) => problemAt(path, adviceFor(path))),
    ...findSecrets(document).flatMap(({ path, value }) => {
      if (asObject(value) === undefined || asSecretReference(value) !== undefined) return [];
      const message = `${path}: expected a text or a reference to a secret, {env: NAME}, {file: PATH}, {keyVault: {vault, secret, version}} or {join: [...]}`;
      return [problemAt(toPath(path), message)];
    }),
  ];
}

function adviceFor(path: Path): string {
  const what = `${path.join('.')}: a secret cannot be referred to here`;
  return path.at(-1) === 'value' && path.includes('environmentVariables')
    ? `${what}, where everybody who can read the group would see it; use secureValue in place of value`
    : `${what}; expected in secureValue of a variable, a password, a storage or workspace key, or a file of a secret volume`;
}

function misplaced(value: Json, path: Path): readonly Path[] {
  if (asSecretReference(value) !== undefined) return [path];
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => misplaced(item, [...path, index]));
  return Object.entries(asObject(value) ?? {}).flatMap(([key, item]) =>
    item === undefined ? [] : misplaced(item, [...path, key]),
  );
}

function toPath(text: string): Path {
  const parts = text.split(/[.[\]]+/).filter((part) => part !== '');
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

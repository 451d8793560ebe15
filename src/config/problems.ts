/** Turns what the schema found into problems with a place, what was expected, and a near match. */
import type { z } from 'zod';
import type { ConfigProblem } from '../model/errors.ts';
import { nearMatch } from './near-match.ts';
import type { Path, YamlFile } from './yaml-file.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

export function toProblems(issues: readonly z.core.$ZodIssue[], file: YamlFile, schema: JsonSchema): ConfigProblem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(file, [...path, key], keysAt(schema, path)));
    if (!file.has(path)) {
      const description = describeAt(schema, path);
      return [
        file.problem(
          path,
          `missing key "${String(path.at(-1))}"${description === undefined ? '' : `: ${description}`}`,
        ),
      ];
    }
    if (issue.code === 'invalid_key') return [wrongKey(file, path, issue)];
    return [wrongValue(file, path, { issue, schema })];
  });
}

/** By file and place. */
export function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...problems].sort((a, b) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1,
  );
}

function unknownKey(file: YamlFile, path: Path, known: readonly string[]): ConfigProblem {
  const key = String(path.at(-1));
  const near = nearMatch(key, known);
  const hint = near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`;
  return file.problem(path, `unknown key "${key}"`, { atKey: true, hint });
}

/** Of a map whose keys the operator chooses. */
function wrongKey(file: YamlFile, path: Path, { issues }: z.core.$ZodIssueInvalidKey): ConfigProblem {
  const message = issues[0]?.message ?? 'not a name that can be used here';
  return file.problem(path, `${pathText(path)}: ${message}, got "${String(path.at(-1))}"`, { atKey: true });
}

function wrongValue(file: YamlFile, path: Path, given: { issue: z.core.$ZodIssue; schema: JsonSchema }): ConfigProblem {
  const { issue, schema } = given;
  const value = file.valueAt(path);
  const message = issue.message
    .replace(/^(Invalid input|Invalid option|Invalid string|Too small|Too big): /, '')
    .replace(/, received \w+$/, '');
  const near = typeof value === 'string' ? nearMatch(value, wordsAt(issue, schema, path)) : undefined;
  const what = path.length === 0 ? '' : `${pathText(path)}: `;
  return file.problem(path, `${what}${message}, got ${valueText(value)}`, {
    hint: near === undefined ? undefined : `did you mean "${near}"?`,
  });
}

/** Those that could stand there. */
function wordsAt(issue: z.core.$ZodIssue, schema: JsonSchema, path: Path): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  return schemasAt(schema, path).flatMap((one) => {
    const words = one['enum'] ?? (one['const'] === undefined ? [] : [one['const']]);
    return Array.isArray(words) ? words.map(String) : [];
  });
}

export function pathText(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`))
    .join('');
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The schemas that may stand at a path, alternatives included. */
function schemasAt(schema: JsonSchema, path: Path): readonly JsonSchema[] {
  let here: JsonSchema[] = [schema];
  for (const part of path) {
    here = here
      .flatMap((one) => alternatives(one))
      .flatMap((one) => {
        const named = () => asSchema(one['properties'])?.[part] ?? one['additionalProperties'];
        const next = typeof part === 'number' ? one['items'] : named();
        const found = asSchema(next);
        return found === undefined ? [] : [found];
      });
  }
  return here.flatMap((one) => alternatives(one));
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  const any = schema['anyOf'];
  if (!Array.isArray(any)) return [schema];
  const found = any.map(asSchema).filter((one) => one !== undefined);
  return found.flatMap((one) => alternatives(one));
}

function keysAt(schema: JsonSchema, path: Path): string[] {
  return schemasAt(schema, path).flatMap((one) => Object.keys(asSchema(one['properties']) ?? {}));
}

function describeAt(schema: JsonSchema, path: Path): string | undefined {
  const description = schemasAt(schema, path).at(0)?.['description'];
  return typeof description === 'string' ? description : undefined;
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

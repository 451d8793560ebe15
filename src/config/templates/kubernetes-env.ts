/**
 * Environment variables of a container: values, keys of ConfigMaps and Secrets, and `$(NAME)` as Kubernetes expands it.
 * What comes from a Secret, or has one in it, goes where Container Instances hides it.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import {
  ENV_FROM_SHAPE,
  ENV_SHAPE,
  ENV_SOURCE_SHAPE,
  KEY_REFERENCE_SHAPE,
  SOURCE_REFERENCE_SHAPE,
} from './kubernetes-container-shape.ts';
import type { Fields, Report, Text } from './kubernetes-fields.ts';
import type { Held, HolderKind, Holders } from './kubernetes-holders.ts';
import type { NamedSecret } from './kubernetes-references.ts';
import { isVariableName } from './variable-name.ts';

/** Of plain texts and references, in order. */
export interface Variable {
  readonly at: number;
  readonly isSecret: boolean;
  readonly parts: readonly (string | NamedSecret)[];
}
export type Variables = ReadonlyMap<string, Variable>;

const LONGEST = 128 * 1024;
const MOST_PARTS = 100;

/** Later ones take the place of earlier ones by the same name. */
export function readVariables(container: Fields, holders: Holders): Variables {
  const variables = new Map<string, Variable>();
  for (const source of container.objects('envFrom', ENV_FROM_SHAPE)) addFrom(source, holders, variables);
  for (const fields of container.objects('env', ENV_SHAPE)) {
    const name = fields.requiredText('name');
    if (name === undefined) continue;
    checkName(name, fields.pathOf('name'), fields.report);
    const variable = variableOf(fields, holders, variables);
    if (variable !== undefined) variables.set(name.value, variable);
  }
  return variables;
}

function addFrom(source: Fields, holders: Holders, variables: Map<string, Variable>): void {
  const prefix = source.text('prefix')?.value ?? '';
  const kinds = (['configMapRef', 'secretRef'] as const).filter((key) => source.has(key));
  if (kinds.length !== 1) source.report.refuse(source.at, `${source.path}: expected one of configMapRef and secretRef`);
  for (const key of kinds) {
    const reference = source.object(key, SOURCE_REFERENCE_SHAPE);
    const name = reference?.requiredText('name');
    if (reference === undefined || name === undefined) continue;
    const holder = holders.find(holderKind(key), name, reference.boolean('optional') === true);
    for (const [key, held] of holder?.values ?? []) {
      // As a kubelet does: such keys are files for whoever mounts them.
      if (!isVariableName(prefix + key)) {
        source.report.warn(name.at, `${source.path}: key "${key}" is left out, since no variable can be called that`);
        continue;
      }
      if (holder !== undefined) holders.use(holder, key);
      const variable = variableHeld(held, {
        isSecret: holder?.kind === 'Secret',
        at: name.at,
        path: source.path,
        report: source.report,
      });
      if (variable !== undefined) variables.set(prefix + key, variable);
    }
  }
}

function variableOf(fields: Fields, holders: Holders, before: Variables): Variable | undefined {
  const { report, path } = fields;
  if (!fields.has('valueFrom')) {
    const text = fields.text('value');
    if (text !== undefined) return expand(text, before, { path: fields.pathOf('value'), report });
    return fields.has('value') ? undefined : { at: fields.at, isSecret: false, parts: [] };
  }
  if (fields.text('value')?.value)
    report.refuse(fields.placeOf('value'), `${path}: expected one of value and valueFrom`);
  const source = fields.object('valueFrom', ENV_SOURCE_SHAPE);
  if (source === undefined) return undefined;
  const keys = (['configMapKeyRef', 'secretKeyRef'] as const).filter((key) => source.has(key));
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    if (keys.length > 1 || source.keys.length === 0)
      report.refuse(source.at, `${source.path}: expected one of configMapKeyRef and secretKeyRef`);
    return undefined;
  }
  const reference = source.object(key, KEY_REFERENCE_SHAPE);
  const [name, wanted] = [reference?.requiredText('name'), reference?.requiredText('key')];
  const isOptional = reference?.boolean('optional') === true;
  const holder = name === undefined ? undefined : holders.find(holderKind(key), name, isOptional);
  const held = holder === undefined || wanted === undefined ? undefined : holders.value(holder, wanted, isOptional);
  if (held === undefined || wanted === undefined) return undefined;
  return variableHeld(held, { isSecret: key === 'secretKeyRef', at: wanted.at, path: source.path, report });
}

function holderKind(key: 'configMapKeyRef' | 'secretKeyRef' | 'configMapRef' | 'secretRef'): HolderKind {
  return key.startsWith('secret') ? 'Secret' : 'ConfigMap';
}

function variableHeld(
  held: Held,
  { isSecret, at, path, report }: { isSecret: boolean; at: number; path: string; report: Report },
): Variable | undefined {
  if (held.kind === 'reference') return { at, isSecret: true, parts: [held.reference] };
  const { text } = held;
  if (text !== undefined) return { at, isSecret, parts: text === '' ? [] : [text] };
  report.refuse(at, `${path}: what the key holds is no text, so it cannot be a variable`, 'mount it as a volume');
  return undefined;
}

/** `$(NAME)` of a variable before it; `$$` is a dollar; what is unknown stays as it is written. */
export function expand(
  { value, at }: Text,
  before: Variables,
  { path, report }: { path: string; report: Report },
): Variable | undefined {
  const parts: (string | NamedSecret)[] = [];
  let isSecret = false;
  let length = 0;
  for (const [token, name] of value.matchAll(/\$\$|\$\(([^)]{0,300})\)|\$|[^$]+/g)) {
    const known = name === undefined ? undefined : before.get(name);
    isSecret ||= known?.isSecret ?? false;
    for (const part of known?.parts ?? (known === undefined ? [token === '$$' ? '$' : token] : [])) {
      length += typeof part === 'string' ? part.length : 1;
      const last = parts.at(-1);
      if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
      else parts.push(part);
    }
    if (length > LONGEST || parts.length > MOST_PARTS) {
      report.refuse(
        at,
        `${path}: too long with its $(NAME) in place, at most ${LONGEST} characters and ${MOST_PARTS} parts`,
      );
      return undefined;
    }
  }
  return { at, isSecret, parts };
}

/** A command, with `$(NAME)` in place; one that would have a secret in it is refused. */
export function expandCommand(
  texts: readonly Text[],
  variables: Variables,
  { path, report }: Fields,
): readonly string[] {
  return texts.map((text) => {
    const found = expand(text, variables, { path, report });
    if (found?.isSecret === true) {
      const message = `${path}: a command shows in plain text in Azure, and this part of it has a secret in it`;
      const hint = 'have a shell in the container read the variable: ["sh", "-c", "exec app \\"$NAME\\""]';
      report.refuse(text.at, message, hint);
    }
    return plainText(found?.parts ?? []);
  });
}

function checkName({ value, at }: Text, path: string, report: Report): void {
  if (isVariableName(value)) return;
  report.refuse(
    at,
    `${path}: a variable of a group has a name of letters, digits and "_", got "${value.slice(0, 60)}"`,
  );
}

/** Container Instances refuses a variable that is empty. */
export function toEnvironment(variables: Variables, { path, report }: Fields): readonly JsonObject[] {
  return [...variables].flatMap(([name, { at, isSecret, parts }]): JsonObject[] => {
    if (parts.length === 0) {
      report.warn(at, `${path}: variable ${name} is left out, since Container Instances takes none that is empty`);
      return [];
    }
    return [isSecret ? { name, secureValue: secretOf(parts) } : { name, value: plainText(parts) }];
  });
}

/** Of a variable that has no secret in it. */
export function plainText(parts: Variable['parts']): string {
  const texts = parts.filter((part) => typeof part === 'string');
  return texts.length === 1 ? (texts[0] ?? '') : texts.join('');
}

function secretOf(parts: Variable['parts']): Json {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { join: parts };
}

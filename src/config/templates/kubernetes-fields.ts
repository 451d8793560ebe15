/**
 * Reads one object of a manifest by its shape: the table of every key that may stand there, each with what becomes of it.
 * What no table names is an unknown key; what has no counterpart is refused by its path. Problems and warnings are
 * collected, so that all of a file are told at once.
 */
import type { ConfigProblem } from '../../model/errors.ts';
import { ConfigError } from '../../model/errors.ts';
import { nearMatch } from '../near-match.ts';
import { inOrder } from '../problems.ts';
import { looksOctal } from './kubernetes-plain.ts';
import type { PlainValue } from './kubernetes-plain.ts';
import type { ManifestLines } from './kubernetes-lines.ts';
import type { Value } from './kubernetes-yaml.ts';

/** What becomes of a key. `unless`: values that ask for nothing; an empty mapping or list never does. */
export type Rule =
  | { readonly kind: 'used' }
  | { readonly kind: 'leftOut' }
  | { readonly kind: 'noted'; readonly why: string; readonly unless: readonly unknown[] }
  | { readonly kind: 'refused'; readonly why: string; readonly unless: readonly unknown[] };
export type Shape = Readonly<Record<string, Rule>>;

export const used: Rule = { kind: 'used' };
/** Changes nothing about what runs, so it is not worth a word. */
export const leftOut: Rule = { kind: 'leftOut' };
export const noted = (why: string, ...unless: readonly unknown[]): Rule => ({ kind: 'noted', why, unless });
export const refused = (why: string, ...unless: readonly unknown[]): Rule => ({ kind: 'refused', why, unless });

export interface Text {
  readonly at: number;
  readonly value: string;
}

const MOST_PROBLEMS = 100;
/** Found at most before the first of them are told; then the file is not looked at further. */
const MOST_FOUND = 1000;
const LONGEST_MESSAGE = 1000;

export class Report {
  readonly lines: ManifestLines;
  readonly #problems: ConfigProblem[] = [];
  readonly #warnings = new Set<string>();

  constructor(lines: ManifestLines) {
    this.lines = lines;
  }

  /** What is found from here on is not told. */
  get isFull(): boolean {
    return this.#problems.length >= MOST_FOUND;
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  refuse(at: number, message: string, hint?: string): void {
    if (!this.isFull) this.#problems.push(this.lines.problemAt(at, cut(message), hint));
  }

  warn(at: number, message: string): void {
    if (this.#warnings.size >= MOST_PROBLEMS) return;
    const { line, column } = this.lines.placeOf(at);
    this.#warnings.add(`${this.lines.shown}:${line}:${column}: ${cut(message)}`);
  }

  /** Throws ConfigError where anything was refused. */
  end(): void {
    const problems = new Map(
      this.#problems.map((problem) => [`${problem.line}:${problem.column}:${problem.message}`, problem]),
    );
    if (problems.size > 0) throw new ConfigError(inOrder([...problems.values()]).slice(0, MOST_PROBLEMS));
  }
}

function cut(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
}

export class Fields {
  readonly at: number;
  readonly path: string;
  readonly report: Report;
  readonly #entries: ReadonlyMap<string, { readonly keyAt: number; readonly value: Value }>;

  private constructor(value: Value & { kind: 'map' }, path: string, report: Report) {
    this.at = value.at;
    this.path = path;
    this.report = report;
    this.#entries = value.entries;
  }

  /** Undefined, and a problem, where there is no mapping. `shape` undefined: keys are the writer's own. */
  static of(
    value: Value,
    shape: Shape | undefined,
    { path, report }: { path: string; report: Report },
  ): Fields | undefined {
    if (value.kind !== 'map') {
      report.refuse(value.at, `${path}: expected a mapping (key: value), got ${described(value)}`);
      return undefined;
    }
    const fields = new Fields(value, path, report);
    if (shape !== undefined) fields.#check(shape);
    return fields;
  }

  get keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Null counts as absent, as it does in Kubernetes. */
  has(key: string): boolean {
    return this.#given(key) !== undefined;
  }

  /** Where a value stands, or the object where there is none. */
  placeOf(key: string): number {
    return this.#entries.get(key)?.value.at ?? this.at;
  }

  keyPlaceOf(key: string): number {
    return this.#entries.get(key)?.keyAt ?? this.at;
  }

  pathOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  text(key: string): Text | undefined {
    const value = this.#given(key);
    return value === undefined ? undefined : textOf(value, this.pathOf(key), this.report);
  }

  /** A problem where it is absent or empty. */
  requiredText(key: string): Text | undefined {
    const text = this.text(key);
    if (!this.has(key))
      this.report.refuse(this.at, `missing key "${key}" in ${this.path === '' ? 'this object' : this.path}`);
    else if (text?.value === '') this.report.refuse(text.at, `${this.pathOf(key)}: expected a text that is not empty`);
    return text?.value === '' ? undefined : text;
  }

  /** A text that is one of a few. */
  choice(key: string, known: readonly string[]): string | undefined {
    const text = this.text(key);
    if (text === undefined || known.includes(text.value)) return text?.value;
    const near = nearMatch(text.value, known);
    const hint = near === undefined ? undefined : `did you mean "${near}"?`;
    this.report.refuse(text.at, `${this.pathOf(key)}: expected ${known.join(' or ')}, got "${text.value}"`, hint);
    return undefined;
  }

  integer(key: string, least: number, most: number): number | undefined {
    const value = this.#given(key);
    if (value === undefined) return undefined;
    const number = value.kind === 'scalar' && typeof value.value === 'number' ? value.value : undefined;
    if (number !== undefined && value.kind === 'scalar' && looksOctal(value.source)) {
      this.report.refuse(
        value.at,
        `${this.pathOf(key)}: ${value.source} is octal for kubectl, it means ${number}`,
        `write ${number}`,
      );
      return undefined;
    }
    if (number !== undefined && Number.isInteger(number) && number >= least && number <= most) return number;
    this.report.refuse(
      value.at,
      `${this.pathOf(key)}: expected a whole number from ${least} to ${most}, got ${described(value)}`,
    );
    return undefined;
  }

  boolean(key: string): boolean | undefined {
    const value = this.#given(key);
    if (value === undefined) return undefined;
    if (value.kind === 'scalar' && typeof value.value === 'boolean') return value.value;
    this.report.refuse(value.at, `${this.pathOf(key)}: expected true or false, got ${described(value)}`);
    return undefined;
  }

  /** Empty where absent, or where there is no list. */
  list(key: string): readonly { readonly value: Value; readonly path: string }[] {
    const value = this.#given(key);
    if (value === undefined) return [];
    if (value.kind === 'list')
      return value.items.map((item, index) => ({ value: item, path: `${this.pathOf(key)}[${index}]` }));
    this.report.refuse(value.at, `${this.pathOf(key)}: expected a list, got ${described(value)}`);
    return [];
  }

  /** Each item that is an object. */
  objects(key: string, shape: Shape): readonly Fields[] {
    return this.list(key).flatMap(({ value, path }) => Fields.of(value, shape, { path, report: this.report }) ?? []);
  }

  texts(key: string): readonly Text[] {
    return this.list(key).flatMap(({ value, path }) => textOf(value, path, this.report) ?? []);
  }

  object(key: string, shape: Shape | undefined): Fields | undefined {
    const value = this.#given(key);
    return value === undefined ? undefined : Fields.of(value, shape, { path: this.pathOf(key), report: this.report });
  }

  /** The value itself, where it may be of more than one kind. */
  raw(key: string): Value | undefined {
    return this.#given(key);
  }

  #given(key: string): Value | undefined {
    const value = this.#entries.get(key)?.value;
    return value === undefined || (value.kind === 'scalar' && value.value === undefined) ? undefined : value;
  }

  #check(shape: Shape): void {
    for (const [key, { keyAt, value }] of this.#entries) {
      const rule = Object.hasOwn(shape, key) ? shape[key] : undefined;
      if (rule === undefined) this.#refuseUnknown(key, keyAt, Object.keys(shape));
      else if ((rule.kind === 'refused' || rule.kind === 'noted') && !asksNothing(value, rule.unless)) {
        if (rule.kind === 'noted') this.report.warn(keyAt, `${this.pathOf(key)} is left out: ${rule.why}`);
        else this.report.refuse(keyAt, `${this.pathOf(key)} is refused: ${rule.why}`);
      }
    }
  }

  #refuseUnknown(key: string, at: number, known: readonly string[]): void {
    if (this.report.isFull) return;
    const near = nearMatch(key, known);
    const hint = near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`;
    this.report.refuse(at, `unknown key "${key}" (${this.pathOf(key)})`, hint);
  }
}

function asksNothing(value: Value, unless: readonly unknown[]): boolean {
  switch (value.kind) {
    case 'map':
      return value.entries.size === 0;
    case 'list':
      return value.items.length === 0;
    case 'scalar':
      return value.value === undefined || unless.includes(value.value);
  }
}

/** Kubernetes takes no number or boolean where it wants a text. */
export function textOf(value: Value, path: string, report: Report): Text | undefined {
  if (value.kind === 'scalar' && typeof value.value === 'string') return { at: value.at, value: value.value };
  const isPlain = value.kind === 'scalar' && value.value !== undefined;
  const hint = isPlain ? `quote it: "${value.source}"` : undefined;
  report.refuse(value.at, `${path}: expected a text, got ${described(value)}`, hint);
  return undefined;
}

export function described(value: Value): string {
  switch (value.kind) {
    case 'map':
      return 'a mapping';
    case 'list':
      return 'a list';
    case 'scalar':
      return scalarDescribed(value.value, value.source);
  }
}

function scalarDescribed(value: PlainValue, source: string): string {
  const shown = source.length > 60 ? `${source.slice(0, 57)}…` : source;
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `the text "${shown}"`;
  const kind = typeof value === 'boolean' ? 'a boolean' : 'a number';
  return String(value) === source ? `${kind}, ${shown}` : `${shown}, which kubectl reads as ${kind}, ${String(value)}`;
}

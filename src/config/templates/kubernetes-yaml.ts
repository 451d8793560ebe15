/**
 * Reads YAML with several documents into values that know where they stand in the file. Words and numbers are read as
 * kubectl reads them, which is YAML 1.1: `yes` is true, `012` is ten. Aliases and `<<` are followed, within a limit.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Pair, Scalar, YAMLError } from 'yaml';
import { ConfigError } from '../../model/errors.ts';
import type { ConfigProblem } from '../../model/errors.ts';
import type { TemplateFile } from './format.ts';
import { ManifestLines } from './kubernetes-lines.ts';
import { readPlain } from './kubernetes-plain.ts';
import type { PlainValue } from './kubernetes-plain.ts';

interface Placed {
  /** Offset in the file, and that of its end. */
  readonly at: number;
  readonly end: number;
  /** Values in it, itself and what aliases repeat counted. */
  readonly size: number;
}
interface Entry {
  readonly keyAt: number;
  readonly value: Value;
}
export interface MapValue extends Placed {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
}
export interface ListValue extends Placed {
  readonly kind: 'list';
  readonly items: readonly Value[];
}
export interface ScalarValue extends Placed {
  readonly kind: 'scalar';
  readonly value: PlainValue;
  /** As it stands there. */
  readonly source: string;
}
export type Value = MapValue | ListValue | ScalarValue;

const DEEPEST = 60;
const LARGEST_SIZE = 1_000_000;

export interface Manifests {
  readonly documents: readonly Value[];
  readonly lines: ManifestLines;
}

/** Empty documents are left out. Throws ConfigError where the text is no YAML. */
export function readManifests(file: TemplateFile): Manifests {
  const counter = new LineCounter();
  const lines = new ManifestLines(file, counter);
  try {
    const parsed = parseAllDocuments(file.text, {
      lineCounter: counter,
      prettyErrors: false,
      // It compares each key with all others, which takes minutes for a large mapping; keys are told apart below.
      uniqueKeys: false,
    });
    const documents = 'empty' in parsed ? [] : parsed;
    const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]);
    if (errors.length > 0) throw new ConfigError(errors.slice(0, 100).map((error) => notYaml(error, lines)));
    return {
      documents: documents.flatMap(({ contents }) =>
        contents === null ? [] : new Locator(lines).documentOf(contents),
      ),
      lines,
    };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // A text that nests thousands of levels exhausts the stack of the parser.
    throw new ConfigError([
      lines.problemAt(0, `not YAML that can be used: ${error instanceof Error ? error.message : ''}`),
    ]);
  }
}

function notYaml(error: YAMLError, lines: ManifestLines): ConfigProblem {
  const [at] = error.pos;
  lines.hideSecretsAround(at);
  return lines.problemAt(at, lines.isHidden(at) ? `not YAML: ${error.code}` : `not YAML: ${error.message}`);
}

class Locator {
  readonly #lines: ManifestLines;
  readonly #anchors = new Map<string, Value>();

  constructor(lines: ManifestLines) {
    this.#lines = lines;
  }

  documentOf(contents: unknown): Value[] {
    const value = this.#locate(contents, 0, 0);
    return value.kind === 'scalar' && value.value === undefined ? [] : [value];
  }

  #locate(node: unknown, otherwiseAt: number, depth: number): Value {
    const at = startOf(node) ?? otherwiseAt;
    if (depth > DEEPEST) throw this.#refuse(at, `nested more than ${DEEPEST} levels deep`);
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) throw this.#refuse(at, `not YAML: nothing before it is called &${node.source}`);
      return target;
    }
    const value = this.#valueOf(node, { at, end: endOf(node) ?? at }, depth);
    if (value.size > LARGEST_SIZE) throw this.#refuse(at, `more than ${LARGEST_SIZE} values, aliases followed`);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, value);
    return value;
  }

  #valueOf(node: unknown, place: { at: number; end: number }, depth: number): Value {
    if (isMap(node)) return this.#mapOf(node.items, place, depth);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#locate(item, place.at, depth + 1));
      return { kind: 'list', ...place, items, size: items.reduce((size, item) => size + item.size, 1) };
    }
    if (!isScalar(node)) return { kind: 'scalar', ...place, value: undefined, source: '', size: 1 };
    return { kind: 'scalar', ...place, ...this.#scalarOf(node, place.at), size: 1 };
  }

  #scalarOf(node: Scalar, at: number): { value: PlainValue; source: string } {
    const source = node.source ?? '';
    const tag = node.tag?.replace('tag:yaml.org,2002:', '');
    if (tag === 'str' || (tag === undefined && node.type !== undefined && node.type !== 'PLAIN'))
      return { value: source, source };
    if (tag !== undefined && !['bool', 'int', 'float', 'null'].includes(tag))
      throw this.#refuse(at, `the YAML tag ${node.tag ?? ''} is not read here`);
    return { value: readPlain(source), source };
  }

  #mapOf(items: readonly Pair[], place: { at: number; end: number }, depth: number): MapValue {
    const entries = new Map<string, Entry>();
    const merged: Value[] = [];
    for (const { key, value } of items) {
      const keyAt = startOf(key) ?? place.at;
      const located = this.#locate(value, keyAt, depth + 1);
      const isMerge = isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
      if (isMerge) merged.push(...(located.kind === 'list' ? located.items : [located]));
      else this.#add(entries, this.#keyOf(key, keyAt), { keyAt, value: located });
    }
    for (const source of merged) {
      if (source.kind !== 'map') throw this.#refuse(source.at, 'not YAML: << takes in a mapping, or a list of them');
      for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
    }
    return {
      kind: 'map',
      ...place,
      entries,
      size: [...entries.values()].reduce((size, { value }) => size + value.size, 1),
    };
  }

  #add(entries: Map<string, Entry>, key: string, entry: Entry): void {
    if (entries.has(key)) throw this.#refuse(entry.keyAt, `the key ${key.slice(0, 80)} is there twice`);
    entries.set(key, entry);
  }

  #keyOf(key: unknown, at: number): string {
    const located = this.#locate(key, at, 0);
    if (located.kind !== 'scalar') throw this.#refuse(at, 'a key must be text');
    const { value, source } = located;
    // A number that is written in its shortest form means the same in every reading.
    if (typeof value === 'string' || (typeof value === 'number' && String(value) === source)) return source;
    throw this.#refuse(at, `the key ${source} is read as ${String(value)} by kubectl`, `write "${source}" with quotes`);
  }

  #refuse(at: number, message: string, hint?: string): ConfigError {
    this.#lines.hideSecretsAround(at);
    return new ConfigError([this.#lines.problemAt(at, message, hint)]);
  }
}

function startOf(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined;
}

function endOf(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[1] : undefined;
}

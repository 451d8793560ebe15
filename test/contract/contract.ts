/**
 * One API as its specification has it: finds the operation that a request is for, and lists in words what in a request
 * or an answer is not as declared. An empty list is agreement.
 */
import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { asArray, asRecord, asText } from '../../src/simulator/http.ts';
import { Documents } from './documents.ts';
import type { Api } from './documents.ts';
import { definitionSchemas, toJsonSchema } from './json-schema.ts';
import type { Raw } from './json-schema.ts';

export interface Sent {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly pattern: RegExp;
  /** Number of placeholders in the path: fewer is the closer match. */
  readonly holes: number;
  readonly raw: Raw;
}

export class Contract {
  readonly documents: Documents;
  readonly operations: readonly Operation[];
  readonly #bodies = newAjv(false);
  /** Parameters come as text: numbers and booleans are read from it. */
  readonly #parameters = newAjv(true);
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(api: Api) {
    this.documents = new Documents(api);
    this.#bodies.addSchema(definitionSchemas(this.documents));
    const paths = asRecord(this.documents.files.get(this.documents.entry)?.['paths']) ?? {};
    this.operations = Object.entries(paths)
      .flatMap(([path, methods]) => operationsAt(path, asRecord(methods) ?? {}))
      .sort((a, b) => a.holes - b.holes);
  }

  find({ method, url }: Pick<Sent, 'method' | 'url'>): Operation | undefined {
    const { pathname } = new URL(url, 'https://localhost');
    return this.operations.find(
      (operation) => operation.method === method.toLowerCase() && operation.pattern.test(pathname),
    );
  }

  requestProblems(operation: Operation, sent: Sent): string[] {
    const url = new URL(sent.url, 'https://localhost');
    const parameters = asArray(operation.raw['parameters']).map((parameter) => this.#parameter(parameter));
    const check = (place: string, values: Record<string, unknown>) =>
      this.#valueProblems(`${operation.id} ${place}`, parameters.filter(isIn(place)), values);
    const version = url.searchParams.get('api-version') ?? this.documents.version;
    const body = parameters.find(isIn('body'));
    const form = parameters.some(isIn('formData')) ? new URLSearchParams(sent.body) : [];
    return [
      ...check('path', operation.pattern.exec(url.pathname)?.groups ?? {}),
      ...check('query', Object.fromEntries(url.searchParams)),
      ...check('formData', Object.fromEntries(form)),
      ...(version === this.documents.version ? [] : [`${operation.id} query: api-version is ${version}`]),
      ...(body === undefined ? [] : this.bodyProblems(`${operation.id} request`, body['schema'], sent.body)),
    ];
  }

  answerProblems(operation: Operation, answer: Answer): string[] {
    const where = `${operation.id} ${answer.status}`;
    const responses = asRecord(operation.raw['responses']);
    const declared = asRecord(
      responses?.[answer.status] ?? (answer.status >= 400 ? responses?.['default'] : undefined),
    );
    if (declared === undefined) return [`${where}: the status is not declared`];
    if (declared['schema'] === undefined) return answer.body === '' ? [] : [`${where}: a body where none is declared`];
    const type = asText(answer.headers['content-type'], 'missing');
    const isJson = answer.body === '' || /[/+]json(;|$)/.test(type);
    const typeProblems = isJson ? [] : [`${where}: the content type is ${type}`];
    return [...typeProblems, ...this.bodyProblems(where, declared['schema'], answer.body)];
  }

  bodyProblems(where: string, schema: unknown, body: string): string[] {
    if (body === '') return [`${where}: no body where one is declared`];
    return this.#problems(this.#bodies, { where, schema, value: JSON.parse(body) });
  }

  #valueProblems(where: string, parameters: readonly Raw[], value: Record<string, unknown>): string[] {
    const properties = Object.fromEntries(parameters.map((parameter) => [parameter['name'], parameter]));
    const required = parameters.filter((parameter) => parameter['required'] === true).map(({ name }) => name);
    return this.#problems(this.#parameters, { where, schema: { properties, required }, value: { ...value } });
  }

  #problems(ajv: Ajv, given: { where: string; schema: unknown; value: unknown }): string[] {
    const schema = toJsonSchema(given.schema, this.documents.entry, this.documents);
    const key = JSON.stringify(schema);
    const validate = this.#compiled.get(key) ?? ajv.compile(schema);
    this.#compiled.set(key, validate);
    return validate(given.value) ? [] : (validate.errors ?? []).map((error) => `${given.where}: ${describe(error)}`);
  }

  #parameter(given: unknown): Raw {
    const raw = asRecord(given) ?? {};
    return typeof raw['$ref'] === 'string' ? this.documents.resolve(raw['$ref'], this.documents.entry).raw : raw;
  }
}

function newAjv(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, verbose: true, coerceTypes });
  return formats.default(ajv);
}

/** Letter case does not count, as ARM matches paths. */
function operationsAt(path: string, methods: Raw): Operation[] {
  const source = path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return Object.entries(methods).map(([method, given]) => {
    const raw = asRecord(given) ?? {};
    const holes = path.split('{').length - 1;
    return { id: asText(raw['operationId']), method, pattern: new RegExp(`^${source}$`, 'i'), holes, raw };
  });
}

const isIn = (place: string) => (parameter: Raw) => parameter['in'] === place;

/** Says of what kind the value is, so that an exception for null excuses nothing but null. */
function describe({ instancePath, keyword, params, message, data }: ErrorObject): string {
  const key = asText(params['additionalProperty']);
  if (keyword === 'additionalProperties')
    return `${instancePath}/${key} is not declared, is ${kindOf(asRecord(data)?.[key])}`;
  return `${instancePath === '' ? '/' : instancePath} ${message ?? keyword}, is ${kindOf(data)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

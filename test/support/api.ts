/** Asks the API as an operator's client would, and holds each answer to the OpenAPI document that the daemon gives. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

export class ApiClient {
  readonly #url: string;
  readonly #token: string;
  #ajv: Ajv2020 | undefined;
  #document: Json = {};

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  get(path: string): Promise<Answer> {
    return this.#ask(path, { method: 'GET' });
  }

  command(app: string, body: object): Promise<Answer> {
    return this.#ask(`/v1/apps/${app}/commands`, { method: 'POST', body: JSON.stringify(body) });
  }

  async #ask(path: string, init: { readonly method: string; readonly body?: string }): Promise<Answer> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(init.body !== undefined && { 'content-type': 'application/json' }),
    };
    const response = await fetch(this.#url + path, { ...init, headers });
    const body = await bodyOf(response);
    await this.#check(path, init.method, { response, body });
    return { status: response.status, body };
  }

  /** Throws where the document knows of no such answer, or of another one. */
  async #check(path: string, method: string, { response, body }: { response: Response; body: Json }): Promise<void> {
    const ajv = (this.#ajv ??= await this.#load());
    const template = path
      .replace(/^\/v1\/apps\/[^/]+/, '/v1/apps/{app}')
      .replace(/\/rollouts\/[^/]+/, '/rollouts/{rollout}');
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const keys = [
      'paths',
      template,
      method.toLowerCase(),
      'responses',
      String(response.status),
      'content',
      type,
      'schema',
    ];
    const schema = keys.reduce<unknown>((node, key) => (isJson(node) ? node[key] : undefined), this.#document);
    if (!isJson(schema)) throw new Error(`the document has no ${keys.join(' ')}`);
    const pointer = keys.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    if (!ajv.validate({ $ref: `api#/${pointer}` }, body)) {
      throw new Error(`${method} ${path}: ${ajv.errorsText()}: ${JSON.stringify(body)}`);
    }
  }

  async #load(): Promise<Ajv2020> {
    this.#document = await bodyOf(await fetch(`${this.#url}/openapi.json`));
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema(this.#document, 'api');
    return ajv;
  }
}

async function bodyOf(response: Response): Promise<Json> {
  const body: unknown = await response.json();
  if (!isJson(body)) throw new Error(`expected a JSON object, got ${JSON.stringify(body)}`);
  return body;
}

function isJson(node: unknown): node is Json {
  return typeof node === 'object' && node !== null;
}

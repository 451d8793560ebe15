/** The operator's end of the HTTP API: where it is, with whose token, and how what went wrong is told. */
import type { z } from 'zod';
import { loadSettings } from '../config/load.ts';
import { ConfigError } from '../model/errors.ts';
import { formatConfigError } from '../config/format-error.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import { commandAnswer, problem } from '../server/api-schema.ts';
import type { CommandAnswer } from '../server/api-schema.ts';

export interface ApiOptions {
  readonly api?: string | undefined;
  readonly config?: string | undefined;
  /** Environment variable that holds the token. */
  readonly tokenEnv: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** What was typed cannot be carried out: exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The daemon could not be asked, or has refused: exit status 1. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** As the API says it. */
  readonly because: string | undefined;
  constructor(message: string, options: { because?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.because = options.because;
  }
}

const READ_MS = 15 * SECOND;
/** The daemon may take a minute to answer. */
const COMMAND_MS = MINUTE + 10 * SECOND;
const DEFAULT_URL = 'http://127.0.0.1:8080';
const LOOPBACK = /^(127\.[\d.]+|localhost|\[::1\])$/;

export class ApiClient {
  readonly #url: string;
  readonly #token: string;

  /** Throws UsageError where it is not known where to ask, or with what token. */
  constructor(options: ApiOptions, env: Env) {
    this.#url = urlOf(options, env);
    const { hostname, protocol } = new URL(this.#url);
    if (protocol === 'http:' && !LOOPBACK.test(hostname)) {
      throw new UsageError(
        `the token would travel to ${hostname} in plain text; expected a URL that begins with https://`,
      );
    }
    const token = env[options.tokenEnv]?.trim();
    if (token === undefined || token === '') {
      throw new UsageError(
        `environment variable ${options.tokenEnv} is not set; put your token of the daemon's config (api.tokens) there`,
      );
    }
    this.#token = token;
  }

  /** Throws ApiError. */
  async read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return understood(schema, await this.#ask(path, READ_MS, { method: 'GET' }));
  }

  /** Throws ApiError where it is refused. */
  async command(app: string, body: object): Promise<CommandAnswer> {
    const init = { method: 'POST', body: JSON.stringify(body) };
    const path = `/v1/apps/${encodeURIComponent(app)}/commands`;
    return understood(commandAnswer, await this.#ask(path, COMMAND_MS, init));
  }

  async #ask(path: string, timeoutMs: number, init: { method: string; body?: string }): Promise<unknown> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(init.body !== undefined && { 'content-type': 'application/json' }),
    };
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(this.#url + path, { ...init, headers, signal, redirect: 'error' });
      const body: unknown = await response.json().catch(() => undefined);
      if (response.ok) return body;
      throw refusal(response.status, body);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new ApiError(
        `${this.#url} cannot be asked: ${reasonOf(error)}; is the daemon running, with api in its config?`,
        {
          cause: error,
        },
      );
    }
  }
}

function urlOf({ api, config }: ApiOptions, env: Env): string {
  const given = api ?? (config === undefined ? env['VIRIDIAN_API'] : urlOfConfig(config)) ?? DEFAULT_URL;
  if (!/^https?:\/\/[^\s/?#]+\/?$/.test(given) || !URL.canParse(given)) {
    throw new UsageError(`expected the URL of a daemon, such as ${DEFAULT_URL}, got ${given}`);
  }
  return given.replace(/\/$/, '');
}

function urlOfConfig(file: string): string {
  try {
    const { api } = loadSettings(file).settings;
    if (api === undefined)
      throw new UsageError(`${file} has no api, so its daemon cannot be asked; add it, or give --api`);
    const host = api.host === '0.0.0.0' ? '127.0.0.1' : api.host === '::' ? '[::1]' : api.host;
    const shown = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
    return `${api.tls === undefined ? 'http' : 'https'}://${shown}:${api.port}`;
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(formatConfigError(error), { cause: error });
    throw error;
  }
}

function understood<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  throw new ApiError(`the answer is not understood (${where}); use the same version as the daemon`);
}

function refusal(status: number, body: unknown): ApiError {
  const parsed = problem.safeParse(body);
  if (!parsed.success) return new ApiError(`expected an answer of Viridian, got HTTP ${status} without one`);
  const { detail, because } = parsed.data;
  return new ApiError(detail, { because });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

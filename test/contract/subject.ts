/**
 * The local Azure under test, seen from outside: every request goes over HTTPS with its CA and a token of its own token
 * service, and request and answer are held to the specification on the way.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asRecord } from '../../src/simulator/http.ts';
import { LOCAL_SUBSCRIPTION, startAzure } from '../../src/simulator/start.ts';
import type { AzureOptions, LocalAzure } from '../../src/simulator/start.ts';
import { exchange, signIn } from '../support/exchange.ts';
import { Contract } from './contract.ts';
import type { Answer, Sent } from './contract.ts';
import type { Api } from './documents.ts';
import { EXCEPTIONS, NOT_SERVED } from './exceptions.ts';
import type { Exception } from './exceptions.ts';

export interface Call {
  /** `GET /path?query`; `~` stands for the subscription. */
  readonly call: string;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** In place of the one that ARM takes; undefined: none. */
  readonly token?: string | undefined;
  /** The request is wrong on purpose: only its answer is held to the specification. */
  readonly isWrong?: boolean;
}

export class Subject {
  readonly azure: LocalAzure;
  readonly contract: Contract;
  readonly token: string;
  readonly #folder: string;
  readonly #exercised = new Set<string>();
  readonly #excused = new Set<Exception>();

  private constructor(given: { azure: LocalAzure; contract: Contract; token: string; folder: string }) {
    this.azure = given.azure;
    this.contract = given.contract;
    this.token = given.token;
    this.#folder = given.folder;
  }

  static async start(api: Api, options: Partial<AzureOptions> = {}): Promise<Subject> {
    const folder = await mkdtemp(join(tmpdir(), 'viridian-contract-'));
    const azure = await startAzure({ createMs: 100, restartMs: 50, probeIntervalMs: 50, ...options, folder });
    const token = await signIn(azure);
    return new Subject({ azure, contract: new Contract(api), token, folder });
  }

  /** Sends it; fails the test where the request, the status or the body is not as declared. Gives back the answer. */
  async send(given: Call): Promise<Answer> {
    const [method = '', path = ''] = given.call.split(' ');
    const form = given.form === undefined ? '' : new URLSearchParams(given.form).toString();
    const body = given.json === undefined ? form : JSON.stringify(given.json);
    const sent = { method, url: path.replace('~', `/subscriptions/${LOCAL_SUBSCRIPTION}`), body };
    const token = 'token' in given ? given.token : this.token;
    const answer = await exchange(this.azure, sent, {
      'content-type': given.json === undefined ? 'application/x-www-form-urlencoded' : 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    });
    this.agree(this.#compare(sent, answer, given.isWrong === true));
    return answer;
  }

  /** Fails on every problem that is not in the table of exceptions. */
  agree(problems: readonly string[]): void {
    const unexcused = problems.filter((problem) => {
      const exception = EXCEPTIONS.find((row) => row.api === this.contract.documents.api && row.problem.test(problem));
      if (exception !== undefined) this.#excused.add(exception);
      return exception === undefined;
    });
    assert.deepEqual(unexcused, []);
  }

  /** For the last test of a file: what was left untried, and which exceptions nothing needed. */
  leftovers(): { readonly untried: readonly string[]; readonly unneeded: readonly string[] } {
    const { operations, documents } = this.contract;
    const known = new Set([...this.#exercised, ...NOT_SERVED[documents.api]]);
    const own = EXCEPTIONS.filter(({ api }) => api === documents.api);
    return {
      untried: operations.map(({ id }) => id).filter((id) => !known.has(id)),
      unneeded: own.filter((row) => !this.#excused.has(row)).map(({ reason }) => reason),
    };
  }

  async close(): Promise<void> {
    await this.azure.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #compare(sent: Sent, answer: Answer, isWrong: boolean): string[] {
    const operation = this.contract.find(sent);
    if (operation === undefined) return [`${sent.method} ${sent.url.split('?')[0]} is not in the specification`];
    if (answer.status < 400) this.#exercised.add(operation.id);
    const asked = isWrong ? [] : this.contract.requestProblems(operation, sent);
    return [...asked, ...this.contract.answerProblems(operation, answer)];
  }
}

/** The body of an answer as an object. */
export function parse(answer: Answer): Record<string, unknown> {
  return asRecord(JSON.parse(answer.body)) ?? {};
}

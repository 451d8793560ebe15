/**
 * How Azure Monitor's clients are called: with the daemon's identity for the audience of the config, no retries (the next
 * measurement is one), bounded answers, and an end with the measurement. What was refused is told in Azure's own words.
 */
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline';
import { readErrorBody } from '../azure/error-body.ts';
import { boundedClient } from '../registry/bounded-client.ts';
import type { Asking } from './context.ts';
import { errorReading, messageOf } from './reading.ts';
import type { Reading } from './reading.ts';

const MOST_BYTES = 1024 * 1024;

export class AzureCall {
  readonly #where: string;
  readonly #role: string;
  readonly #asking: Asking;
  #refusal: PipelineResponse | undefined;
  readonly options;

  /** `role`: what the daemon's identity needs where it is refused. */
  constructor(place: { endpoint: string; audience: string; role: string }, asking: Asking) {
    this.#where = place.endpoint;
    this.#role = place.role;
    this.#asking = asking;
    this.options = {
      // Their own option for the audience differs between the two clients, and one has none.
      credentials: { scopes: [`${place.audience}/.default`] },
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'viridian' },
      httpClient: this.#client(),
    };
  }

  failed(error: unknown): Reading {
    const { signal, timeoutMs } = this.#asking;
    if (signal.aborted) return errorReading(`${this.#where}: no whole answer within ${timeoutMs} ms`);
    if (this.#refusal === undefined) return errorReading(`${this.#where}: ${messageOf(error)}`);
    const { status, bodyAsText } = this.#refusal;
    const said = readErrorBody(bodyAsText);
    const told = said === undefined ? (bodyAsText ?? '').slice(0, 100) : `${said.code}: ${said.message}`;
    const hint = status === 401 || status === 403 ? `; give the daemon’s identity the role ${this.#role}` : '';
    return errorReading(`${this.#where}: HTTP ${status} ${told}${hint}`);
  }

  #client(): HttpClient {
    const bounded = boundedClient(this.#asking.httpClient ?? createDefaultHttpClient(), MOST_BYTES);
    return {
      sendRequest: async (request) => {
        // One of the clients hands no signal on.
        request.abortSignal = this.#asking.signal;
        const response = await bounded.sendRequest(request);
        if (response.status >= 300) this.#refusal = response;
        return response;
      },
    };
  }
}

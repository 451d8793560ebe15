/** Errors, throttling and delays on request: each fault matches some requests, so many times, before or after the effect. */
import type { Face, HttpAnswer, HttpRequest } from './http.ts';

export interface Fault {
  /** `GET`, `PUT`, …; any method where absent. */
  readonly method?: string | undefined;
  /** Part of the path, in any letter case. */
  readonly path: string;
  /** HTTP status; 0 cuts the connection; 200 without a body only delays. */
  readonly status: number;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  /** The whole body, in place of an error in ARM's shape. */
  readonly body?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly delayMs?: number | undefined;
  /** `after`: the effect takes place, and the error is answered all the same. */
  readonly when?: 'before' | 'after' | undefined;
  /** How often; for ever where absent. */
  times?: number | undefined;
}

export class Faults {
  #faults: Fault[] = [];

  add(fault: Fault): void {
    this.#faults.push({ ...fault });
  }

  clear(): void {
    this.#faults = [];
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  /** Puts the faults in front of a face. */
  before(face: Face): Face {
    return async (request) => {
      const fault = this.#take(request);
      if (fault === undefined) return face(request);
      if (fault.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      if (fault.status === 200 && fault.body === undefined) return face(request);
      if (fault.when === 'after' && (await face(request)) === undefined) return undefined;
      return answerOf(fault);
    };
  }

  #take(request: HttpRequest): Fault | undefined {
    const fault = this.#faults.find(
      (candidate) =>
        (candidate.method === undefined || candidate.method === request.method) &&
        request.path.toLowerCase().includes(candidate.path.toLowerCase()) &&
        candidate.times !== 0,
    );
    if (fault?.times !== undefined) fault.times -= 1;
    return fault;
  }
}

function answerOf(fault: Fault): HttpAnswer {
  const headers: Record<string, string> =
    fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
  if (fault.body !== undefined) return { status: fault.status, headers, text: fault.body };
  const message = fault.message ?? 'A fault that was asked for.';
  return { status: fault.status, headers, json: { error: { code: fault.code ?? 'SimulatedFault', message } } };
}

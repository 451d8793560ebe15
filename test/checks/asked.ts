/** A check, the context that it is asked in, and servers on loopback that answer as a test says. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import type { CheckContext } from '../../src/checks/context.ts';
import type { AskedSource, Check } from '../../src/model/check.ts';
import { parseCondition } from '../../src/model/condition.ts';
import type { TlsFiles } from '../../src/simulator/tls.ts';

/** A clock that stands still; all that is waited for is over when the test says so. */
export class StoppedClock {
  #waiting = Promise.withResolvers<void>();

  now(): number {
    return 1000;
  }

  async wait(_ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    const aborted = signal === undefined ? [] : [once(signal, 'abort')];
    await Promise.race([this.#waiting.promise, ...aborted]);
  }

  /** Ends every wait that has begun. */
  expire(): void {
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers<void>();
  }
}

export function contextOf(given: Partial<CheckContext> = {}): CheckContext {
  return {
    app: 'web',
    rollout: '11111111',
    release: 'abcdef',
    phase: 'after',
    targets: [],
    resolve: async (host, port) => ({ host, port }),
    readSecret: async () => 'a very secret word',
    credential: { getToken: async () => ({ token: 'token', expiresOnTimestamp: 8e15 }) },
    clock: new StoppedClock(),
    ...given,
  };
}

export function checkOf<Source extends AskedSource>(
  source: Source,
  conditions: { successWhen?: string; failureWhen?: string } = {},
): Check<Source> {
  return {
    name: 'it',
    source,
    successWhen: parseCondition(conditions.successWhen ?? ''),
    failureWhen: parseCondition(conditions.failureWhen ?? ''),
    intervalMs: 1000,
    count: 1,
    timeoutMs: 5000,
    failureLimit: 0,
    errorLimit: 0,
    inconclusiveLimit: 0,
    isDryRun: false,
  };
}

/** Its port. Closed at the end of the test. */
export async function serve(listener: RequestListener, tls?: TlsFiles): Promise<number> {
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** A port that nothing listens at. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** Never ends: a gibibyte and more, as long as somebody reads it. */
export const endless: RequestListener = (_, response) => {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const write = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', write);
  write();
};

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

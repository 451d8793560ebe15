/**
 * From a push to the first create call: the daemon as a process of its own, on the local Azure over HTTPS, told by a
 * webhook, or polling. For polling each push comes just after a poll, so that the whole interval passes: the worst case.
 */
import { join } from 'node:path';
import { startDaemon } from '../../src/cli/demo-daemon.ts';
import { anyPort } from '../../src/simulator/free-ports.ts';
import { acrBody } from '../../test/server/bodies.ts';
import { Local } from '../../test/support/local.ts';

export interface PushToCreate {
  /** The slowest of several pushes. */
  readonly webhook: number;
  /** The same, less the interval. */
  readonly pollBeyondInterval: number;
}

const PUSHES = 5;
const INTERVAL_SECONDS = 5;
const SECRET = 'bench-push-secret';
const SECRET_VARIABLE = 'VIRIDIAN_BENCH_PUSH_SECRET';

type Called = 'polled' | 'created';

export async function measurePushes(): Promise<PushToCreate> {
  process.env[SECRET_VARIABLE] = SECRET;
  const port = await anyPort();
  const push = `push: { listen: "127.0.0.1:${port}", secret: { env: ${SECRET_VARIABLE} } }\n`;
  const told = await slowestMs({
    config: (text) => text.replace('poll: "* * * * * *"', 'poll: "0 0 0 1 1 *"').replace('state:', `${push}state:`),
    async push(local, tag) {
      local.push(tag);
      const from = performance.now();
      const body = JSON.stringify(acrBody({ host: local.azure.registry, tag }));
      const init = { method: 'POST', headers: { authorization: SECRET }, body };
      const { status } = await fetch(`http://127.0.0.1:${port}/push/acr`, init);
      if (status !== 202) throw new Error(`the push was answered by ${status}`);
      return from;
    },
  });
  const polled = await slowestMs({
    config: (text) => text.replace('poll: "* * * * * *"', `poll: "*/${INTERVAL_SECONDS} * * * * *"`),
    async push(local, tag, next) {
      await next('polled');
      // The call is heard of before it is answered.
      await new Promise((resolve) => setTimeout(resolve, 20));
      local.push(tag);
      return performance.now();
    },
  });
  return { webhook: Math.round(told), pollBeyondInterval: Math.round(polled - INTERVAL_SECONDS * 1000) };
}

interface Way {
  readonly config: (text: string) => string;
  /** Pushes the tag, and gives the moment of that. */
  readonly push: (local: Local, tag: string, next: (called: Called) => Promise<void>) => Promise<number>;
}

async function slowestMs({ config, push }: Way): Promise<number> {
  const calls = new Calls();
  const local = await Local.start({ config, onRequest: ({ method, path }) => calls.hear(method, path) });
  local.push('1.0.0');
  let onFinished: () => void = () => undefined;
  const daemon = startDaemon(local.configFile, {
    logFile: join(local.folder, 'daemon.log'),
    onLine: ({ event }) => event === 'rollout.finished' && onFinished(),
  });
  const died = daemon.ended.then((status) => Promise.reject(new Error(`the daemon ended with status ${status}`)));
  died.catch(() => undefined);
  const finished = () => new Promise<void>((resolve) => (onFinished = resolve));
  try {
    await Promise.race([finished(), died]);
    let slowest = 0;
    for (let number = 1; number <= PUSHES; number += 1) {
      const created = calls.next('created');
      const end = finished();
      const from = await push(local, `1.${number}.0`, (called) => calls.next(called));
      await Promise.race([created, died]);
      slowest = Math.max(slowest, performance.now() - from);
      await Promise.race([end, died]);
    }
    return slowest;
  } finally {
    await daemon.stop();
    await local.close();
  }
}

/** What the daemon asks of the local Azure. */
class Calls {
  readonly #waiting = new Map<Called, () => void>();

  hear(method: string, path: string): void {
    if (method === 'GET' && path.endsWith('_tags')) this.#waiting.get('polled')?.();
    if (method === 'PUT' && path.includes('/containerGroups/')) this.#waiting.get('created')?.();
  }

  next(called: Called): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(called, resolve));
  }
}

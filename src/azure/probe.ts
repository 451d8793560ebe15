/**
 * One request straight to a group, or for scheme tcp one connection, closed as soon as it stands.
 * Redirects are not followed and certificates not checked, as Traffic Manager's own probes do not.
 */
import { request as httpRequest } from 'node:http';
import type { RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, isIP } from 'node:net';
import type { HttpProbe, ProbeSettings, TcpProbe } from '../model/app.ts';
import type { Clock } from '../model/time.ts';
import type { ProbeResult } from '../rollout/observation.ts';
import { TargetResolver } from './target-resolver.ts';
import type { Reached } from './target-resolver.ts';

export class Prober {
  readonly #resolver: TargetResolver;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(nameServers: readonly string[], clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#resolver = new TargetResolver(nameServers);
  }

  async probe(target: string, settings: ProbeSettings): Promise<ProbeResult> {
    let where: Reached;
    try {
      where = await this.#resolver.resolve(target, settings.port);
    } catch (error) {
      const detail = `${target} was not resolved: ${error instanceof Error ? error.message : String(error)}`;
      return { at: this.#clock.now(), ok: false, detail, inconclusive: true };
    }
    const startedAt = this.#clock.now();
    if (settings.scheme === 'tcp') {
      const problem = await reach(where, settings);
      const at = this.#clock.now();
      return { at, ok: problem === undefined, detail: problem ?? `connected in ${at - startedAt} ms` };
    }
    const answer = await ask(where, target, settings);
    const at = this.#clock.now();
    if ('problem' in answer) return { at, ok: false, detail: answer.problem };
    const ok = settings.statuses.some(({ from, to }) => answer.status >= from && answer.status <= to);
    const wanted = settings.statuses.map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
    const detail = ok ? `${answer.status} in ${at - startedAt} ms` : `status ${answer.status}, expected ${wanted}`;
    return { at, ok, detail };
  }
}

type Answer = { readonly status: number } | { readonly problem: string };

/** For people: why no connection came to stand; undefined where one did. */
function reach({ host, port }: Reached, { timeoutMs }: TcpProbe): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host, port, autoSelectFamily: true });
  const end = setTimeout(() => resolve(`no connection within ${timeoutMs} ms`), timeoutMs);
  socket.on('connect', () => resolve(undefined));
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.code ?? error.name}: ${error.message}`));
  return promise.finally(() => {
    clearTimeout(end);
    socket.destroy();
  });
}

function ask(where: Reached, target: string, settings: HttpProbe): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const port = settings.port === (settings.scheme === 'https' ? 443 : 80) ? '' : `:${settings.port}`;
  const options: RequestOptions & { rejectUnauthorized: boolean; servername?: string } = {
    host: where.host,
    port: where.port,
    path: settings.path,
    agent: false,
    headers: { host: settings.host ?? `${target}${port}`, 'user-agent': 'viridian-probe', connection: 'close' },
    signal: AbortSignal.timeout(settings.timeoutMs),
    rejectUnauthorized: false,
    ...(isIP(target) === 0 ? { servername: settings.host ?? target } : {}),
  };
  const sent = (settings.scheme === 'https' ? httpsRequest : httpRequest)(options, (answer) => {
    resolve({ status: answer.statusCode ?? 0 });
    answer.destroy();
  });
  sent.on('error', (error: NodeJS.ErrnoException) => {
    const isTimeout = error.name === 'AbortError' || error.code === 'ABORT_ERR';
    resolve({
      problem: isTimeout
        ? `no answer within ${settings.timeoutMs} ms`
        : `${error.code ?? error.name}: ${error.message}`,
    });
  });
  sent.end();
  return promise;
}

/** A liveness or readiness probe of a container. Ports by name are looked up among those of the same container. */
import type { JsonObject } from '../../model/app.ts';
import { present } from '../json.ts';
import { nearMatch } from '../near-match.ts';
import { EXEC_SHAPE, HEADER_SHAPE, HTTP_GET_SHAPE, PROBE_SHAPE } from './kubernetes-container-shape.ts';
import { described } from './kubernetes-fields.ts';
import type { Fields } from './kubernetes-fields.ts';
import { expandCommand } from './kubernetes-env.ts';
import type { Variables } from './kubernetes-env.ts';
import type { DeclaredPort } from './kubernetes-ports.ts';

const LONGEST_SECONDS = 24 * 60 * 60;

export interface ProbeGiven {
  readonly ports: readonly DeclaredPort[];
  readonly variables: Variables;
}

export function toProbe(container: Fields, key: string, { ports, variables }: ProbeGiven): JsonObject | undefined {
  const probe = container.object(key, PROBE_SHAPE);
  if (probe === undefined) return undefined;
  const ways = ['httpGet', 'exec'].filter((way) => probe.has(way));
  const isRefused = ['tcpSocket', 'grpc'].some((way) => probe.has(way));
  if (ways.length !== 1 && !isRefused) probe.report.refuse(probe.at, `${probe.path}: expected one of httpGet and exec`);
  return present({
    httpGet: toHttpGet(probe, ports),
    exec: toExec(probe, variables),
    initialDelaySeconds: probe.integer('initialDelaySeconds', 0, LONGEST_SECONDS),
    periodSeconds: probe.integer('periodSeconds', 1, LONGEST_SECONDS),
    timeoutSeconds: probe.integer('timeoutSeconds', 1, LONGEST_SECONDS),
    successThreshold: probe.integer('successThreshold', 1, 1000),
    failureThreshold: probe.integer('failureThreshold', 1, 1000),
  });
}

function toExec(probe: Fields, variables: Variables): JsonObject | undefined {
  const exec = probe.object('exec', EXEC_SHAPE);
  if (exec === undefined) return undefined;
  const command = expandCommand(exec.texts('command'), variables, exec);
  if (command.length === 0) exec.report.refuse(exec.at, `${exec.path}: expected a command`);
  return { command };
}

function toHttpGet(probe: Fields, ports: readonly DeclaredPort[]): JsonObject | undefined {
  const get = probe.object('httpGet', HTTP_GET_SHAPE);
  if (get === undefined) return undefined;
  const headers = get.objects('httpHeaders', HEADER_SHAPE).map((header) => ({
    name: header.requiredText('name')?.value ?? '',
    value: header.text('value')?.value ?? '',
  }));
  const path = get.text('path')?.value ?? '/';
  return present({
    path: path.startsWith('/') ? path : `/${path}`,
    port: portOf(get, ports),
    scheme: get.choice('scheme', ['HTTP', 'HTTPS'])?.toLowerCase(),
    httpHeaders: headers.length === 0 ? undefined : headers,
  });
}

function portOf(get: Fields, ports: readonly DeclaredPort[]): number | undefined {
  const raw = get.raw('port');
  if (raw === undefined) {
    get.report.refuse(get.at, `missing key "port" in ${get.path}`);
    return undefined;
  }
  if (raw.kind !== 'scalar' || typeof raw.value !== 'string') return get.integer('port', 1, 65_535);
  const named = ports.find(({ name }) => name === raw.value);
  if (named !== undefined) return named.port;
  const near = nearMatch(
    raw.value,
    ports.flatMap(({ name }) => name ?? []),
  );
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  get.report.refuse(
    raw.at,
    `${get.pathOf('port')}: expected a number, or the name of a port of this container, got ${described(raw)}`,
    hint,
  );
  return undefined;
}

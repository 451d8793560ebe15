/**
 * What the containers of a running group answer. Each tells which one it is, what it finds at the localhost addresses in
 * its environment, and the end of the file that its command names; LOG_FILE is where it writes its requests.
 * `/_local/PORT` at a port of the address is answered by whoever listens at that port inside of the group.
 */
import { fileAt } from './container-files.ts';
import { listenerAt, outsideListener } from './group-network.ts';
import { definitionOf } from './group.ts';
import type { Group, GroupContainer } from './group.ts';
import { asArray, asRecord, asText } from './http.ts';
import type { Shares } from './shares.ts';

export interface ContainerRequest {
  /** Of the address. */
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly now: number;
  /** When the containers started. */
  readonly startedAt: number;
}

export interface ContainerAnswer {
  readonly status: number;
  readonly version: string;
  readonly delayMs: number;
  readonly json: unknown;
}

const INSIDE = /^\/_local\/(\d{1,5})(\/.*)?$/;
const LOCAL_URL = /^https?:\/\/(?:localhost|127\.0\.0\.1)(?::(\d{1,5}))?(?:\/|$)/;
const LINES_SHOWN = 20;

export function answerOf(group: Group, shares: Shares, request: ContainerRequest): ContainerAnswer {
  const [isInside, port = '', path = '/'] = INSIDE.exec(request.path) ?? [];
  if (isInside === undefined) {
    const owner = outsideListener(group, request.port);
    return owner === undefined ? refused(group, request.port) : containerAnswer(group, { owner, shares, request });
  }
  const owner = listenerAt(group, Number(port));
  if (owner === undefined) return refused(group, Number(port));
  return containerAnswer(group, { owner, shares, request: { ...request, port: Number(port), path } });
}

function refused({ key }: Group, port: number): ContainerAnswer {
  const json = { group: key.name, port, error: `connection refused: nothing listens at localhost:${port}` };
  return { status: 502, version: '', delayMs: 0, json };
}

interface Asked {
  readonly owner: GroupContainer;
  readonly shares: Shares;
  readonly request: ContainerRequest;
}

function containerAnswer(group: Group, { owner, shares, request }: Asked): ContainerAnswer {
  const { version, delayMs } = owner.program;
  const status = statusOf(owner, request);
  const log = environmentOf(group, owner).get('LOG_FILE');
  const file = log === undefined ? undefined : fileAt(group, owner.name, log);
  const line = `${new Date(request.now).toISOString()} ${request.method} ${request.path} ${status}`;
  if (file !== undefined && !file.isReadOnly) shares.append(file.store, file.path, line);
  const json = {
    version,
    group: group.key.name,
    path: request.path,
    container: owner.name,
    ...neighboursOf(group, owner, request),
    ...readBy(group, owner, shares),
  };
  return { status, version, delayMs, json };
}

function statusOf({ program }: GroupContainer, { now, startedAt }: ContainerRequest): number {
  return now >= startedAt + program.startMs && program.healthy ? 200 : 503;
}

function environmentOf(group: Group, { name }: GroupContainer): ReadonlyMap<string, string> {
  const variables = asArray(definitionOf(group, name)['environmentVariables']).map((one) => asRecord(one) ?? {});
  return new Map(variables.map((one) => [asText(one['name']), asText(one['value'])]));
}

/** By the name of the variable that leads there. */
function neighboursOf(group: Group, owner: GroupContainer, request: ContainerRequest): Record<string, unknown> {
  const reached = [...environmentOf(group, owner)].flatMap(([variable, url]) => {
    const [isLocal, port = '80'] = LOCAL_URL.exec(url) ?? [];
    if (isLocal === undefined) return [];
    const found = listenerAt(group, Number(port));
    const seen =
      found === undefined
        ? { port: Number(port), error: 'connection refused' }
        : {
            port: Number(port),
            container: found.name,
            version: found.program.version,
            status: statusOf(found, request),
          };
    return [[variable, seen]];
  });
  return reached.length === 0 ? {} : { reached: Object.fromEntries(reached) };
}

/** The end of the first file that its command names, of those in a volume. */
function readBy(group: Group, { name }: GroupContainer, shares: Shares): Record<string, unknown> {
  const words = asArray(definitionOf(group, name)['command']).map((word) => asText(word));
  for (const word of words) {
    const file = fileAt(group, name, word);
    if (file !== undefined)
      return { file: word, lines: (shares.lines(file.store, file.path) ?? []).slice(-LINES_SHOWN) };
  }
  return {};
}

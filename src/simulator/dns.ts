/**
 * The name servers of the local Azure, on UDP and TCP. A profile's name is answered with a CNAME that lives for the
 * profile's TTL and, as a resolver would add, the address of the group behind it. Garbage is answered or dropped, never
 * fatal.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, streamEncode } from 'dns-packet';
import type { Answer, Packet, Question } from 'dns-packet';

export interface NameAsked {
  /** In lower case. */
  readonly name: string;
  readonly type: string;
  /** Of the client's subnet where the question has it (RFC 7871), else of who asks. */
  readonly address: string;
  /** Which of the name servers is asked, from 0. */
  readonly server: number;
}

/** Records for one name and type; an empty list: the name exists without that type; undefined: no such name. */
export type Resolve = (asked: NameAsked) => readonly Answer[] | undefined;

/** What ails a name server: no answer, one cut short on UDP, one that means nothing, a refusal, or one of a cache. */
export type DnsTrouble = 'silent' | 'truncated' | 'garbage' | 'refused' | 'fromCache';

export interface DnsServer {
  readonly port: number;
  trouble: DnsTrouble | undefined;
  close(): Promise<void>;
}

const LARGEST_UDP_BYTES = 1232;
const TRUNCATED = 512;
const NXDOMAIN = 3;
const FORMAT_ERROR = 1;
const REFUSED = 5;
const CLIENT_SUBNET = 8;
/** Longer than a header, and none. */
const GARBAGE = Buffer.alloc(40, 0xff);

export interface DnsOptions {
  readonly host: string;
  readonly port: number;
  readonly resolve: Resolve;
  /** Which of the name servers it is; 0 where absent. */
  readonly server?: number;
}

/** What answers one message that came from there; undefined: nothing. */
type Reply = (message: Uint8Array, from: string) => Packet | undefined;

export async function startDns(options: DnsOptions): Promise<DnsServer> {
  const state: { trouble: DnsTrouble | undefined } = { trouble: undefined };
  const reply: Reply = (message, from) =>
    state.trouble === 'silent' ? undefined : replyTo(message, { ...options, from, trouble: state.trouble });
  const tcp = await startTcp(options, reply, () => state.trouble === 'garbage');
  const address = tcp.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const clients = new Set<Socket>();
  tcp.on('connection', (client: Socket) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
  });
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => {
    const answer = reply(message, from.address);
    if (answer !== undefined) udp.send(udpBytes(answer, state.trouble), from.port, from.address, () => undefined);
  });
  try {
    udp.bind(port, options.host);
    await once(udp, 'listening');
  } catch (error) {
    udp.close();
    tcp.close();
    throw error;
  }
  return Object.assign(state, {
    port,
    async close() {
      udp.close();
      tcp.close();
      for (const client of clients) client.destroy();
      await once(tcp, 'close');
    },
  });
}

function udpBytes(reply: Packet, trouble: DnsTrouble | undefined): Uint8Array {
  if (trouble === 'garbage') return GARBAGE;
  const whole = encode(reply);
  if (trouble !== 'truncated' && whole.length <= LARGEST_UDP_BYTES) return whole;
  return encode({ ...reply, answers: [], flags: (reply.flags ?? 0) | TRUNCATED });
}

async function startTcp(
  options: { host: string; port: number },
  reply: Reply,
  isGarbage: () => boolean,
): Promise<Server> {
  const server = createServer((socket) =>
    answerStream(socket, (message) => {
      const answer = reply(message, socket.remoteAddress ?? '');
      return answer === undefined ? undefined : isGarbage() ? GARBAGE : streamEncode(answer);
    }),
  );
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return server;
}

function answerStream(socket: Socket, answer: (message: Uint8Array) => Uint8Array | undefined): void {
  let pending = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const length = pending.readUInt16BE(0);
      const bytes = answer(pending.subarray(2, 2 + length));
      pending = pending.subarray(2 + length);
      if (bytes !== undefined) socket.write(bytes);
    }
  });
  socket.setTimeout(10_000, () => socket.destroy());
}

interface Asking {
  readonly resolve: Resolve;
  readonly server?: number;
  readonly from: string;
  readonly trouble: DnsTrouble | undefined;
}

function replyTo(message: Uint8Array, asking: Asking): Packet | undefined {
  if (message.length < 12) return undefined;
  let query: Packet;
  try {
    query = decode(Buffer.from(message));
  } catch {
    return { type: 'response', id: Buffer.from(message).readUInt16BE(0), flags: FORMAT_ERROR };
  }
  if (query.type === 'response') return undefined;
  const [question] = query.questions ?? [];
  const subnet = clientSubnet(query);
  const base: Packet = {
    type: 'response',
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: asking.trouble === 'fromCache' ? 0 : AUTHORITATIVE_ANSWER,
  };
  if (question === undefined) return { ...base, flags: FORMAT_ERROR };
  if (asking.trouble === 'refused') return { ...base, questions: [question], flags: REFUSED };
  const name = question.name.toLowerCase().replace(/\.$/, '');
  const { server = 0 } = asking;
  const found = asking.resolve({ name, type: question.type, address: subnet ?? asking.from, server });
  return answerQuestion({ ...base, questions: [question] }, question, found);
}

/** As a resolver passes it on for its client. */
function clientSubnet(query: Packet): string | undefined {
  for (const additional of query.additionals ?? []) {
    const options = additional.type === 'OPT' ? additional.options : [];
    for (const option of options) if (option.code === CLIENT_SUBNET && 'ip' in option) return option.ip;
  }
  return undefined;
}

function answerQuestion(base: Packet, question: Question, found: readonly Answer[] | undefined): Packet {
  if (found !== undefined && found.length > 0) {
    // The question's own spelling is kept: resolvers mix letter case to make answers hard to forge.
    const own = question.name.toLowerCase();
    return {
      ...base,
      answers: found.map((answer) => (answer.name === own ? { ...answer, name: question.name } : answer)),
    };
  }
  const zone = question.name.split('.').slice(-2).join('.');
  const soa: Answer = {
    type: 'SOA',
    name: zone,
    ttl: 5,
    data: {
      mname: `ns.${zone}`,
      rname: `hostmaster.${zone}`,
      serial: 1,
      refresh: 60,
      retry: 60,
      expire: 60,
      minimum: 5,
    },
  };
  return {
    ...base,
    flags: AUTHORITATIVE_ANSWER | (found === undefined ? NXDOMAIN : 0),
    answers: [],
    authorities: [soa],
  };
}

/**
 * The name servers of the local Azure, on UDP and TCP. A profile's name is answered with a CNAME that lives for the
 * profile's TTL and, as a resolver would add, the address of the group behind it. Garbage is answered or dropped, never
 * fatal.
 */
import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, streamEncode } from 'dns-packet';
import type { Answer, Packet, Question } from 'dns-packet';

/** Records for one name and type; an empty list: the name exists without that type; undefined: no such name. */
export type Resolve = (name: string, type: string) => readonly Answer[] | undefined;

export interface DnsServer {
  readonly port: number;
  close(): Promise<void>;
}

const LARGEST_UDP_BYTES = 1232;
const TRUNCATED = 512;
const NXDOMAIN = 3;
const FORMAT_ERROR = 1;

export async function startDns(options: { host: string; port: number; resolve: Resolve }): Promise<DnsServer> {
  const tcp = await startTcp(options);
  const address = tcp.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const clients = new Set<Socket>();
  tcp.on('connection', (client: Socket) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
  });
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => {
    const reply = replyTo(message, options.resolve);
    if (reply !== undefined) sendUdp(udp, reply, from);
  });
  try {
    udp.bind(port, options.host);
    await once(udp, 'listening');
  } catch (error) {
    udp.close();
    tcp.close();
    throw error;
  }
  return {
    port,
    async close() {
      udp.close();
      tcp.close();
      for (const client of clients) client.destroy();
      await once(tcp, 'close');
    },
  };
}

function sendUdp(udp: UdpSocket, reply: Packet, to: { port: number; address: string }): void {
  const whole = encode(reply);
  const bytes =
    whole.length <= LARGEST_UDP_BYTES
      ? whole
      : encode({ ...reply, answers: [], flags: (reply.flags ?? 0) | TRUNCATED });
  udp.send(bytes, to.port, to.address, () => undefined);
}

async function startTcp(options: { host: string; port: number; resolve: Resolve }): Promise<Server> {
  const server = createServer((socket) => answerStream(socket, options.resolve));
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return server;
}

function answerStream(socket: Socket, resolve: Resolve): void {
  let pending = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const length = pending.readUInt16BE(0);
      const reply = replyTo(pending.subarray(2, 2 + length), resolve);
      pending = pending.subarray(2 + length);
      if (reply !== undefined) socket.write(streamEncode(reply));
    }
  });
  socket.setTimeout(10_000, () => socket.destroy());
}

function replyTo(message: Uint8Array, resolve: Resolve): Packet | undefined {
  if (message.length < 12) return undefined;
  let query: Packet;
  try {
    query = decode(Buffer.from(message));
  } catch {
    return { type: 'response', id: Buffer.from(message).readUInt16BE(0), flags: FORMAT_ERROR };
  }
  if (query.type === 'response') return undefined;
  const [question] = query.questions ?? [];
  const base: Packet = {
    type: 'response',
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: AUTHORITATIVE_ANSWER,
  };
  if (question === undefined) return { ...base, flags: FORMAT_ERROR };
  return answerQuestion({ ...base, questions: [question] }, question, resolve);
}

function answerQuestion(base: Packet, question: Question, resolve: Resolve): Packet {
  const found = resolve(question.name.toLowerCase().replace(/\.$/, ''), question.type);
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

/**
 * One question to one name server, with recursion off, over UDP and again over TCP where the answer does not fit. What is
 * no answer to the question is passed over, as anybody can send a datagram; the wait for the right one is bounded.
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, streamEncode } from 'dns-packet';
import type { Answer, Packet } from 'dns-packet';

export interface ServerAddress {
  /** An address, not a name. */
  readonly host: string;
  readonly port: number;
}

export interface Question {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
}

export interface ServerAnswer {
  readonly answers: readonly Answer[];
  /** NXDOMAIN. */
  readonly exists: boolean;
}

const UDP_TRIES = 2;
const UDP_TIMEOUT_MS = 1500;
const TCP_TIMEOUT_MS = 3000;
const TRUNCATED = 512;
const NXDOMAIN = 3;
/** Of one answer over TCP: the length has 16 bits. */
const MOST_BYTES = 65_537;

/**
 * Throws an Error with what is wrong: no answer in time (6 s at most), a refusal, or an answer that is not the server's own
 * (not authoritative), as of a resolver that stands in its place.
 */
export async function askServer(server: ServerAddress, question: Question): Promise<ServerAnswer> {
  const message: Packet = { type: 'query', id: randomInt(65_536), questions: [{ ...question, class: 'IN' }] };
  const first = await overUdp(server, message);
  const reply = ((first.flags ?? 0) & TRUNCATED) === 0 ? first : await overTcp(server, message);
  const flags = reply.flags ?? 0;
  const code = flags & 15;
  if (code !== 0 && code !== NXDOMAIN) throw new Error(`it refuses with code ${code}`);
  if ((flags & AUTHORITATIVE_ANSWER) === 0) throw new Error('its answer is not authoritative');
  return { answers: reply.answers ?? [], exists: code !== NXDOMAIN };
}

async function overUdp(server: ServerAddress, message: Packet): Promise<Packet> {
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
  const { promise, resolve, reject } = Promise.withResolvers<Packet>();
  let garbage = 0;
  socket.on('error', (error) => reject(error));
  socket.on('message', (bytes) => {
    const reply = replyTo(message, bytes);
    if (reply === undefined) garbage += 1;
    else resolve(reply);
  });
  // Connected: what others send is dropped by the system.
  socket.connect(server.port, server.host, () => socket.send(encode(message)));
  const again = setInterval(() => socket.send(encode(message)), UDP_TIMEOUT_MS);
  const end = setTimeout(() => {
    const instead = garbage === 0 ? '' : `, but ${garbage} that meant nothing`;
    reject(new Error(`no answer within ${UDP_TRIES * UDP_TIMEOUT_MS} ms${instead}`));
  }, UDP_TRIES * UDP_TIMEOUT_MS);
  return promise.finally(() => {
    clearInterval(again);
    clearTimeout(end);
    socket.close();
  });
}

async function overTcp(server: ServerAddress, message: Packet): Promise<Packet> {
  const socket = connect(server.port, server.host);
  const { promise, resolve, reject } = Promise.withResolvers<Packet>();
  let pending = Buffer.alloc(0);
  socket.on('error', (error) => reject(error));
  socket.on('close', () => reject(new Error('it closed the connection without an answer')));
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    const length = pending.length < 2 ? MOST_BYTES : 2 + pending.readUInt16BE(0);
    if (pending.length < length) return;
    const reply = replyTo(message, pending.subarray(2, length));
    if (reply === undefined) reject(new Error('its answer over TCP means nothing'));
    else resolve(reply);
  });
  socket.write(streamEncode(message));
  const end = setTimeout(() => reject(new Error(`no answer over TCP within ${TCP_TIMEOUT_MS} ms`)), TCP_TIMEOUT_MS);
  return promise.finally(() => {
    clearTimeout(end);
    socket.destroy();
  });
}

/** Undefined for what does not answer this very question. */
function replyTo(asked: Packet, bytes: Uint8Array): Packet | undefined {
  let reply: Packet;
  try {
    reply = decode(Buffer.from(bytes));
  } catch {
    return undefined;
  }
  const [own] = asked.questions ?? [];
  const [theirs] = reply.questions ?? [];
  const isSame = theirs?.type === own?.type && theirs?.name.toLowerCase() === own?.name.toLowerCase();
  // Some servers leave the question out of a refusal.
  const isRefusal = theirs === undefined && ((reply.flags ?? 0) & 15) !== 0;
  return reply.type === 'response' && reply.id === asked.id && (isSame || isRefusal) ? reply : undefined;
}

/** Ports for the local Azure: the wished ones where all of them are free, otherwise any. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface DemoPorts {
  readonly https: number;
  readonly identity: number;
  readonly dns: number;
}

/** The very object given where its ports are free on 127.0.0.1. */
export async function freePorts(wished: DemoPorts): Promise<DemoPorts> {
  const free = await Promise.all([
    isFree(wished.https),
    isFree(wished.identity),
    isFree(wished.dns),
    isUdpFree(wished.dns),
  ]);
  if (free.every(Boolean)) return wished;
  return { https: await anyPort(), identity: await anyPort(), dns: await anyPort() };
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function isUdpFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

/** One that is free on 127.0.0.1 at the moment. */
export async function anyPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

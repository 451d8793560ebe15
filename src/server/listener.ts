/** The bare HTTP server: how much of anything it takes, and how long it waits for a client. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server, ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import { StalledError } from '../model/errors.ts';
import { SECOND } from '../model/time.ts';
import type { ListenSettings } from '../config/settings.ts';

/** A request of a registry is there within a second; one that is not after this long is cut off. */
const PATIENCE_MS = 5 * SECOND;
const MOST_CONNECTIONS = 1000;

export type Listener = (handler: RequestListener) => Server;

/** Reads the certificate, if there is one; throws StalledError naming its `place` in the config where it cannot. */
export async function prepareListener(
  tls: ListenSettings['tls'],
  { place, patienceMs = PATIENCE_MS }: { place: string; patienceMs?: number | undefined },
): Promise<Listener> {
  const options: ServerOptions = {
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    keepAliveTimeout: patienceMs,
    connectionsCheckingInterval: patienceMs / 5,
    maxHeaderSize: 16 * 1024,
  };
  const pems = tls === undefined ? undefined : await readPems(tls, place);
  return (handler) => {
    const server =
      pems === undefined
        ? createServer(options, handler)
        : createTlsServer({ ...options, ...pems, handshakeTimeout: patienceMs }, handler);
    server.maxConnections = MOST_CONNECTIONS;
    return server;
  };
}

async function readPems({ certFile, keyFile }: NonNullable<ListenSettings['tls']>, place: string) {
  try {
    const pems = { cert: await readFile(certFile), key: await readFile(keyFile) };
    createSecureContext(pems);
    return pems;
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    const files = `${certFile} and ${keyFile}`;
    throw new StalledError(`${place}: expected a certificate and its key in ${files}, got: ${got}; put them there`, {
      cause: error,
    });
  }
}

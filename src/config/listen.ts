/** Addresses that are listened to, as the config writes them. Pure. */
import { resolve } from 'node:path';
import type { ListenSettings } from './settings.ts';

const LOOPBACK = /^(127\.[\d.]+|localhost|\[::1\]):\d+$/;

interface Listen {
  readonly listen: string;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}

export function toListen({ listen, tls }: Listen, folder: string): ListenSettings {
  const at = listen.lastIndexOf(':');
  return {
    host: listen.slice(0, at).replaceAll(/[[\]]/g, ''),
    port: Number(listen.slice(at + 1)),
    tls: tls === undefined ? undefined : { certFile: resolve(folder, tls.cert), keyFile: resolve(folder, tls.key) },
  };
}

/** True where other machines reach it, and what is sent can be read on the way. */
export function isOpenToReading({ listen, tls }: Listen): boolean {
  return tls === undefined && !LOOPBACK.test(listen);
}

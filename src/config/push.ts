/** Where registries tell of pushes, as the config says, and what in it is unwise. Pure. */
import { resolve } from 'node:path';
import type { Config } from './schema.ts';
import type { PushSettings } from './settings.ts';

const LOOPBACK = /^(127\.[\d.]+|localhost|\[::1\])$/;

export function toPush(push: NonNullable<Config['push']>, folder: string): PushSettings {
  const at = push.listen.lastIndexOf(':');
  return {
    host: push.listen.slice(0, at).replaceAll(/[[\]]/g, ''),
    port: Number(push.listen.slice(at + 1)),
    header: push.header.toLowerCase(),
    secret: push.secret,
    tls:
      push.tls === undefined
        ? undefined
        : { certFile: resolve(folder, push.tls.cert), keyFile: resolve(folder, push.tls.key) },
  };
}

export function pushWarnings({ push }: Config): readonly string[] {
  if (push === undefined || push.tls !== undefined || LOOPBACK.test(push.listen.replace(/:\d+$/, ''))) return [];
  return [
    `push.listen: ${push.listen} is reached from other machines, and without push.tls the secret travels in plain text; listen on 127.0.0.1 behind a proxy that speaks TLS, or set push.tls`,
  ];
}

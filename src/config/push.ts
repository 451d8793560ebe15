/** Where registries tell of pushes, as the config says, and what in it is unwise. Pure. */
import { isOpenToReading, toListen } from './listen.ts';
import type { Config } from './schema.ts';
import type { PushSettings } from './settings.ts';

export function toPush(push: NonNullable<Config['push']>, folder: string): PushSettings {
  return { ...toListen(push, folder), header: push.header.toLowerCase(), secret: push.secret };
}

export function pushWarnings({ push }: Config): readonly string[] {
  if (push === undefined || !isOpenToReading(push)) return [];
  return [
    `push.listen: ${push.listen} is reached from other machines, and without push.tls the secret travels in plain text; listen on 127.0.0.1 behind a proxy that speaks TLS, or set push.tls`,
  ];
}

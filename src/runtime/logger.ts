/**
 * The log: JSON lines on standard output, readable lines where that is a terminal. What looks like a secret is masked
 * even if a caller were to pass it.
 */
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { SECRET_KEYS } from './secret-keys.ts';

export interface LoggerOptions {
  readonly level: string;
  readonly pretty: boolean;
  /** Standard output by default; writes are synchronous, so that nothing is lost at the end. */
  readonly stream?: DestinationStream;
}

/** A log whose level may change. */
export type LevelledLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'level'>;

/** The reader for terminals is loaded only where there is one. */
export async function makeLogger(options: LoggerOptions): Promise<Logger> {
  const plain = options.stream ?? pino.destination({ dest: 1, sync: true });
  const stream = options.pretty ? await prettyStream(plain) : plain;
  return pino(
    {
      level: options.level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[masked]' },
    },
    stream,
  );
}

async function prettyStream(destination: DestinationStream) {
  const { default: pretty } = await import('pino-pretty');
  return pretty({ ...prettyOptions, destination });
}

const prettyOptions = {
  sync: true,
  colorize: true,
  translateTime: 'SYS:HH:MM:ss.l',
  hideObject: true,
  messageFormat: '{msg}',
} as const;

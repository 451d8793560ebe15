/** What events are written to. */
type Fields = Readonly<Record<string, unknown>>;

/** The part of pino that is used. */
export interface EventLog {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

/**
 * What a look at the world before the first rollout comes to: one line for each thing that was looked at, good or bad, with
 * what to do where it is not good. Pure.
 */

export type Level = 'ok' | 'warning' | 'error';

export interface PreflightLine {
  /** What was looked at, such as `profile shop-web`. */
  readonly subject: string;
  /** Absent: of the config as a whole, or of several apps. */
  readonly app?: string;
  readonly level: Level;
  readonly message: string;
  /** What somebody can do about it; present where it is not ok. */
  readonly advice?: string;
}

export interface Place {
  readonly subject: string;
  readonly app?: string | undefined;
}

export interface Tally {
  readonly ok: number;
  readonly warnings: number;
  readonly errors: number;
}

export function fine(place: Place, message: string): PreflightLine {
  return { ...placed(place), level: 'ok', message };
}

export function warn(place: Place, message: string, advice: string): PreflightLine {
  return { ...placed(place), level: 'warning', message, advice };
}

export function fail(place: Place, message: string, advice: string): PreflightLine {
  return { ...placed(place), level: 'error', message, advice };
}

/** Sentences for people end with what to do, after the last semicolon. */
export function splitAdvice(
  sentence: string,
  otherwise: string,
): { readonly message: string; readonly advice: string } {
  const at = sentence.lastIndexOf('; ');
  if (at === -1) return { message: sentence, advice: otherwise };
  return { message: sentence.slice(0, at), advice: sentence.slice(at + 2) };
}

export function tallyOf(lines: readonly PreflightLine[]): Tally {
  const count = (level: Level) => lines.filter((line) => line.level === level).length;
  return { ok: count('ok'), warnings: count('warning'), errors: count('error') };
}

/** First what is of no app by itself, then app by app as in the config; otherwise in the order that they came in. */
export function byApp(lines: readonly PreflightLine[], apps: readonly string[]): readonly PreflightLine[] {
  const places = new Map(apps.map((app, index) => [app, index + 1]));
  const placeOf = ({ app }: PreflightLine) => (app === undefined ? 0 : (places.get(app) ?? 0));
  return [...lines].sort((a, b) => placeOf(a) - placeOf(b));
}

function placed({ subject, app }: Place): Place & { readonly app?: string } {
  return app === undefined ? { subject } : { subject, app };
}

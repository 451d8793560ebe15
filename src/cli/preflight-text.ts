/** The lines of a look before the first rollout as text: app by app, in columns, with what to do below each that is not ok. Pure. */
import { tallyOf } from '../preflight/line.ts';
import type { Level, PreflightLine } from '../preflight/line.ts';
import { printable } from '../model/printable.ts';

const WIDEST_SUBJECT = 40;
const COLOURS: Readonly<Record<Level, number>> = { ok: 32, warning: 33, error: 31 };
const WIDTH_OF_LEVEL = 'warning'.length;

export function preflightText(lines: readonly PreflightLine[], { colour }: { readonly colour: boolean }): string {
  const width = Math.min(WIDEST_SUBJECT, Math.max(0, ...lines.map(({ subject }) => subject.length)));
  const texts: string[] = [];
  let app: string | undefined;
  for (const line of lines) {
    if (line.app !== undefined && line.app !== app) texts.push('', `${printable(line.app)}:`);
    ({ app } = line);
    texts.push(...lineText(line, { width, colour }));
  }
  return [...texts, '', summaryOf(lines)].join('\n');
}

function lineText(
  { level, subject, message, advice }: PreflightLine,
  { width, colour }: { width: number; colour: boolean },
): readonly string[] {
  const padded = level.padEnd(WIDTH_OF_LEVEL);
  const shown = colour ? `\u001B[${COLOURS[level]}m${padded}\u001B[39m` : padded;
  const head = `  ${shown}  ${printable(subject).padEnd(width)}  ${printable(message)}`;
  if (advice === undefined) return [head];
  return [head, `${' '.repeat(2 + WIDTH_OF_LEVEL + 2)}→ ${printable(advice)}`];
}

/** `12 ok, 1 warning, 0 errors`. */
function summaryOf(lines: readonly PreflightLine[]): string {
  const { ok, warnings, errors } = tallyOf(lines);
  return `${ok} ok, ${warnings} warning${warnings === 1 ? '' : 's'}, ${errors} error${errors === 1 ? '' : 's'}`;
}

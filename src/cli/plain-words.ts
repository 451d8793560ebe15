/** Times in plain words and text in columns, for people at a terminal. Pure. */
import { printable } from '../model/printable.ts';
import { HOUR, MINUTE, SECOND } from '../model/time.ts';

/** `40 s`, `3 min`, `5 h`, `4 d`. */
export function span(ms: number): string {
  const abs = Math.max(0, ms);
  if (abs < 2 * MINUTE) return `${Math.round(abs / SECOND)} s`;
  if (abs < 2 * HOUR) return `${Math.round(abs / MINUTE)} min`;
  if (abs < 48 * HOUR) return `${Math.round(abs / HOUR)} h`;
  return `${Math.round(abs / (24 * HOUR))} d`;
}

/** `3 min ago`, or `in 40 s`. Both in ISO. */
export function relative(at: string, now: string): string {
  const ms = Date.parse(at) - Date.parse(now);
  return ms > 0 ? `in ${span(ms)}` : `${span(-ms)} ago`;
}

/** `12:03:10 (in 40 s)`, with the day where it is another one. */
export function moment(at: string, now: string): string {
  const day = at.slice(0, 10) === now.slice(0, 10) ? '' : `${at.slice(0, 10)} `;
  return `${day}${at.slice(11, 19)}Z (${relative(at, now)})`;
}

/** Columns as wide as their widest cell; the last one is not padded. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => printable(cell)));
  const widths = cells.reduce<number[]>(
    (so, row) => row.map((cell, index) => Math.max(so[index] ?? 0, cell.length)),
    [],
  );
  return cells
    .map((row) =>
      row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

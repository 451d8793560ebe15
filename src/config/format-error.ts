/** A ConfigError as people read it: place, offending line, what was expected, a hint; all problems in order of place. */
import type { ConfigError, ConfigProblem } from '../model/errors.ts';
import { printable } from '../model/printable.ts';

export function formatConfigError(error: ConfigError): string {
  const blocks = error.problems.map(formatProblem);
  const count = error.problems.length;
  return `${blocks.join('\n')}\n${count} problem${count === 1 ? '' : 's'}; nothing was done.`;
}

function formatProblem(problem: ConfigProblem): string {
  const lines = [`${problem.file}:${problem.line}:${problem.column}: ${problem.message}`];
  if (problem.excerpt.trim() !== '') {
    const number = String(problem.line).padStart(5);
    lines.push(
      `${number} | ${problem.excerpt.slice(0, 160)}`,
      `${' '.repeat(5)} | ${' '.repeat(Math.max(0, problem.column - 1))}^`,
    );
  }
  if (problem.hint !== undefined) lines.push(`        ${problem.hint}`);
  return lines.map((line) => printable(line.replaceAll('\t', ' '))).join('\n');
}

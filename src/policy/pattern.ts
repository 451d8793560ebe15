/**
 * Patterns in the syntax of RE2: they run in time linear in the text, whatever somebody wrote in a config. What RE2 does
 * not have is refused with its place and what to use instead.
 */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';

export interface PatternFault {
  readonly message: string;
  /** Where in the pattern, from 0. */
  readonly offset: number;
  readonly hint: string;
}

/** Instructions of a compiled pattern: repeats of repeats could make few letters a very large one. */
const LARGEST_PROGRAM = 5000;

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]/, 'RE2 has no look-around; say what is wanted in include and what is not in exclude'],
  [/^(\\[1-9k]|\(\?P?=|\(\?P$)/, 'RE2 has no back-references; write the repeated part out'],
  [/^(\(\?>|[*+?]\+)/, 'RE2 never backtracks, so nothing atomic or possessive is needed; leave it out'],
];

/** Patterns come from a config of limited size, and apps share them: each is compiled once. */
const compiled = new Map<string, RE2JS>();

/** Throws where the pattern is none: config/policy has checked it with `patternFault`. */
export function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const made = RE2JS.compile(pattern);
  compiled.set(pattern, made);
  return made;
}

/** What is wrong with a pattern; undefined where nothing is. */
export function patternFault(pattern: string): PatternFault | undefined {
  const fault = syntaxFault(pattern);
  if (fault !== undefined) {
    const { description, fragment } = fault;
    const offset = placeOf(pattern, description, fragment);
    const rest = pattern.slice(offset);
    const hint = HINTS.find(([start]) => start.test(rest) || start.test(fragment))?.[1];
    return {
      message: description,
      offset,
      hint: hint ?? 'the syntax is that of RE2: github.com/google/re2/wiki/Syntax',
    };
  }
  const size = RE2JS.compile(pattern).programSize();
  if (size <= LARGEST_PROGRAM) return undefined;
  const message = `too large: ${size} instructions, at most ${LARGEST_PROGRAM}`;
  return { message, offset: 0, hint: 'use smaller counts in {…}' };
}

function syntaxFault(pattern: string): { description: string; fragment: string } | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSSyntaxException)
      return { description: error.getDescription(), fragment: error.getPattern() ?? '' };
    if (error instanceof RE2JSException) return { description: error.message, fragment: '' };
    throw error;
  }
}

/**
 * The engine names the part that it stumbled over, not its place, and the same letters may stand in the pattern before,
 * escaped. The pattern up to the place is the shortest that fails in the same way.
 */
function placeOf(pattern: string, description: string, fragment: string): number {
  if (fragment === '' || description.startsWith('unexpected')) {
    const length = Array.from(pattern, (_, end) => end).find(
      (end) => syntaxFault(pattern.slice(0, end + 1))?.description === description,
    );
    return length ?? 0;
  }
  for (let at = pattern.indexOf(fragment); at !== -1; at = pattern.indexOf(fragment, at + 1)) {
    if (syntaxFault(pattern.slice(0, at + fragment.length))?.description === description) return at;
  }
  return 0;
}

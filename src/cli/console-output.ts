/** Where commands write for people: results to the standard output, all else to the standard error. */
import type { TextOutput } from './validate.ts';

export const consoleOutput: TextOutput = { out: (text) => console.log(text), err: (text) => console.error(text) };

/** Runs a script of the benchmark as a process of its own, with the daemon's own flags; its last line is JSON. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const LONGEST_MS = 10 * 60_000;

/** What the last line has beside `shape` is dropped. Throws where it lacks what `shape` wants, or the script fails. */
export async function runScript<Shape extends z.ZodRawShape>(
  script: URL,
  given: readonly string[],
  shape: Shape,
): Promise<z.output<z.ZodObject<Shape>>> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-semi-space-size=1', fileURLToPath(script), ...given],
    { env: { MALLOC_ARENA_MAX: '1', ...process.env }, timeout: LONGEST_MS },
  );
  return z.object(shape).parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

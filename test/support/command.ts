/** Starts `viridian` as an operator would: a process of its own, known by its output and its exit status. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Journal } from './local.ts';

const launcher = fileURLToPath(new URL('../../src/viridian.mjs', import.meta.url));

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Flags of Node itself. */
  readonly nodeFlags?: readonly string[];
  /** Its standard input, which is empty otherwise. */
  readonly input?: string;
}

export interface Finished {
  /** Exit status; undefined where a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], options: CommandOptions) {
  return spawn(process.execPath, [...(options.nodeFlags ?? []), launcher, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
  });
}

export async function viridian(args: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const child = start(args, options);
  // A command that does not read it, or ends before, closes the pipe: no matter.
  child.stdin.on('error', () => undefined).end(options.input);
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
  return { status, stdout, stderr };
}

/** A process that runs until it is told to stop. */
export interface Running {
  /** Its log lines as they come. */
  readonly journal: Journal;
  readonly stdout: () => string;
  readonly exited: Promise<number | undefined>;
  /** Resolves with the first line of its output. */
  readonly firstLine: Promise<string>;
  /** Resolves when another line of its output has come. */
  nextLine(): Promise<void>;
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | undefined>;
  hangUp(): void;
}

export function startViridian(args: readonly string[], options: CommandOptions = {}): Running {
  const child = start(args, options);
  child.stdin.end();
  const journal = new Journal();
  const lines: string[] = [];
  const first = Promise.withResolvers<string>();
  const listeners: (() => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    first.resolve(line);
    for (const listener of listeners.splice(0)) listener();
    if (line.startsWith('{"level"')) addTo(journal, line);
  });
  child.stderr.resume();
  const exited = exitOf(child);
  return {
    journal,
    exited,
    firstLine: first.promise,
    stdout: () => lines.join('\n'),
    nextLine: () => new Promise<void>((resolve) => listeners.push(resolve)),
    hangUp: () => void child.kill('SIGHUP'),
    async stop(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

function addTo(journal: Journal, line: string): void {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== 'object' || parsed === null) return;
  const fields: Record<string, unknown> = Object.fromEntries(Object.entries(parsed));
  journal.log.info(fields, String(fields['msg']));
}

/** Once all of its output has been read, too. */
async function exitOf(child: ChildProcess): Promise<number | undefined> {
  const [code]: unknown[] = await once(child, 'close');
  return typeof code === 'number' ? code : undefined;
}

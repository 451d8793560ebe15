/** The daemon of the demo: a process of its own, started as an operator would start it, known only by its log. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readLog } from './demo-log.ts';
import type { LogLine } from './demo-log.ts';

export interface DemoDaemon {
  readonly pid: number;
  /** Resolves with the exit status when the process has ended. */
  readonly ended: Promise<number | undefined>;
  /** Resident memory in MiB; undefined where the system does not tell. */
  residentMiB(): number | undefined;
  stop(): Promise<void>;
  /** Without a chance to finish anything. */
  kill(): Promise<void>;
}

const launcher = fileURLToPath(new URL('../viridian.mjs', import.meta.url));
const STOP_WITHIN_MS = 12_000;

export function startDaemon(config: string, options: { logFile: string; onLine: (line: LogLine) => void }): DemoDaemon {
  const child = spawn(process.execPath, [launcher, 'run', '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(options.logFile);
  readLog(child.stdout, (line, text) => {
    log.write(`${text}\n`);
    options.onLine(line);
  });
  child.stderr.on('data', (text: Buffer) => {
    log.write(text);
    process.stderr.write(text);
  });
  const ended = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : undefined));
  const pid = child.pid ?? 0;
  return {
    pid,
    ended,
    residentMiB: () => residentMiB(pid),
    stop: () => stop(child, ended),
    kill: () => kill(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

async function kill(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

function residentMiB(pid: number): number | undefined {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match?.[1] === undefined ? undefined : Number(match[1]) / 1024;
  } catch {
    return undefined;
  }
}

/**
 * One daemon per state folder. The lock is a file that names its holder and carries a heartbeat. On the same machine a
 * holder is known to be dead at once; on another one (a file share) its heartbeat is watched for a change, never
 * compared with our own clock.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { StalledError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';

const HEARTBEAT_MS = 5000;
const WATCH_MS = 20_000;

const holderSchema = z.object({
  id: z.string(),
  host: z.string(),
  /** Boot id and pid namespace: where both are ours, its pid is one that we can ask about. */
  place: z.string(),
  pid: z.number(),
  pidStart: z.string(),
  since: z.string(),
  beat: z.number(),
});
type Holder = z.output<typeof holderSchema>;

export interface FolderLock {
  /** Aborts when somebody else has taken the lock over: stop at once. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export async function lockFolder(folder: string, clock: Clock): Promise<FolderLock> {
  const file = join(folder, 'lock');
  const self: Holder = {
    id: randomUUID(),
    host: hostname(),
    place: placeOf(),
    pid: process.pid,
    pidStart: startOf(process.pid),
    since: new Date(clock.now()).toISOString(),
    beat: 0,
  };
  await acquire(file, self, clock);
  return keepAlive(file, self, clock);
}

async function acquire(file: string, self: Holder, clock: Clock): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    if (await claim(file, self)) return;
    const holder = await read(file);
    if (holder === undefined) {
      await rm(file, { force: true });
      continue;
    }
    if (await isAlive(file, holder, { self, clock })) throw refusal(file, holder);
    await takeAway(file, holder);
  }
  throw new StalledError(`lock ${file} cannot be taken: others keep taking it; run one daemon per state folder`);
}

/** Atomic also on file shares: the whole file appears under its name, or nothing does. */
async function claim(file: string, self: Holder): Promise<boolean> {
  const own = `${file}.${self.id}.tmp`;
  await writeFile(own, JSON.stringify(self), { mode: 0o600 });
  try {
    await link(own, file);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EEXIST') return false;
    return claimWithoutLinks(file, self);
  } finally {
    await rm(own, { force: true });
  }
}

async function claimWithoutLinks(file: string, self: Holder): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(self), { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}

/** Takes a dead holder's lock away, unless it has changed hands meanwhile. */
async function takeAway(file: string, dead: Holder): Promise<void> {
  const aside = `${file}.${dead.id}.${randomUUID()}.tmp`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const taken = await read(aside);
  if (taken !== undefined && taken.id !== dead.id) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isAlive(file: string, holder: Holder, given: { self: Holder; clock: Clock }): Promise<boolean> {
  if (holder.place === given.self.place) return isRunning(holder);
  const end = given.clock.now() + WATCH_MS;
  while (given.clock.now() < end) {
    await given.clock.wait(1000);
    const now = await read(file);
    if (now === undefined) return false;
    if (now.id !== holder.id || now.beat !== holder.beat) return true;
  }
  return false;
}

function isRunning(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return startOf(holder.pid) === holder.pidStart;
}

function refusal(file: string, holder: Holder): StalledError {
  return new StalledError(
    `another daemon uses this state folder: process ${holder.pid} on ${holder.host}, since ${holder.since} (lock ${file}); ` +
      'stop it, or give this one a state.folder of its own',
  );
}

function keepAlive(file: string, self: Holder, clock: Clock): FolderLock {
  const stop = new AbortController();
  const lost = new AbortController();
  const beating = (async () => {
    for (let beat = 1; !stop.signal.aborted; beat += 1) {
      await clock.wait(HEARTBEAT_MS, stop.signal);
      if (stop.signal.aborted) return;
      const holder = await read(file);
      if (holder?.id !== self.id) return lost.abort();
      await replace(file, { ...self, beat }).catch(() => undefined);
    }
  })();
  return {
    lost: lost.signal,
    async release() {
      stop.abort();
      await beating;
      if ((await read(file))?.id === self.id) await rm(file, { force: true });
    },
  };
}

async function replace(file: string, holder: Holder): Promise<void> {
  const next = `${file}.${holder.id}.tmp`;
  await writeFile(next, JSON.stringify(holder), { mode: 0o600 });
  await rename(next, file);
}

async function read(file: string): Promise<Holder | undefined> {
  try {
    const parsed = holderSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function placeOf(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** When the process started, in the kernel's ticks: tells a reused pid from the one that held the lock. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

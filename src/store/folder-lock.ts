/**
 * One daemon per state folder. The lock is a file that names its holder and carries a heartbeat. On the same machine a
 * holder is known to be dead at once; on another one (a file share) its heartbeat is watched for a change, never
 * compared with our own clock. A lock that cannot be read is nobody's and nobody's to take away: it is watched, too.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { EFFECT_MS } from '../controller/leadership.ts';
import { StalledError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';

const HEARTBEAT_MS = 5000;
/** Longer than a change of a holder that stands still may be under way. */
const WATCH_MS = 45_000;
const LOOK_MS = 1000;

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

type Found =
  | { readonly kind: 'holder'; readonly holder: Holder }
  | { readonly kind: 'absent' }
  /** Half written, damaged, or on a disk that fails. */
  | { readonly kind: 'unreadable' };

type Standing = Exclude<Found, { kind: 'absent' }>;

export interface FolderLock {
  /** Aborts when somebody else has taken the lock over: stop at once. */
  readonly lost: AbortSignal;
  /** False once another daemon might take a change that is sent now for that of a dead one. */
  mayAct(): boolean;
  release(): Promise<void>;
}

/** Throws StalledError where another daemon holds it. A holder on another machine is watched for 45 s. */
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
    const found = await read(file);
    if (found.kind === 'absent') continue;
    if (await isAlive(file, found, { self, clock })) throw refusal(file, found);
    await takeAway(file, found);
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
async function takeAway(file: string, dead: Found): Promise<void> {
  const aside = `${file}.${randomUUID()}.tmp`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if (!isSame(await read(aside), dead)) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

function isSame(one: Found, other: Found): boolean {
  if (one.kind !== 'holder' || other.kind !== 'holder') return one.kind === other.kind;
  return one.holder.id === other.holder.id;
}

async function isAlive(file: string, found: Standing, given: { self: Holder; clock: Clock }): Promise<boolean> {
  if (found.kind === 'holder' && found.holder.place === given.self.place) return isRunning(found.holder);
  const end = given.clock.now() + WATCH_MS;
  while (given.clock.now() < end) {
    await given.clock.wait(LOOK_MS);
    const now = await read(file);
    if (now.kind === 'absent') return false;
    if (now.kind === 'unreadable') continue;
    if (found.kind === 'unreadable') return isAlive(file, now, given);
    if (now.holder.id !== found.holder.id || now.holder.beat !== found.holder.beat) return true;
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

function refusal(file: string, found: Found): StalledError {
  const who =
    found.kind === 'holder'
      ? `process ${found.holder.pid} on ${found.holder.host}, since ${found.holder.since}`
      : 'one whose lock could not be read at first';
  return new StalledError(
    `another daemon uses this state folder: ${who} (lock ${file}); stop it, or give this one a state.folder of its own`,
  );
}

function keepAlive(file: string, self: Holder, clock: Clock): FolderLock {
  const stop = new AbortController();
  const lost = new AbortController();
  let confirmedAt = clock.now();
  const beating = (async () => {
    for (let beat = 1; !stop.signal.aborted && !lost.signal.aborted; beat += 1) {
      await clock.wait(HEARTBEAT_MS, stop.signal);
      if (stop.signal.aborted) return;
      const asked = clock.now();
      const answer = await beatOnce(file, { ...self, beat });
      if (answer === 'taken') lost.abort();
      if (answer === 'written') confirmedAt = asked;
    }
  })();
  return {
    lost: lost.signal,
    mayAct: () => !lost.signal.aborted && !stop.signal.aborted && clock.now() < confirmedAt + WATCH_MS - EFFECT_MS,
    async release() {
      stop.abort();
      await beating;
      const found = await read(file);
      if (found.kind === 'holder' && found.holder.id === self.id) await rm(file, { force: true });
    },
  };
}

/** What one failed read or write says nothing of is tried again at the next beat. */
async function beatOnce(file: string, self: Holder): Promise<'written' | 'taken' | 'unknown'> {
  const found = await read(file);
  if (found.kind === 'unreadable') return 'unknown';
  if (found.kind === 'absent') return (await claim(file, self).catch(() => false)) ? 'written' : 'unknown';
  if (found.holder.id !== self.id) return 'taken';
  try {
    await replace(file, self);
    return 'written';
  } catch {
    return 'unknown';
  }
}

async function replace(file: string, holder: Holder): Promise<void> {
  const next = `${file}.${holder.id}.tmp`;
  await writeFile(next, JSON.stringify(holder), { mode: 0o600 });
  await rename(next, file);
}

async function read(file: string): Promise<Found> {
  try {
    const parsed = holderSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? { kind: 'holder', holder: parsed.data } : { kind: 'unreadable' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { kind: code === 'ENOENT' ? 'absent' : 'unreadable' };
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

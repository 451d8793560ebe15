import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StalledError } from '../../src/model/errors.ts';
import type { Clock } from '../../src/model/time.ts';
import { lockFolder } from '../../src/store/folder-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viridian-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Time moves as it is waited for; `onWait` sees each wait. */
function virtualClock(onWait: (ms: number) => Promise<void> | void = () => undefined): Clock {
  let now = 0;
  return {
    now: () => now,
    async wait(ms, signal) {
      await onWait(ms);
      // A heartbeat that never comes: only the watch of a foreign lock moves this clock.
      if (ms >= 5000)
        await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
      now += ms;
    },
  };
}

/** Time moves when it is told to, and what follows from it has happened then. */
function steppedClock(): { clock: Clock; advance: (ms: number) => Promise<void> } {
  let now = 0;
  let next: { at: number; resolve: () => void } | undefined;
  let waited = Promise.withResolvers<void>();
  const clock: Clock = {
    now: () => now,
    wait(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      next = { at: now + ms, resolve };
      signal?.addEventListener('abort', () => resolve(), { once: true });
      waited.resolve();
      return promise;
    },
  };
  const advance = async (ms: number) => {
    const end = now + ms;
    for (await waited.promise; next !== undefined && next.at <= end; await waited.promise) {
      now = next.at;
      waited = Promise.withResolvers<void>();
      next.resolve();
    }
    now = end;
  };
  return { clock, advance };
}

const elsewhere = {
  id: 'a',
  host: 'another-host',
  place: 'another boot pid:[1]',
  pid: 1,
  pidStart: '1',
  since: '2026-01-01T00:00:00.000Z',
  beat: 7,
};

describe('the lock of a state folder', () => {
  test('R5: a second daemon is refused with the first one’s name, and told what to do', async () => {
    const first = await lockFolder(folder, virtualClock());
    await expect(lockFolder(folder, virtualClock())).rejects.toThrow(StalledError);
    await expect(lockFolder(folder, virtualClock())).rejects.toThrow(
      new RegExp(`another daemon uses this state folder: process ${process.pid} on .+ stop it, or give`),
    );
    await first.release();
  });

  test('is free again after it was released', async () => {
    await (await lockFolder(folder, virtualClock())).release();
    await (await lockFolder(folder, virtualClock())).release();
    expect(await readFile(join(folder, 'lock'), 'utf8').catch(() => 'gone')).toBe('gone');
  });

  test('one of many that come at once gets it', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder, virtualClock())));
    const taken = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(taken).toHaveLength(1);
    await taken[0]?.release();
  });

  test.skipIf(process.platform !== 'linux')('a holder that was killed is known to be dead at once', async () => {
    const module = new URL('../../src/store/folder-lock.ts', import.meta.url).pathname;
    const script = `const { lockFolder } = await import(${JSON.stringify(module)});
      await lockFolder(process.argv[1], { now: Date.now, wait: () => new Promise(() => setInterval(() => {}, 1e6)) });
      console.log('locked');`;
    const child = execFile(process.execPath, ['--input-type=module', '-e', script, folder]);
    await once(child.stdout ?? child, 'data');
    await expect(lockFolder(folder, virtualClock())).rejects.toThrow(`process ${child.pid} on`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    let watched = 0;
    const clock = virtualClock((ms) => void (ms < 5000 && (watched += 1)));
    const lock = await lockFolder(folder, clock);
    expect(watched).toBe(0);
    await lock.release();
  });

  test('a reused process number is not taken for the holder', async () => {
    const lock = await lockFolder(folder, virtualClock());
    const held: unknown = JSON.parse(await readFile(join(folder, 'lock'), 'utf8'));
    await lock.release();
    await writeFile(join(folder, 'lock'), JSON.stringify(Object.assign({}, held, { pidStart: 'earlier' })));
    const next = await lockFolder(folder, virtualClock());
    expect(next.lost.aborted).toBe(false);
    await next.release();
  });

  test('on another machine: a heartbeat that moves is a holder that lives', async () => {
    const file = join(folder, 'lock');
    await writeFile(file, JSON.stringify(elsewhere));
    let waits = 0;
    const clock = virtualClock(async () => {
      waits += 1;
      if (waits === 12) await writeFile(file, JSON.stringify({ ...elsewhere, beat: 8 }));
    });
    await expect(lockFolder(folder, clock)).rejects.toThrow('process 1 on another-host, since 2026-01-01');
  });

  test('on another machine: one that stands still through the whole watch is dead', async () => {
    await writeFile(join(folder, 'lock'), JSON.stringify(elsewhere));
    const clock = virtualClock();
    const lock = await lockFolder(folder, clock);
    expect(clock.now()).toBeGreaterThanOrEqual(45_000);
    await lock.release();
  });

  test('R5: a damaged lock is taken over only after it was watched for as long as a holder that stands still', async () => {
    await writeFile(join(folder, 'lock'), '{"id":');
    const clock = virtualClock();
    const lock = await lockFolder(folder, clock);
    expect(clock.now()).toBeGreaterThanOrEqual(45_000);
    expect(await readFile(join(folder, 'lock'), 'utf8')).toContain(`"pid":${process.pid}`);
    await lock.release();
  });

  test('R5: a lock that could not be read at first is its holder’s all the same', async () => {
    const first = await lockFolder(folder, virtualClock());
    const whole = await readFile(join(folder, 'lock'), 'utf8');
    await writeFile(join(folder, 'lock'), '');
    const clock = virtualClock(async () => writeFile(join(folder, 'lock'), whole));
    await expect(lockFolder(folder, clock)).rejects.toThrow('another daemon uses this state folder');
    expect(first.lost.aborted).toBe(false);
    await first.release();
  });

  test('R5: who cannot confirm its lock may not act, before another one may take it for dead', async () => {
    const { clock, advance } = steppedClock();
    const lock = await lockFolder(folder, clock);
    expect(lock.mayAct()).toBe(true);
    await rm(join(folder, 'lock'));
    await mkdir(join(folder, 'lock'));
    await advance(10_000);
    expect({ mayAct: lock.mayAct(), lost: lock.lost.aborted }).toEqual({ mayAct: true, lost: false });
    await advance(5000);
    expect({ mayAct: lock.mayAct(), lost: lock.lost.aborted }).toEqual({ mayAct: false, lost: false });
    await rmdir(join(folder, 'lock'));
    await advance(5000);
    expect(lock.mayAct()).toBe(true);
    await lock.release();
    expect(lock.mayAct()).toBe(false);
  });

  test('whoever finds its lock taken over is told to stop, and leaves the other’s lock alone', async () => {
    let beat = (): void => undefined;
    const clock: Clock = {
      now: () => 0,
      wait: () => new Promise<void>((resolve) => (beat = resolve)),
    };
    const lock = await lockFolder(folder, clock);
    await writeFile(join(folder, 'lock'), JSON.stringify(elsewhere));
    const lost = once(lock.lost, 'abort');
    beat();
    await lost;
    await lock.release();
    expect(await readFile(join(folder, 'lock'), 'utf8')).toBe(JSON.stringify(elsewhere));
  });
});

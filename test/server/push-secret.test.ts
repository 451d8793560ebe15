import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PushSecret } from '../../src/server/push-secret.ts';
import { Refusals } from '../../src/server/refusals.ts';
import type { Clock } from '../../src/model/time.ts';

function scene(first = 'right') {
  let now = 0;
  let value = first;
  let reads = 0;
  const clock: Clock = { now: () => now, wait: () => Promise.resolve() };
  const secret = new PushSecret(clock, async () => {
    reads += 1;
    return value;
  });
  return { clock, secret, reads: () => reads, pass: (ms: number) => (now += ms), change: (to: string) => (value = to) };
}

describe('the secret', () => {
  test.each(['right', 'Bearer right', 'bearer  right'])('is right as %j', async (given) => {
    expect(await scene().secret.isRight(given)).toBe(true);
  });

  test.each([undefined, '', 'r', 'righ', 'Right', 'right ', 'rightright', 'Basic right', 'Bearer', 'x'.repeat(9999)])(
    'S21: is wrong as %j',
    async (given) => {
      expect(await scene().secret.isRight(given)).toBe(false);
    },
  );

  test('may itself begin with Bearer', async () => {
    expect(await scene('Bearer right').secret.isRight('Bearer right')).toBe(true);
  });

  test('is taken up when it changes, and not read for each request', async () => {
    const { secret, reads, pass, change } = scene();
    for (let request = 0; request < 100; request += 1) await secret.isRight('wrong');
    expect(reads()).toBe(1);
    change('new');
    pass(5000);
    expect(await secret.isRight('right')).toBe(false);
    expect(await secret.isRight('new')).toBe(true);
  });

  test('that cannot be read is asked for once a second, and once for all who ask together', async () => {
    let now = 0;
    let reads = 0;
    const secret = new PushSecret({ now: () => now, wait: () => Promise.resolve() }, async () => {
      reads += 1;
      if (reads < 3) throw new Error('out');
      return 'right';
    });
    const ask = () => Promise.allSettled(Array.from({ length: 50 }, () => secret.isRight('right')));
    expect((await ask()).every(({ status }) => status === 'rejected')).toBe(true);
    await ask();
    expect(reads).toBe(1);
    now += 1000;
    await ask();
    now += 1000;
    expect(await secret.isRight('right')).toBe(true);
    expect(reads).toBe(3);
  });

  test.each(['', ' right', 'right ', 'ri\nght', 'ré', 'x'.repeat(4097)])(
    'is refused with what to do where no header can carry it: %j',
    async (value) => {
      await expect(scene(value).secret.hash()).rejects.toThrow(/^push\.secret: expected .*set another secret$/);
    },
  );

  test('S21: is compared in constant time, by its hash', () => {
    const source = readFileSync('src/server/push-secret.ts', 'utf8');
    expect(source.match(/timingSafeEqual\(hashOf\(/g)).toHaveLength(2);
    expect(source).not.toMatch(/(given|secret|hash)\w* [!=]== (given|secret|hash)/);
  });
});

describe('refusals', () => {
  test('are told once per reason and minute, with how many more there were', () => {
    const { clock, pass } = scene();
    const told: string[] = [];
    const refusals = new Refusals(clock, (reason, { more }) => told.push(`${reason} ${more}`));
    for (let request = 0; request < 50; request += 1) refusals.add('unknown path');
    refusals.add('wrong method');
    pass(59_999);
    refusals.add('unknown path');
    expect(told).toEqual(['unknown path 0', 'wrong method 0']);
    pass(1);
    refusals.add('unknown path');
    expect(told.slice(2)).toEqual(['unknown path 50']);
  });
});

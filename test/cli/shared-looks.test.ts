/** Looks that many ask for are made once, a few at a time, and end. */
import { expect, test } from 'vitest';
import { SharedLooks } from '../../src/cli/shared-looks.ts';

const never = {
  now: () => 0,
  wait: (_: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
};
const atOnce = { now: () => 0, wait: async () => undefined };

test('the same look is made once, whatever the letters, and at most eight at a time', async () => {
  let [running, most, made] = [0, 0, 0];
  const waiting: (() => void)[] = [];
  const look = new SharedLooks(never).share(
    (name: string) => name,
    async (name) => {
      made += 1;
      most = Math.max(most, (running += 1));
      await new Promise<void>((resolve) => waiting.push(resolve));
      running -= 1;
      return { known: true, value: name };
    },
  );
  const names = Array.from({ length: 20 }, (_, index) => `name-${index}`);
  const answers = Promise.all([...names, 'NAME-0'].map((name) => look(name)));
  let done = 0;
  while (done < names.length) {
    const next = waiting.shift();
    if (next !== undefined) done += 1;
    next?.();
    await Promise.resolve();
  }
  expect((await answers).at(-1)).toEqual({ known: true, value: 'name-0' });
  expect({ made, most }).toEqual({ made: 20, most: 8 });
});

test('what does not answer is unknown in the end, and so is what throws', async () => {
  const looks = (clock: typeof never | typeof atOnce, look: () => Promise<never>) =>
    new SharedLooks(clock).share((name: string) => name, look)('web');
  expect(await looks(atOnce, () => new Promise(() => undefined))).toEqual({
    known: false,
    reason: 'no answer within 30 s',
  });
  expect(await looks(never, () => Promise.reject(new Error('cut')))).toEqual({ known: false, reason: 'cut' });
});

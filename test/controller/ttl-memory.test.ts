import { expect, test } from 'vitest';
import { heldTtl, rememberTtl } from '../../src/controller/ttl-memory.ts';

test('R2: a TTL that was lowered counts for as long as it lasted', () => {
  const long = rememberTtl(undefined, 300, 0);
  const lowered = rememberTtl(long, 5, 1_000_000);
  expect(heldTtl(lowered, 1_000_000)).toBe(300);
  expect(heldTtl(lowered, 1_299_999)).toBe(300);
  expect(heldTtl(lowered, 1_300_000)).toBe(5);
});

test('of several changes the largest that may still be held counts', () => {
  const memory = [300, 60, 5].reduce<ReturnType<typeof rememberTtl> | undefined>(
    (before, seconds, index) => rememberTtl(before, seconds, index * 1000),
    undefined,
  );
  expect(heldTtl(memory, 3000)).toBe(300);
  expect(heldTtl(rememberTtl(memory, 600, 4000), 5000)).toBe(600);
});

test('nothing new is the very same memory, so that nothing is written', () => {
  const memory = rememberTtl(undefined, 60, 0);
  expect(rememberTtl(memory, 60, 5_000_000)).toBe(memory);
});

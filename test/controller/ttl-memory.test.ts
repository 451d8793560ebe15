import { expect, test } from 'vitest';
import { heldTtl, rememberTtl, resumeTtl } from '../../src/controller/ttl-memory.ts';

test('a TTL that was lowered may be handed out for as long as name servers lag, and is held from then on', () => {
  const lowered = rememberTtl(rememberTtl(undefined, 300, 0), 5, 1_000_000, { lagMs: 60_000 });
  expect(heldTtl(lowered, 1_359_999)).toBe(300);
  expect(heldTtl(lowered, 1_360_000)).toBe(5);
  expect(heldTtl(resumeTtl(lowered, 2_000_000, { lagMs: 60_000 }), 2_359_999)).toBe(300);
});

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

import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { onShutdown } from '../../src/runtime/shutdown.ts';

function scene() {
  const from = new EventEmitter();
  const said: string[] = [];
  let now = 5000;
  const shutdown = onShutdown(from, {
    onSignal: (name) => said.push(name),
    giveUp: () => said.push('gave up'),
    outOfTime: () => said.push('out of time'),
    now: () => now,
  });
  return { from, said, shutdown, pass: (ms: number) => void (now += ms) };
}

test('the first signal asks for an orderly end', () => {
  const { from, said, shutdown } = scene();
  from.emit('SIGTERM', 'SIGTERM');
  expect(said).toEqual(['SIGTERM']);
  expect(shutdown.signal.reason).toBe('SIGTERM');
  shutdown.dispose();
});

test('the same signal passed on by npm and the launcher counts once; a second one later ends it at once', () => {
  const { from, said, shutdown, pass } = scene();
  from.emit('SIGINT', 'SIGINT');
  pass(20);
  from.emit('SIGINT', 'SIGINT');
  expect(said).toEqual(['SIGINT']);
  pass(2000);
  from.emit('SIGINT', 'SIGINT');
  expect(said).toEqual(['SIGINT', 'gave up']);
  shutdown.dispose();
});

test('nothing is left to listen afterwards', () => {
  const { from, shutdown } = scene();
  shutdown.dispose();
  expect(from.listenerCount('SIGTERM') + from.listenerCount('SIGINT')).toBe(0);
});

test('what is unanswered when the time is up is not waited for, within ten seconds', () => {
  vi.useFakeTimers();
  const { from, said, shutdown } = scene();
  from.emit('SIGTERM', 'SIGTERM');
  vi.advanceTimersByTime(9999);
  expect(said).toEqual(['SIGTERM', 'out of time']);
  shutdown.dispose();
  vi.useRealTimers();
});

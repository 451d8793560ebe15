import { expect, test } from 'vitest';
import { VersionWatch } from '../../src/controller/version-watch.ts';
import { StalledError, TransientError } from '../../src/model/errors.ts';

const secretOf = (secret: string, vault = 'https://shop.vault.azure.net') => ({ vault, secret });

function scene(...secrets: readonly ReturnType<typeof secretOf>[]) {
  let now = 0;
  const asked: string[] = [];
  const changed: string[] = [];
  const answers = new Map<string, string | Error>();
  const watch = new VersionWatch({
    clock: { now: () => now, wait: () => Promise.resolve() },
    secrets,
    async newestVersion({ secret }) {
      asked.push(secret);
      const answer = answers.get(secret) ?? '1';
      if (answer instanceof Error) throw answer;
      return answer;
    },
    onChange: ({ secret }) => changed.push(secret),
  });
  const look = async (afterMs = 0) => {
    now += afterMs;
    watch.look();
    await watch.settled();
  };
  return { watch, look, asked, changed, answers };
}

test('each secret is asked for once, however many apps follow it', async () => {
  const { look, asked, watch } = scene(secretOf('a'), secretOf('A', 'https://SHOP.vault.azure.net/'), secretOf('b'));
  await look();
  expect(asked).toHaveLength(2);
  expect(watch.newest(secretOf('a'))).toEqual({ version: '1', unknown: undefined });
});

test('before the first look nothing is known', () => {
  expect(scene(secretOf('a')).watch.newest(secretOf('a'))).toMatchObject({
    version: undefined,
    unknown: { stalled: false },
  });
});

test('only what is news is told', async () => {
  const { look, changed, answers } = scene(secretOf('a'), secretOf('b'));
  await look();
  await look();
  answers.set('a', '2');
  await look();
  expect(changed).toEqual(['a', 'b', 'a']);
});

test('R6: a vault that fails makes all its secrets unknown, and is left alone for as long as it asks', async () => {
  const { look, asked, answers, watch } = scene(
    secretOf('a'),
    secretOf('b'),
    secretOf('c', 'https://other.vault.azure.net'),
  );
  await look();
  answers.set('a', new TransientError('out', { retryAfterMs: 60_000 }));
  await look();
  expect(asked).toEqual(['a', 'c', 'b', 'a', 'c']);
  expect(watch.newest(secretOf('b'))).toEqual({ version: '1', unknown: { reason: 'out', stalled: false } });
  expect(watch.newest(secretOf('c', 'https://other.vault.azure.net')).unknown).toBeUndefined();
  answers.delete('a');
  await look(59_999);
  expect(watch.newest(secretOf('a')).unknown).toBeDefined();
  await look(1);
  expect(watch.newest(secretOf('b')).unknown).toBeUndefined();
});

test('a secret that a person must see to leaves the others known', async () => {
  const { look, answers, watch } = scene(secretOf('a'), secretOf('b'));
  answers.set('a', new StalledError('is disabled'));
  await look();
  expect(watch.newest(secretOf('a'))).toEqual({
    version: undefined,
    unknown: { reason: 'is disabled', stalled: true },
  });
  expect(watch.newest(secretOf('b')).version).toBe('1');
});

test('secrets that have changed together are known together', async () => {
  const { look, answers, watch } = scene(secretOf('a'), secretOf('b'));
  await look();
  for (const secret of ['a', 'b']) answers.set(secret, '2');
  const seen = () => ['a', 'b'].map((secret) => watch.newest(secretOf(secret)).version).join();
  const states = new Set<string>();
  watch.look();
  for (let turn = 0; turn < 20; turn += 1) {
    states.add(seen());
    await Promise.resolve();
  }
  await watch.settled();
  expect([...states.add(seen())]).toEqual(['1,1', '2,2']);
});

test('after its end it asks nobody', async () => {
  const { look, asked, watch } = scene(secretOf('a'));
  await watch.stop();
  await look();
  expect(asked).toEqual([]);
});

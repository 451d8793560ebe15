/** `viridian simulate` on one and on several cores: the same words in the same order, and no seed is lost. */
import { describe, expect, test } from 'vitest';
import { viridian } from '../support/command.ts';

async function simulate(...args: readonly string[]) {
  const { status, stdout, stderr } = await viridian(['simulate', ...args]);
  return { status, stderr, stdout: stdout.replace(/"wallSeconds":[\d.]+/, '').replace(/ and [\d.]+ s:/, '') };
}

describe('with two workers', () => {
  test('the output is that of one', async () => {
    const [one, two] = await Promise.all(
      ['1', '2'].map((workers) => simulate('--seeds', '5', '--json', '--workers', workers)),
    );
    expect(two).toEqual(one);
    expect(two).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('{"seeds":5,') });
  });

  test('a planted fault ends the run at the same seed, with the same words', async () => {
    const [one, two] = await Promise.all(
      ['1', '2'].map((workers) => simulate('--plant', 'skip-ttl-wait', '--seeds', '9', '--workers', workers)),
    );
    expect(two).toEqual(one);
    expect(two?.status).toBe(1);
    // Its planted settings are not those of the start, which is another rule.
    expect(two?.stderr).toMatch(/^seed \d+: rule R2 is broken at .*--plant skip-ttl-wait\n$/ms);
  });

  test('one that ends is told with the seed that it had, exit status 1', async () => {
    const dying = `import { isMainThread, parentPort } from 'node:worker_threads';
      if (!isMainThread) parentPort.on('message', ({ seed }) => seed === 2 && process.exit(7));`;
    const { status, stderr } = await viridian(['simulate', '--seeds', '3', '--workers', '2'], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(dying)}` },
    });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'viridian: the worker that had seed 2 has ended: exit status 7\n',
    });
  });
});

test.each([
  ['0', 'expected a number of workers, 1 to 256.'],
  ['257', 'expected a number of workers, 1 to 256.'],
  ['two', 'expected a whole number.'],
])('--workers %s is refused, exit status 2', async (workers, expected) => {
  const { status, stdout, stderr } = await viridian(['simulate', '--seeds', '1', '--workers', workers]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(`option '--workers <n>' argument '${workers}' is invalid. ${expected}`);
});

/** The end of a log, through the real SDK client. */
import { expect, onTestFinished, test } from 'vitest';
import { lastLines } from '../../src/azure/last-lines.ts';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import { Local } from '../support/local.ts';

test('the last lines of a container are read; where there is no log, that is unknown and not empty', async () => {
  const local = await Local.start();
  onTestFinished(() => local.close());
  local.push('1.0.0', { log: ['one', 'two', 'three'].join('\n') });
  const journal = await local.run();
  await journal.next('rollout.finished');
  const { azure } = await joinEdges(loadSettings(local.configFile).settings);
  const address = { resourceGroup: 'test', name: local.groups()[0] ?? '' };
  expect(await azure.logs(address, 'web', { lines: 2 })).toMatchObject({ known: true, value: 'three\nlistening' });
  const missing = await azure.logs({ ...address, name: 'none' }, 'web', { lines: 2 });
  expect(missing).toMatchObject({ known: false, reason: expect.stringContaining('ResourceNotFound') });
});

test.each([
  ['all of a short one', 'a\nb\n', 'a\nb'],
  ['so many lines at most', 'a\nb\nc\nd\n', 'b\nc\nd'],
  ['so many bytes at most, of whole lines', `${'x'.repeat(15)}\n12345\n12345\n`, '12345\n12345'],
  [
    'a line that is too long is only named',
    `a\n${'x'.repeat(30)}\nb`,
    '[a line of 30 bytes, which is more than is kept]\nb',
  ],
])('of a log is kept: %s', (_, text, expected) => {
  expect(lastLines(text, { lines: 3, bytes: 20 })).toBe(expected);
});

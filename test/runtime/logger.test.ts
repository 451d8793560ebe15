import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { makeLogger } from '../../src/runtime/logger.ts';

/** What is written, once so many lines have come. */
async function logged(
  given: { pretty: boolean; lines: number },
  write: (log: Awaited<ReturnType<typeof makeLogger>>) => void,
): Promise<string> {
  const stream = new PassThrough({ encoding: 'utf8' });
  write(await makeLogger({ level: 'info', pretty: given.pretty, stream }));
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.split('\n').length > given.lines) break;
  }
  return stripVTControlCharacters(text);
}

describe('the log', () => {
  test('is one JSON object a line, with time, level and message', async () => {
    const text = await logged({ pretty: false, lines: 2 }, (log) => {
      log.info({ event: 'one' }, 'first');
      log.warn({ event: 'two' }, 'second');
      log.debug({ event: 'three' }, 'not shown');
    });
    const lines = text.trim().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), event: 'one', msg: 'first' },
      { level: 'warn', time: expect.stringMatching(/^\d{4}-.*Z$/), event: 'two', msg: 'second' },
    ]);
  });

  test('is one readable line an event on a terminal', async () => {
    const text = await logged({ pretty: true, lines: 2 }, (log) => {
      log.info({ event: 'one', app: 'web' }, 'first');
      log.error({ event: 'two', err: new Error('why') }, 'second');
    });
    const plain = text.split('\n');
    expect(plain[0]).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: first$/);
    expect(plain[1]).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] ERROR: second$/);
  });

  test('R9: masks what looks like a secret, however it got there', async () => {
    const text = await logged({ pretty: false, lines: 1 }, (log) =>
      log.info({ password: 'hidden', a: { b: { secureValue: 'hidden' } } }, 'x'),
    );
    expect(text).not.toContain('hidden');
    expect(text).toContain('[masked]');
  });
});

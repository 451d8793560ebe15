import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeEvents } from '../../src/controller/events.ts';

test('docs/events.md lists every event, and no other', () => {
  const files = readdirSync('src/controller').filter((name) => name.endsWith('-events.ts'));
  const source = files.map((name) => readFileSync(`src/controller/${name}`, 'utf8')).join('\n');
  const written = [...source.matchAll(/event: '([a-z]+\.[a-z_]+)'/g)].map(([, name]) => name);
  const doc = readFileSync('docs/events.md', 'utf8');
  const listed = [...doc.matchAll(/^\| `([a-z]+\.[a-z_]+)` \|/gm)].map(([, name]) => name);
  expect(listed.length).toBeGreaterThan(20);
  expect(new Set(listed)).toEqual(new Set(written));
});

test('a poll that fails says whether somebody must act', () => {
  const said: unknown[] = [];
  const keep = (level: string) => (fields: object, message: string) => void said.push([level, fields, message]);
  const log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
  const events = makeEvents(log);
  events.pollFailed('r/web', 'HTTP 503', false);
  events.pollFailed('r/web', 'HTTP 401', true);
  const fields = { event: 'poll.failed', repository: 'r/web' };
  expect(said).toEqual([
    ['warn', { ...fields, reason: 'HTTP 503', stalled: false }, 'r/web cannot be polled for the moment: HTTP 503'],
    ['error', { ...fields, reason: 'HTTP 401', stalled: true }, 'r/web cannot be polled until somebody acts: HTTP 401'],
  ]);
});

/** JSON of ARM templates: what is taken beside plain JSON, and where each mistake is. */
import { assert, constantFrom, array, json, pre, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { offsetWithin, parseArmJson } from '../../../src/config/templates/arm-json.ts';
import { valueOf } from '../../../src/config/templates/arm-read-json.ts';
import { problemsOf, told, translate, valueOf as evaluated } from './arm-support.ts';

test('any JSON means what it means to JSON.parse', () => {
  assert(
    property(json({ maxDepth: 5 }), constantFrom(undefined, 2, '\t'), (text, indent) => {
      const value: unknown = JSON.parse(text);
      // An int has to be exact.
      pre(!/\d{16}/.test(text));
      expect(valueOf(parseArmJson(JSON.stringify(value, undefined, indent)))).toEqual(value);
    }),
  );
});

test('whatever the text, all that is thrown is a ConfigError', () => {
  const pieces = `{ } [ ] : , " ' \\ // /* */ 1 null a \\u -`.split(' ');
  const text = array(constantFrom(...pieces, ' ', '\n')).map((list) => list.join(''));
  assert(
    property(text, (text) => {
      problemsOf(() => translate(text));
      problemsOf(() => evaluated(`[json('${text.replaceAll("'", "''")}')]`));
    }),
    { numRuns: 500 },
  );
});

test('a place in a text is found behind its escapes', () => {
  assert(
    property(string({ unit: 'grapheme' }), (before) => {
      const text = `{"a": ${JSON.stringify(`${before}#`)}}`;
      const root = parseArmJson(text);
      const node = root.kind === 'object' ? root.members[0]?.value : undefined;
      if (node?.kind !== 'text') throw new Error('expected a text');
      expect(text[offsetWithin(text, node, before.length)]).toBe('#');
    }),
  );
});

test('comments, a byte order mark and texts over several lines are taken', () => {
  const text = '\uFEFF// one\n{ /* two\n * "x" */ "a": "1\n  2", // {\n "b": [ ] /**/ } //';
  expect(valueOf(parseArmJson(text))).toEqual({ a: '1\n  2', b: [] });
});

test('single quotes are for functions only', () => {
  expect(valueOf(parseArmJson(`{'a': 'it\\'s "b"'}`, { lenient: true }))).toEqual({ a: `it's "b"` });
  expect(() => parseArmJson(`{'a': 1}`)).toThrow('expected a key in double quotes, got "\'"');
});

const WRONG: readonly (readonly [what: string, text: string, told: string])[] = [
  ['an end too early', '{\n  "a": [1,', '2:11: expected a value, got the end of the file'],
  [
    'a comma too many in an object',
    '{\n  "a": 1,\n}',
    '2:9: a comma with nothing after it before "}" [remove the comma]',
  ],
  [
    'a comma too many in a list',
    '{"a": [1, 2, ]}',
    '1:12: a comma with nothing after it before "]" [remove the comma]',
  ],
  ['a missing comma', '{\n  "a": 1\n  "b": 2\n}', '3:3: expected "," or "}", got "\\""'],
  [
    'a key given twice',
    '{\n  "a": 1,\n  "a": 2\n}',
    '3:3: the key "a" is given twice [only one of the two can be meant]',
  ],
  ['a key without quotes', '{ a: 1 }', '1:3: expected a key in double quotes, got "a"'],
  ['a missing colon', '{ "a" 1 }', '1:7: expected ":" after the key "a", got "1"'],
  ['a word', '{ "a": True }', '1:8: expected a value, got True [texts stand in double quotes]'],
  ['a number with a zero before it', '{ "a": 012 }', '1:9: expected a number, got "1" in it'],
  [
    'a number too large to be exact',
    '{ "a": 12345678901234567890 }',
    '1:8: 12345678901234567890 is too large a number',
  ],
  ['a text without an end', '{\n  "a": "b\n}', '2:8: a text that never ends: its closing quote is missing'],
  [
    'an unknown escape',
    '{ "a": "C:\\Program" }',
    '1:11: \\P is no escape of JSON [a backslash in a text is written \\\\]',
  ],
  ['half an escape', '{ "a": "\\u12" }', '1:9: \\u is no escape of JSON [a backslash in a text is written \\\\]'],
  ['a comment without an end', '{ /* }', '1:3: a comment that never ends: "*/" is missing'],
  ['something after it', '{} {}', '1:4: expected the end of the file, got "{"'],
  ['too deep a list', '['.repeat(70), '1:65: nested deeper than 64 levels'],
  ['a text', '"a"', '1:1: expected an ARM template, an object with $schema and resources'],
];

describe('a template that is no JSON is refused for', () => {
  test.each(WRONG)('%s', (_, text, message) => {
    expect(told(() => translate(text))).toEqual([`web.json:${message}`]);
  });

  test('a megabyte of brackets, without running out of stack', () => {
    expect(told(() => translate('['.repeat(1024 * 1024)))).toHaveLength(1);
    expect(told(() => translate('{"a":'.repeat(200_000)))).toHaveLength(1);
  });
});

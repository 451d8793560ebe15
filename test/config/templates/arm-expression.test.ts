/** Expressions of ARM templates: what is one, how they are read, and where each mistake is. */
import { array, assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemsOf, SCHEMA, told, translate, valueOf } from './arm-support.ts';

test.each([
  ['plain', 'plain'],
  ['[[literal]', '[literal]'],
  ["[[parameters('x')]", "[parameters('x')]"],
  ['[[[x]]', '[[x]]'],
  ['[ -f x ] && echo', '[ -f x ] && echo'],
  ['[[ -f x ]] && echo', '[[ -f x ]] && echo'],
  ['a [b]', 'a [b]'],
  ['[', '['],
  ['', ''],
])('the text %j stands for %j', (text, wanted) => {
  expect(valueOf(text)).toBe(wanted);
});

test('any text comes through as a literal of an expression, and as itself', () => {
  assert(
    property(string({ unit: 'grapheme' }), (text) => {
      expect(valueOf(`[concat('${text.replaceAll("'", "''")}')]`)).toBe(text);
      const escaped = text.startsWith('[') && text.endsWith(']') ? `[${text}` : text;
      expect(valueOf(escaped)).toBe(text);
    }),
  );
});

test('whatever the expression, all that is thrown is a ConfigError', () => {
  const pieces = `concat ( ) [ ] . , ' 1 - a { " \\ if variables`.split(' ');
  const text = array(constantFrom(...pieces, ' ')).map((list) => `[${list.join('')}]`);
  assert(
    property(text, (text) => {
      problemsOf(() => valueOf(text));
    }),
    { numRuns: 500 },
  );
});

test('an expression over several lines is one', () => {
  const text = `{ "$schema": "${SCHEMA}", "contentVersion": "1.0.0.0", "resources": [{
    "type": "Microsoft.ContainerInstance/containerGroups", "apiVersion": "2023-05-01", "name": "web",
    "properties": { "asked": "[concat('a',
      'b')]" } }] }`;
  expect(translate(text).document['properties']).toEqual({ asked: 'ab' });
});

/** The text stands at line 1 from column 1 on: its quote is there. */
function at(expression: string): string[] {
  const group = `"type":"Microsoft.ContainerInstance/containerGroups","apiVersion":"2023-05-01","name":"web"`;
  const head = `{"$schema":"${SCHEMA}","contentVersion":"1.0.0.0","resources":[{${group},"properties":{"asked":\n`;
  return told(() => translate(`${head}${JSON.stringify(expression)}}}]}`)).map((one) => one.replace('web.json:2:', ''));
}

describe('an expression is refused for', () => {
  test.each([
    ['nothing in it', '[]', '3: expected a function, a text or a number, got the end of the expression'],
    ['a missing bracket', "[concat('a']", '9: ")" is missing for this "("'],
    ['a missing comma', "[concat('a' 'b')]", '14: expected "," or ")", got "\'"'],
    ['a comma too many', "[concat('a',)]", '14: expected a function, a text or a number, got ")"'],
    ['a quote too few', "[concat('a)]", "10: a text without its closing quote [a quote within a text is written '']"],
    ['a quote that is not doubled', "[concat('it's')]", '14: expected "," or ")", got "s"'],
    ['more after its end', "[concat('a') b]", '15: expected the end of the expression, got "b"'],
    ['a word', '[true]', '3: expected "(" after true, got the end of the expression [write true()]'],
    [
      'a name alone',
      '[sku]',
      "3: expected \"(\" after sku, got the end of the expression [a text stands in single quotes; a parameter is parameters('sku'), a variable variables('sku')]",
    ],
    ['a fraction', '[add(1, 0.5)]', "10: the expression has a number with a fraction [write json('0.5')]"],
    ['a number that is not exact', '[add(1, 12345678901234567890)]', '10: 12345678901234567890 is too large a number'],
    [
      'a member without a name',
      '[resourceGroup().]',
      '19: expected the name of a member after ".", got the end of the expression',
    ],
    ['an index without its bracket', '[range(1,2)[0)]', '15: expected "]" after the index, got ")"'],
    ['two expressions in a text', "[concat('a')][concat('b')]", '14: expected the end of the expression, got "]"'],
    [
      'too deep calls',
      `[${'array('.repeat(80)}1${')'.repeat(80)}]`,
      '393: the expression is nested deeper than 64 levels',
    ],
    [
      'too long a text',
      `[concat('${'a'.repeat(25_000)}')]`,
      '2: the expression has 25012 characters, Azure takes 24576 at most',
    ],
  ])('%s', (_, expression, message) => {
    expect(at(expression)).toEqual([message]);
  });

  test('a function that is not there, at its own place, behind escapes too', () => {
    expect(at("[concat('\\\\ \"', conact('a'))]")).toEqual(['21: there is no function conact [did you mean concat?]']);
  });

  test('a wrong argument at the call that has it', () => {
    expect(at("[concat('a', toLower(5))]")).toEqual(['15: argument 1: expected a string, got an int']);
  });

  test('a member that is not there at its dot', () => {
    expect(at('[resourceGroup().locaton]')).toEqual([
      '18: the object has no member "locaton" [did you mean "location"?]',
    ]);
  });
});

/** Each function of ARM templates: what it gives, as its documentation shows, and what it says of wrong arguments. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/model/app.ts';
import { FORMS } from '../../../src/config/templates/arm-forms.ts';
import { FUNCTIONS } from '../../../src/config/templates/arm-functions.ts';
import { REFUSED } from '../../../src/config/templates/arm-refused.ts';
import { messages, problemsOf, valueOf } from './arm-support.ts';

const HERE = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-rg';
const NULL: Json = JSON.parse('null');

const VARIABLES: JsonObject = {
  one: { a: 1, b: { c: 2 }, list: [1, 2] },
  two: { B: { d: 3 }, list: [3], e: true },
  dogs: [
    { name: 'Evie', age: 5, interests: ['Ball', 'Frisbee'] },
    { name: 'Casper', age: 3, interests: ['Other dogs'] },
    { name: 'Indy', age: 2, interests: ['Butter'] },
    { name: 'Kira', age: 8, interests: ['Rubs'] },
  ],
  list: ['one', 'two', 'three'],
};

const ROWS: readonly (readonly [expression: string, wanted: Json])[] = [
  // texts
  ["base64('one, two, three')", 'b25lLCB0d28sIHRocmVl'],
  ["base64ToString('b25lLCB0d28sIHRocmVl')", 'one, two, three'],
  ["base64ToJson('eydvbmUnOiAnYScsICd0d28nOiAnYid9')", { one: 'a', two: 'b' }],
  ["concat('prefix', '-', 5, '-', true())", 'prefix-5-True'],
  ["concat(createArray('1-1', '1-2'), createArray('2-1'))", ['1-1', '1-2', '2-1']],
  ["contains('OneTwoThree', 'e')", true],
  ["contains('OneTwoThree', 'z')", false],
  ["contains('a1', 1)", true],
  ["contains(variables('list'), 'three')", true],
  ["contains(variables('list'), 'four')", false],
  ["contains(variables('one'), 'LIST')", true],
  ["dataUri('Hello')", 'data:text/plain;charset=utf8;base64,SGVsbG8='],
  ["dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')", 'Hello, World!'],
  ["dataUriToString('data:text/plain,a%20b')", 'a b'],
  ["empty('')", true],
  ['empty(createArray())', true],
  ['empty(null())', true],
  ["empty(variables('one'))", false],
  ["startsWith('abcdef', 'AB')", true],
  ["endsWith('abcdef', 'EF')", true],
  ["endsWith('abcdef', 'e')", false],
  ["first('One Two Three')", 'O'],
  ["first(variables('list'))", 'one'],
  ["last('One Two Three')", 'e'],
  ["last(variables('list'))", 'three'],
  ['first(createArray())', NULL],
  [
    "format('{0}, {1}. Formatted number: {2:N0}', 'Hello', 'User', 8175133)",
    'Hello, User. Formatted number: 8,175,133',
  ],
  ["format('{0:D3}|{0:x}|{0:X4}|{0:000}|{0:F1}|{0,4}|{0,-4}|{{{0}}}', 10)", '010|a|000A|010|10.0|  10|10  |{10}'],
  ["format('{0:N2}', 1234567)", '1,234,567.00'],
  ["format('{0}', false())", 'False'],
  ["indexOf('test', 'T')", 0],
  ["indexOf('abcdef', 'DEF')", 3],
  ["indexOf('abcdef', 'z')", -1],
  ["lastIndexOf('test', 't')", 3],
  ["lastIndexOf('abcdef', 'AB')", 0],
  ["indexOf(variables('list'), 'two')", 1],
  ["indexOf(variables('list'), 'TWO')", -1],
  ['lastIndexOf(createArray(1, 2, 1), 1)', 2],
  ["join(variables('list'), ',')", 'one,two,three'],
  ['json(\'[1, "two", null]\')', [1, 'two', NULL]],
  ["json('0.5')", 0.5],
  ['json(\'{"a": "[not evaluated]"}\')', { a: '[not evaluated]' }],
  ["length('One Two Three')", 13],
  ["length(variables('list'))", 3],
  ["length(variables('one'))", 3],
  ["padLeft(123, 10, '0')", '0000000123'],
  ["padLeft('a', 3)", '  a'],
  ["replace('123-123-1234', '-', '')", '1231231234'],
  ["replace('a$b', '$', '$&')", 'a$&b'],
  ["split('one,two,three', ',')", ['one', 'two', 'three']],
  ["split('one;two,three', createArray(',', ';'))", ['one', 'two', 'three']],
  ["string(variables('two'))", '{"B":{"d":3},"list":[3],"e":true}'],
  ['string(5)', '5'],
  ['string(false())', 'False'],
  ["substring('one two three', 4, 3)", 'two'],
  ["substring('one two three', 8)", 'three'],
  ["take('one two three', 2)", 'on'],
  ["skip('one two three', 4)", 'two three'],
  ["take(variables('list'), 2)", ['one', 'two']],
  ["take(variables('list'), -1)", []],
  ["skip(variables('list'), 2)", ['three']],
  ["toLower('One')", 'one'],
  ["toUpper('One')", 'ONE'],
  ["trim('    one two three   ')", 'one two three'],
  ["uniqueString('test')", 'rbgf3xv4ufgzg'],
  ['uniqueString(resourceGroup().id)', 'bmg7c6xu4tw46'],
  ["guid('test')", 'd6a5baf1-8b9b-542a-8525-2982f1f98a0c'],
  ["uri('http://contoso.org/firstpath', 'myscript.sh')", 'http://contoso.org/myscript.sh'],
  ["uri('http://contoso.org/firstpath/', 'myscript.sh')", 'http://contoso.org/firstpath/myscript.sh'],
  ["uriComponent('http://contoso.com/a (1)!')", 'http%3A%2F%2Fcontoso.com%2Fa%20%281%29%21'],
  ["uriComponentToString('http%3A%2F%2Fcontoso.com')", 'http://contoso.com'],
  // arrays and objects
  ["array('a')", ['a']],
  ["array(variables('list'))", ['one', 'two', 'three']],
  ['createArray(1, createArray(2))', [1, [2]]],
  ["createObject('a', 1, 'b', createArray('c'))", { a: 1, b: ['c'] }],
  ["indexFromEnd(variables('list'), 2)", 'two'],
  ["tryIndexFromEnd(variables('list'), 9)", NULL],
  ["intersection(createArray('a', 'b', 'c'), createArray('c', 'b', 'x'))", ['b', 'c']],
  ["intersection(variables('one'), createObject('a', 1, 'list', createArray()))", { a: 1 }],
  [
    "items(createObject('b', 1, 'a', 2))",
    [
      { key: 'a', value: 2 },
      { key: 'b', value: 1 },
    ],
  ],
  ["objectKeys(variables('one'))", ['a', 'b', 'list']],
  ['range(5, 3)', [5, 6, 7]],
  ["shallowMerge(createArray(variables('one'), createObject('b', 5)))", { a: 1, b: 5, list: [1, 2] }],
  ["tryGet(variables('one'), 'b', 'c')", 2],
  ["tryGet(variables('one'), 'list', 1)", 2],
  ["tryGet(variables('one'), 'x', 'c')", NULL],
  ["union(createArray('a', 'b'), createArray('b', 'c'))", ['a', 'b', 'c']],
  ["union(variables('one'), variables('two'))", { a: 1, b: { c: 2, d: 3 }, list: [3], e: true }],
  ['max(createArray(0, 3, 2))', 3],
  ['max(0, 3, 2)', 3],
  ['min(4, 3, 5)', 3],
  // comparison, logic, numbers, times
  ["coalesce(null(), 'a', fail('not read'))", 'a'],
  ['coalesce(null(), null())', NULL],
  ["equals('a', 'A')", false],
  ["equals(createArray(1, 'a'), createArray(1, 'a'))", true],
  ["equals(variables('one'), variables('two'))", false],
  ["equals(1, json('1'))", true],
  ['greater(2, 1)', true],
  ["greater('a', 'b')", false],
  ['greaterOrEquals(2, 2)', true],
  ['less(2, 1)', false],
  ["lessOrEquals('a', 'a')", true],
  ['and(true(), true(), false())', false],
  ["and(false(), fail('not read'))", false],
  ['or(false(), true())', true],
  ['not(false())', true],
  ["if(equals('a', 'a'), 'yes', fail('not read'))", 'yes'],
  ["if(false(), fail('not read'), 'no')", 'no'],
  ["bool('TRUE')", true],
  ['bool(0)', false],
  ['add(1, 2)', 3],
  ['sub(7, 3)', 4],
  ['mul(5, -3)', -15],
  ['div(-8, 3)', -2],
  ['mod(7, 3)', 1],
  ["int('4')", 4],
  ["int(json('4.9'))", 4],
  ["float('3.14')", 3.14],
  ['dateTimeFromEpoch(1683040573)', '2023-05-02T15:16:13Z'],
  ["dateTimeToEpoch('2023-05-02T15:16:13Z')", 1683040573],
  ["dateTimeToEpoch('2023-05-02 17:16:13+02:00')", 1683040573],
  // lambdas
  ["map(variables('dogs'), lambda('dog', lambdaVariables('dog').name))", ['Evie', 'Casper', 'Indy', 'Kira']],
  ["map(range(1, 2), lambda('x', 'i', add(lambdaVariables('x'), lambdaVariables('i'))))", [1, 3]],
  [
    "map(filter(variables('dogs'), lambda('d', greaterOrEquals(lambdaVariables('d').age, 5))), lambda('d', lambdaVariables('d').name))",
    ['Evie', 'Kira'],
  ],
  ["reduce(range(1, 4), 10, lambda('sum', 'x', add(lambdaVariables('sum'), lambdaVariables('x'))))", 20],
  ["sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))", [1, 2, 3]],
  [
    "toObject(variables('dogs'), lambda('d', lambdaVariables('d').name), lambda('d', lambdaVariables('d').age))",
    { Evie: 5, Casper: 3, Indy: 2, Kira: 8 },
  ],
  ["toObject(createArray('a'), lambda('x', lambdaVariables('x')))", { a: 'a' }],
  [
    "groupBy(createArray('bb', 'a', 'cc'), lambda('x', string(length(lambdaVariables('x')))))",
    { 2: ['bb', 'cc'], 1: ['a'] },
  ],
  ["mapValues(createObject('a', 1), lambda('v', add(lambdaVariables('v'), 1)))", { a: 2 }],
  // where it is deployed
  ['resourceGroup().location', 'westeurope'],
  ['resourceGroup().name', 'my-rg'],
  ['subscription().subscriptionId', '00000000-0000-0000-0000-000000000000'],
  ['deployment().name', 'web'],
  ['environment().suffixes.storage', 'core.windows.net'],
  ["environment()['authentication']['audiences'][1]", 'https://management.azure.com/'],
  ["resourceId('Microsoft.Storage/storageAccounts', 'a')", `${HERE}/providers/Microsoft.Storage/storageAccounts/a`],
  [
    "resourceId('other', 'Microsoft.Sql/servers/databases', 's', 'd')",
    '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/other/providers/Microsoft.Sql/servers/s/databases/d',
  ],
  [
    "resourceId('1111', 'other', 'Microsoft.Storage/storageAccounts', 'a')",
    '/subscriptions/1111/resourceGroups/other/providers/Microsoft.Storage/storageAccounts/a',
  ],
  [
    "subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'x')",
    '/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Authorization/roleDefinitions/x',
  ],
  ["subscriptionResourceId('1111', 'Microsoft.A/b', 'x')", '/subscriptions/1111/providers/Microsoft.A/b/x'],
  ["tenantResourceId('Microsoft.A/b/', 'x')", '/providers/Microsoft.A/b/x'],
  ["tenantResourceId('Microsoft.A/b', 'x')", '/providers/Microsoft.A/b/x'],
  ["extensionResourceId('/a/b', 'Microsoft.A/locks', 'x')", '/a/b/providers/Microsoft.A/locks/x'],
  // how they are written
  ["CONCAT('a', 'b')", 'ab'],
  ["sys.concat('a', 'b')", 'ab'],
  [" concat ( 'it''s' , 'b' ) ", "it'sb"],
  ["variables('dogs')[0].interests[sub(2, 1)]", 'Frisbee'],
  ["variables('one')['b'].C", 2],
];

describe('functions of ARM templates give', () => {
  test.each(ROWS)('%s', (expression, wanted) => {
    expect(valueOf(`[${expression}]`, { variables: VARIABLES })).toEqual(wanted);
  });
});

const WRONG: readonly (readonly [expression: string, message: string])[] = [
  ['toLower(5)', 'argument 1: expected a string, got an int'],
  ['toLower()', 'toLower takes 1 argument, got 0'],
  ["padLeft('a')", 'padLeft takes 2 to 3 arguments, got 1'],
  ['concat()', 'concat takes 1 or more arguments, got 0'],
  ["concat('a', createArray())", 'argument 1: expected an array, got a string'],
  ["concat('a', createObject())", 'argument 2: expected a string, got an object'],
  ["base64ToString('?')", 'argument 1 is not base64'],
  [
    "base64ToJson(base64('{'))",
    'argument 1 is not JSON: expected a key in double quotes, got the end of the file (character 2)',
  ],
  ["substring('abc', 2, 5)", 'characters 2 to 7 are not all there: the text has 3'],
  ["split('a', 1)", 'argument 2: expected a string, got an int'],
  ["replace('a', '', 'b')", 'argument 2: expected a text that is not empty'],
  ["padLeft('a', 5000)", 'argument 2: expected 0 to 1024, got 5000'],
  ["format('{1}', 'a')", 'argument 1 has {1}, but 1 values follow'],
  ["format('{', 'a')", 'argument 1: a "{" that is no part of a place such as {0}; written as itself it is doubled'],
  ["format('{0:C}', 1)", 'argument 1: the format "C" is not supported here'],
  ["uri('x', 'y')", 'arguments 1 and 2 do not make a URI'],
  ["uriComponentToString('%')", 'argument 1 is not an encoded part of a URI'],
  ["dataUriToString('x')", 'argument 1 is not a data URI'],
  ["fail('no sku')", 'the template says: no sku'],
  ["createObject('a')", 'createObject takes keys and values in turn: one value is missing'],
  ['createObject(1, 2)', 'argument 1: expected a string, got an int'],
  ['range(1, 20000)', 'argument 2: expected 0 to 10000, got 20000'],
  ['first(1)', 'argument 1: expected an array or a string, got an int'],
  ['items(createArray())', 'argument 1: expected an object, got an array'],
  ['indexFromEnd(createArray(1), 2)', 'there is no item 2 from the end: the array has 1'],
  ['union(createArray(), createObject())', 'argument 2: expected an array, got an object'],
  ['div(1, 0)', 'argument 2: nothing can be divided by 0'],
  ['mod(1, 0)', 'argument 2: nothing can be divided by 0'],
  ['add(9007199254740991, 1)', 'the result is too large a number'],
  ["add(1, json('0.5'))", 'argument 2: expected an int, got a float'],
  ["int('4.5')", 'argument 1: expected a string that is an int, got a string'],
  ["int('a')", 'argument 1: expected an int or a string that is one, got a string'],
  ["bool('yes')", "argument 1: expected 'true', 'false' or an int, got a string"],
  ["greater(1, 'a')", 'argument 1: expected an int or a string, got an int'],
  ["if('yes', 1, 2)", 'argument 1: expected a bool, got a string'],
  ['not(1)', 'argument 1: expected a bool, got an int'],
  ["and(true(), 'a')", 'argument 2: expected a bool, got a string'],
  ['max(createArray())', 'argument 1: expected an array with something in it'],
  ['dateTimeFromEpoch(9000000000000)', 'argument 1 is no time'],
  ["dateTimeToEpoch('tomorrow')", "argument 1: expected a time such as '2026-01-31T12:00:00Z', got a string"],
  [
    "resourceId('Microsoft.Storage/storageAccounts', 'a', 'b')",
    'the type Microsoft.Storage/storageAccounts needs 1 name, got 2',
  ],
  [
    "resourceId('a', 'b')",
    "expected a type such as 'Microsoft.Storage/storageAccounts' among the first three arguments",
  ],
  ['copyIndex()', 'there is no loop of a resource here'],
  ["copyIndex('x')", 'there is no loop "x" here'],
  ["lambda('x', 1)", 'a lambda can only be the argument of a function such as map'],
  ["map(createArray(1), 'x')", 'argument 2: expected a lambda'],
  ["map(createArray(1), lambda('a', 'b', 'c', 1))", 'argument 2: the lambda has 3 variables, at most 2 are given'],
  ["lambdaVariables('x')", 'no lambda around it has a variable "x"'],
  ['resourceGroup().tags', 'the object has no member "tags"'],
  ['subscription().tenantId', 'the object has no member "tenantId"'],
  ['createArray(1)[1]', 'there is no item 1: the array has 1'],
  ["createArray(1)['a']", 'an array has numbers for its items, got a string'],
  ["concat('a').b", 'a string has no members'],
  ["createObject('a', 1)[0]", 'an object has names for its members, got an int'],
  ['conact()', 'there is no function conact'],
];

describe('functions of ARM templates refuse', () => {
  test.each(WRONG)('%s', (expression, message) => {
    expect(messages(() => valueOf(`[${expression}]`))).toEqual([message]);
  });

  test.each(Object.entries(REFUSED))('%s, with what to do instead', (name, { why, instead }) => {
    const [problem] = problemsOf(() => valueOf(`[concat('a', ${name.toLowerCase()}('x'))]`));
    expect(problem?.message).toBe(`the function ${name} cannot be used: ${why}`);
    expect(problem?.hint).toBe(instead);
  });

  test('any other name that begins with list', () => {
    expect(messages(() => valueOf("[listWhatever('x')]"))).toEqual([
      'the function listWhatever cannot be used: it asks Azure, which is not asked while a template is read',
    ]);
  });
});

test('docs/arm-functions.md lists exactly the functions that there are, and why others are refused', () => {
  const rows = [...readFileSync('docs/arm-functions.md', 'utf8').matchAll(/^\| `(\w+)` \| (yes|no) \|(.*)\|$/gm)];
  const listed = rows.map(
    ([, name, supported, reason]) => `${name} ${supported === 'yes' ? 'yes' : `no: ${reason?.trim()}`}`,
  );
  const built = [
    ...[...FUNCTIONS.values(), ...FORMS.values()].map(({ name }) => `${name} yes`),
    ...Object.entries(REFUSED).map(([name, { why, instead }]) => `${name} no: ${why}; ${instead}`),
  ];
  expect(listed.sort()).toEqual(built.sort());
});

test('every function has a row here', () => {
  const shown = ROWS.map(([expression]) => expression.toLowerCase()).join(' ');
  const used = new Set([...shown.matchAll(/(\w+) ?\(/g)].map(([, name]) => name));
  const inOtherTests = new Set(['parameters', 'copyindex', 'fail']);
  const missing = [...FUNCTIONS.keys(), ...FORMS.keys()].filter((name) => !used.has(name) && !inOtherTests.has(name));
  expect(missing).toEqual([]);
});

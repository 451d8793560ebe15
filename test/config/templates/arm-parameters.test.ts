/** Parameters, variables and functions of an ARM template: values and their order, types, and what goes round in a circle. */
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/model/app.ts';
import { messages, problemsOf, SCHEMA, template, told, translate, valueOf } from './arm-support.ts';

const NULL: Json = JSON.parse('null');

function fileOf(parameters: JsonObject): string {
  return JSON.stringify({ $schema: 'x', contentVersion: '1.0.0.0', parameters }, undefined, 2);
}

const sku = { sku: { type: 'string', defaultValue: 'default' } };

describe('a parameter has', () => {
  test('the value of the config before that of the file, and that before its default', () => {
    const parameters = fileOf({ sku: { value: 'file' } });
    const asked = "[parameters('SKU')]";
    expect(valueOf(asked, { parameters: sku })).toBe('default');
    expect(valueOf(asked, { parameters: sku }, { parameters })).toBe('file');
    expect(valueOf(asked, { parameters: sku }, { parameters, values: { Sku: 'config' } })).toBe('config');
  });

  test('a value that is not evaluated, and a default that is', () => {
    const parameters = { a: { type: 'string' }, b: { type: 'string', defaultValue: "[concat('b', parameters('a'))]" } };
    expect(valueOf("[parameters('b')]", { parameters }, { values: { a: '[x]' } })).toBe('b[x]');
  });

  test.each<[string, Json]>([
    ['String', 'a'],
    ['INT', 3],
    ['bool', true],
    ['object', { a: [1] }],
    ['Array', [1, 'a']],
  ])('the type %s in any letter case', (type, value) => {
    expect(valueOf("[parameters('x')]", { parameters: { x: { type } } }, { values: { x: value } })).toEqual(value);
  });

  test('no value where nothing needs it', () => {
    const more = { parameters: { name: { type: 'string' }, location: { type: 'string' } } };
    const group = { name: "[parameters('name')]", location: "[parameters('location')]", tags: { a: 'b' } };
    expect(translate(template(more, group)).document['tags']).toEqual({ a: 'b' });
  });

  test('null where it may and is not given', () => {
    const parameters = { x: { type: 'string', nullable: true } };
    expect(valueOf("[coalesce(parameters('x'), 'none')]", { parameters })).toBe('none');
    expect(valueOf("[parameters('x')]", { parameters }, { values: { x: NULL } })).toBe(NULL);
  });

  test('a type of the template by its reference', () => {
    const definitions = { port: { $ref: '#/definitions/number' }, number: { type: 'int', maxValue: 65535 } };
    const parameters = { port: { $ref: '#/definitions/port' } };
    expect(valueOf("[parameters('port')]", { definitions, parameters }, { values: { port: 80 } })).toBe(80);
    expect(messages(() => valueOf('a', { definitions, parameters }, { values: { port: 70_000 } }))).toEqual([
      'parameter "port": expected a value of 65535 or less, got 70000',
    ]);
  });

  test('a value in a file without what is around it, as az takes it', () => {
    expect(valueOf("[parameters('sku')]", { parameters: sku }, { parameters: '{"sku": {"value": "x"}}' })).toBe('x');
  });
});

describe('a parameter is refused for', () => {
  test.each<[string, JsonObject, Json, string]>([
    ['a wrong type', { type: 'int' }, '3', 'expected an int, got a string'],
    ['a fraction', { type: 'int' }, 1.5, 'expected an int, got a float'],
    ['a number as a text', { type: 'string' }, 3, 'expected a string, got an int'],
    ['a list as an object', { type: 'object' }, [], 'expected an object, got an array'],
    ['an object as a list', { type: 'array' }, {}, 'expected an array, got an object'],
    ['a text as a bool', { type: 'bool' }, 'true', 'expected a bool, got a string'],
    ['null', { type: 'string' }, NULL, 'expected a string, got null'],
    ['what is not allowed', { type: 'string', allowedValues: ['a', 'b'] }, 'c', 'expected one of "a", "b", got "c"'],
    ['an item that is not allowed', { type: 'array', allowedValues: [1, 2] }, [3], 'expected one of 1, 2, got [3]'],
    ['too small a value', { type: 'int', minValue: 2 }, 1, 'expected a value of 2 or more, got 1'],
    ['too large a value', { type: 'int', maxValue: 2 }, 3, 'expected a value of 2 or less, got 3'],
    ['too short a text', { type: 'string', minLength: 3 }, 'ab', 'expected a length of 3 or more, got 2'],
    ['too long a list', { type: 'array', maxLength: 1 }, [1, 2], 'expected a length of 1 or less, got 2'],
    [
      'a secret that is a number',
      { type: 'secureString' },
      5,
      'expected a string, or a secret by reference such as {env: NAME}, got an int',
    ],
  ])('%s', (_, definition, value, message) => {
    const wanted = [`parameter "x": ${message}`];
    const more = { parameters: { x: definition } };
    expect(messages(() => valueOf('a', more, { values: { x: value } }))).toEqual(wanted);
    expect(messages(() => valueOf('a', more, { parameters: fileOf({ x: { value } }) }))).toEqual(wanted);
  });

  test('no value, at its definition and once, with how to give one', () => {
    const text = `{ "$schema": "${SCHEMA}", "contentVersion": "1.0.0.0",
  "parameters": { "sku": { "type": "string" } },
  "resources": [{ "type": "Microsoft.ContainerInstance/containerGroups", "apiVersion": "2023-05-01", "name": "web",
    "properties": { "a": "[parameters('sku')]", "b": "[parameters('sku')]" } }] }`;
    expect(told(() => translate(text))).toEqual([
      'web.json:2:19: parameter "sku" has no value [give it by template.values.sku in the config, in the parameters file, or by a defaultValue]',
    ]);
  });

  test('a name that is not there, wherever it is given', () => {
    expect(told(() => valueOf('a', { parameters: sku }, { parameters: fileOf({ skuu: { value: 'x' } }) }))).toEqual([
      'web.parameters.json:5:5: the template has no parameter "skuu" [did you mean "sku"?]',
    ]);
    expect(told(() => valueOf('a', { parameters: sku }, { values: { other: 'x' } }))).toEqual([
      'web.json:4:17: the template has no parameter "other", which template.values of the config gives [it has sku]',
    ]);
    expect(told(() => valueOf("[parameters('sk')]", { parameters: sku }))).toEqual([
      'web.json:26:13: the template has no parameter "sk" [did you mean "sku"?]',
    ]);
  });

  test('a type that there is not', () => {
    expect(told(() => valueOf('a', { parameters: { x: { type: 'strin' } } }))).toEqual([
      'web.json:5:5: parameter "x": unknown type "strin" [did you mean string?]',
    ]);
    expect(messages(() => valueOf('a', { parameters: { x: {}, y: { $ref: '#/definitions/z' } } }))).toEqual([
      'parameter "x": it has no type',
      'the type of parameter "y" refers to no definition of the template',
    ]);
  });

  test('a value that is neither value nor reference', () => {
    expect(told(() => valueOf('a', { parameters: sku }, { parameters: '{"parameters": {"sku": "x"}}' }))).toEqual([
      'web.parameters.json:1:17: parameter "sku": expected an object with value, or with reference [such as "sku": { "value": … }]',
    ]);
  });

  test('a default that is not of its type, at the default', () => {
    const parameters = { x: { type: 'int', defaultValue: 'a' } };
    expect(told(() => valueOf("[parameters('x')]", { parameters }))).toEqual([
      'web.json:7:23: parameter "x": expected an int, got a string',
    ]);
  });

  test('a default that is another one at each start, unless a value is given', () => {
    const parameters = { x: { type: 'string', defaultValue: '[utcNow()]' } };
    expect(told(() => valueOf("[parameters('x')]", { parameters }))).toEqual([
      'web.json:7:25: the function utcNow cannot be used: it gives another value at each reading, and every start would find a new release [give the value as a parameter]',
    ]);
    expect(valueOf("[parameters('x')]", { parameters }, { values: { x: 'fixed' } })).toBe('fixed');
  });
});

describe('a variable', () => {
  test('is evaluated when it is needed: others may be wrong', () => {
    const variables = { a: "[concat(variables('b'), '!')]", b: 'b', c: "[reference('x').y]" };
    expect(valueOf("[variables('A')]", { variables })).toBe('b!');
  });

  test('may be a loop, and have one within', () => {
    const variables = {
      copy: [{ name: 'ports', count: 3, input: "[add(8000, copyIndex('ports'))]" }],
      disks: {
        copy: [{ name: 'list', count: "[length(variables('ports'))]", input: { at: "[copyIndex('list', 1)]" } }],
        a: 1,
      },
    };
    expect(valueOf("[variables('ports')]", { variables })).toEqual([8000, 8001, 8002]);
    expect(valueOf("[variables('disks')]", { variables })).toEqual({ list: [{ at: 1 }, { at: 2 }, { at: 3 }], a: 1 });
  });

  test('that needs itself is refused with the whole circle, at the call that closes it', () => {
    const variables = { a: "[variables('b')]", b: "[concat('x', variables('c'))]", c: "[variables('a')]" };
    expect(told(() => valueOf("[variables('a')]", { variables }))).toEqual([
      'web.json:7:12: it needs itself: variable a → variable b → variable c → variable a [one of them must not refer to the next]',
    ]);
    const parameters = {
      p: { type: 'string', defaultValue: "[parameters('q')]" },
      q: { type: 'string', defaultValue: "[parameters('p')]" },
    };
    expect(messages(() => valueOf("[parameters('p')]", { parameters }))).toEqual([
      'it needs itself: parameter p → parameter q → parameter p',
    ]);
  });

  test('that is not there is refused with one that is near', () => {
    expect(problemsOf(() => valueOf("[variables('prot')]", { variables: { port: 1 } }))[0]).toMatchObject({
      message: 'the template has no variable "prot"',
      hint: 'did you mean "port"?',
    });
  });

  test('that grows without end is stopped', () => {
    const doubled: Record<string, Json> = { v0: 'x'.repeat(1000) };
    const nested: Record<string, Json> = { v0: [1, 2] };
    const chain: Record<string, Json> = { v0: 'x' };
    for (let n = 1; n < 400; n += 1) {
      doubled[`v${n}`] = `[concat(variables('v${n - 1}'), variables('v${n - 1}'))]`;
      nested[`v${n}`] = `[createArray(variables('v${n - 1}'), variables('v${n - 1}'))]`;
      chain[`v${n}`] = `[variables('v${n - 1}')]`;
    }
    expect(messages(() => valueOf("[variables('v30')]", { variables: doubled }))).toEqual([
      'the result is larger than 1048576 characters',
    ]);
    expect(messages(() => valueOf("[variables('v30')]", { variables: nested }))).toEqual([
      'the result is larger than 1048576 characters',
    ]);
    expect(messages(() => valueOf("[variables('v399')]", { variables: chain }))).toEqual([
      'more than 300 things are evaluated within each other',
    ]);
  });

  test('that takes too many calls is stopped', () => {
    const inner = "map(range(0, 1000), lambda('y', add(lambdaVariables('x'), lambdaVariables('y'))))";
    expect(messages(() => valueOf(`[length(map(range(0, 1000), lambda('x', ${inner})))]`))).toEqual([
      'the template takes more than 20000 calls to evaluate',
    ]);
    const deep = "[reduce(range(0, 1000), createArray(), lambda('sum', 'x', createArray(lambdaVariables('sum'))))]";
    expect(messages(() => valueOf(deep))).toEqual(['the result is nested deeper than 64 levels']);
  });
});

describe("a function of the template's own", () => {
  const functions = [
    {
      namespace: 'shop',
      members: {
        label: {
          parameters: [{ name: 'name', type: 'string' }],
          output: { type: 'string', value: "[concat('shop-', toLower(parameters('Name')))]" },
        },
        outside: { parameters: [], output: { type: 'string', value: "[variables('a')]" } },
        other: { parameters: [], output: { type: 'string', value: "[parameters('sku')]" } },
      },
    },
  ];

  test('is called by its name space', () => {
    expect(valueOf("[Shop.Label('WEB')]", { functions })).toBe('shop-web');
  });

  test('sees nothing of the template but its parameters', () => {
    const more = { functions, variables: { a: 'x' }, parameters: sku };
    expect(messages(() => valueOf('[shop.outside()]', more))).toEqual([
      'variables are not seen in a function of the template',
    ]);
    expect(messages(() => valueOf('[shop.other()]', more))).toEqual(['the function has no parameter "sku"']);
    expect(messages(() => valueOf('[shop.label()]', more))).toEqual(['shop.label takes 1 argument, got 0']);
    expect(messages(() => valueOf('[shop.none()]', more))).toEqual(['there is no function shop.none']);
  });
});

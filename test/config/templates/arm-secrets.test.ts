/** Secrets in ARM templates: passed on by reference, never looked into, and never shown. */
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/model/app.ts';
import { asObject } from '../../../src/config/json.ts';
import { messages, problemsOf, template, told, translate } from './arm-support.ts';
import type { Given } from './arm-support.ts';

const parameters = {
  password: { type: 'secureString' },
  keys: { type: 'secureObject' },
  name: { type: 'string', defaultValue: 'db' },
};
const values = { password: { env: 'DB_PASSWORD' }, keys: { user: 'u', key: { file: 'key.txt' }, port: 5 } };
const given: Given = { values };

/** What the expression becomes where a registry's password stands. */
function secretOf(expression: string, more: JsonObject = {}, options: Given = given): Json | undefined {
  const credentials = [{ server: 'x', password: expression }];
  const group = { properties: { imageRegistryCredentials: credentials } };
  const { document } = translate(template({ parameters, ...more }, group), options);
  const list = asObject(document['properties'])?.['imageRegistryCredentials'];
  return asObject(Array.isArray(list) ? list[0] : undefined)?.['password'];
}

describe('a secret by reference', () => {
  test('stays a reference', () => {
    expect(secretOf("[parameters('password')]")).toEqual({ env: 'DB_PASSWORD' });
    expect(secretOf("[parameters('keys').key]")).toEqual({ file: 'key.txt' });
  });

  test('goes through variables, conditions, arrays, objects and loops', () => {
    const variables = { all: { list: ["[if(true(), parameters('password'), '')]"] } };
    expect(secretOf("[first(variables('all').list)]", { variables })).toEqual({ env: 'DB_PASSWORD' });
    expect(secretOf("[createObject('a', createArray(coalesce(null(), parameters('password')))).a[0]]")).toEqual({
      env: 'DB_PASSWORD',
    });
    expect(secretOf("[map(createArray(parameters('password')), lambda('x', lambdaVariables('x')))[0]]")).toEqual({
      env: 'DB_PASSWORD',
    });
    expect(secretOf("[union(createObject('a', 1), createObject('b', parameters('password'))).b]")).toEqual({
      env: 'DB_PASSWORD',
    });
  });

  test('is joined with the text around it', () => {
    const joined = { join: ['Server=db;Password=', { env: 'DB_PASSWORD' }, ';Key=', { file: 'key.txt' }] };
    expect(
      secretOf(
        "[concat('Server=', parameters('name'), ';Password=', parameters('password'), ';Key=', parameters('keys').key)]",
      ),
    ).toEqual(joined);
    expect(
      secretOf(
        "[format('Server={0};Password={1};Key={2}', parameters('name'), parameters('password'), parameters('keys').key)]",
      ),
    ).toEqual(joined);
    expect(secretOf("[concat(concat('a', parameters('password')), '', 'b', 'c')]")).toEqual({
      join: ['a', { env: 'DB_PASSWORD' }, 'bc'],
    });
    expect(secretOf("[concat(parameters('password'))]")).toEqual({ env: 'DB_PASSWORD' });
  });

  test('of Azure Key Vault comes from the parameters file as Azure has it', () => {
    const file = (reference: JsonObject) => JSON.stringify({ parameters: { password: { reference } } });
    const keyVault = { id: '/subscriptions/x/resourceGroups/y/providers/Microsoft.KeyVault/vaults/Shop-Vault' };
    expect(secretOf("[parameters('password')]", {}, { parameters: file({ keyVault, secretName: 'db' }) })).toEqual({
      keyVault: { vault: 'https://shop-vault.vault.azure.net', secret: 'db' },
    });
    const versioned = file({ keyVault, secretName: 'db', secretVersion: '1f' });
    expect(secretOf("[parameters('password')]", {}, { parameters: versioned })).toEqual({
      keyVault: { vault: 'https://shop-vault.vault.azure.net', secret: 'db', version: '1f' },
    });
    expect(
      messages(() => secretOf('a', {}, { parameters: file({ keyVault: { id: 'shop' }, secretName: 'db' }) })),
    ).toEqual(['parameter "password": expected reference.keyVault.id to end with /vaults/NAME']);
    expect(messages(() => secretOf('a', {}, { parameters: file({ keyVault }) }))).toEqual([
      'parameter "password": expected reference.secretName to be a string',
    ]);
  });

  test('for a parameter that Azure does not hide is refused', () => {
    const hint = 'make it a secureString in the template, so that Azure hides it too';
    const asked = { values: { ...values, name: { env: 'X' } } };
    expect(problemsOf(() => secretOf('a', {}, asked))[0]).toMatchObject({
      message: 'parameter "name" is of type string and is given a secret by reference',
      hint,
    });
    const keyVault = { id: '/vaults/shop' };
    const file = JSON.stringify({ parameters: { name: { reference: { keyVault, secretName: 'db' } } } });
    expect(messages(() => secretOf('a', {}, { values, parameters: file }))).toEqual([
      'parameter "name" is of type string and is given a secret by reference',
    ]);
  });

  test.each([
    'toLower',
    'empty',
    'length',
    'string',
    'json',
    'uniqueString',
    'trim',
    'first',
    'base64ToString',
    'uriComponent',
    'guid',
  ])('is not looked into by %s', (name) => {
    expect(told(() => secretOf(`[${name}(parameters('password'))]`))[0]).toMatch(
      new RegExp(`: ${name} cannot look into the secret "password" \\[a secret is passed on whole, or put into a text`),
    );
  });

  test.each([
    ["[string(createArray(parameters('password')))]", 'the secret "password" cannot become part of another text here'],
    [
      "[join(createArray(parameters('password')), ',')]",
      'the secret "password" cannot become part of another text here',
    ],
    [
      "[contains(createArray(parameters('password')), 'x')]",
      'a secret cannot be compared: its value is not known here',
    ],
    ["[parameters('password').a]", 'nothing is known of what is in the secret "password"'],
    ["[format('{0:D}', parameters('password'))]", 'the secret "password" can only be put in as it stands, by {0}'],
    [
      "[padLeft(concat(parameters('password'), parameters('keys').key), 5)]",
      'padLeft cannot look into the secrets "password" and "keys"',
    ],
  ])('is not looked into by %s', (expression, message) => {
    expect(messages(() => secretOf(expression))).toEqual([message]);
  });

  test('where Azure shows it is refused at its place', () => {
    const environmentVariables = [{ name: 'A', value: "[parameters('password')]" }];
    const properties = { containers: [{ name: 'web', properties: { image: 'x', environmentVariables } }] };
    expect(told(() => translate(template({ parameters }, { properties }), given))).toEqual([
      'web.json:31:28: the secret "password" stands at properties.containers.0.properties.environmentVariables.0.value, which Azure does not keep secret [use secureValue in place of value]',
    ]);
    expect(messages(() => translate(template({ parameters }, { tags: { a: "[parameters('keys')]" } }), given))).toEqual(
      [
        'the secret "keys" stands at tags.a.user, which Azure does not keep secret',
        'the secret "keys" stands at tags.a.key, which Azure does not keep secret',
      ],
    );
  });

  test('is a file of a secret volume in base64, which Viridian writes', () => {
    const volume = (file: string) =>
      template({ parameters }, { properties: { volumes: [{ name: 'v', secret: { cert: file } }] } });
    const secret = { cert: { env: 'DB_PASSWORD' } };
    expect(translate(volume("[base64(parameters('password'))]"), given).document['properties']).toMatchObject({
      volumes: [{ name: 'v', secret }],
    });
    expect(problemsOf(() => translate(volume("[parameters('password')]"), given))[0]).toMatchObject({
      message: 'the secret "password" is a file of a secret volume: those are in base64',
      hint: "write base64(parameters('password')), and let the reference lead to the text itself",
    });
    expect(messages(() => secretOf("[base64(parameters('password'))]"))).toEqual([
      'the secret "password" in base64 fits a file of a secret volume only',
    ]);
    expect(messages(() => secretOf("[concat('a', base64(parameters('password')))]"))).toEqual([
      'a secret in base64 cannot become part of a text',
    ]);
  });
});

describe('a secret in plain text', () => {
  const plain = 'hunter2-hunter2';

  test('is used, with a warning that does not repeat it', () => {
    const file = JSON.stringify({ parameters: { password: { value: plain } } });
    const group = { properties: { imageRegistryCredentials: [{ password: "[concat('a', parameters('password'))]" }] } };
    const { document, warnings } = translate(template({ parameters }, group), {
      values: { keys: {} },
      parameters: file,
    });
    expect(document['properties']).toMatchObject({ imageRegistryCredentials: [{ password: `a${plain}` }] });
    expect(warnings).toEqual([
      'web.json: parameter "password" is a secret and its value is in plain text; give it by reference, such as template.values.password: {env: NAME}',
    ]);
  });

  test('as a default is warned of where it is used; none is an empty one', () => {
    const withDefault = (defaultValue: string) => ({
      parameters: { password: { type: 'secureString', defaultValue } },
    });
    const group = { properties: { imageRegistryCredentials: [{ password: "[parameters('password')]" }] } };
    expect(translate(template(withDefault(plain), group)).warnings).toHaveLength(1);
    expect(translate(template(withDefault(plain))).warnings).toEqual([]);
    const empty = translate(template(withDefault(''), { tags: { a: "[string(empty(parameters('password')))]" } }));
    expect([empty.document['tags'], empty.warnings]).toEqual([{ a: 'True' }, []]);
  });

  test('is encoded for a secret volume as Azure wants it', () => {
    const group = { properties: { volumes: [{ name: 'v', secret: { f: "[base64(parameters('password'))]" } }] } };
    const { document } = translate(template({ parameters }, group), { values: { password: 'abc' } });
    expect(document['properties']).toMatchObject({ volumes: [{ secret: { f: 'YWJj' } }] });
  });

  const one = { password: { type: 'secureString', minLength: 40, defaultValue: plain }, other: { type: 'int' } };
  test.each<[string, () => unknown]>([
    [
      'a wrong length',
      () =>
        secretOf(
          'a',
          { parameters: { ...one, password: { ...one.password } } },
          { parameters: `{"parameters": {"password": {"value": "${plain}"}}}` },
        ),
    ],
    [
      'what is not allowed',
      () =>
        secretOf(
          'a',
          { parameters: { p: { type: 'secureString', allowedValues: ['x'] } } },
          { parameters: `{"p": {"value": "${plain}"}}` },
        ),
    ],
    ['a default that does not fit', () => secretOf("[parameters('password')]", { parameters: one }, {})],
    [
      'a parameter that is not there',
      () => secretOf('a', {}, { parameters: `{"parameters": {"passwrod": {"value": "${plain}"}}}` }),
    ],
    [
      'a mistake on the same line',
      () =>
        secretOf(
          'a',
          { parameters: one },
          { parameters: `{"other": {"value": "x"}, "password": {"value": "${plain}"}}` },
        ),
    ],
    ['a file that is no JSON', () => secretOf('a', {}, { parameters: `{"password": {"value": "${plain}" } "other"` })],
    ['a wrong form', () => secretOf('a', {}, { parameters: `{"password": "${plain}"}` })],
    [
      'a wrong place',
      () =>
        translate(template({ parameters }, { tags: { a: "[parameters('password')]" } }), {
          values: { password: plain },
        }),
    ],
    [
      'a function that may not look into it',
      () => secretOf("[int(parameters('password'))]", {}, { values: { password: plain } }),
    ],
  ])('is in no message and no line of one: %s', (_, work) => {
    const problems = problemsOf(work);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

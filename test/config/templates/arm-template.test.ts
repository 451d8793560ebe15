/** Which container group of an ARM template is taken, what of it, and everything that can be wrong around it. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/app.ts';
import { messages, place, problemsOf, SCHEMA, template, told, translate } from './arm-support.ts';

const GROUP = 'Microsoft.ContainerInstance/containerGroups';
const properties = { containers: [] };

function resources(...list: readonly JsonObject[]): JsonObject {
  return { $schema: SCHEMA, contentVersion: '1.0.0.0', resources: list };
}

function group(name: string, more: JsonObject = {}): JsonObject {
  return { type: GROUP, apiVersion: '2023-05-01', name, properties, tags: { is: name }, ...more };
}

test('the group comes without what is for the deployment alone, and without what is null', () => {
  const { document, replicas, warnings } = translate(
    template(
      {},
      {
        comments: 'x',
        dependsOn: ['y'],
        condition: true,
        zones: ['[string(1)]'],
        tags: { a: '[null()]', b: 'c' },
        identity: {
          type: 'UserAssigned',
          userAssignedIdentities: { "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'pull')]": {} },
        },
        extendedLocation: { name: 'edge' },
      },
    ),
  );
  expect(document).toEqual({
    zones: ['1'],
    tags: { b: 'c' },
    identity: {
      type: 'UserAssigned',
      userAssignedIdentities: {
        '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/pull':
          {},
      },
    },
    extendedLocation: { name: 'edge' },
    properties: { containers: [{ name: 'web', properties: { image: 'shop' } }] },
  });
  expect([replicas, warnings]).toEqual([undefined, []]);
});

test('the location is that of the app, for each location anew', () => {
  const text = template({}, { tags: { at: '[resourceGroup().location]' } });
  expect(translate(text).document['tags']).toEqual({ at: 'westeurope' });
  const northern = { ...place, location: 'northeurope' };
  expect(translate(text, { place: northern }).document['tags']).toEqual({ at: 'northeurope' });
});

test('outputs may refer to what only Azure knows', () => {
  const outputs = { ip: { type: 'string', value: "[reference('web').ipAddress.ip]" } };
  expect(translate(template({ outputs })).warnings).toEqual([]);
});

test('properties have loops, within each other too', () => {
  const input = {
    name: "[concat('c', string(copyIndex('containers', 1)))]",
    properties: {
      copy: [
        { name: 'ports', count: 2, input: { port: "[add(mul(copyIndex('containers'), 10), copyIndex('ports'))]" } },
      ],
    },
  };
  const text = template({}, { properties: { containers: [], copy: [{ name: 'containers', count: 2, input }] } });
  expect(translate(text).document['properties']).toEqual({
    containers: [
      { name: 'c1', properties: { ports: [{ port: 0 }, { port: 1 }] } },
      { name: 'c2', properties: { ports: [{ port: 10 }, { port: 11 }] } },
    ],
  });
});

test.each([
  ['-1', 'the count of a loop: expected 0 to 800, got -1'],
  ['[createArray()]', 'the count of a loop: expected 0 to 800, got an array'],
  ['[mul(900, 1)]', 'the count of a loop: expected 0 to 800, got 900'],
])('a loop does not go round %s times', (count, message) => {
  const copy = [{ name: 'a', count: count === '-1' ? -1 : count, input: 1 }];
  expect(messages(() => translate(template({}, { properties: { copy } })))).toEqual([message]);
});

describe('of several groups', () => {
  const two = resources(group('web'), group("[concat('wor', 'ker')]"));
  const loop = resources(group("[concat('web', copyIndex(1))]", { copy: { name: 'webs', count: 3 } }));

  test('the one by its evaluated name is taken', () => {
    expect(translate(two, { resource: 'worker' }).document['tags']).toEqual({ is: 'worker' });
    expect(translate(loop, { resource: 'Web2' }).document['tags']).toEqual({ is: 'web2' });
  });

  test('none is taken without a name, nor by a name that is not there', () => {
    expect(told(() => translate(two))).toEqual([
      'web.json:4:16: the template makes 2 container groups: web, worker [say which by template.resource in the config]',
    ]);
    expect(told(() => translate(loop, { resource: 'web9' }))).toEqual([
      'web.json:4:16: no container group is called "web9" [the template makes web1, web2, web3]',
    ]);
    expect(messages(() => translate(resources(group('a'), group('A')), { resource: 'a' }))).toEqual([
      '2 are called "a"',
    ]);
  });

  test('a single one has to have the name, too', () => {
    expect(translate(resources(group('web')), { resource: 'web' }).document['tags']).toEqual({ is: 'web' });
    expect(messages(() => translate(resources(group('web')), { resource: 'api' }))).toEqual([
      'no container group is called "api"',
    ]);
  });

  test('those whose condition is false, or whose loop goes round no times, are not there', () => {
    const off = group('off', { condition: '[equals(1, 2)]' });
    expect(translate(resources(off, group('web'))).document['tags']).toEqual({ is: 'web' });
    const none = group('none', { copy: { name: 'x', count: 0 } });
    expect(problemsOf(() => translate(resources(off, none)))[0]).toMatchObject({
      message: 'the template makes no Microsoft.ContainerInstance/containerGroups',
      hint: 'there is one, but its condition is false or its loop goes round no times',
    });
    expect(messages(() => translate(resources(group('web', { condition: 'yes' }))))).toEqual([
      'condition: expected a bool, got a string',
    ]);
  });

  test('those by symbolic names are found as well, and what exists already is not', () => {
    const named = { $schema: SCHEMA, languageVersion: '2.0', contentVersion: '1.0.0.0' };
    const list = {
      web: group('web'),
      old: { existing: true, type: GROUP, apiVersion: '2023-05-01', name: 'old' },
    };
    expect(translate({ ...named, resources: list }).document['tags']).toEqual({ is: 'web' });
  });
});

test('other resources are left out with a warning for each type, those within others too', () => {
  const profile = {
    type: 'Microsoft.Network/trafficManagerProfiles',
    name: 'p',
    resources: [{ type: 'externalEndpoints', name: 'e' }],
  };
  const { warnings } = translate(resources(profile, group('web'), profile));
  const why = 'is left out: of a template, only the container group is made here';
  expect(warnings).toEqual([
    `web.json:5: Microsoft.Network/trafficManagerProfiles ${why}`,
    `web.json:9: Microsoft.Network/trafficManagerProfiles/externalEndpoints ${why}`,
  ]);
});

describe('a template is refused for', () => {
  const head = `{ "$schema": "${SCHEMA}", "contentVersion": "1.0.0.0",\n`;
  test.each<[string, string, readonly string[]]>([
    ['a list', '[]', ['1:1: expected an ARM template, an object with $schema and resources']],
    [
      'nothing in it',
      '{}',
      [
        '1:1: expected $schema to be that of a template for resource groups [https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#]',
        '1:1: expected contentVersion to be a text of numbers and dots [such as "1.0.0.0"]',
        '1:1: missing key "resources": the container group is one of them',
      ],
    ],
    [
      'the schema of a subscription',
      `{ "$schema": "${SCHEMA.replace('deploymentTemplate', 'subscriptionDeploymentTemplate')}", "contentVersion": "1.0.0.0", "resources": [] }`,
      [
        '1:14: expected $schema to be that of a template for resource groups [https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#]',
      ],
    ],
    [
      'a mistyped key',
      `${head} "resources": [], "variabels": {} }`,
      ['2:19: unknown key "variabels" of a template [did you mean "variables"?]'],
    ],
    [
      'parameters in a list',
      `${head} "parameters": [], "resources": [] }`,
      ['2:16: expected parameters to be an object'],
    ],
    [
      'no group',
      `${head} "resources": [] }`,
      ['2:15: the template makes no Microsoft.ContainerInstance/containerGroups'],
    ],
    [
      'a resource that is none',
      `${head} "resources": [ 5 ] }`,
      ['2:17: expected a resource, an object with type, apiVersion and name'],
    ],
    ['a resource without a type', `${head} "resources": [ {} ] }`, ['2:17: the resource has no type']],
    [
      'a template within it',
      `${head} "resources": [ { "type": "Microsoft.Resources/deployments" } ] }`,
      [
        '2:27: templates within templates (Microsoft.Resources/deployments) are not read [give the inner template itself; what bicep makes of a module is one, too]',
      ],
    ],
    [
      'a group without properties and version',
      `${head} "resources": [ { "type": "${GROUP}", "apiVersion": "2023-05-01" } ] }`,
      ['2:17: the container group has no properties'],
    ],
    [
      'a group without a version',
      `${head} "resources": [ { "type": "${GROUP}", "properties": {} } ] }`,
      ['2:17: the container group has no apiVersion [the newest is 2026-09-01-preview]'],
    ],
    [
      'properties that are none',
      `${head} "resources": [ { "type": "${GROUP}", "apiVersion": "2023-05-01", "properties": "[concat('a')]" } ] }`,
      [
        `2:${` "resources": [ { "type": "${GROUP}", "apiVersion": "2023-05-01", "properties": `.length + 1}: expected properties to be an object`,
      ],
    ],
  ])('%s', (_, text, wanted) => {
    expect(told(() => translate(text))).toEqual(wanted.map((one) => `web.json:${one}`));
  });

  test('a version of the API that there is not, with those that there are', () => {
    const [problem] = problemsOf(() => translate(template({}, { apiVersion: '2023-06-01' })));
    expect(problem).toMatchObject({ line: 7, column: 21, message: `"2023-06-01" is no API version of ${GROUP}` });
    expect(problem?.hint).toContain('2023-05-01');
  });

  test('every mistake in it at once, each at its place', () => {
    const wrong = template(
      { variables: { a: '[nope()]' } },
      { tags: { x: '[toLower(1)]', y: "[variables('a')]", z: "[variables('b')]" } },
    );
    expect(told(() => translate(wrong))).toEqual([
      'web.json:5:12: there is no function nope [did you mean not?]',
      'web.json:24:16: argument 1: expected a string, got an int',
      'web.json:26:16: the template has no variable "b" [did you mean "a"?]',
    ]);
  });
});

test('what is found wrong later is told at its place, or at the nearest one that is in the file', () => {
  const { problemAt } = translate(template({}, { properties: { volumes: '[createArray(1)]' } }));
  const place = (...path: (string | number)[]) => {
    const { line, column, excerpt } = problemAt?.(path, 'x') ?? { line: 0, column: 0, excerpt: '' };
    return `${line}:${column}: ${excerpt.trim()}`;
  };
  expect(place('properties', 'containers', 0, 'name')).toBe('13:21: "name": "web",');
  expect(place('properties', 'volumes', 0, 'name')).toBe('19:20: "volumes": "[createArray(1)]"');
  expect(place('tags')).toBe('5:5: {');
});

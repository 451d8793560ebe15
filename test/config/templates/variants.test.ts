/** What some groups have in place of the template. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/app.ts';
import { documentFor, mergeDocument, withVariants } from '../../../src/config/templates/variants.ts';

const DOCUMENT: JsonObject = {
  tags: { team: 'shop' },
  zones: ['1', '2'],
  properties: {
    sku: 'Standard',
    containers: [
      { name: 'web', properties: { image: 'web:1', ports: [{ port: 80 }] } },
      { name: 'log', properties: { image: 'log:1' } },
    ],
  },
};

describe('a merge', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['sets a key that was not there', { identity: { type: 'None' } }, { ...DOCUMENT, identity: { type: 'None' } }],
    ['merges objects', { tags: { cost: '7' } }, { ...DOCUMENT, tags: { team: 'shop', cost: '7' } }],
    // eslint-disable-next-line unicorn/no-null
    ['takes a key away for null', { zones: null }, withoutZones()],
    ['puts a list of what has no names in place of another', { zones: ['3'] }, { ...DOCUMENT, zones: ['3'] }],
  ])('%s', (_, patch, expected) => {
    expect(mergeDocument(DOCUMENT, patch)).toEqual(expected);
  });

  test('merges items of the same name where they are, and adds those of another name', () => {
    const patch = {
      properties: {
        containers: [
          { name: 'log', properties: { image: 'log:2' } },
          { name: 'new', properties: {} },
        ],
      },
    };
    expect(mergeDocument(DOCUMENT, patch)['properties']).toEqual({
      sku: 'Standard',
      containers: [
        { name: 'web', properties: { image: 'web:1', ports: [{ port: 80 }] } },
        { name: 'log', properties: { image: 'log:2' } },
        { name: 'new', properties: {} },
      ],
    });
  });
});

describe('a reference to a secret', () => {
  const vault = 'https://shop.vault.azure.net';
  const pinned = { keyVault: { vault, secret: 'a', version: '7' } };

  test.each<[string, JsonObject, JsonObject]>([
    ['of a vault', pinned, { keyVault: { vault, secret: 'b' } }],
    ['of another kind', { env: 'A' }, { file: 'b' }],
    ['that is joined', pinned, { join: ['x=', { env: 'A' }] }],
  ])('%s takes the place of another whole', (_, password, other) => {
    expect(mergeDocument({ password }, { password: other })).toEqual({ password: other });
  });

  test('whose version alone is said is the same secret', () => {
    const patch = { password: { keyVault: { version: '8' } } };
    expect(mergeDocument({ password: pinned }, patch)).toEqual({
      password: { keyVault: { vault, secret: 'a', version: '8' } },
    });
  });
});

describe('a group', () => {
  const varied = withVariants(DOCUMENT, [
    { location: 'northeurope', document: { properties: { sku: 'Other' } } },
    { location: 'westeurope', set: { tags: { where: 'west' } } },
    { replica: 2, set: { tags: { where: 'second' } } },
    { location: 'westeurope', replica: 2, set: { zones: ['2'] } },
  ]);

  test('has what is meant for its location and its number, the later over the earlier', () => {
    const at = (location: string, replica?: number) => documentFor(varied, { location, replica });
    expect(at('westeurope', 1)['tags']).toEqual({ team: 'shop', where: 'west' });
    expect(at('westeurope', 2)).toMatchObject({ tags: { where: 'second' }, zones: ['2'] });
    expect(at('northeurope', 1)).toEqual({ properties: { sku: 'Other' } });
    expect(at('northeurope', 2)).toEqual({ properties: { sku: 'Other' }, tags: { where: 'second' } });
  });

  test('without a number has nothing of one number', () => {
    expect(documentFor(varied, { location: 'westeurope' })['tags']).toEqual({ team: 'shop', where: 'west' });
  });

  test('never shows what others have', () => {
    expect(documentFor(varied, { location: 'eastus', replica: 1 })).toEqual(DOCUMENT);
  });
});

function withoutZones(): JsonObject {
  const { zones: _zones, ...others } = DOCUMENT;
  return others;
}

/** A container group by the spellings that Azure takes, in the one that all else knows; and what is wrong, where it was written. */
import { describe, expect, test } from 'vitest';
import { assert, jsonValue, property } from 'fast-check';
import { translateAci } from '../../../src/config/templates/aci.ts';
import { translateArm } from '../../../src/config/templates/arm-template.ts';
import { asAzureReads, pathAsWritten } from '../../../src/config/templates/as-azure-reads.ts';
import type { JsonObject } from '../../../src/model/app.ts';
import { fullGroup } from '../../support/full-group.ts';

const options = {
  resource: undefined,
  parameters: undefined,
  values: {},
  place: { subscription: 's', resourceGroup: 'r', location: 'westeurope' },
};
const aci = (text: string) => translateAci({ file: '/web.yaml', shown: 'web.yaml', text }, options);

/** All keys but those that the author chooses, in upper case. */
function shouted(value: unknown, isChosen = false): unknown {
  if (Array.isArray(value)) return value.map((item) => shouted(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    isChosen || key === 'key' ? key : key.toUpperCase(),
    shouted(item, ['tags', 'secret', 'metadata', 'settings', 'protectedSettings'].includes(key)),
  ]);
  return Object.fromEntries(entries);
}

describe('a container group', () => {
  test('with every field of the API as it is spelled there stays as it is', () => {
    expect(JSON.stringify(asAzureReads(fullGroup()))).toBe(JSON.stringify(fullGroup()));
  });

  test('with every key in another letter case is the same group', () => {
    expect(asAzureReads(shouted(fullGroup()) as JsonObject)).toEqual(fullGroup());
  });

  test('keeps keys that the author chooses, and what stands below keys that nobody knows', () => {
    const own = {
      tags: { Properties: 'x', LOCATION: 'y' },
      properties: {
        volumes: [{ name: 'v', secret: { PassWord: 'eA==' } }],
        aFieldOfTomorrow: { Port: '80', readonly: null },
      },
    };
    expect(asAzureReads(own)).toEqual(own);
    assert(
      property(jsonValue(), (value) => {
        const unknown = JSON.parse(JSON.stringify({ properties: { aFieldOfTomorrow: value } })) as JsonObject;
        expect(asAzureReads(unknown)).toEqual(unknown);
      }),
    );
  });

  test('has numbers and booleans for their text, where that is what the field is, and no others', () => {
    const { properties } = asAzureReads({
      properties: {
        containers: [
          {
            name: '8',
            properties: {
              ports: [{ port: '80' }, { port: '080' }, { port: 'http' }],
              resources: { requests: { cpu: '0.5', memoryInGB: '1,5' } },
              environmentVariables: [{ name: 'PORT', value: '80' }],
              volumeMounts: [{ readOnly: 'True' }, { readOnly: 'yes' }],
            },
          },
        ],
      },
    });
    expect(properties).toEqual({
      containers: [
        {
          name: '8',
          properties: {
            ports: [{ port: 80 }, { port: '080' }, { port: 'http' }],
            resources: { requests: { cpu: 0.5, memoryInGB: '1,5' } },
            environmentVariables: [{ name: 'PORT', value: '80' }],
            volumeMounts: [{ readOnly: true }, { readOnly: 'yes' }],
          },
        },
      ],
    });
  });

  test('has no key for null, but in a patch, where null takes away', () => {
    const given = { zones: null, properties: { RestartPolicy: null, containers: null } };
    expect(asAzureReads(given)).toEqual({ properties: {} });
    expect(asAzureReads(given, { keepsNull: true })).toEqual({
      zones: null,
      properties: { restartPolicy: null, containers: null },
    });
  });

  test('that has one key by two spellings keeps both, for the checks to find', () => {
    expect(asAzureReads({ properties: { ostype: 'Linux', osType: 'Windows' } })).toEqual({
      properties: { ostype: 'Linux', osType: 'Windows' },
    });
  });

  test('has its mistakes told where they were written', () => {
    const text = 'Properties:\n  Containers:\n    - name: web\n      properties: { MemoryInGb: 1, Image: 5 }\n';
    const { problemAt } = aci(text);
    const path = ['properties', 'containers', 0, 'properties', 'image'];
    expect(problemAt?.(path, 'x')).toMatchObject({ line: 4, column: 43 });
    expect(pathAsWritten({ Properties: {} }, ['properties', 'no', 1])).toEqual(['Properties', 'no', 1]);
  });

  test('has parts of its own merged in by <<, as az does', () => {
    const text = `properties:
  containers:
    - name: web
      properties: &base { image: a, resources: { requests: { cpu: 1 } } }
    - name: worker
      properties: { <<: *base, image: b }
`;
    expect(aci(text).document['properties']).toMatchObject({
      containers: [{}, { name: 'worker', properties: { image: 'b', resources: { requests: { cpu: 1 } } } }],
    });
    expect(JSON.stringify(aci(text).document)).not.toContain('<<');
  });

  test('of an ARM template is read alike', () => {
    const text = JSON.stringify({
      $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
      contentVersion: '1.0.0.0',
      resources: [
        {
          type: 'Microsoft.ContainerInstance/containerGroups',
          apiVersion: '2023-05-01',
          name: 'web',
          Tags: { a: 'b' },
          Properties: { ostype: 'Linux', containers: [{ name: 'web', properties: { ports: [{ port: '80' }] } }] },
        },
      ],
    });
    const { document } = translateArm({ file: '/web.json', shown: 'web.json', text }, options);
    expect(document).toEqual({
      tags: { a: 'b' },
      properties: { osType: 'Linux', containers: [{ name: 'web', properties: { ports: [{ port: 80 }] } }] },
    });
  });
});

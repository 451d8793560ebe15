/** The `traffic` part of an app: what is made of it, and what is told where it is wrong. */
import { describe, expect, test } from 'vitest';
import { checkTraffic, toTraffic, trafficSchema } from '../../src/config/traffic.ts';

const read = (given: Record<string, unknown>) => toTraffic(trafficSchema.parse({ profile: 'web', ...given }), 'shop');

test('a profile’s name is enough: removals are confirmed, and the profile’s method tells how to switch', () => {
  expect(read({})).toEqual({ resourceGroup: 'shop', profile: 'web', weight: 100, confirmRemoval: true });
});

test('mappings are read as Azure writes them', () => {
  const westeurope = {
    geo: ['GEO-EU', 'US-CA'],
    subnets: ['192.0.2.0/24', '10.0.0.1-10.0.0.9', '10.1.0.1'],
    priority: 3,
  };
  expect(read({ switch: 'inPlace', confirmRemoval: false, mappings: { westeurope } })).toMatchObject({
    switch: 'inPlace',
    confirmRemoval: false,
    mappings: {
      westeurope: {
        geoMapping: ['GEO-EU', 'US-CA'],
        subnets: [{ first: '192.0.2.0', scope: 24 }, { first: '10.0.0.1', last: '10.0.0.9' }, { first: '10.1.0.1' }],
        priority: 3,
      },
    },
  });
});

test('parents are of the profile’s own resource group, unless another one is named', () => {
  expect(read({ resourceGroup: 'net', parents: ['global', 'core/world'] })).toMatchObject({
    parents: [
      { resourceGroup: 'net', profile: 'global' },
      { resourceGroup: 'core', profile: 'world' },
    ],
  });
});

describe('is refused', () => {
  test.each([
    ['a region that is none', { mappings: { westeurope: { geo: ['Mars'] } } }, /code of a region/],
    ['a subnet that is none', { mappings: { westeurope: { subnets: ['10.0.0.256'] } } }, /expected a block/],
    ['a block of 33 bits', { mappings: { westeurope: { subnets: ['10.0.0.0/33'] } } }, /expected a block/],
    ['a priority out of range', { mappings: { westeurope: { priority: 0 } } }, /1/],
    ['a location that is none', { mappings: { 'West Europe': { priority: 1 } } }, /expected a location/],
    ['a parent that is no name', { parents: ['a/b/c'] }, /expected the name of a profile/],
    ['a way to switch that is none', { switch: 'sideways' }, /beside/],
  ])('%s', (_, given, message) => {
    expect(() => read(given)).toThrow(message);
  });
});

describe('what no profile could serve is told by the config alone', () => {
  const check = (given: Record<string, unknown>, app: Partial<Parameters<typeof checkTraffic>[1]> = {}) =>
    checkTraffic(trafficSchema.parse({ profile: 'web', ...given }), { strategy: 'blueGreen', replicas: 1, ...app });
  const geo = { westeurope: { geo: ['GEO-EU'] } };

  test.each([
    ['waves in place', { switch: 'inPlace' }, { strategy: 'waves' as const }, ['switch'], /strategy waves needs/],
    ['canary in place', { switch: 'inPlace' }, { strategy: 'canary' as const }, ['switch'], /strategy canary needs/],
    ['regions beside', { switch: 'beside', mappings: geo }, {}, ['switch'], /expected inPlace/],
    [
      'regions and rolling',
      { mappings: geo },
      { strategy: 'rolling' as const },
      ['mappings', 'westeurope'],
      /blueGreen/,
    ],
    ['regions and replicas', { mappings: geo }, { replicas: 2 }, ['mappings', 'westeurope'], /expected replicas: 1/],
    [
      'a subnet twice',
      { mappings: { westeurope: { subnets: ['10.0.0.0/24'] }, northeurope: { subnets: ['10.0.0.0/24'] } } },
      {},
      ['mappings', 'northeurope'],
      /10.0.0.0\/24 is mapped to westeurope and to northeurope/,
    ],
  ])('%s', (_, given, app, path, message) => {
    expect(check(given, app)).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  test('and what one could is not', () => {
    expect(check({})).toEqual([]);
    expect(check({ mappings: geo })).toEqual([]);
    expect(check({ mappings: { westeurope: { priority: 1 } } }, { strategy: 'rolling', replicas: 3 })).toEqual([]);
    expect(check({ switch: 'inPlace' }, { replicas: 3 })).toEqual([]);
  });
});

/** What a soak counts: what is left over and what is missing, each by itself. */
import { expect, test } from 'vitest';
import { countLeftOver } from '../../src/cli/soak-count.ts';
import type { LeftApp, LeftGroup } from '../../src/cli/soak-count.ts';

const group = (stack: string, replica: number, version = '1.2.0'): LeftGroup => ({
  name: `web-${stack}-${replica}`,
  stack,
  version,
  fqdn: `web-${stack}-${replica}.example`,
});
const groups = [group('aaaa', 1), group('aaaa', 2)];
const targets = ['web-aaaa-1.example', 'web-aaaa-2.example'];
const whole: LeftApp = { groups, targets, version: '1.2.0', replicas: 2 };

test.each<[string, Partial<LeftApp>, { orphans: number; missing: number }]>([
  ['nothing but what serves', {}, { orphans: 0, missing: 0 }],
  ['a group of an older stack', { groups: [...groups, group('9999', 1, '1.1.0')] }, { orphans: 1, missing: 0 }],
  [
    'a group of another stack of the same version',
    { groups: [...groups, group('bbbb', 1)] },
    { orphans: 1, missing: 0 },
  ],
  ['an endpoint that leads nowhere', { targets: [...targets, 'web-9999-1.example'] }, { orphans: 1, missing: 0 }],
  ['a missing endpoint', { targets: targets.slice(1) }, { orphans: 0, missing: 1 }],
  ['a missing group, with its endpoint still there', { groups: groups.slice(1) }, { orphans: 1, missing: 2 }],
  ['an older version', { version: '1.3.0' }, { orphans: 4, missing: 4 }],
])('counts %s', (_, given, expected) => {
  expect(countLeftOver([{ ...whole, ...given }])).toEqual(expected);
});

test('a missing endpoint does not make up for a group that is left over, nor one app for another', () => {
  const tooMany = { ...whole, groups: [...groups, group('9999', 1, '1.1.0')] };
  const tooFew = { ...whole, targets: targets.slice(1) };
  expect(countLeftOver([{ ...tooMany, targets: tooFew.targets }])).toEqual({ orphans: 1, missing: 1 });
  expect(countLeftOver([tooMany, tooFew])).toEqual({ orphans: 1, missing: 1 });
});

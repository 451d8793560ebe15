/** What one group asks for, and whether a location has it. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/app.ts';
import { judgeSizes } from '../../src/preflight/judge-size.ts';
import type { Capability } from '../../src/preflight/judge-size.ts';
import { sizeOfGroup } from '../../src/preflight/template-parts.ts';
import { container, group } from './apps.ts';

const PLACE = { subject: 'size: westeurope' };
const plain = { osType: 'Linux', addressType: 'Public', gpu: 'None', maxCpu: 4, maxMemoryGb: 16, maxGpus: 0 };
const ALL: readonly Capability[] = [
  plain,
  { ...plain, addressType: 'Private', maxCpu: 2 },
  { ...plain, osType: 'Windows' },
  { ...plain, gpu: 'V100', maxGpus: 1 },
];
const judge = (properties: JsonObject, capabilities = ALL) =>
  judgeSizes([sizeOfGroup(group(properties))], capabilities, PLACE);

test('containers run together, init containers before them, one by one', () => {
  const size = sizeOfGroup(
    group({ containers: [container(1, 2), container(0.5, 1)], initContainers: [container(3, 0.5), container(2, 1)] }),
  );
  expect(size).toMatchObject({ cpu: 3, memoryGb: 3 });
});

describe('a location', () => {
  test.each<[string, JsonObject, string]>([
    ['fits', { containers: [container(4, 16)] }, 'ok'],
    [
      'fits whatever the letters',
      { osType: 'linux', ipAddress: { type: 'public' }, containers: [container(4, 1)] },
      'ok',
    ],
    ['has too little CPU', { containers: [container(3, 1), container(2, 1)] }, 'error'],
    ['has too little memory', { containers: [container(1, 17)] }, 'error'],
    ['has too little CPU for an init container', { containers: [], initContainers: [container(5, 1)] }, 'error'],
    ['has less for private addresses', { ipAddress: { type: 'Private' }, containers: [container(3, 1)] }, 'error'],
    [
      'has no private addresses for Windows',
      { osType: 'Windows', ipAddress: { type: 'Private' }, containers: [] },
      'error',
    ],
    ['has the GPU', { containers: [container(1, 1, { gpu: { sku: 'V100', count: 1 } })] }, 'ok'],
    ['has fewer GPUs', { containers: [container(1, 1, { gpu: { sku: 'V100', count: 2 } })] }, 'error'],
    ['has no such GPU', { containers: [container(1, 1, { gpu: { sku: 'K80', count: 1 } })] }, 'error'],
  ])('%s', (_, properties, level) => {
    const line = judge(properties);
    expect(line.level).toBe(level);
    expect(line.advice === undefined).toBe(level === 'ok');
  });

  test('that lists nothing is told, and nothing is concluded', () => {
    expect(judge({ containers: [] }, []).level).toBe('warning');
  });

  test('of groups that differ the one that does not fit is told', () => {
    const sizes = [1, 5, 2].map((cpu) => sizeOfGroup(group({ containers: [container(cpu, 1)] })));
    expect(judgeSizes(sizes, ALL, PLACE).message).toContain('asks for 5 CPU and 1 GB a group');
    expect(
      judgeSizes(
        [sizes[0], sizes[2]].flatMap((one) => one ?? []),
        ALL,
        PLACE,
      ).message,
    ).toContain('2 CPU');
  });
});

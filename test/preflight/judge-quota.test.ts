/** Room for what a rollout brings up beside what runs: by strategy, kept stacks, jobs, and what the usage has already. */
import { describe, expect, test } from 'vitest';
import type { RolloutSettings } from '../../src/model/app.ts';
import { judgeQuota, judgeTogether } from '../../src/preflight/judge-quota.ts';
import type { Usage } from '../../src/preflight/judge-quota.ts';
import { peakOf } from '../../src/preflight/surge.ts';
import { sizeOfGroup } from '../../src/preflight/template-parts.ts';
import { app as plain } from '../rollout/world.ts';
import { appWith, container, group } from './apps.ts';

const PLACE = { subject: 'quota: westeurope' };
const size = sizeOfGroup(group({ containers: [container(1, 1)] }));
const usage = (name: string, free: number, limit = 100): Usage => ({ name, used: limit - free, limit });
const usages = (groups: number, cores: number) => [usage('ContainerGroups', groups), usage('StandardCores', cores)];
const job = {
  name: 'smoke',
  source: {
    kind: 'job' as const,
    image: 'candidate',
    container: 'smoke',
    command: undefined,
    cpu: 2,
    memoryGb: 1,
    deadlineMs: 1000,
  },
  successWhen: undefined,
  failureWhen: undefined,
  intervalMs: 1000,
  count: 1,
  timeoutMs: 1000,
  failureLimit: 0,
  errorLimit: 0,
  inconclusiveLimit: 0,
  isDryRun: false,
};

function peak(rollout: Partial<RolloutSettings> = {}, mode?: 'notify') {
  return peakOf(appWith({ ...(mode && { mode }), rollout: { ...plain.rollout, ...rollout } }), 'westeurope');
}

describe('with two groups of one core each', () => {
  test.each<
    [string, { rollout?: Partial<RolloutSettings>; present?: number; free: readonly [number, number] }, string]
  >([
    ['nothing runs, and four fit with one to spare', { free: [5, 5] }, 'ok'],
    ['nothing runs, and four just fit', { free: [4, 4] }, 'warning'],
    ['nothing runs, and cores lack', { free: [10, 3] }, 'error'],
    ['nothing runs, and groups lack', { free: [3, 10] }, 'error'],
    ['two run, which are counted already', { present: 2, free: [3, 3] }, 'ok'],
    ['two run, and one more fits', { present: 2, free: [1, 1] }, 'error'],
    ['a rollout is under way', { present: 4, free: [1, 1] }, 'ok'],
    [
      'rolling by one: an upgrade fits, a repair does not',
      { rollout: { strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } }, present: 2, free: [1, 1] },
      'warning',
    ],
    [
      'recreate, old first: an upgrade needs nothing more',
      { rollout: { strategy: { kind: 'recreate', order: 'oldFirst' } }, present: 2, free: [0, 0] },
      'warning',
    ],
    [
      'recreate, new first',
      { rollout: { strategy: { kind: 'recreate', order: 'newFirst' } }, present: 2, free: [1, 1] },
      'error',
    ],
    ['a kept stack runs on', { rollout: { retain: { forMs: 1000, count: 1 } }, present: 2, free: [3, 3] }, 'error'],
    [
      'a stopped one holds no cores',
      { rollout: { retain: { forMs: 1000, count: 1, as: 'stopped' } }, present: 4, free: [3, 3] },
      'ok',
    ],
    [
      'one that will be stopped will hold no cores, either',
      { rollout: { retain: { forMs: 1000, count: 1, as: 'stopped' } }, present: 2, free: [6, 3] },
      'ok',
    ],
    [
      'a stopped one is a group all the same',
      { rollout: { retain: { forMs: 1000, count: 1, as: 'stopped' } }, present: 2, free: [3, 10] },
      'error',
    ],
    ['a failed one may be kept', { rollout: { keepFailedMs: 1000 }, present: 2, free: [3, 3] }, 'error'],
    [
      'a job needs cores of its own',
      { rollout: { checks: { before: [job], after: [] } }, present: 2, free: [10, 3] },
      'error',
    ],
  ])('%s', (_, { rollout, present = 0, free: [groups, cores] }, level) => {
    const line = judgeQuota({ size, peak: peak(rollout), present, usages: usages(groups, cores) }, PLACE);
    expect(line).toMatchObject({ level, message: expect.stringMatching(/free$/) });
    expect(line.advice === undefined).toBe(level === 'ok');
  });

  test('an app that only reports needs nothing more than runs', () => {
    const line = judgeQuota({ size, peak: peak({}, 'notify'), present: 2, usages: usages(1, 1) }, PLACE);
    expect(line.level).toBe('ok');
  });
});

test.each([
  ['StandardSpotCores', { priority: 'Spot', containers: [container(1, 1)] }],
  ['StandardV100Cores', { containers: [container(1, 1, { gpu: { sku: 'V100', count: 1 } })] }],
  ['ConfidentialCores', { sku: 'Confidential', containers: [container(1, 1)] }],
  ['DedicatedContainerGroups', { sku: 'Dedicated', containers: [container(1, 1)] }],
])('%s are asked for by groups of that kind alone', (name, properties) => {
  const full = [usage(name, 0), usage('ContainerGroups', 50), usage('StandardCores', 50)];
  const line = judgeQuota({ size: sizeOfGroup(group(properties)), peak: peak(), present: 0, usages: full }, PLACE);
  expect(line).toMatchObject({
    level: 'error',
    message: expect.stringContaining(`more ${name} wanted, 0 of 100 free`),
  });
  const plainLine = judgeQuota({ size, peak: peak(), present: 0, usages: full }, PLACE);
  expect(plainLine.level).toBe('ok');
});

test('where Azure lists no quota, that is told, and nothing is concluded', () => {
  expect(judgeQuota({ size, peak: peak(), present: 0, usages: [] }, PLACE).level).toBe('warning');
});

test('apps that fit one by one may not fit all at once', () => {
  const one = { size, peak: peak(), present: 2, usages: usages(10, 3) };
  expect(judgeTogether([one, one], PLACE)).toMatchObject({
    level: 'warning',
    message: 'no room for upgrades of all 2 apps at once: 4 more StandardCores wanted, 3 of 100 free',
    advice: expect.stringContaining('maxConcurrentRollouts'),
  });
  const roomy = { ...one, usages: usages(10, 4) };
  expect(judgeTogether([roomy, roomy], PLACE)).toBeUndefined();
});

/** Which priority a new endpoint gets under routing method Priority. */
import { describe, expect, test } from 'vitest';
import type { TrafficMapping } from '../../src/model/app.ts';
import { freePriority } from '../../src/rollout/free-priority.ts';
import { stack } from './world.ts';

const live = stack('11111111', '1.0.0', 1);
const [candidate] = stack('22222222', '1.1.0', 1).groups;

/** `own`: of the live endpoint; the others are somebody else's. */
function choose(given: {
  readonly own?: number;
  readonly others?: readonly number[];
  readonly joined?: readonly number[];
  readonly mapping?: TrafficMapping;
}): number | undefined {
  const { own, others = [], joined = [], mapping } = given;
  const endpoint = (name: string, priority: number) => {
    return { name, target: `${name}.example`, enabled: true, priority, monitorStatus: 'Online' };
  };
  const endpoints = [
    ...(own === undefined ? [] : [endpoint(live.groups[0]?.endpoint ?? '', own)]),
    ...others.map((priority) => endpoint(`cdn-${priority}`, priority)),
    ...joined.map((priority) => endpoint(`viridian.web-33333333-westeurope-${priority}`, priority)),
  ];
  const seen = { name: 'web', fqdn: 'web.trafficmanager.net', ttlSeconds: 10, routingMethod: 'Priority' };
  const traffic = { resourceGroup: 'demo', profile: 'web', weight: 100 };
  if (candidate === undefined) throw new Error('a stack has a group');
  return freePriority(candidate, {
    app: 'web',
    live: own === undefined ? undefined : live,
    traffic: mapping === undefined ? traffic : { ...traffic, mappings: { westeurope: mapping } },
    profile: { ...seen, enabled: true, endpoints },
  });
}

describe('a new endpoint', () => {
  test.each([
    ['is first where nothing is there', {}, 1],
    ['takes the next free one behind what is there', { others: [1, 2] }, 3],
    ['takes what the config says', { mapping: { priority: 10 } }, 10],
    ['takes the next one where several have that', { mapping: { priority: 10 }, joined: [10] }, 11],
    ['comes behind the live one', { own: 1 }, 2],
    ['comes behind the live one, also where one before it is free', { own: 5 }, 6],
    ['leaves out what is taken', { own: 1, joined: [2, 3] }, 4],
    ['stays before what is not ours', { own: 1, others: [3] }, 2],
    ['stays behind what is not ours', { own: 5, others: [3, 9] }, 6],
    ['comes before the live one where there is no room behind it', { own: 2, others: [3] }, 1],
    ['comes back from the end of the numbers', { own: 1000 }, 1],
    ['goes only where the order with what is not ours is kept', { own: 7, others: [5, 8] }, 6],
  ])('%s', (_, given, expected) => {
    expect(choose(given)).toBe(expected);
  });

  test.each([
    ['between two that are not ours', { own: 4, others: [3, 5] }],
    ['before one that is not ours', { own: 1, others: [2] }],
  ])('has no place %s, where the live one has the only number', (_, given) => {
    expect(choose(given)).toBeUndefined();
  });
});

/** What the model forgets, so that it can run for long. */
import { describe, expect, test } from 'vitest';
import { HOUR } from '../../src/model/time.ts';
import { REGISTRY, RESOURCE_GROUP, SUBSCRIPTION, VirtualAzure } from '../../src/simulation/virtual-azure.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';
import { Tokens } from '../../src/simulator/tokens.ts';

const requests = { cpu: 1, memoryInGB: 1 };
const container = { name: 'web', properties: { image: 'elsewhere.example/web:1', resources: { requests } } };
const body = { location: 'westeurope', properties: { osType: 'Linux', containers: [container] } };

function makeAzure(time: VirtualTime): VirtualAzure {
  const options = { createMs: 1000, restartMs: 1000, coresPerLocation: 100 };
  return new VirtualAzure({ time, random: () => 0, options, probeIntervalMs: 10_000 });
}

describe('operations', () => {
  test('are forgotten an hour after they began, at the next one', async () => {
    const time = new VirtualTime(0);
    const { groups } = makeAzure(time);
    const put = (name: string) =>
      groups.put({ subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name }, body).operation;
    const first = put('first');
    await time.runUntil(HOUR);
    const second = put('second');
    expect(groups.operation(first)?.status).toBe('Succeeded');
    await time.runUntil(HOUR + 1);
    put('third');
    expect(groups.operation(first)).toBe(undefined);
    expect(groups.operation(second)).toBeDefined();
  });
});

describe('images', () => {
  test('without a tag go when they are purged, others stay', () => {
    const { images } = makeAzure(new VirtualTime(0));
    const push = (tag: string) =>
      images.push({ registry: REGISTRY, repository: 'web', tag, program: {}, at: 0 }).digest;
    const [old, current] = [push('1.0.0'), push('1.1.0')];
    images.deleteTag(REGISTRY, 'web', '1.0.0');
    expect(images.resolve(`${REGISTRY}/web@${old}`)).toBeDefined();
    images.purge(REGISTRY, 'web');
    expect(images.resolve(`${REGISTRY}/web@${old}`)).toBe(undefined);
    expect(images.resolve(`${REGISTRY}/web@${current}`)).toBeDefined();
  });
});

describe('tokens', () => {
  test('an expired token is refused, also where it is remembered', () => {
    const tokens = new Tokens();
    tokens.lifetimeSeconds = -1;
    const expired = tokens.issue({ kind: 'aad', aud: 'x' });
    expect([tokens.verify(expired), tokens.verify(expired)]).toEqual([undefined, undefined]);
  });

  test('another signature on a verified token is refused', () => {
    const tokens = new Tokens();
    const token = tokens.issue({ kind: 'aad', aud: 'x' });
    expect(tokens.verify(token)).toMatchObject({ kind: 'aad', aud: 'x' });
    const [head, payload] = token.split('.');
    const [, , signature] = new Tokens().issue({ kind: 'aad', aud: 'x' }).split('.');
    expect(tokens.verify(`${head}.${payload}.${signature}`)).toBe(undefined);
  });
});

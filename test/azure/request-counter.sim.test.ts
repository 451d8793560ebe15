/** What is counted as a request to Azure Resource Manager, and for whom. */
import { expect, test } from 'vitest';
import { RequestCounter } from '../../src/azure/request-counter.ts';
import { address, changer, endpoint, Wire } from '../support/wire.ts';

const ok = () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{}' });

test('every request that leaves is counted once, by app and by kind', async () => {
  const counter = new RequestCounter();
  const wire = new Wire(ok, { counter });
  await wire.azure.getGroup(address, changer);
  await wire.azure.deleteGroup(address, changer);
  await wire.azure.getProfile('test', 'web', { app: 'shop', priority: 'ordinary' });
  expect(counter.take('web')).toEqual({ reads: 1, writes: 1 });
  expect(counter.take('shop')).toEqual({ reads: 1, writes: 0 });
  expect(counter.take('web')).toEqual({ reads: 0, writes: 0 });
});

test('an endpoint that is looked for before it is written costs what it sends', async () => {
  const counter = new RequestCounter();
  const wire = new Wire(({ method }) => (method === 'GET' ? { status: 404 } : ok()), { counter });
  await wire.azure.enableEndpoint(endpoint, { target: 'web.example', weight: 1 }, changer);
  const { reads, writes } = counter.take('web');
  expect([reads, writes]).toEqual([
    wire.sent.filter((line) => line.startsWith('GET')).length,
    wire.sent.filter((line) => !line.startsWith('GET')).length,
  ]);
  expect(writes).toBeGreaterThan(0);
});

test('what the fence keeps back was never sent', async () => {
  const counter = new RequestCounter();
  const wire = new Wire(ok, { counter });
  await wire.azure.deleteGroup(address, { ...changer, fence: () => false });
  expect(wire.sent).toEqual([]);
  expect(counter.take('web')).toEqual({ reads: 0, writes: 0 });
});

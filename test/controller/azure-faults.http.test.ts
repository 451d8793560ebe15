/** Errors of Azure over real HTTPS: what is said of them, what goes on beside them, and that nothing is left over. */
import { afterEach, expect, test } from 'vitest';
import { LOCAL_SUBSCRIPTION } from '../../src/simulator/start.ts';
import { Local } from '../support/local.ts';
import type { Journal, LocalOptions } from '../support/local.ts';

let local: Local;
afterEach(() => local.close());

const deadline = (step: string) => (text: string) => text.replace('provision: 20s', `provision: 20s, ${step}`);

async function deployed(options: LocalOptions = {}): Promise<Journal> {
  local = await Local.start(options);
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  return journal;
}

const effects = (journal: Journal, kind: string) =>
  journal.lines.filter(({ event, fields }) => event === 'effect.issued' && fields['effect'] === kind);

test('S85: a create that is answered with 408 and did not take place is tried again until it does', async () => {
  local = await Local.start();
  local.push('1.0.0');
  local.azure.faults.add({ method: 'PUT', path: 'containerGroups', status: 408, code: 'Timeout', times: 2 });
  const journal = await local.run();
  expect((await journal.next('effect.ambiguous')).fields).toMatchObject({ effect: 'createGroup' });
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded' });
  expect(effects(journal, 'createGroup')).toHaveLength(4);
  expect(local.groups()).toHaveLength(2);
});

test('S79: a group that cannot be deleted is reported, the rollout is complete all the same, and it goes later', async () => {
  const journal = await deployed({ config: deadline('retire: 1s') });
  const [stuck] = local.groups();
  local.azure.faults.add({ method: 'DELETE', path: `containerGroups/${stuck}`, status: 409, message: 'it hangs' });
  local.push('1.1.0');
  expect((await journal.next('effect.refused')).fields).toMatchObject({
    group: stuck,
    reason: expect.stringContaining('it hangs'),
  });
  const overdue = await journal.next('rollout.overdue');
  const byHand = `az container delete --yes --resource-group test --name ${stuck}`;
  expect(overdue.fields['byHand']).toEqual([byHand]);
  expect(overdue.message).toContain(`what is left is cleaned up later (by hand: ${byHand})`);
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  expect(local.groups()).toContain(stuck);
  local.azure.faults.clear();
  expect((await journal.next('rollout.started', ({ fields }) => fields['reason'] === 'cleanUp')).fields).toMatchObject({
    from: '1.0.0',
  });
  await journal.next('rollout.finished');
  expect(local.groups()).toHaveLength(2);
  expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
});

test.each([
  [403, 'AuthorizationFailed'],
  [400, 'BadRequest'],
])(
  'S87: one endpoint refused with %i is said, the other is added, nothing is left over, nobody is condemned',
  async (status, code) => {
    const journal = await deployed({ config: deadline('register: 2s') });
    const before = local.groups();
    local.azure.faults.add({
      method: 'PUT',
      path: 'externalEndpoints/',
      status,
      code,
      message: 'not this one',
      times: 1,
    });
    local.push('1.1.0');
    const refused = await journal.next('effect.refused');
    expect(refused.fields).toMatchObject({
      effect: 'enableEndpoint',
      code,
      reason: expect.stringContaining('not this one'),
    });
    const isOther = (group: unknown) => group !== refused.fields['group'];
    const other = await journal.next(
      'effect.issued',
      ({ fields }) => fields['effect'] === 'enableEndpoint' && fields['to'] === '1.1.0' && isOther(fields['group']),
    );
    expect(other.fields['group']).toMatch(/-westeurope-2$/);
    local.azure.faults.add({ method: 'PUT', path: String(refused.fields['endpoint']), status, code });
    expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'RolledBack', to: '1.1.0' });
    expect((await journal.next('app.held')).fields).toMatchObject({ hold: 'retry' });
    expect(local.groups()).toEqual(before);
    expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
  },
);

test('S89: endpoints and locations that Azure spells its own way lead to no write, and go as any other', async () => {
  const writes: string[] = [];
  const journal = await deployed({
    onRequest: ({ method, path }) =>
      method !== 'GET' && path.includes('/providers/') && writes.push(`${method} ${path}`),
  });
  await local.stop();
  const [profile] = local.azure.profiles.list(LOCAL_SUBSCRIPTION);
  for (const [key, endpoint] of profile?.endpoints ?? []) {
    const { target } = endpoint;
    profile?.endpoints.set(key, {
      ...endpoint,
      name: endpoint.name.toUpperCase(),
      target: target.toUpperCase(),
      location: 'West Europe',
    });
  }
  writes.length = 0;
  const again = await local.run();
  await again.next('app.idle');
  expect(writes).toEqual([]);
  local.push('1.1.0');
  expect((await again.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', reason: undefined });
  expect(writes).toHaveLength(10);
  expect(again.lines.filter(({ event }) => event === 'rollout.started')).toHaveLength(1);
  expect(profile?.endpoints.size).toBe(2);
  expect(journal.lines.filter(({ event }) => event === 'rollout.started')).toHaveLength(1);
});

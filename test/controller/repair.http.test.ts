/** What the live stack loses is made good, over real HTTPS. */
import { afterEach, expect, test } from 'vitest';
import { LOCAL_SUBSCRIPTION } from '../../src/simulator/start.ts';
import { Local } from '../support/local.ts';
import type { Journal } from '../support/local.ts';

let local: Local;
afterEach(() => local.close());

async function deployed(): Promise<Journal> {
  local = await Local.start();
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  await local.stop();
  return local.run();
}

test('S92: a live group that somebody deleted: its stack is replaced by the same release', async () => {
  const journal = await deployed();
  const [lost] = local.azure.groups.all();
  if (lost !== undefined) local.azure.groups.remove(lost.key);
  expect((await journal.next('rollout.started')).fields).toMatchObject({
    reason: 'repair',
    from: '1.0.0',
    to: '1.0.0',
  });
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded' });
  expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
  expect(local.groups()).toHaveLength(2);
});

test('S92: a group that somebody stopped is replaced, also where no Traffic Manager watches it', async () => {
  local = await Local.start({ config: (text) => text.replace(/^ {4}traffic:.*\n/m, ''), withProfile: false });
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  await local.stop();
  const again = await local.run();
  const [stopped] = local.azure.groups.all();
  if (stopped === undefined) throw new Error('an app that is live has groups');
  local.azure.groups.stop(stopped);
  expect((await again.next('rollout.started')).fields).toMatchObject({ reason: 'repair' });
  expect((await again.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded' });
  expect(local.groups()).toHaveLength(2);
});

test('S91: an endpoint that somebody disabled is enabled again, the others are left alone', async () => {
  const journal = await deployed();
  const [profile] = local.azure.profiles.list(LOCAL_SUBSCRIPTION);
  const [endpoint] = [...(profile?.endpoints.values() ?? [])];
  if (profile === undefined || endpoint === undefined) throw new Error('an app that is live has endpoints');
  local.azure.profiles.putEndpoint(profile, 'by-hand', { properties: { target: 'x', endpointStatus: 'Disabled' } });
  local.azure.profiles.putEndpoint(profile, endpoint.name, { properties: { endpointStatus: 'Disabled', weight: 3 } });
  expect((await journal.next('rollout.started')).fields).toMatchObject({ reason: 'drift' });
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded' });
  expect(profile.endpoints.get(endpoint.name)).toMatchObject({ enabled: true, weight: 100 });
  expect(profile.endpoints.get('by-hand')).toMatchObject({ enabled: false });
});

test('S92: a broken live stack is replaced before what is left over is taken away', async () => {
  const journal = await deployed();
  await journal.next('app.idle');
  const [lost] = local.azure.groups.all();
  if (lost === undefined) throw new Error('an app that is live has groups');
  const [id = ''] = /[0-9a-f]{8}/.exec(lost.key.name) ?? [];
  const stray = { ...lost.key, name: lost.key.name.replace(id, '0badcafe') };
  const body: Record<string, unknown> = JSON.parse(JSON.stringify(lost.body).replaceAll(id, '0badcafe'));
  local.azure.groups.put(stray, body);
  local.azure.groups.remove(lost.key);
  await local.stop();
  const again = await local.run();
  const started = [await again.next('rollout.started'), await again.next('rollout.started')];
  expect(started.map(({ fields }) => fields['reason'])).toEqual(['repair', 'cleanUp']);
  await again.next('rollout.finished');
  await again.next('rollout.finished');
  expect(local.groups()).not.toContain(stray.name);
  expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
});

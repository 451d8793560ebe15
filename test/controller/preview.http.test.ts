/** A preview on the whole daemon, through the real SDK clients on the local Azure: what is there while it is looked at. */
import { afterEach, expect, test } from 'vitest';
import { ApiClient } from '../support/api.ts';
import { Local } from '../support/local.ts';

const TOKEN = 'a-token-for-each-person';
process.env['VIRIDIAN_TEST_ALICE'] = TOKEN;
const API = 'api: { listen: "127.0.0.1:0", tokens: [{ name: alice, token: { env: VIRIDIAN_TEST_ALICE } }] }\nstate:';
const ROLLOUT =
  'rollout: { preview: { replicas: 1 }, promotion: {}, checks: { before: [{ name: smoke, http: { url: "http://{target}:8080/" }, interval: 50ms }] },';

let local: Local;
afterEach(() => local.close());

test('S28: people are shown one of two new groups over a restart, and all of both stacks are there before the shift', async () => {
  local = await Local.start({ config: (text) => text.replace('rollout: {', ROLLOUT).replace('state:', API) });
  local.push('1.0.0');
  const first = await local.run();
  await first.next('rollout.finished');
  const blue = local.groups();
  local.push('1.1.0');
  const isAtGate = ({ fields }: { fields: Readonly<Record<string, unknown>> }) => fields['step'] === 'gate';
  await first.next('rollout.waiting', isAtGate);
  await local.stop();

  const journal = await local.run();
  await journal.next('rollout.waiting', isAtGate);
  const green = () => local.groups().filter((name) => !blue.includes(name));
  expect(green()).toEqual([expect.stringMatching(/-westeurope-1$/)]);
  const alice = new ApiClient(String((await journal.next('api.started')).fields['address']), TOKEN);
  expect((await alice.get('/v1/apps/web')).body).toMatchObject({
    groups: blue,
    rollout: { step: { kind: 'gate', part: 'preview', groups: 1 } },
  });
  await alice.command('web', { command: 'promote' });
  await journal.next('rollout.step_done', ({ fields }) => fields['step'] === 'verify' && fields['part'] === 'all');
  expect([local.groups().length, local.versionsInRotation()]).toEqual([4, ['1.0.0', '1.0.0']]);
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  expect([local.groups(), local.versionsInRotation()]).toEqual([green(), ['1.1.0', '1.1.0']]);
});

test('S28: of a preview that fails only what was made is kept as evidence, and only that is deleted', async () => {
  local = await Local.start({ config: (text) => text.replace('rollout: {', 'rollout: { preview: { replicas: 1 },') });
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  const blue = local.groups();
  local.push('1.1.0', { healthy: false });
  const { fields } = await journal.next('rollout.evidence');
  const items = fields['items'] as readonly { readonly kind: string; readonly of: string }[];
  expect(items.filter(({ kind }) => kind === 'state').map(({ of }) => of)).toEqual([
    expect.stringMatching(/-westeurope-1$/),
  ]);
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'RolledBack', to: '1.1.0' });
  const deleted = journal.lines.filter(({ fields: { effect } }) => effect === 'deleteGroup');
  expect([deleted.length, local.groups(), local.versionsInRotation()]).toEqual([1, blue, ['1.0.0', '1.0.0']]);
});

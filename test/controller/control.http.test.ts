/** The whole daemon, told by operators over HTTP what to do, with restarts in between. */
import { afterEach, describe, expect, test } from 'vitest';
import { outsidePorts } from '../../src/simulator/group-network.ts';
import { ApiClient } from '../support/api.ts';
import { Local } from '../support/local.ts';
import type { Journal, LocalOptions } from '../support/local.ts';

const TOKEN = 'a-token-for-each-person';
process.env['VIRIDIAN_TEST_ALICE'] = TOKEN;
process.env['VIRIDIAN_TEST_BOB'] = `${TOKEN}-two`;
const TOKENS =
  '[{ name: alice, token: { env: VIRIDIAN_TEST_ALICE } }, { name: bob, token: { env: VIRIDIAN_TEST_BOB } }]';

let local: Local | undefined;
afterEach(() => local?.close());

async function start(options: LocalOptions = {}) {
  local = await Local.start({
    ...options,
    config: (text) => withApi(options.config?.(text) ?? text),
  });
  local.push('1.0.0');
  return { local, ...(await run(local)) };
}

const withApi = (text: string) => text.replace('state:', `api: { listen: "127.0.0.1:0", tokens: ${TOKENS} }\nstate:`);

async function run(of: Local) {
  const journal = await of.run();
  const url = String((await journal.next('api.started')).fields['address']);
  const alice = new ApiClient(url, TOKEN);
  const say = async (body: object, client = alice) => {
    const answer = await client.command('web', body);
    return answer.status === 200 ? answer.body['result'] : answer.status;
  };
  return { journal, alice, bob: new ApiClient(url, `${TOKEN}-two`), say };
}

async function restart(of: Local) {
  await of.stop();
  return run(of);
}

const finished = (journal: Journal, to: string) =>
  journal.next('rollout.finished', ({ fields }) => fields['to'] === to);
const begun = (journal: Journal, to: string) => journal.next('rollout.started', ({ fields }) => fields['to'] === to);
const count = (journal: Journal, event: string) => journal.lines.filter((line) => line.event === event).length;

/** What the next release makes known once the daemon has polled it. */
const heldBy = (journal: Journal, hold: string) => journal.next('app.held', ({ fields }) => fields['hold'] === hold);

describe('pause and resume', () => {
  test('S39 S97 S101: a rollout stops where it is, over a restart and a newer release, and goes on when resumed', async () => {
    const { local, journal, alice, say } = await start();
    await finished(journal, '1.0.0');
    local.push('1.1.0');
    await begun(journal, '1.1.0');
    expect([await say({ command: 'pause', reason: 'looking' }), await say({ command: 'pause' })]).toEqual([
      'applied',
      'unchanged',
    ]);
    const before = await alice.get('/v1/apps/web');
    expect(before.body).toMatchObject({
      pause: { reason: 'looking', by: 'alice' },
      rollout: { to: { name: '1.1.0' } },
    });
    expect(before.body['rollout']).not.toHaveProperty('deadline');

    const next = await restart(local);
    await heldBy(next.journal, 'paused');
    const groups = local.groups();
    local.push('1.2.0');
    const list = await local.nextList();
    expect(list).toContain('/acr/v1/web/_tags');
    const { body } = await next.alice.get('/v1/apps/web');
    expect(body).toMatchObject({ pause: { by: 'alice' }, says: { kind: 'held', hold: 'paused' } });
    expect(body['rollout']).toEqual(before.body['rollout']);
    expect([local.groups(), count(next.journal, 'effect.issued')]).toEqual([groups, 0]);

    expect([await next.say({ command: 'resume' }), await next.say({ command: 'resume' })]).toEqual([
      'applied',
      'unchanged',
    ]);
    await finished(next.journal, '1.2.0');
    expect(local.versionsInRotation()).toEqual(['1.2.0', '1.2.0']);
  });

  test('S57: an app that is paused while nothing is under way starts nothing', async () => {
    const { local, journal, say } = await start();
    await finished(journal, '1.0.0');
    await say({ command: 'pause' });
    local.push('1.1.0');
    await local.nextList();
    const next = await restart(local);
    await heldBy(next.journal, 'paused');
    await local.nextList();
    expect(count(next.journal, 'rollout.started')).toBe(0);
    await next.say({ command: 'resume' });
    await finished(next.journal, '1.1.0');
  });
});

describe('abort and retry', () => {
  test('S58: an aborted release stays so over polls and a restart; retried it is rolled out', async () => {
    const { local, journal, alice, say } = await start();
    await finished(journal, '1.0.0');
    local.push('1.1.0');
    await begun(journal, '1.1.0');
    const { body } = await alice.get('/v1/apps/web');
    expect(await say({ command: 'abort', rollout: 'of-another-time' })).toBe(409);
    const { id } = body['rollout'] as { id: string };
    expect(await say({ command: 'abort', reason: 'wrong build', rollout: id })).toBe('applied');
    expect((await finished(journal, '1.1.0')).fields).toMatchObject({
      outcome: 'Aborted',
      reason: 'aborted by alice: wrong build',
    });
    expect((await heldBy(journal, 'called off')).fields['reason']).toContain('1.1.0 was aborted');
    expect(count(journal, 'rollout.turned_back')).toBe(1);

    const next = await restart(local);
    await heldBy(next.journal, 'called off');
    await local.nextList();
    expect([count(next.journal, 'rollout.started'), local.versionsInRotation()]).toEqual([0, ['1.0.0', '1.0.0']]);
    const explained = await next.alice.get('/v1/apps/web/explain');
    expect(explained.body).toMatchObject({
      says: { kind: 'held', hold: 'called off' },
      heldBack: [expect.stringMatching(/^1\.1\.0 was aborted at \S+ by alice/)],
      images: [{ running: '1.0.0', chosen: '1.1.0' }],
    });
    expect([await next.say({ command: 'retry' }), await next.say({ command: 'retry' })]).toEqual([
      'applied',
      'unchanged',
    ]);
    await finished(next.journal, '1.1.0');
    const history = await next.alice.get('/v1/apps/web/history');
    expect(history.body).toMatchObject({
      rollouts: [{ outcome: 'Succeeded' }, { outcome: 'Aborted' }, { to: '1.1.0', outcome: 'Succeeded' }],
      commands: [
        { command: 'abort', by: 'alice', from: '127.0.0.1' },
        { command: 'retry', by: 'alice' },
      ],
    });
  });

  test('S58: the next version clears it', async () => {
    const { local, journal, alice, say } = await start();
    await finished(journal, '1.0.0');
    local.push('1.1.0');
    await begun(journal, '1.1.0');
    await say({ command: 'abort' });
    await heldBy(journal, 'called off');
    local.push('1.2.0');
    await finished(journal, '1.2.0');
    expect((await alice.get('/v1/apps/web')).body).not.toHaveProperty('refused');
  });

  test('a release that failed by its own fault is tried again when it is retried', async () => {
    const { local, journal, alice, say } = await start();
    await finished(journal, '1.0.0');
    local.push('1.1.0', { healthy: false });
    await begun(journal, '1.1.0');
    await finished(journal, '1.1.0');
    await heldBy(journal, 'failed release');
    expect((await alice.get('/v1/apps/web')).body).toMatchObject({ failed: [{ release: { name: '1.1.0' } }] });
    expect(await say({ command: 'retry', release: '1.1.0' })).toBe('applied');
    await begun(journal, '1.1.0');
  });
});

test('S49: what was seen of a release that failed is told by the history, within its limit and without secrets', async () => {
  const { local, journal, alice } = await start();
  await finished(journal, '1.0.0');
  expect((await alice.get('/v1/apps/web/rollouts/00000000/evidence')).body['detail']).toContain('of no rollout');
  local.push('1.1.0', { crash: true, exitCode: 3, log: 'password=hunter22\npanic: no such table' });
  await finished(journal, '1.1.0');
  const { body } = await alice.get('/v1/apps/web/history');
  const rollouts = body['rollouts'] as readonly { rollout: string; evidence?: object }[];
  expect(rollouts[0]).not.toHaveProperty('evidence');
  expect(rollouts[1]).toMatchObject({
    to: '1.1.0',
    evidence: { bytes: expect.any(Number), isCut: false },
    figures: { armWrites: expect.any(Number) },
  });
  expect(JSON.stringify(body)).not.toContain('panic');
  const id = rollouts[1]?.rollout ?? '';
  const evidence = await alice.get(`/v1/apps/web/rollouts/${id}/evidence`);
  expect(evidence.body).toMatchObject({ app: 'web', rollout: id, to: '1.1.0', outcome: 'RolledBack' });
  const text = JSON.stringify(evidence.body['items']);
  expect(text).toContain('password=•••\\npanic: no such table');
  expect(text).not.toContain('hunter22');
  const unknown = await alice.get('/v1/apps/web/rollouts/00000000/evidence');
  expect([unknown.status, unknown.body['detail']]).toEqual([
    404,
    expect.stringContaining(`there is evidence of ${id}`),
  ]);
  expect((await alice.get('/v1/apps/web/explain')).body).toMatchObject({ evidence: { rollout: id, to: '1.1.0' } });
  expect((await alice.get('/v1/apps/wep/rollouts/x/evidence')).status).toBe(404);
});

describe('hold and release', () => {
  test('S64 S99: a hold with its message keeps a release from starting, over a restart, until it is released', async () => {
    const { local, journal, say } = await start();
    await finished(journal, '1.0.0');
    expect(await say({ command: 'hold', reason: 'freeze for the launch' })).toBe('applied');
    local.push('1.1.0');
    expect((await heldBy(journal, 'operator')).message).toContain('freeze for the launch');
    const next = await restart(local);
    await heldBy(next.journal, 'operator');
    const { body } = await next.bob.get('/v1/apps/web');
    expect(body).toMatchObject({
      hold: { reason: 'freeze for the launch', by: 'alice' },
      desired: { release: { name: '1.1.0' } },
    });
    expect((await next.bob.get('/v1/apps')).body).toMatchObject({ apps: [{ app: 'web', hold: { by: 'alice' } }] });
    expect(await next.say({ command: 'release' }, next.bob)).toBe('applied');
    await finished(next.journal, '1.1.0');
    expect((await next.journal.next('command.applied')).fields).toMatchObject({
      command: 'release',
      by: 'bob',
      from: '127.0.0.1',
    });
  });
});

test('S97: promotions of two people for one rollout are kept over a restart', async () => {
  const { local, journal, alice, bob, say } = await start({ createMs: 1000 });
  await finished(journal, '1.0.0');
  local.push('1.1.0');
  await begun(journal, '1.1.0');
  await say({ command: 'pause' });
  expect([
    await say({ command: 'promote' }),
    await say({ command: 'promote' }),
    await say({ command: 'promote', full: true }, bob),
  ]).toEqual(['applied', 'unchanged', 'applied']);
  const votes = [
    { by: 'alice', full: false },
    { by: 'bob', full: true },
  ];
  expect((await alice.get('/v1/apps/web')).body).toMatchObject({ rollout: { votes } });
  const next = await restart(local);
  await heldBy(next.journal, 'paused');
  expect((await next.alice.get('/v1/apps/web')).body).toMatchObject({ rollout: { votes } });
});

test('commands of many at once: each is answered, the state has one of them', async () => {
  const { journal, alice, bob } = await start();
  await finished(journal, '1.0.0');
  const clients = [alice, bob];
  await alice.get('/v1/apps');
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      (clients[index % 2] ?? alice).command('web', { command: 'pause', reason: `no ${index}` }),
    ),
  );
  const results = answers.map((answer) => answer.body['result']);
  expect(results.filter((result) => result === 'applied')).toHaveLength(1);
  expect(results.filter((result) => result === 'unchanged')).toHaveLength(9);
  expect([count(journal, 'command.applied'), count(journal, 'command.unchanged')]).toEqual([1, 9]);
});

const withRollout = (settings: string) => (text: string) => text.replace('rollout: {', `rollout: { ${settings},`);
const effectsOf = (journal: Journal) =>
  journal.lines.filter(({ event }) => event === 'effect.issued').map(({ fields }) => fields['effect']);

const statesOf = (of: Local) => {
  const states: Record<string, string[]> = {};
  for (const { program, state } of of.azure.groups.all()) (states[program.version] ??= []).push(state);
  return states;
};
/** Where its groups are, or were before they were stopped. */
const addressesOf = (of: Local, version: string) =>
  of.azure.groups.all().flatMap((group) => {
    const [port = 0] = outsidePorts(group);
    return group.program.version === version ? [`${group.ip}:${port}`] : [];
  });
const answers = (address: string) =>
  fetch(`http://${address}/`).then(
    ({ ok }) => ok,
    () => false,
  );
const namesOf = (of: Local, version: string) =>
  of.azure.groups
    .all()
    .filter(({ program }) => program.version === version)
    .map(({ fqdn }) => fqdn);

describe('the way back', () => {
  test('S70 S73 S75: within its time a replaced stack takes over again with nothing made, and the other one is kept', async () => {
    const { local, journal, say } = await start({ config: withRollout('retain: { for: 1h }') });
    await finished(journal, '1.0.0');
    local.push('1.1.0');
    await finished(journal, '1.1.0');
    await journal.next('app.idle');
    expect(local.groups()).toHaveLength(4);
    const before = effectsOf(journal).length;
    expect(await say({ command: 'rollback' })).toBe('applied');
    await finished(journal, '1.0.0');
    expect(new Set(effectsOf(journal).slice(before))).toEqual(new Set(['enableEndpoint', 'disableEndpoint']));
    expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
    expect(local.groups()).toHaveLength(4);
  });

  test('S70 S71 S74: what is kept stopped is started again, with nothing made and nobody asked, and answers at its old name', async () => {
    const settings = 'retain: { for: 1h, as: stopped }, promotion: { approvals: 1, timeout: 1h }';
    const { local, journal, alice, say } = await start({ config: withRollout(settings) });
    await finished(journal, '1.0.0');
    local.push('1.1.0');
    await journal.next('rollout.waiting', ({ fields }) => String(fields['waitingOn']).includes('somebody to promote'));
    expect(await say({ command: 'promote' })).toBe('applied');
    await finished(journal, '1.1.0');
    expect(statesOf(local)).toEqual({ '1.0.0': ['Stopped', 'Stopped'], '1.1.0': ['Running', 'Running'] });
    const before = effectsOf(journal).length;
    const names = namesOf(local, '1.0.0');
    const addresses = addressesOf(local, '1.0.0');
    // Cut off for real.
    expect(await Promise.all(addresses.map(answers))).toEqual([false, false]);
    expect(await Promise.all(addressesOf(local, '1.1.0').map(answers))).toEqual([true, true]);
    expect(await say({ command: 'rollback' })).toBe('applied');
    await finished(journal, '1.0.0');
    expect(new Set(effectsOf(journal).slice(before))).toEqual(
      new Set(['startGroup', 'enableEndpoint', 'disableEndpoint', 'stopGroup']),
    );
    expect(statesOf(local)).toEqual({ '1.0.0': ['Running', 'Running'], '1.1.0': ['Stopped', 'Stopped'] });
    expect([namesOf(local, '1.0.0'), local.versionsInRotation()]).toEqual([names, ['1.0.0', '1.0.0']]);
    expect(addressesOf(local, '1.0.0').filter((ip) => addresses.includes(ip))).toEqual([]);
    expect((await alice.get('/v1/apps/web')).body['retained']).toEqual([
      expect.objectContaining({ as: 'stopped', release: expect.objectContaining({ name: '1.1.0' }) }),
    ]);
  });

  test('S71: beyond it the release is made anew, and asks nobody', async () => {
    const gate = 'promotion: { approvals: 1, timeout: 1h }';
    const { local, journal, say } = await start({ config: withRollout(gate) });
    await finished(journal, '1.0.0');
    local.push('1.1.0');
    await journal.next('rollout.waiting', ({ fields }) => String(fields['waitingOn']).includes('somebody to promote'));
    expect(await say({ command: 'promote' })).toBe('applied');
    await finished(journal, '1.1.0');
    expect(local.groups()).toHaveLength(2);
    expect(await say({ command: 'rollback', release: '1.0.0' })).toBe('applied');
    await finished(journal, '1.0.0');
    expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
    expect(journal.lines.at(-1)?.fields).toMatchObject({ outcome: 'Succeeded' });
  });

  test('S74: the newest of the replaced stacks are kept, as many as the config says', async () => {
    const { local, journal } = await start({ config: withRollout('retain: { for: 1h, count: 1 }') });
    await finished(journal, '1.0.0');
    local.push('1.1.0');
    await finished(journal, '1.1.0');
    local.push('1.2.0');
    await finished(journal, '1.2.0');
    await journal.next('rollout.finished', ({ fields }) => fields['from'] === '1.0.0');
    expect(local.groups()).toHaveLength(4);
    expect(local.versionsInRotation()).toEqual(['1.2.0', '1.2.0']);
  });
});

describe('a gate', () => {
  test('S41: that nobody opens in time is told so, with no deadline that runs, and retried only when told to', async () => {
    const { local, journal, alice } = await start({ config: withRollout('promotion: { timeout: 2s }') });
    await finished(journal, '1.0.0');
    local.push('1.1.0');
    await journal.next('rollout.waiting', ({ fields }) => String(fields['waitingOn']).includes('somebody to promote'));
    expect((await alice.get('/v1/apps/web')).body['rollout']).not.toHaveProperty('deadline');
    expect((await finished(journal, '1.1.0')).fields).toMatchObject({ outcome: 'RolledBack' });
    const { fields } = await heldBy(journal, 'called off');
    expect(fields['reason']).toMatch(/^1\.1\.0 went back at \S+, as nobody promoted it in time; waiting for a newer/);
    expect((await alice.get('/v1/apps/web/explain')).body).toMatchObject({
      heldBack: [expect.stringContaining('as nobody promoted it in time')],
    });
  });

  test('S33 S41: is opened by different people only, and the same one counts once', async () => {
    const gate = 'promotion: { approvals: 2, timeout: 1h }';
    const { local, journal, bob, say } = await start({ config: withRollout(gate) });
    await finished(journal, '1.0.0');
    local.push('1.1.0');
    await journal.next('rollout.waiting', ({ fields }) => String(fields['waitingOn']).includes('different people'));
    expect([await say({ command: 'promote' }), await say({ command: 'promote' })]).toEqual(['applied', 'unchanged']);
    await journal.next('rollout.waiting', ({ fields }) => String(fields['waitingOn']).includes('so far alice'));
    expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
    expect(await say({ command: 'promote' }, bob)).toBe('applied');
    await finished(journal, '1.1.0');
    expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
  });
});

/** The daemon's main job and the bad input that it must live with, over real HTTPS and DNS. */
import { rm, writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Local } from '../support/local.ts';
import type { Journal, LocalOptions } from '../support/local.ts';

/** Failing probes are forgiven for a while. */
const patient = (text: string) => text.replace('grace: 0s', 'grace: 30s');

const opened: Local[] = [];

async function start(options: LocalOptions = {}): Promise<Local> {
  const local = await Local.start(options);
  opened.push(local);
  return local;
}

async function deployed(options: LocalOptions = {}): Promise<{ local: Local; journal: Journal }> {
  const local = await start(options);
  local.push('1.0.0');
  const journal = await local.run();
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.0.0' });
  return { local, journal };
}

afterEach(async () => {
  for (const local of opened.splice(0)) await local.close();
});

describe('the main job', () => {
  test('S24: a first deployment makes its groups and puts them into rotation', async () => {
    const { local } = await deployed();
    expect(local.groups()).toHaveLength(2);
    expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
  });

  test('S25: a new tag becomes the running version, and nothing of the old one is left', async () => {
    const { local, journal } = await deployed();
    local.push('1.1.0');
    expect((await journal.next('rollout.finished')).fields).toMatchObject({
      outcome: 'Succeeded',
      from: '1.0.0',
      to: '1.1.0',
    });
    expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
    expect(local.groups()).toHaveLength(2);
  });

  test('R2: old groups outlive the removal of their endpoints by TTL, margin and drain time', async () => {
    const { local, journal } = await deployed();
    local.push('1.1.0');
    await journal.next('rollout.step_done', ({ fields }) => fields['step'] === 'deregister');
    const waiting = await journal.next('rollout.waiting', ({ message }) => message.includes('DNS TTL'));
    expect(local.groups()).toHaveLength(4);
    await journal.next('effect.issued', ({ fields }) => fields['effect'] === 'deleteGroup');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(waiting.fields['until'])));
  });

  test('a group is deployed by digest, with ownership tags, and its template otherwise unchanged', async () => {
    const { local } = await deployed({
      template: (text) => text.replace('osType: Linux', 'osType: Linux\n  futureField: { kept: [1, "two"] }'),
    });
    const [group] = local.azure.groups.all();
    expect(group?.body).toMatchObject({
      location: 'westeurope',
      tags: { 'viridian-owner': 'tester', 'viridian-app': 'web', 'viridian-tags': 'web=1.0.0' },
      properties: { futureField: { kept: [1, 'two'] } },
    });
    expect(JSON.stringify(group?.body)).toMatch(/local\.azurecr\.io\/web@sha256:[0-9a-f]{64}/);
  });

  test('S64: a version that fails by its own fault goes back, is not tried again, and a newer one is', async () => {
    const { local, journal } = await deployed();
    local.push('1.1.0', { healthy: false });
    expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'RolledBack', to: '1.1.0' });
    expect((await journal.next('app.held')).fields).toMatchObject({ hold: 'failed release' });
    expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
    expect(local.groups()).toHaveLength(2);
    local.push('1.2.0');
    expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.2.0' });
  });

  test('S60: a newer tag before the switch supersedes the candidate', async () => {
    const { local, journal } = await deployed({ config: patient });
    local.push('1.1.0', { startMs: 60_000 });
    await journal.next('rollout.started', ({ fields }) => fields['to'] === '1.1.0');
    local.push('1.2.0');
    expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Superseded', to: '1.1.0' });
    expect((await journal.next('rollout.finished')).fields).toMatchObject({
      outcome: 'Succeeded',
      from: '1.0.0',
      to: '1.2.0',
    });
    expect(local.groups()).toHaveLength(2);
  });

  test('a first deployment that clients may see already is finished before a newer tag replaces it', async () => {
    const local = await start({ probeIntervalMs: 600 });
    local.push('1.0.0');
    const journal = await local.run();
    await journal.next('rollout.waiting', ({ message }) => message.includes('to be Online'));
    local.push('1.1.0');
    expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.0.0' });
    expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  });

  test('a changed template is a new release of the same image', async () => {
    const { local } = await deployed();
    await local.stop();
    const file = join(local.folder, 'web.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('cpu: 1', 'cpu: 2'));
    const journal = await local.run();
    expect((await journal.next('rollout.finished')).fields).toMatchObject({
      outcome: 'Succeeded',
      from: '1.0.0',
      to: '1.0.0',
    });
  });
});

/** Steps that may be done as soon as they are begun. */
const STEP_BEFORE: Readonly<Record<string, string>> = { verify: 'provision', online: 'register' };

describe('a restart', () => {
  test.each(['provision', 'verify', 'register', 'online', 'deregister', 'drain', 'retire'])(
    'S96: after a stop in %s, goes on where it was',
    async (step) => {
      const { local, journal } = await deployed();
      local.push('1.1.0');
      await journal.next('rollout.started', ({ fields }) => fields['to'] === '1.1.0');
      if (STEP_BEFORE[step] !== undefined) {
        await journal.next('rollout.step_done', ({ fields }) => fields['step'] === STEP_BEFORE[step]);
      } else if (step !== 'provision') {
        await journal.next('rollout.waiting', ({ fields }) => fields['step'] === step);
      }
      await local.stop();
      const again = await local.run();
      const resumed = await again.next('rollout.resumed');
      expect((await again.next('rollout.finished')).fields).toMatchObject({
        outcome: 'Succeeded',
        rollout: resumed.fields['rollout'],
      });
      expect(local.groups()).toHaveLength(2);
      expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
    },
  );

  test('with the state folder lost, finds its own groups by their tags and goes on from them', async () => {
    const { local } = await deployed();
    const before = local.groups();
    await local.stop();
    await rm(join(local.folder, 'state'), { recursive: true });
    const journal = await local.run();
    expect((await journal.next('app.adopted')).fields).toMatchObject({ release: '1.0.0', groups: 2 });
    await journal.next('app.idle');
    expect(local.groups()).toEqual(before);
    local.push('1.1.0');
    expect((await journal.next('rollout.finished')).fields).toMatchObject({
      outcome: 'Succeeded',
      from: '1.0.0',
      to: '1.1.0',
    });
  });

  test('R8: with the state lost in the middle of a rollout, the half-made stack is taken away', async () => {
    const { local, journal } = await deployed({ config: patient });
    local.push('1.1.0', { startMs: 60_000 });
    await journal.next('rollout.step_done', ({ fields }) => fields['step'] === 'provision' && fields['to'] === '1.1.0');
    await local.stop();
    await rm(join(local.folder, 'state'), { recursive: true });
    local.azure.images.deleteTag('local.azurecr.io', 'web', '1.1.0');
    const again = await local.run();
    await again.next('app.adopted');
    expect((await again.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', from: '1.1.0' });
    expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
    expect(local.groups()).toHaveLength(2);
  });
});

describe('what is not ours', () => {
  test('R4: groups and endpoints made by others are named once and left alone', async () => {
    const local = await start();
    local.push('1.0.0');
    const key = { subscription: '00000000-0000-0000-0000-000000000001', resourceGroup: 'test', name: 'web-by-hand' };
    const container = {
      name: 'c',
      properties: { image: 'other/image:1', resources: { requests: { cpu: 1, memoryInGB: 1 } } },
    };
    local.azure.groups.put(key, { location: 'westeurope', properties: { containers: [container] } });
    const [profile] = local.azure.profiles.list(key.subscription);
    if (profile === undefined) throw new Error('no profile');
    local.azure.profiles.putEndpoint(profile, 'by-hand', { properties: { target: 'example.org', weight: 7 } });
    const journal = await local.run();
    expect((await journal.next('app.foreign')).fields).toMatchObject({
      groups: ['web-by-hand'],
      endpoints: ['by-hand'],
    });
    await journal.next('rollout.finished');
    expect(local.groups()).toContain('web-by-hand');
    expect(profile.endpoints.get('by-hand')).toMatchObject({ weight: 7, enabled: true });
  });
});

describe('bad input from the world', () => {
  test.each([
    { status: 401, code: 'UNAUTHORIZED', stalled: true },
    { status: 404, code: 'NAME_UNKNOWN', stalled: false },
    { status: 429, code: 'TOOMANYREQUESTS', stalled: false },
  ])(
    'a registry that answers $status is said once, nothing is deployed, and it recovers',
    async ({ status, code, stalled }) => {
      const local = await start();
      local.push('1.0.0');
      const body = JSON.stringify({ errors: [{ code, message: 'refused for the test' }] });
      local.azure.faults.add({ path: '/acr/v1/', status, body });
      const journal = await local.run();
      const failed = await journal.next('poll.failed');
      expect(failed.fields).toMatchObject({ repository: 'local.azurecr.io/web', stalled });
      expect(failed.message).toContain('refused for the test');
      expect(local.groups()).toEqual([]);
      local.azure.faults.clear();
      await journal.next('poll.recovered');
      expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded' });
    },
  );

  test('R6: a registry that answers garbage leads to nothing', async () => {
    const { local, journal } = await deployed();
    const before = local.groups();
    local.azure.faults.add({ path: '/_tags', status: 203, body: '<html>proxy error</html>', times: 1 });
    await journal.next('poll.failed');
    expect(local.groups()).toEqual(before);
  });

  test('S01: a repository with no tags is waited for', async () => {
    const local = await start();
    local.azure.images.makeRepository('local.azurecr.io', 'web');
    const journal = await local.run();
    expect((await journal.next('app.idle', ({ message }) => message.includes('no tags'))).message).toContain(
      'nothing runs yet',
    );
    local.push('1.0.0');
    await journal.next('rollout.finished');
  });

  test('a profile that does not exist holds the app until it is made', async () => {
    const local = await start({ withProfile: false });
    local.push('1.0.0');
    const journal = await local.run();
    expect((await journal.next('app.held')).message).toContain(
      'Traffic Manager profile web does not exist in resource group test',
    );
    expect(local.groups()).toEqual([]);
    local.makeProfile();
    await journal.next('rollout.finished');
  });

  test('S85: a template that ARM refuses ends the rollout at once and shows its message', async () => {
    const local = await start();
    local.push('1.0.0');
    const message = "The value 'lots' of resource request 'cpu' is no number.";
    local.azure.faults.add({
      method: 'PUT',
      path: 'containerGroups',
      status: 400,
      code: 'InvalidRequestContent',
      message,
    });
    const journal = await local.run();
    const finished = await journal.next('rollout.finished');
    expect(finished.fields).toMatchObject({ outcome: 'Failed' });
    expect(String(finished.fields['reason'])).toContain("resource request 'cpu'");
    expect(local.groups()).toEqual([]);
  });

  test('R7: no capacity is nobody’s fault: the release is tried again later, not condemned', async () => {
    const local = await start({ config: (text) => text.replace('provision: 20s', 'provision: 1s') });
    local.push('1.0.0');
    local.azure.faults.add({
      method: 'PUT',
      path: 'containerGroups',
      status: 409,
      code: 'ServiceUnavailable',
      message: 'no capacity here',
    });
    const journal = await local.run();
    const finished = await journal.next('rollout.finished');
    expect(finished.fields).toMatchObject({ outcome: 'Failed' });
    expect((await journal.next('app.held')).fields).toMatchObject({ hold: 'retry' });
  });

  test('a create that is answered with an error but took place is looked at, not repeated', async () => {
    const local = await start();
    local.push('1.0.0');
    local.azure.faults.add({ method: 'PUT', path: 'containerGroups', status: 503, when: 'after', times: 2, body: '' });
    const journal = await local.run();
    await journal.next('effect.ambiguous');
    await journal.next('rollout.finished');
    const creates = journal.lines.filter(
      ({ fields }) => fields['effect'] === 'createGroup' && fields['event'] === 'effect.issued',
    );
    expect(creates).toHaveLength(2);
  });

  test('R9: a secret is sent to Azure and stands in no log line and no state file', async () => {
    process.env['VIRIDIAN_TEST_SECRET'] = 'hunter2hunter2';
    const { local, journal } = await deployed({
      template: (text) =>
        text.replace(
          '        ports:',
          '        environmentVariables: [{ name: KEY, secureValue: { env: VIRIDIAN_TEST_SECRET } }]\n        ports:',
        ),
    });
    expect(JSON.stringify(local.azure.groups.all()[0]?.body)).toContain('hunter2hunter2');
    expect(JSON.stringify(journal.lines)).not.toContain('hunter2');
    expect(await readFile(join(local.folder, 'state', 'web.json'), 'utf8')).not.toContain('hunter2');
  });
});

/** How many requests to Azure Resource Manager a rollout makes, and how soon it sees what goes wrong, in virtual time. */
import { afterEach, describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import type { App } from '../../src/model/app.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';
import type { Pace } from '../support/virtual-daemon.ts';

const semver = { kind: 'semver', range: '*', prerelease: false } as const;
let daemon: VirtualDaemon;
afterEach(() => daemon.close());

/** All intervals as they are by default. */
function appWith(groups: number, bakeMs = 0): App {
  const app = appOf('shop', { web: semver });
  if (app.probe === undefined) throw new Error('no probe');
  const probe = { ...app.probe, intervalMs: 5 * SECOND, successes: 3, failures: 3 };
  const waits = {
    onlineLooks: 2,
    propagationMarginMs: MINUTE,
    drainMs: 30 * SECOND,
    observeIntervalMs: 5 * SECOND,
    bakeMs,
  };
  return { ...app, replicas: groups, probe, rollout: { ...app.rollout, ...waits } };
}

/** 1.0.0 is live. */
async function deployed(app: App, pace: Pace): Promise<void> {
  daemon = new VirtualDaemon({ ttlSeconds: 60, latencyMs: 150, nameServers: 4, ...pace });
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
  daemon.run([app]);
  await daemon.passMs(10 * MINUTE);
  daemon.azure.push({ repository: 'web', tag: '1.1.0' });
}

async function until(event: string, fields: Record<string, unknown>): Promise<number> {
  const isIt = (said: { fields: Readonly<Record<string, unknown>> }) =>
    Object.entries(fields).every(([key, value]) => said.fields[key] === value);
  for (;;) {
    const found = daemon.linesOf(event).find(isIt);
    if (found !== undefined) return found.at;
    await daemon.passMs(SECOND);
  }
}

const calls = ({ armReads, armWrites }: Readonly<Record<string, unknown>>) => Number(armReads) + Number(armWrites);

describe('a blue-green on default intervals', () => {
  /** `beyond` 6 for each group. */
  test.each([
    { createMs: 30 * SECOND, probeIntervalMs: 10 * SECOND, beyond: 9 },
    { createMs: 45 * SECOND, probeIntervalMs: 30 * SECOND, beyond: 10 },
    { createMs: 60 * SECOND, probeIntervalMs: 30 * SECOND, beyond: 12 },
    { createMs: 120 * SECOND, probeIntervalMs: 30 * SECOND, beyond: 14 },
  ])('asks for 6n + $beyond with groups made in $createMs ms, probed each $probeIntervalMs ms', async (given) => {
    for (const groups of [1, 2, 5, 10]) {
      await deployed(appWith(groups), given);
      await until('rollout.finished', { to: '1.1.0' });
      const finished = daemon.linesOf('rollout.finished').at(-1)?.fields ?? {};
      expect(finished).toMatchObject({ outcome: 'Succeeded', armWrites: 5 * groups });
      expect(calls(finished), `${groups} groups`).toBeLessThanOrEqual(6 * groups + given.beyond);
      daemon.close();
    }
  });
});

describe('with few looks', () => {
  const fast = { createMs: 30 * SECOND, probeIntervalMs: 10 * SECOND };

  test('S49: a candidate that crashes at its start is noticed within a minute and a half of that', async () => {
    await deployed(appWith(2), fast);
    daemon.azure.push({ repository: 'web', tag: '1.2.0', crash: true });
    const startedAt = await until('rollout.started', { to: '1.2.0' });
    const at = await until('rollout.turned_back', { to: '1.2.0', fault: 'release' });
    expect(at - startedAt).toBeLessThan(fast.createMs + 90 * SECOND);
  });

  test.each([
    { probed: true, program: { healthy: false }, outcome: 'RolledBack' },
    { probed: false, program: {}, outcome: 'Succeeded' },
  ])('S49: groups that come to run at different times are seen to run together, probed: $probed', async (given) => {
    const { probe, ...app } = appWith(2);
    await deployed(given.probed ? { ...app, probe } : { ...app, probe: undefined }, fast);
    daemon.azure.push({ repository: 'web', tag: '1.2.0', ...given.program });
    const startedAt = await until('rollout.started', { to: '1.2.0' });
    // It was made, and is made again.
    await daemon.passMs(startedAt + fast.createMs + SECOND / 2 - daemon.elapsedMs());
    const second = daemon.azure.groups
      .all()
      .find(({ key }) => key.name.endsWith(`${String(candidate())}-westeurope-2`));
    if (second === undefined) throw new Error('no group');
    daemon.azure.groups.remove(second.key);
    const finishedAt = await until('rollout.finished', { to: '1.2.0' });
    expect(daemon.linesOf('rollout.finished').at(-1)?.fields).toMatchObject({ outcome: given.outcome });
    expect(daemon.linesOf('rollout.turned_back').map(({ fields }) => fields['fault'])).toEqual(
      given.probed ? ['release'] : [],
    );
    expect(finishedAt - startedAt).toBeLessThan(10 * MINUTE);
  });

  test('S85: a template that ARM refuses ends its rollout within one look, and no create is tried twice', async () => {
    const app = appWith(2);
    const document = JSON.parse(JSON.stringify(app.template.document).replace('"cpu":1', '"cpu":"lots"'));
    daemon = new VirtualDaemon({ ttlSeconds: 60, latencyMs: 150, ...fast });
    daemon.azure.push({ repository: 'web', tag: '1.0.0' });
    daemon.run([{ ...app, template: { ...app.template, document } }]);
    const startedAt = await until('rollout.started', { to: '1.0.0' });
    const refusedAt = await until('effect.refused', { effect: 'createGroup' });
    const turnedAt = await until('rollout.turned_back', { fault: 'release' });
    expect(refusedAt - startedAt).toBeLessThan(SECOND / 2);
    expect(turnedAt - refusedAt).toBeLessThan(5 * SECOND + SECOND / 2);
    await until('rollout.finished', { outcome: 'Failed' });
    const made = daemon.linesOf('effect.issued').filter(({ fields }) => fields['effect'] === 'createGroup');
    expect(made).toHaveLength(2);
  });

  test('S44: a candidate that falls ill in a bake is noticed within half a minute, and nothing is made on the way back', async () => {
    await deployed(appWith(2, 10 * MINUTE), fast);
    await until('rollout.waiting', { to: '1.1.0', step: 'bake' });
    const group = daemon.azure.groups.all().find(({ key }) => key.name.includes(String(candidate())));
    if (group === undefined) throw new Error('no group');
    group.containers = group.containers.map((one) => ({ ...one, program: { ...one.program, healthy: false } }));
    const brokenAt = daemon.elapsedMs();
    expect((await until('rollout.turned_back', { to: '1.1.0' })) - brokenAt).toBeLessThan(30 * SECOND);
    await until('rollout.finished', { to: '1.1.0', outcome: 'RolledBack' });
    const made = daemon.linesOf('effect.issued').filter(({ fields }) => fields['effect'] === 'createGroup');
    expect(made).toHaveLength(4);
    expect(made.filter(({ at }) => at >= brokenAt)).toEqual([]);
  });

  test('S44: a candidate that crashes between its proof and Online is noticed within a minute', async () => {
    await deployed(appWith(2), { ...fast, probeIntervalMs: 30 * SECOND });
    await until('rollout.waiting', { to: '1.1.0', step: 'online' });
    const group = daemon.azure.groups.all().find(({ key }) => key.name.includes(String(candidate())));
    if (group === undefined) throw new Error('no group');
    daemon.azure.groups.setProgram(group, { crash: true });
    const brokenAt = daemon.elapsedMs();
    expect((await until('rollout.turned_back', { to: '1.1.0' })) - brokenAt).toBeLessThanOrEqual(MINUTE);
  });

  test('R2: a TTL that stands for little more than a minute of a drain is waited for in full', async () => {
    await deployed(appWith(2), fast);
    await until('rollout.waiting', { to: '1.1.0', step: 'drain' });
    const profile = daemon.azure.profile('shop');
    if (profile === undefined) throw new Error('no profile');
    const changedAt = daemon.elapsedMs();
    profile.ttl = 300;
    await daemon.passMs(MINUTE + 2 * SECOND);
    profile.ttl = 60;
    const drainedAt = await until('rollout.step_done', { to: '1.1.0', step: 'drain' });
    expect(drainedAt - changedAt).toBeGreaterThan(300 * SECOND);
  });

  test.each([
    { title: 'name servers show it', nameServers: 4, groups: 1 },
    { title: 'name servers show it, also of many', nameServers: 4, groups: 5 },
    { title: 'the profile is read each ten seconds where they cannot show it', nameServers: 1, groups: 10 },
  ])('R2: an endpoint that somebody enables for ten seconds of a drain starts it anew: $title', async (given) => {
    await deployed(appWith(given.groups), { ...fast, nameServers: given.nameServers });
    await until('rollout.waiting', { to: '1.1.0', step: 'drain' });
    await daemon.passMs(20 * SECOND);
    const profile = daemon.azure.profile('shop');
    const endpoint = [...(profile?.endpoints.values() ?? [])].find(({ enabled }) => !enabled);
    if (profile === undefined || endpoint === undefined) throw new Error('nothing drains');
    const set = (endpointStatus: string) =>
      daemon.azure.profiles.putEndpoint(profile, endpoint.name, { properties: { endpointStatus } });
    set('Enabled');
    await daemon.passMs(11 * SECOND);
    set('Disabled');
    const disabledAt = daemon.elapsedMs();
    const retiredAt = await until('rollout.step_done', { to: '1.1.0', step: 'drain' });
    expect(retiredAt - disabledAt).toBeGreaterThan(135 * SECOND);
  });
});

const candidate = () => daemon.linesOf('rollout.started').at(-1)?.fields['rollout'];

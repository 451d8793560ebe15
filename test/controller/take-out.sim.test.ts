/** Never three releases in rotation, also where the state is lost with two of them in it. In virtual time. */
import { afterEach, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { releasesInRotation } from '../../src/simulation/judge-rotation.ts';
import { OWNER } from '../../src/simulation/settings.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';
import type { Pace } from '../support/virtual-daemon.ts';

const semver = { kind: 'semver', range: '*', prerelease: false } as const;
const made = appOf('shop', { web: semver }, { replicas: 2 });
/** Its list of tags is known before it has looked twice. */
const app = { ...made, rollout: { ...made.rollout, observeIntervalMs: 10 * SECOND } };
const lives: VirtualDaemon[] = [];
afterEach(() => {
  for (const one of lives.splice(0)) one.close();
});

function inRotation({ azure }: VirtualDaemon): number {
  const profile = azure.profile('shop');
  return profile === undefined ? 0 : releasesInRotation(azure, profile, OWNER).size;
}

/** 1.0.0 serves, 1.1.0 has joined it, and nothing of that is known any more. */
async function halfway(pace: Pace = {}): Promise<VirtualDaemon> {
  const daemon = new VirtualDaemon(pace);
  lives.push(daemon);
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
  daemon.run([app]);
  await daemon.passMs(5 * MINUTE);
  daemon.azure.push({ repository: 'web', tag: '1.1.0' });
  while (inRotation(daemon) < 2) await daemon.passMs(SECOND / 10);
  daemon.forget();
  return daemon;
}

/** Why there were rollouts, since all was forgotten. */
function reasonsOf(daemon: VirtualDaemon): readonly unknown[] {
  return daemon.linesOf('rollout.started').flatMap(({ fields }, index) => (index < 2 ? [] : [fields['reason']]));
}

async function mostWithin(daemon: VirtualDaemon, ms: number): Promise<number> {
  let most = 0;
  for (let passed = 0; passed < ms; passed += SECOND / 2) {
    await daemon.passMs(SECOND / 2);
    most = Math.max(most, inRotation(daemon));
  }
  return most;
}

test('after a loss of state, what is in rotation beside the live stack leaves it before a newer release comes', async () => {
  const daemon = await halfway();
  daemon.azure.push({ repository: 'web', tag: '1.2.0' });
  daemon.run([app]);
  expect(await mostWithin(daemon, 10 * MINUTE)).toBe(2);
  expect(reasonsOf(daemon)).toEqual(['takeOut', 'newRelease', 'cleanUp']);
  const versions = daemon.azure.groups.all().map(({ program }) => program.version);
  expect(versions).toEqual(['1.2.0', '1.2.0']);
});

test('R10: what cannot be deleted is only taken out, and the newer release does not wait for more', async () => {
  const daemon = await halfway();
  daemon.azure.groups.trouble.deleteMs = 60 * MINUTE;
  daemon.azure.push({ repository: 'web', tag: '1.2.0' });
  daemon.run([app]);
  expect(await mostWithin(daemon, 5 * MINUTE)).toBe(2);
  expect(inRotation(daemon)).toBe(1);
  expect(reasonsOf(daemon)).toEqual(['takeOut', 'newRelease']);
});

test('also right after what is live could not be put back as it should be', async () => {
  const daemon = await halfway();
  const { azure } = daemon;
  const broken = azure.groups.all().find(({ program }) => program.version === '1.0.0');
  if (broken === undefined) throw new Error('nothing runs 1.0.0');
  azure.groups.setProgram(broken, { crash: true });
  const profile = azure.profile('shop');
  profile?.endpoints.delete([...profile.endpoints.values()].find(({ target }) => target === broken.fqdn)?.name ?? '');
  azure.push({ repository: 'web', tag: '1.2.0' });
  daemon.run([{ ...app, rollout: { ...app.rollout, strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } } }]);
  expect(await mostWithin(daemon, 15 * MINUTE)).toBe(2);
  // As of a live stack with an endpoint that serves nobody: all at once.
  const { plan } = daemon.linesOf('rollout.started').find(({ fields }) => fields['to'] === '1.2.0')?.fields ?? {};
  expect(String(plan)).toMatch(/^provision candidate,verify candidate,register candidate,/);
  expect(reasonsOf(daemon)).toEqual(['drift', 'takeOut', 'newRelease', 'cleanUp']);
});

test('R10: what cannot be taken out is not tried again and again: the newer release comes, also after a restart', async () => {
  const daemon = await halfway();
  const beside = [...(daemon.azure.profile('shop')?.endpoints.values() ?? [])].filter(
    ({ target }) => daemon.azure.groupBehind(target)?.program.version === '1.1.0',
  );
  const isOfIt = (path: string) => beside.some(({ name }) => path.endsWith(`/${name}`));
  daemon.trouble = ({ method, path }) =>
    method !== 'GET' && isOfIt(path) ? { failure: { status: 500, code: 'InternalServerError' } } : {};
  daemon.azure.push({ repository: 'web', tag: '1.2.0' });
  daemon.run([app]);
  while (daemon.linesOf('rollout.finished').length < 2) await daemon.passMs(SECOND);
  daemon.run([app]);
  await daemon.passMs(3 * MINUTE);
  expect(reasonsOf(daemon).slice(0, 2)).toEqual(['takeOut', 'newRelease']);
});

test('and as soon as what was put back serves: until then the newer release waits', async () => {
  const daemon = await halfway({ probeIntervalMs: 60 * SECOND });
  const { azure } = daemon;
  daemon.run([app]);
  while (daemon.linesOf('app.adopted').length === 0) await daemon.passMs(SECOND / 100);
  const profile = azure.profile('shop');
  for (const { name, target } of profile?.endpoints.values() ?? [])
    if (azure.groupBehind(target)?.program.version === '1.0.0') profile?.endpoints.delete(name.toLowerCase());
  azure.push({ repository: 'web', tag: '1.2.0' });
  expect(await mostWithin(daemon, 15 * MINUTE)).toBe(2);
  expect(reasonsOf(daemon)).toEqual(['drift', 'takeOut', 'newRelease', 'cleanUp']);
});

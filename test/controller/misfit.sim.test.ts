/** A profile that does not fit: told once, nothing is made, and all goes on by itself once it fits. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const MINUTE = 60_000;
const ANY = { kind: 'semver', range: '*', prerelease: false } as const;
let daemon: VirtualDaemon;
beforeEach(() => (daemon = new VirtualDaemon()));
afterEach(() => daemon.close());

const holds = () =>
  daemon.linesOf('app.held').map(({ fields }) => `${String(fields['hold'])}: ${String(fields['reason'])}`);
const set = (properties: Readonly<Record<string, unknown>>) => {
  const profile = daemon.azure.profile('web');
  if (profile !== undefined) daemon.azure.profiles.patch(profile, { properties });
};

test('canary by Priority waits, says why once, and starts when the profile routes by weights', async () => {
  const web = appOf('web', { web: ANY });
  const canary = { kind: 'canary', steps: [{ share: 50, bakeMs: 1000 }] } as const;
  daemon.azure.createProfile('web', 10, { trafficRoutingMethod: 'Priority' });
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
  daemon.run([{ ...web, rollout: { ...web.rollout, strategy: canary } }]);
  await daemon.passMs(30 * MINUTE);
  expect(holds()).toEqual([
    'profile: 1.0.0 is not rolled out: Traffic Manager profile web routes by Priority, and strategy canary shares out traffic by weights; set its method to Weighted, or another strategy',
  ]);
  expect(daemon.azure.groups.all()).toEqual([]);
  set({ trafficRoutingMethod: 'Weighted' });
  await daemon.passMs(5 * MINUTE);
  expect(daemon.history('web').map(({ outcome }) => outcome)).toEqual(['Succeeded']);
});

test('what serves is tended while a new release waits for its profile', async () => {
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
  daemon.run([appOf('web', { web: ANY })]);
  await daemon.passMs(5 * MINUTE);
  daemon.azure.push({ repository: 'web', tag: '1.1.0' });
  set({ monitorConfig: { port: 81 } });
  await daemon.passMs(5 * MINUTE);
  expect(holds().join()).toContain('monitors port 81');
  const profile = daemon.azure.profile('web');
  const [endpoint] = profile?.endpoints.values() ?? [];
  if (profile === undefined || endpoint === undefined) throw new Error('it serves');
  daemon.azure.profiles.putEndpoint(profile, endpoint.name, { properties: { endpointStatus: 'Disabled' } });
  await daemon.passMs(5 * MINUTE);
  expect(daemon.history('web').map(({ reason, outcome }) => `${reason} ${outcome}`)).toEqual([
    'firstDeployment Succeeded',
    'drift Succeeded',
  ]);
  expect(endpoint.enabled).toBe(true);
  set({ monitorConfig: { port: 80 } });
  await daemon.passMs(5 * MINUTE);
  expect(daemon.history('web').at(-1)).toMatchObject({ to: '1.1.0', outcome: 'Succeeded' });
});

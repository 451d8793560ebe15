import { describe, expect, test } from 'vitest';
import { judgeLive } from '../../src/controller/live-health.ts';
import type { LiveMemory } from '../../src/controller/live-health.ts';
import type { ObservedEndpoint, ObservedGroup } from '../../src/rollout/observation.ts';
import { app, running, stack, START } from '../rollout/world.ts';

const live = stack('11111111', '1.0.0');
const none = { drift: undefined, broken: undefined };
const nothing: LiveMemory = { broken: new Set(), degradedSince: new Map() };
const groups = live.groups.map(({ name }) => running(name, live.id));
const endpoints: ObservedEndpoint[] = live.groups.map(({ name, endpoint }) => ({
  name: endpoint,
  target: `${name}.example`,
  enabled: true,
  weight: 100,
  monitorStatus: 'Online',
}));

function seen(
  changes: { groups?: readonly ObservedGroup[]; endpoints?: readonly ObservedEndpoint[]; now?: number } = {},
) {
  const profile = {
    name: 'web',
    fqdn: 'web.trafficmanager.net',
    ttlSeconds: 10,
    routingMethod: 'Weighted',
    enabled: true,
    endpoints: changes.endpoints ?? endpoints,
  };
  return { app, live, groups: changes.groups ?? groups, profile, now: changes.now ?? START };
}

const first = (change: Partial<ObservedEndpoint>) =>
  endpoints.map((one, index) => (index === 0 ? { ...one, ...change } : one));

describe('the live stack', () => {
  test('as it was made needs nothing', () => {
    expect(judgeLive(seen(), nothing).faults).toEqual(none);
  });

  test.each([
    ['vanished', groups.slice(1), 'has vanished'],
    ['Failed', groups.map((group) => ({ ...group, provisioningState: 'Failed' })), 'is Failed'],
    ['Stopped', groups.map((group) => ({ ...group, state: 'Stopped' })), 'is Stopped'],
  ])('S92: with a group that is %s is broken once that was seen twice', (_, given, reason) => {
    const once = judgeLive(seen({ groups: given }), nothing);
    expect(once.faults).toEqual(none);
    const twice = judgeLive(seen({ groups: given }), once.memory);
    expect(twice.faults.broken).toContain(reason);
    expect(judgeLive(seen(), once.memory).faults).toEqual(none);
  });

  test('that stays Degraded is broken after the set time, not before, and not when it recovered in between', () => {
    const sick = first({ monitorStatus: 'Degraded' });
    const begun = judgeLive(seen({ endpoints: sick }), nothing).memory;
    const late = (ms: number) => seen({ endpoints: sick, now: START + ms });
    expect(judgeLive(late(app.repairAfterMs - 1), begun).faults).toEqual(none);
    expect(judgeLive(late(app.repairAfterMs), begun).faults.broken).toContain('has been Degraded for 10 min');
    const recovered = judgeLive(seen({ now: START + 1000 }), begun).memory;
    expect(judgeLive(late(app.repairAfterMs), recovered).faults).toEqual(none);
  });

  test.each([
    ['disabled', first({ enabled: false }), 'was disabled by somebody else'],
    ['with another target', first({ target: 'elsewhere.example' }), 'the target of endpoint'],
    ['with another weight', first({ weight: 1 }), 'the weight of endpoint'],
    ['deleted', endpoints.slice(1), 'was deleted by somebody else'],
  ])('with an endpoint that is %s has drifted', (_, given, reason) => {
    const { faults } = judgeLive(seen({ endpoints: given }), nothing);
    expect(faults).toEqual({ drift: expect.stringContaining(reason), broken: undefined });
  });

  test('R4: endpoints of others are nothing to it', () => {
    const other = { name: 'by-hand', target: 'x', enabled: false, monitorStatus: 'Disabled' };
    expect(judgeLive(seen({ endpoints: [...endpoints, other] }), nothing).faults).toEqual(none);
  });

  test('an endpoint whose group is gone is not put back', () => {
    const { faults } = judgeLive(seen({ groups: groups.slice(1), endpoints: first({ enabled: false }) }), nothing);
    expect(faults).toEqual(none);
  });

  test('with a group that is gone and the endpoint of another one disabled is found to be both', () => {
    const last = endpoints.map((one, index) => (index === endpoints.length - 1 ? { ...one, enabled: false } : one));
    const given = seen({ groups: groups.slice(1), endpoints: last });
    const { faults } = judgeLive(given, judgeLive(given, nothing).memory);
    expect(faults).toEqual({
      drift: expect.stringContaining('was disabled by somebody else'),
      broken: expect.stringContaining('has vanished'),
    });
  });
});

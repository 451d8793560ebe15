/** How soon a rollback leads clients back, with the usual intervals, in virtual time: to the millisecond. */
import { afterEach, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/model/time.ts';
import { endpointStatus } from '../../src/simulator/endpoint-status.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

let daemon: VirtualDaemon;
afterEach(() => daemon.close());

const LOOK_MS = 50;

/** Statuses of the endpoints that lead to a version. */
function statusesOf(version: string): readonly string[] {
  const profile = daemon.azure.profile('shop');
  return [...(profile?.endpoints.values() ?? [])].flatMap((endpoint) =>
    profile !== undefined && daemon.azure.groupBehind(endpoint.target)?.program.version === version
      ? [endpointStatus(profile, endpoint, () => undefined)]
      : [],
  );
}

function versionsAnswered(): readonly (string | undefined)[] {
  const { targets } = daemon.azure.nameAnswers('shop.trafficmanager.net');
  return targets.map((target) => daemon.azure.groupBehind(target)?.program.version);
}

test.each([
  ['with the usual monitoring', 32_300],
  ['with a Traffic Manager that is slow to look', 47_900],
])(
  'S70: all new answers lead back within a second of when Traffic Manager finds it Online: %s',
  async (_, probeIntervalMs) => {
    daemon = new VirtualDaemon({ probeIntervalMs });
    const app = appOf('shop', { web: { kind: 'semver', range: '*', prerelease: false } }, { replicas: 2 });
    // As the defaults of the config are.
    const retain = { forMs: 24 * HOUR, count: 1 };
    const usual = { ...app, rollout: { ...app.rollout, retain, observeIntervalMs: 5 * SECOND } };
    daemon.azure.push({ repository: 'web', tag: '1.0.0' });
    daemon.run([usual]);
    await daemon.passMs(10 * MINUTE);
    daemon.azure.push({ repository: 'web', tag: '1.1.0' });
    await daemon.passMs(20 * MINUTE);
    expect(new Set(versionsAnswered())).toEqual(new Set(['1.1.0']));
    const told = daemon.control?.command('shop', { kind: 'rollback' }, { by: 'ann', from: 'here' });
    let [elapsedMs, onlineMs, backMs] = [0, 0, 0];
    for (; elapsedMs < 5 * MINUTE; elapsedMs += LOOK_MS) {
      await daemon.passMs(LOOK_MS);
      const statuses = statusesOf('1.0.0');
      if (onlineMs === 0 && statuses.length === 2 && statuses.every((status) => status === 'Online'))
        onlineMs = elapsedMs;
      if (versionsAnswered().some((version) => version !== '1.0.0')) backMs = elapsedMs;
    }
    expect(await told).toMatchObject({ kind: 'applied' });
    expect(onlineMs).toBeGreaterThan(0);
    expect(backMs).toBeLessThan(onlineMs + SECOND);
    // What is Traffic Manager's own: one look at each endpoint, once it is enabled.
    expect(onlineMs).toBeLessThan(probeIntervalMs + SECOND);
    expect(new Set(versionsAnswered())).toEqual(new Set(['1.0.0']));
  },
);

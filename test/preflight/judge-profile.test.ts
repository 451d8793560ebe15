/** What is told of a profile before the first rollout: a line for each thing that does not go with the app. */
import { describe, expect, test } from 'vitest';
import { newStack } from '../../src/controller/idle.ts';
import type { HttpProbe, ProbeSettings, Strategy, TcpProbe } from '../../src/model/app.ts';
import { ownershipTags } from '../../src/model/ownership.ts';
import { makeRelease } from '../../src/model/release.ts';
import { judgeParent, judgeProfile } from '../../src/preflight/judge-profile.ts';
import type { Stack } from '../../src/rollout/effect.ts';
import type { ObservedGroup, ObservedProfile } from '../../src/rollout/observation.ts';
import { app as plain } from '../rollout/world.ts';
import { appWith, group, told } from './apps.ts';

const seen: ObservedProfile = {
  name: 'web',
  fqdn: 'web.trafficmanager.net',
  ttlSeconds: 10,
  routingMethod: 'Weighted',
  enabled: true,
  monitor: { protocol: 'HTTP', port: 80, path: '/' },
  endpoints: [],
};

const TCP: TcpProbe = {
  scheme: 'tcp',
  port: 80,
  intervalMs: 1000,
  timeoutMs: 1000,
  successes: 1,
  failures: 1,
  graceMs: 0,
};

function judge(
  profile: Partial<ObservedProfile>,
  probe: Partial<HttpProbe> | TcpProbe = {},
  strategy?: Strategy,
  { groups = [], live }: { groups?: readonly ObservedGroup[]; live?: Stack } = {},
) {
  const document = group({ ipAddress: { type: 'Public', ports: [{ port: 80 }, { port: 443 }] } });
  const rollout = strategy === undefined ? plain.rollout : { ...plain.rollout, strategy };
  const app = appWith({ probe: probeWith(probe), rollout }, document);
  const traffic = { resourceGroup: 'demo', profile: 'web', weight: 100 };
  const candidate = newStack({ app, owner: 'viridian', newId: () => '00000000' }, makeRelease([], 'aaaa'));
  const value = { ...seen, ...profile };
  const known = { known: true, value } as const;
  return judgeProfile({ app, traffic, owner: 'viridian', profile: known, live, candidate, groups });
}

function probeWith(probe: Partial<HttpProbe> | TcpProbe): ProbeSettings | undefined {
  if (probe.scheme === 'tcp') return probe;
  return plain.probe === undefined || plain.probe.scheme === 'tcp' ? undefined : { ...plain.probe, ...probe };
}

describe('one line, with what to do', () => {
  test.each<[string, Parameters<typeof judge>, string, RegExp]>([
    ['disabled', [{ enabled: false }], 'error: is disabled: nothing that it leads to is served', /enable it/],
    [
      'a strategy that does not go with the method',
      [{ routingMethod: 'Priority' }, {}, { kind: 'canary', steps: [{ share: 10, bakeMs: 0 }] }],
      'error: routes by Priority, and strategy canary shares out traffic by weights',
      /set its method to Weighted/,
    ],
    ['a TTL of 0', [{ ttlSeconds: 0 }], 'warning: TTL is 0 s: clients ask anew for each connection', /set a TTL/],
    ['a long TTL', [{ ttlSeconds: 3600 }], 'warning: TTL is 3600 s: each rollout keeps both stacks', /600 s or less/],
    [
      'a closed port',
      [{ monitor: { protocol: 'HTTP', port: 81 } }, { port: 81 }],
      'error: monitors port 81, and the template opens 80, 443 only',
      /correct the monitor/,
    ],
    [
      'another port than the probe',
      [{ monitor: { protocol: 'HTTP', port: 443 } }],
      'warning: its monitor asks HTTP port 443, the probe HTTP port 80',
      /ask the same/,
    ],
    [
      'HTTPS where the probe is plain',
      [{ monitor: { protocol: 'HTTPS', port: 80 } }],
      'warning: its monitor asks HTTPS port 80, the probe HTTP port 80',
      /ask the same/,
    ],
    [
      'TCP at another port',
      [{ monitor: { protocol: 'TCP', port: 443 } }],
      'warning: its monitor connects to port 443, the probe asks HTTP port 80',
      /ask the same/,
    ],
    [
      'a probe that only connects, where the monitor asks',
      [{ monitor: { protocol: 'HTTP', port: 80, path: '/healthz' } }, TCP],
      'warning: its monitor asks HTTP port 80 for /healthz, the probe connects to port 80 and asks nothing',
      /ask the same/,
    ],
    [
      'TCP at another port than a probe that connects',
      [{ monitor: { protocol: 'TCP', port: 443 } }, TCP],
      'warning: its monitor connects to port 443, the probe asks TCP port 80',
      /ask the same/,
    ],
    [
      'another path',
      [{ monitor: { protocol: 'HTTP', port: 80, path: '/healthz' } }],
      'warning: its monitor asks for /healthz, the probe for /',
      /ask the same/,
    ],
    [
      'statuses that the probe does not take',
      [{ monitor: { protocol: 'HTTP', port: 80, path: '/', statuses: [{ from: 300, to: 399 }] } }],
      'warning: its monitor expects status 300–399, the probe 200–299',
      /ask the same/,
    ],
    [
      'no status, which means 200 alone',
      [{}, { statuses: [{ from: 204, to: 204 }] }],
      'warning: its monitor expects status 200, the probe 204',
      /ask the same/,
    ],
  ])('%s', (_, given, message, advice) => {
    const lines = judge(...given);
    expect(told(lines)).toEqual([expect.stringContaining(message)]);
    expect(lines[0]?.advice).toMatch(advice);
  });
});

test('a profile that fits is described, with endpoints of others that are left alone', () => {
  const endpoint = { target: 'x.example', enabled: true, monitorStatus: 'Online' };
  const endpoints = [
    { ...endpoint, name: 'viridian.web-11111111-westeurope-1' },
    ...Array.from({ length: 7 }, (_, index) => ({ ...endpoint, name: `cdn-${index}` })),
  ];
  expect(told(judge({ endpoints }))).toEqual([
    'ok: fits: Weighted, TTL 10 s, monitored by HTTP at port 80, 8 endpoints (cdn-0, cdn-1, cdn-2, cdn-3, cdn-4 and 2 more of others, left alone)',
  ]);
  const connecting = { monitor: { protocol: 'TCP', port: 80 } };
  for (const probe of [{}, TCP]) expect(told(judge(connecting, probe))).toEqual([expect.stringContaining('ok: fits')]);
});

test('endpoints that were taken over are none of others, by the tags of groups or by the stored state', () => {
  const endpoints = ['ep-a', 'ep-b', 'cdn'].map((name) => ({
    name,
    target: `${name}.example`,
    enabled: true,
    monitorStatus: 'Online',
  }));
  const tags = ownershipTags({
    owner: 'viridian',
    app: plain.name,
    releaseId: 'r',
    templateHash: 't',
    stackId: '11111111',
    tags: new Map(),
  });
  const [one, other] = ['ep-a', 'ep-b'].map((endpoint) => ({
    name: `old-${endpoint}`,
    location: 'westeurope',
    tags: { ...tags, 'viridian-endpoint': endpoint.toUpperCase() },
    provisioningState: 'Succeeded',
    state: undefined,
    fqdn: undefined,
    ip: undefined,
    containers: [],
    warnings: [],
  }));
  if (one === undefined || other === undefined) throw new Error('two');
  const left = '3 endpoints (cdn of others, left alone)';
  expect(told(judge({ endpoints }, {}, undefined, { groups: [one, other] }))[0]).toContain(left);
  const served = { name: other.name, location: other.location, replica: 1, endpoint: 'ep-b' };
  const live = { id: '11111111', release: makeRelease([], 'aaaa'), groups: [served] };
  expect(told(judge({ endpoints }, {}, undefined, { groups: [one], live }))[0]).toContain(left);
});

test('a parent is to be there, and its TTL counts, too', () => {
  const parent = { resourceGroup: 'edge', profile: 'world' };
  const judged = (value: ObservedProfile | undefined) => told(judgeParent(parent, { known: true, value }, 'web'));
  expect(judged(undefined)).toEqual(['error: is not in resource group edge']);
  expect(judged({ ...seen, ttlSeconds: 30 })).toEqual(['ok: is read; TTL 30 s']);
  expect(judged({ ...seen, ttlSeconds: 7200 })).toEqual([expect.stringContaining('warning: TTL is 7200 s')]);
  expect(told(judgeParent(parent, { known: false, reason: 'Gone: away' }, 'web'))).toEqual([
    'error: cannot be read: Gone: away',
  ]);
});

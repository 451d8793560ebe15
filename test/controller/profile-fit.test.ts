/** What a profile cannot serve is told before anything is made, with what to do; what it can is not held up. */
import { describe, expect, test } from 'vitest';
import type { App, Strategy, TrafficSettings } from '../../src/model/app.ts';
import { placeEndpointName } from '../../src/model/ownership.ts';
import { misfitOf } from '../../src/controller/profile-fit.ts';
import type { Stack } from '../../src/rollout/effect.ts';
import type { ObservedEndpoint, ObservedProfile } from '../../src/rollout/observation.ts';
import { app as plainApp, stack } from '../rollout/world.ts';

const ipAddress = { type: 'Public', ports: [{ port: 80 }] };

interface Given {
  readonly method?: string;
  readonly strategy?: Strategy;
  readonly traffic?: Partial<TrafficSettings>;
  readonly profile?: Partial<ObservedProfile>;
  readonly replicas?: number;
  readonly address?: typeof ipAddress | undefined;
  readonly live?: Stack;
}

function misfit(given: Given): string | undefined {
  const { method = 'Weighted', strategy = { kind: 'blueGreen' }, replicas = 1, profile, live } = given;
  const address = 'address' in given ? given.address : ipAddress;
  const document = { properties: address === undefined ? {} : { ipAddress: address } };
  const app: App = {
    ...plainApp,
    replicas,
    template: { ...plainApp.template, document },
    traffic: { resourceGroup: 'demo', profile: 'web', weight: 100, ...given.traffic },
  };
  const seen = { name: 'web', fqdn: 'web.trafficmanager.net', ttlSeconds: 10, enabled: true, endpoints: [] };
  const candidate = stack('22222222', '1.1.0', replicas);
  const whole = { ...seen, routingMethod: method, monitor: { protocol: 'HTTP', port: 80 }, ...profile };
  return misfitOf({ app, owner: 'viridian', profile: whole, live, candidate, strategy });
}

const endpoint = (name: string, more: Partial<ObservedEndpoint> = {}): ObservedEndpoint => ({
  name,
  target: `${name}.example`,
  enabled: true,
  monitorStatus: 'Online',
  ...more,
});
const geo = { mappings: { westeurope: { geoMapping: ['GEO-EU'] } } };
const canary: Strategy = { kind: 'canary', steps: [{ share: 10, bakeMs: 0 }] };
const onePercent: Strategy = { kind: 'canary', steps: [{ share: 1, bakeMs: 0 }] };
const most: Strategy = { kind: 'canary', steps: [{ share: 99, bakeMs: 0 }] };
const rolling: Strategy = { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 };
const waves: Strategy = { kind: 'waves', waves: [{ locations: ['westeurope'], bakeMs: 0 }] };
const full = Array.from({ length: 200 }, (_, index) => endpoint(`cdn-${index}`));

describe('is told', () => {
  test.each<[string, Given, RegExp]>([
    ['a profile that is disabled', { profile: { enabled: false } }, /is disabled.*enable it/],
    ['a method that is not known', { method: 'Random' }, /routes by Random; expected one of Weighted/],
    [
      'a monitor of a port that is closed',
      { profile: { monitor: { protocol: 'TCP', port: 81 } } },
      /port 81.*opens 80/,
    ],
    ['canary by Priority', { method: 'Priority', strategy: canary }, /canary.*set its method to Weighted/],
    [
      'a share that is exceeded even by the least weights, with more endpoints than the live stack has',
      { strategy: onePercent, replicas: 20, live: stack('11111111', '1.0.0', 1) },
      /cannot lead as little as 1 % to 20 new endpoints beside 1: .* 1\.96 %; ask for larger shares/,
    ],
    ['canary by Geographic', { method: 'Geographic', strategy: canary, traffic: geo }, /canary/],
    [
      'rolling by Geographic',
      { method: 'Geographic', strategy: rolling, traffic: geo },
      /rolling.*set strategy blueGreen$/,
    ],
    ['waves in place', { method: 'Priority', strategy: waves, traffic: { switch: 'inPlace' } }, /waves.*switch beside/],
    ['Geographic beside', { method: 'Geographic', traffic: { ...geo, switch: 'beside' } }, /set it to inPlace/],
    ['MultiValue in place', { method: 'MultiValue', traffic: { switch: 'inPlace' } }, /leave traffic.switch out/],
    ['replicas by Geographic', { method: 'Geographic', traffic: geo, replicas: 2 }, /2 replicas.*set replicas to 1/],
    ['replicas by Subnet', { method: 'Subnet', replicas: 2, traffic: { mappings: { westeurope: {} } } }, /2 replicas/],
    ['MultiValue without addresses', { method: 'MultiValue', address: undefined }, /no public address; give it one/],
    ['too few addresses', { method: 'MultiValue', replicas: 3, profile: { maxReturn: 2 } }, /maxReturn.*raise it to 3/],
    ['no mapping for Geographic', { method: 'Geographic' }, /add traffic.mappings: \{westeurope: \{geo: /],
    ['no mapping for Subnet', { method: 'Subnet' }, /add traffic.mappings: \{westeurope: \{subnets: /],
    [
      'a region that is somebody else’s',
      { method: 'Geographic', traffic: geo, profile: { endpoints: [endpoint('cdn', { geoMapping: ['GEO-EU'] })] } },
      /maps GEO-EU to endpoint cdn already/,
    ],
    [
      'all other subnets that are somebody else’s',
      { method: 'Subnet', traffic: { mappings: { westeurope: {} } }, profile: { endpoints: [endpoint('cdn')] } },
      /all other subnets to endpoint cdn already/,
    ],
    ['a profile that is full', { profile: { endpoints: full } }, /more than 200; remove some/],
    [
      'a name that a nested endpoint has',
      {
        method: 'Priority',
        traffic: { switch: 'inPlace' },
        profile: { endpoints: [endpoint('viridian.web.westeurope.1', { kind: 'nested' })] },
      },
      /viridian.web.westeurope.1 that is nested.*rename it/,
    ],
    [
      'priorities that are used up',
      {
        method: 'Priority',
        live: stack('11111111', '1.0.0', 1),
        profile: {
          endpoints: [
            endpoint('viridian.web-11111111-westeurope-1', { priority: 1 }),
            endpoint('cdn', { priority: 2 }),
          ],
        },
      },
      /no free priority for westeurope.*leave room/,
    ],
  ])('%s', (_, given, message) => {
    expect(misfit(given)).toMatch(message);
  });
});

describe('is fine', () => {
  const place = placeEndpointName('viridian', 'web', { location: 'westeurope', replica: 1 });
  const [group] = stack('11111111', '1.0.0', 1).groups;
  const live = { ...stack('11111111', '1.0.0', 1), groups: group === undefined ? [] : [{ ...group, endpoint: place }] };
  test.each<[string, Given]>([
    ['the same share beside as many', { strategy: onePercent, replicas: 20, live: stack('11111111', '1.0.0', 20) }],
    ['that share as the first deployment', { strategy: onePercent, replicas: 20 }],
    ['a share that stays below what is asked', { strategy: most, live: stack('11111111', '1.0.0', 20) }],
    ['each strategy by Weighted', { strategy: canary, replicas: 2 }],
    ['waves by Performance', { method: 'Performance', strategy: waves }],
    ['rolling by MultiValue', { method: 'MultiValue', strategy: rolling, profile: { maxReturn: 4 }, replicas: 3 }],
    ['a method in another letter case', { method: 'pRIORITY' }],
    ['a mapping of a first deployment', { method: 'Geographic', traffic: geo }],
    ['one without subnets', { method: 'Subnet', traffic: { mappings: { westeurope: {} } } }],
    [
      'an endpoint that is there with its mapping, whatever the config says',
      { method: 'Geographic', live, profile: { endpoints: [endpoint(place, { geoMapping: ['JP'] })] } },
    ],
    ['more groups than an answer can have', { method: 'MultiValue', replicas: 12, profile: { maxReturn: 10 } }],
    [
      'a TTL of zero, and Degraded endpoints',
      { profile: { ttlSeconds: 0, endpoints: [endpoint('a', { monitorStatus: 'Degraded' })] } },
    ],
  ])('%s', (_, given) => {
    expect(misfit(given)).toBeUndefined();
  });
});

/** What cannot be taken over, each with the words that tell it, and what can. */
import { describe, expect, test } from 'vitest';
import { judgeAdoption } from '../../src/adoption/look.ts';
import type { LookGiven } from '../../src/adoption/look.ts';
import { obstacleText } from '../../src/adoption/obstacle.ts';
import type { AppState } from '../../src/controller/app-state.ts';
import { adoptedTags } from '../../src/model/adopted-tags.ts';
import type { App } from '../../src/model/app.ts';
import { ownershipTags } from '../../src/model/ownership.ts';
import type { TagList } from '../../src/model/tag.ts';
import type { ObservedEndpoint, ObservedGroup, ObservedProfile } from '../../src/rollout/observation.ts';
import { startCleanUp } from '../../src/rollout/start.ts';
import { app, running, stack } from '../rollout/world.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

function byHand(name: string, given: Partial<ObservedGroup> = {}): ObservedGroup {
  const made = running(name, 'none');
  const containers = made.containers.map((one) => ({ ...one, image: 'demo.azurecr.io/web:1.0.0' }));
  return { ...made, containers, tags: {}, fqdn: `${name}.westeurope.azurecontainer.io`, ...given };
}

function endpoint(name: string, target: string | undefined, given: Partial<ObservedEndpoint> = {}): ObservedEndpoint {
  return { name, target, enabled: true, monitorStatus: 'Online', weight: 5, ...given };
}

interface World {
  readonly groups?: readonly ObservedGroup[];
  readonly endpoints?: readonly ObservedEndpoint[];
  readonly app?: Partial<App>;
  readonly profile?: Partial<ObservedProfile> | 'none';
  readonly list?: TagList;
  readonly state?: Partial<AppState>;
  readonly named?: { endpoints?: readonly string[]; groups?: readonly string[] };
  /** Groups that are gone at the single look. */
  readonly gone?: readonly string[];
}

const ONE = byHand('one');
const TWO = byHand('two');
const ENDPOINTS = [endpoint('web-1', ONE.fqdn), endpoint('web-2', TWO.fqdn)];
const LIST: TagList = { kind: 'known', tags: [{ name: '1.0.0', digest: DIGEST, pushedAt: 1 }] };

function judge(world: World) {
  const { groups = [ONE, TWO], endpoints = ENDPOINTS, profile = {}, list = LIST, gone = [] } = world;
  const { endpoints: named = ['web-1', 'web-2'], groups: namedGroups = [] } = world.named ?? {};
  const seen = <Value>(value: Value) => Promise.resolve({ known: true as const, at: 0, value });
  const basic = {
    name: 'web',
    fqdn: 'web.trafficmanager.net',
    ttlSeconds: 10,
    routingMethod: 'Weighted',
    enabled: true,
  };
  const given: LookGiven = {
    azure: {
      getProfile: () => seen(profile === 'none' ? undefined : { ...basic, endpoints, ...profile }),
      listGroups: () => seen(groups.map((group) => ({ ...group, state: undefined }))),
      getGroup: ({ name }) => seen(gone.includes(name) ? undefined : groups.find((group) => group.name === name)),
    },
    listTags: async () => list,
    readState: async () =>
      world.state === undefined ? undefined : { live: undefined, rollout: undefined, ...world.state },
    now: () => 0,
  };
  const asked = { app: { ...app, ...world.app }, owner: 'us', endpoints: named, groups: namedGroups };
  return judgeAdoption(asked, given);
}

async function refusal(world: World): Promise<string> {
  const judged = await judge(world);
  return judged.kind === 'refused' ? judged.obstacles.map(obstacleText).join('\n') : judged.kind;
}

const marks = (given: Partial<Parameters<typeof ownershipTags>[0]> = {}) =>
  ownershipTags({
    owner: 'us',
    app: 'web',
    releaseId: 'r',
    templateHash: 't',
    stackId: 'abcdef01',
    tags: new Map(),
    ...given,
  });
const pending = { ...marks(), ...adoptedTags({ groups: 2, isPending: true, endpoint: 'web-1', images: [] }) };
const withImage = (image: string) => ONE.containers.map((one) => ({ ...one, image }));

describe('what is not taken over', () => {
  test.each<[string, World, string]>([
    [
      'an endpoint that is not there',
      { named: { endpoints: ['web-1', 'web-3'] } },
      'endpoint web-3 of profile web: expected an endpoint of that name, got none; did you mean "web-1"?',
    ],
    [
      'one that is disabled',
      { endpoints: [endpoint('web-1', ONE.fqdn, { enabled: false })], named: { endpoints: ['web-1'] } },
      'endpoint web-1 of profile web: expected Enabled, got Disabled; enable it and wait until it is Online, or leave it out',
    ],
    [
      'one that is not Online',
      { endpoints: [endpoint('web-1', ONE.fqdn, { monitorStatus: 'Degraded' })], named: { endpoints: ['web-1'] } },
      'expected Online, got Degraded; mend what it leads to, or leave it out',
    ],
    [
      'one that has not been looked at yet',
      {
        endpoints: [endpoint('web-1', ONE.fqdn, { monitorStatus: 'CheckingEndpoint' })],
        named: { endpoints: ['web-1'] },
      },
      'expected Online, got CheckingEndpoint; wait until Traffic Manager has looked at it, and run this again',
    ],
    [
      'a nested one',
      { endpoints: [endpoint('web-1', undefined, { kind: 'nested' })], named: { endpoints: ['web-1'] } },
      'expected an external endpoint, got one of kind nested',
    ],
    [
      'one that leads to something else',
      { endpoints: [endpoint('web-1', 'cdn.example')], named: { endpoints: ['web-1'] } },
      'expected a target that is the name or the address of a container group of resource group demo, got cdn.example',
    ],
    [
      'one that leads to an address where names are to come',
      {
        groups: [byHand('one', { ip: '10.0.0.1' })],
        endpoints: [endpoint('web-1', '10.0.0.1')],
        named: { endpoints: ['web-1'] },
      },
      'got address 10.0.0.1 of container group one; lead it to one.westeurope.azurecontainer.io',
    ],
    [
      'a group that two endpoints lead to',
      { endpoints: [...ENDPOINTS, endpoint('also', ONE.fqdn)] },
      'container group one: expected one endpoint of profile web that leads there, got web-1 and also; delete one of the two',
    ],
    [
      'a group of another owner',
      { groups: [byHand('one', { tags: { 'Viridian-Owner': 'them' } }), TWO] },
      'container group one: expected a group without an owner, or of owner us, got owner them',
    ],
    [
      'a group of another app',
      { groups: [byHand('one', { tags: marks({ app: 'api' }) }), TWO] },
      'expected a group of no app, or of app web, got app api',
    ],
    [
      'a group that Viridian has made',
      { groups: [byHand('one', { tags: marks() }), TWO] },
      'got one that Viridian made for app web; there is nothing to do',
    ],
    [
      'a group that is stopped',
      { groups: [byHand('one', { state: 'Stopped' }), TWO] },
      'container group one: expected Running, got Stopped (Succeeded); start or mend it first, or leave it out',
    ],
    ['a group that has gone', { gone: ['two'] }, 'container group two: expected a group that runs, got none'],
    [
      'a location that the config does not have',
      { groups: [byHand('one', { location: 'eastus' }), TWO] },
      'container group one: expected a location of the app: westeurope, got eastus; add it to locations in the config',
    ],
    [
      'containers of other names',
      { groups: [byHand('one', { containers: ONE.containers.map((one) => ({ ...one, name: 'app' })) }), TWO] },
      'expected a container web, as the config has it, got app',
    ],
    [
      'an image of another repository',
      { groups: [byHand('one', { containers: withImage('nginx:1.25') }), TWO] },
      'expected container web to run demo.azurecr.io/web, got nginx:1.25',
    ],
    [
      'groups that run different images',
      { groups: [byHand('one', { containers: withImage('demo.azurecr.io/web:0.9.0') }), TWO] },
      'container web: expected the same image in all groups, got demo.azurecr.io/web:0.9.0 in one, demo.azurecr.io/web:1.0.0 in two',
    ],
    [
      'a tag that is not in the registry',
      { list: { kind: 'known', tags: [] } },
      'expected tag 1.0.0 in demo.azurecr.io/web, to know its digest, got no such tag there',
    ],
    [
      'a group with too many tags',
      {
        groups: [
          byHand('one', { tags: Object.fromEntries(Array.from({ length: 45 }, (_, n) => [`t${n}`, 'x'])) }),
          TWO,
        ],
      },
      'expected 41 tags at most, as 9 are added and Azure takes 50, got 45',
    ],
    [
      'anything for an app that has a live stack',
      { state: { live: stack('12345678', '1.0.0') } },
      'app web: expected an app that runs nothing of its own yet, got 1.0.0 live in web-12345678-westeurope-1',
    ],
    [
      'anything while a rollout is under way',
      { state: { rollout: startCleanUp({ app, stray: stack('12345678', '1.0.0'), id: 'aaaaaaaa', now: 0 }) } },
      'got rollout aaaaaaaa under way (cleanUp); wait until it has ended, or abort it: viridian abort web',
    ],
    [
      'anything for an app of which groups are there, also without its state',
      { groups: [ONE, TWO, byHand('web-12345678-westeurope-1', { tags: marks({ stackId: '12345678' }) })] },
      'got web-12345678-westeurope-1, tagged as its own',
    ],
    [
      'a part of what was begun before',
      { groups: [byHand('one', { tags: pending }), TWO], named: { endpoints: ['web-2'] } },
      'container group one: expected to be named, as an adoption that was interrupted has tagged it',
    ],
    [
      'a profile that is not there',
      { profile: 'none' },
      'expected Traffic Manager profile web in resource group demo, got none',
    ],
    [
      'groups by their names, of an app with traffic',
      { named: { groups: ['one'] } },
      'expected the names of its endpoints',
    ],
    ['nothing at all', { named: { endpoints: [] } }, 'got no --endpoint; name all endpoints of profile web'],
    [
      'endpoints of an app without traffic',
      { app: { traffic: undefined } },
      'expected the names of its groups, as it has no traffic in the config, got --endpoint web-1, web-2',
    ],
    [
      'a group that is not there',
      { app: { traffic: undefined }, named: { endpoints: [], groups: ['onee'] } },
      'container group onee: expected a group of resource group demo, got none of that name; did you mean "one"?',
    ],
  ])('%s', async (_, world, text) => {
    expect(await refusal(world)).toContain(text);
  });

  test('R6: anything while the registry cannot be listed', async () => {
    const list: TagList = { kind: 'unknown', reason: 'HTTP 503', stalled: false, retryAfterMs: undefined };
    await expect(judge({ list })).rejects.toThrow('demo.azurecr.io/web cannot be listed: HTTP 503');
  });
});

describe('a plan', () => {
  test('has the tags of each group, of a stack that is the same each time, and notes of what is not sure', async () => {
    const [judged, again] = [await judge({}), await judge({ named: { endpoints: ['WEB-2', 'web-1', 'web-1'] } })];
    expect(judged).toMatchObject({
      kind: 'planned',
      plan: {
        app: 'web',
        release: '1.0.0',
        groups: [
          {
            name: 'one',
            endpoint: 'web-1',
            weight: 5,
            pending: { 'viridian-adopted': 'pending/2' },
            final: {
              'viridian-owner': 'us',
              'viridian-app': 'web',
              'viridian-adopted': '2',
              'viridian-endpoint': 'web-1',
              'viridian-image-web': `1.0.0@${DIGEST}`,
            },
          },
          { name: 'two', endpoint: 'web-2' },
        ],
        notes: [`web runs by tag 1.0.0, which has digest ${DIGEST} now; what the groups have pulled may be older`],
      },
    });
    expect(again).toMatchObject({ plan: { stack: Object(Object(judged)['plan'])['stack'] } });
  });

  test('says that the number of groups will be another one', async () => {
    const judged = await judge({ app: { replicas: 3 }, named: { endpoints: ['web-1'] } });
    expect(JSON.stringify(judged)).toContain('1 group runs now, and the config asks for 3 (3 in each of westeurope)');
  });

  test('names what runs by digest as a tag of that digest, which the policy would choose', async () => {
    const containers = withImage(`demo.azurecr.io/web@${DIGEST}`);
    const groups = [byHand('one', { containers })];
    const tags = ['latest', '1.0.0', '0.9.0'].map((name) => ({ name, digest: DIGEST, pushedAt: 1 }));
    const judged = await judge({ groups, named: { endpoints: ['web-1'] }, list: { kind: 'known', tags } });
    expect(judged).toMatchObject({ plan: { release: '1.0.0' } });
  });

  test('goes on where it was cut off', async () => {
    expect(await judge({ groups: [byHand('one', { tags: pending }), TWO] })).toMatchObject({ kind: 'planned' });
  });
});

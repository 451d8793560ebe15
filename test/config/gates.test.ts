import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { ConfigError } from '../../src/model/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-gates-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = 'version: 1\nazure: { subscription: 00000000-0000-0000-0000-000000000001 }\n';
const NOON = Date.UTC(2026, 5, 1, 12);

/** `apps`: their names, each with more of its keys. */
function load(apps: Readonly<Record<string, string>>, whole = '') {
  const lines = Object.entries(apps).map(
    ([name, more]) =>
      `  - { name: ${name}, template: ${name}.yaml, resourceGroup: shop, locations: [westeurope],\n` +
      `      images: [{ container: web, image: shop.azurecr.io/${name}, policy: { semver: "*" } }],\n      ${more} }\n`,
  );
  for (const name of Object.keys(apps)) {
    const web = `{ name: web, properties: { image: shop.azurecr.io/${name}, resources: { requests: { cpu: 1, memoryInGB: 1 } } } }`;
    writeFileSync(join(folder, `${name}.yaml`), `properties: { osType: Linux, containers: [${web}] }\n`);
  }
  const file = join(folder, 'viridian.yaml');
  writeFileSync(file, `${HEAD}${whole}apps:\n${lines.join('')}`);
  return loadSettings(file, NOON);
}

function problems(...given: Parameters<typeof load>): string[] {
  try {
    load(...given);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((p) => `${p.line}:${p.column} ${p.message}${p.hint === undefined ? '' : ` (${p.hint})`}`);
  }
  return [];
}

const night = (more = '') => `{ cron: "0 22 * * *", timeZone: Europe/Berlin, duration: 4h${more} }`;

describe('what may keep rollouts from starting', () => {
  test('is nothing where nothing is said', () => {
    const { settings, warnings } = load({ web: '' });
    expect(settings.limits).toEqual({ all: undefined, groups: {} });
    expect(settings.apps[0]).toMatchObject({ mode: 'act' });
    expect(Object.keys(settings.apps[0] ?? {})).not.toEqual(expect.arrayContaining(['windows']));
    expect(warnings).toEqual([]);
  });

  test('windows of the whole config and of an app stand beside each other, in milliseconds and UTC by default', () => {
    const { settings } = load(
      { web: `windows: { deny: [${night(', name: quiet')}] }`, api: '' },
      'windows: { allow: [{ cron: "0 6 * * 1-5", duration: 90m }] }\n',
    );
    const whole = {
      allow: [{ name: undefined, cron: '0 6 * * 1-5', timeZone: 'UTC', durationMs: 5_400_000 }],
      deny: [],
    };
    const quiet = { name: 'quiet', cron: '0 22 * * *', timeZone: 'Europe/Berlin', durationMs: 14_400_000 };
    expect(settings.apps.map(({ windows }) => windows)).toEqual([[whole, { allow: [], deny: [quiet] }], [whole]]);
  });

  test('limits, groups and order', () => {
    const { settings } = load(
      { web: 'group: shop, after: [api]', api: 'group: shop' },
      'maxConcurrentRollouts: 5\ngroups: { shop: { maxConcurrentRollouts: 1 }, free: {} }\n',
    );
    expect(settings.limits).toEqual({ all: 5, groups: { shop: 1, free: undefined } });
    expect(settings.apps[0]).toMatchObject({ group: 'shop', after: ['api'] });
  });

  test('S23: the mode of an app takes the place of that of the whole config, both ways', () => {
    const modes = (whole: string) =>
      load({ one: '', two: 'mode: act', three: 'mode: notify' }, whole).settings.apps.map(({ mode }) => mode);
    expect(modes('')).toEqual(['act', 'act', 'notify']);
    expect(modes('mode: notify\n')).toEqual(['notify', 'act', 'notify']);
  });
});

describe('a mistake is told with its place', () => {
  test.each<[string, Parameters<typeof load>, string]>([
    [
      'an expression that is none',
      [{ web: '' }, 'windows: { deny: [{ cron: "0 25 * * *", duration: 1h }] }\n'],
      '3:27 cron: expected a cron expression such as "0 22 * * MON-FRI", got "0 25 * * *": Invalid value for hour: 25',
    ],
    [
      'an expression of four fields, in an app',
      [{ web: 'windows: { allow: [{ cron: "0 22 * *", duration: 1h }] }' }],
      '6:34 cron: expected a cron expression',
    ],
    [
      'a time zone that is none, with a near match',
      [{ web: '' }, 'windows: { allow: [{ cron: "0 2 * * *", timeZone: Europe/Berln, duration: 1h }] }\n'],
      '3:51 timeZone: expected a time zone such as Europe/Berlin, got "Europe/Berln" (did you mean "Europe/Berlin"?)',
    ],
    [
      'a window of no length',
      [{ web: '' }, 'windows: { allow: [{ cron: "0 2 * * *", duration: 30s }] }\n'],
      '3:51 windows.allow[0].duration: expected at least 1m',
    ],
    ['a key that is none', [{ web: '' }, 'windows: { alow: [] }\n'], '3:12 unknown key "alow" (did you mean "allow"?)'],
    ['a limit of zero', [{ web: '' }, 'maxConcurrentRollouts: 0\n'], '3:24 maxConcurrentRollouts'],
    [
      'a key of a group that is none',
      [{ web: '' }, 'groups: { shop: { maxConcurentRollouts: 1 } }\n'],
      '(did you mean "maxConcurrentRollouts"?)',
    ],
    [
      'a group that is not there, with a near match',
      [{ web: 'group: shp' }, 'groups: { shop: {} }\n'],
      '7:14 group: there is no group "shp" (did you mean "shop"?)',
    ],
    ['a group where there are none', [{ web: 'group: shop' }], '6:14 group: there is no group "shop" (there are none)'],
    [
      'an app that is not there, with a near match',
      [{ web: 'after: [apis]', api: '' }],
      '6:15 after: there is no app "apis" (did you mean "api"?)',
    ],
    ['an app after itself', [{ web: 'after: [web]' }], '6:15 after: app web cannot go after itself'],
    ['an app named twice', [{ web: 'after: [api, api]', api: '' }], '6:20 after: "api" is named twice'],
    ['a mode that is none', [{ web: 'mode: notfy' }], '(did you mean "notify"?)'],
  ])('%s', (_, given, expected) => {
    expect(problems(...given).join('\n')).toContain(expected);
  });

  test('a circle of apps is told once, with all of it', () => {
    const found = problems({ db: '', web: 'after: [db, api]', api: 'after: [queue]', queue: 'after: [web]' });
    expect(found).toEqual([
      '9:19 after: web goes after api goes after queue goes after web: none of them could ever start',
    ]);
  });

  test('an app that is named right is not unknown because of another mistake of its own', () => {
    expect(problems({ web: 'after: [api]', api: 'replicas: 0' })).toHaveLength(1);
  });

  test('S32: two apps may not share a profile', () => {
    expect(problems({ web: 'traffic: { profile: Shop }', api: 'traffic: { profile: shop }' }).join('\n')).toContain(
      'apps web and api share profile shop; each needs its own',
    );
  });
});

describe('a good config warns of windows', () => {
  test.each<[string, Parameters<typeof load>, string[]]>([
    [
      'that are closed, with the next opening',
      [{ web: '' }, `windows: { allow: [${night()}] }\n`],
      [
        'windows: closed for now (no allowed window is open ("0 22 * * *" Europe/Berlin)); rollouts of new releases start from 2026-06-01T20:00:00.000Z on',
      ],
    ],
    [
      'that never open, by themselves',
      [{ web: '' }, 'windows: { allow: [{ cron: "0 0 30 2 *", duration: 1h }] }\n'],
      ['windows: they never open, as far as 2027-07-06T12:00:00.000Z'],
    ],
    [
      'of an app that are never open while those of the whole config are',
      [
        { web: 'windows: { deny: [{ cron: "0 0 * * *", duration: 24h, name: stop }] }', api: '' },
        'windows: { allow: [{ cron: "0 12 * * *", duration: 1h }] }\n',
      ],
      ['windows of app web: they never open, as far as'],
    ],
    ['that are open: not at all', [{ web: '' }, 'windows: { allow: [{ cron: "0 12 * * *", duration: 1h }] }\n'], []],
  ])('%s', (_, given, expected) => {
    expect(load(...given).warnings).toEqual(expected.map((text) => expect.stringContaining(text)));
  });
});

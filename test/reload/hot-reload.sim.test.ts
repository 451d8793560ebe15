/** What becomes of a changed config: taken up whole, or refused whole. */
import { expect, test } from 'vitest';
import type { Settings } from '../../src/config/settings.ts';
import { ConfigError, StalledError } from '../../src/model/errors.ts';
import { HotReload } from '../../src/reload/hot-reload.ts';
import type { ReadConfig } from '../../src/reload/hot-reload.ts';
import { settingsFor } from '../../src/simulation/settings.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

const options = { replicas: 1, locations: ['westeurope'], ttlSeconds: 1, marginMs: 0, drainMs: 0, observeMs: 1000 };
const BASE = settingsFor(['web', 'api'].map((name) => ({ name, ...options })));
const problem = { file: 'viridian.yaml', line: 3, column: 5, excerpt: 'password: hunter2', message: 'wrong' };

/** Each content of the files in turn: settings, or what is wrong with them. */
async function followed(
  contents: readonly (Settings | Error)[],
  given: { prepare?: () => Promise<() => void> } = {},
): Promise<{ said: readonly string[]; applied: readonly Settings[]; reload: HotReload }> {
  const time = new VirtualTime(0);
  const said: string[] = [];
  const applied: Settings[] = [];
  let now = 0;
  const at = (index: number): ReadConfig => {
    const content = contents[index] ?? BASE;
    return {
      names: ['viridian.yaml'],
      fingerprint: String(index),
      loaded() {
        if (content instanceof Error) throw content;
        const problemAt = (path: readonly (string | number)[], message: string) => ({
          ...problem,
          message: `${path.join('.')}: ${message}`,
        });
        return { settings: content, warnings: [], problemAt };
      },
    };
  };
  const reload = new HotReload({
    clock: time.clock(),
    disk: { stamps: async () => String(now), fingerprint: async () => String(now) },
    settings: BASE,
    first: { names: ['viridian.yaml'], fingerprint: 'first' },
    read: () => at(now),
    prepare: given.prepare ?? (async () => () => undefined),
    events: {
      configWarning: (message) => void said.push(`warning ${message}`),
      configApplied: (change) => void said.push(`applied ${JSON.stringify(change)}`),
      configRefused: (problems) => void said.push(`refused ${problems.join(' & ')}`),
      configUnchanged: () => void said.push('unchanged'),
    },
  });
  void reload.follow((next) => void applied.push(next), new AbortController().signal);
  for (; now < contents.length; now += 1) await time.runUntil(time.now() + 20_000);
  return { said, applied, reload };
}

test('what has changed is told by app and by key', async () => {
  const [web] = BASE.apps;
  if (web === undefined) throw new Error('no app');
  const apps = [
    { ...web, replicas: 2 },
    { ...web, name: 'site' },
  ];
  const next: Settings = { ...BASE, apps, onRemoval: 'retire', log: { level: 'debug' } };
  const { said, applied } = await followed([next]);
  const change = { added: ['site'], removed: ['api'], changed: ['web'], settings: ['onRemoval', 'log'] };
  expect(said).toEqual([`applied ${JSON.stringify(change)}`]);
  expect(applied).toEqual([next]);
});

test('one that says the same in other words is taken up in silence', async () => {
  const { said, applied } = await followed([structuredClone(BASE)]);
  expect([said, applied]).toEqual([[], []]);
});

test('R6: a wrong one is refused with every problem, without the line itself, and nothing is applied', async () => {
  const { said, applied, reload } = await followed([
    new ConfigError([problem, { ...problem, line: 9, hint: 'mend it' }]),
  ]);
  expect(said).toEqual(['refused viridian.yaml:3:5: wrong & viridian.yaml:9:5: wrong; mend it']);
  expect(applied).toEqual([]);
  expect(reload.isInForce()).toBe(false);
});

test('back to the one that counts, that is said, as the refusal is over', async () => {
  const { said, reload } = await followed([new ConfigError([problem]), BASE]);
  expect(said.at(-1)).toBe('unchanged');
  expect(reload.isInForce()).toBe(true);
});

test.each<[string, Partial<Settings>]>([
  ['owner', { owner: 'other' }],
  ['azure', { cloud: { ...BASE.cloud, subscriptionId: 'other' } }],
  ['state', { state: { kind: 'folder', folder: '/other' } }],
  ['push', { push: { host: '127.0.0.1', port: 1, tls: undefined, header: 'x', secret: { env: 'X' } } }],
  ['api', { api: { host: '127.0.0.1', port: 1, tls: undefined, tokens: [{ name: 'alice', token: { env: 'X' } }] } }],
])('a changed %s needs a start, so all that is beside it is refused, too', async (key, change) => {
  const { said, applied } = await followed([{ ...BASE, ...change, apps: [] }]);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(new RegExp(`^refused viridian.yaml:3:5: ${key}: ${key} cannot change while the daemon runs`));
  expect(applied).toEqual([]);
});

test('what cannot be prepared is refused, and nothing of it counts', async () => {
  const prepare = async () => {
    throw new StalledError('api.tokens, alice: cannot be read');
  };
  const { said, applied } = await followed([{ ...BASE, onRemoval: 'retire' }], { prepare });
  expect(said).toEqual(['refused api.tokens, alice: cannot be read']);
  expect(applied).toEqual([]);
});

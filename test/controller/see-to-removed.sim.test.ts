/** When an app counts as one that has left the config, in virtual time. */
import { beforeEach, expect, test } from 'vitest';
import { EMPTY_STATE } from '../../src/controller/app-state.ts';
import { makeEvents } from '../../src/controller/events.ts';
import { RemovedApps } from '../../src/controller/see-to-removed.ts';
import { settingsFor } from '../../src/simulation/settings.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';
import { stack } from '../rollout/world.ts';

const [WEB] = settingsFor([
  { name: 'web', replicas: 1, locations: ['westeurope'], ttlSeconds: 1, marginMs: 0, drainMs: 0, observeMs: 1000 },
]).apps;
let time: VirtualTime;
let isAgreed: boolean;
let events: string[];
/** The live stack by app. */
let stored: Map<string, string | undefined>;

beforeEach(() => {
  time = new VirtualTime(0);
  isAgreed = true;
  events = [];
  stored = new Map([['web', '11111111']]);
});

/** Each app that it is told to drive away is gone a second later, unless it is kept. */
function start(given: { alone?: boolean; onRemoval?: 'keep' | 'retire' } = {}): readonly string[] {
  const ran: string[] = [];
  const onRemoval = given.onRemoval ?? 'retire';
  const log = (fields: Readonly<Record<string, unknown>>) => void events.push(String(fields['event']));
  void new RemovedApps({
    settings: { apps: [], onRemoval },
    store: {
      list: async () => [...stored.keys()],
      load: async (name) => {
        const live = stored.get(name);
        const state = { ...EMPTY_STATE, live: live === undefined ? undefined : stack(live, '1.0.0'), setup: WEB };
        return { version: '1', state: name === 'damaged' ? 'x' : state };
      },
      save: async () => '1',
    },
    clock: time.clock(),
    events: makeEvents({ debug: log, info: log, warn: log, error: log }),
    isAgreed: given.alone === true ? undefined : () => isAgreed,
    run: async ({ name }) => {
      ran.push(name);
      await time.sleep(1000);
      if (onRemoval === 'retire') stored.set(name, undefined);
    },
  }).run(new AbortController().signal);
  return ran;
}

test('S83: alone, an app has left the config where the first look shows so', async () => {
  const ran = start({ alone: true });
  await time.runUntil(0);
  expect(ran).toEqual(['web']);
});

test('S83: no app has left the config while daemons run different ones', async () => {
  isAgreed = false;
  const ran = start();
  await time.runUntil(3_600_000);
  expect(ran).toEqual([]);
  isAgreed = true;
  await time.runUntil(3_700_000);
  expect(ran).toEqual(['web']);
});

test('S83: an app has left the config only where two looks in a row show so, with all in agreement', async () => {
  const ran = start();
  await time.runUntil(20_000);
  isAgreed = false;
  await time.runUntil(35_000);
  isAgreed = true;
  await time.runUntil(65_000);
  expect(ran).toEqual([]);
  await time.runUntil(95_000);
  expect(ran).toEqual(['web']);
});

test('S83: an app that another daemon deploys late is seen to as well', async () => {
  const ran = start();
  await time.runUntil(600_000);
  expect(ran).toEqual(['web']);
  stored.set('web', '22222222');
  stored.set('late', '33333333');
  await time.runUntil(1_300_000);
  expect(ran).toEqual(['web', 'web', 'late']);
});

test('S83: an app that is kept is not seen to again as long as nobody changes it', async () => {
  const ran = start({ onRemoval: 'keep' });
  await time.runUntil(3_600_000);
  expect(ran).toEqual(['web']);
  stored.set('web', '22222222');
  await time.runUntil(4_300_000);
  expect(ran).toEqual(['web', 'web']);
});

test('an app whose state is damaged is reported once', async () => {
  stored = new Map([['damaged', undefined]]);
  start();
  await time.runUntil(3_600_000);
  expect(events).toEqual(['app.removed_failed']);
});

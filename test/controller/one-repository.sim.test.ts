/** Apps that share a repository, and apps that only look, on the whole daemon in virtual time. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import { HOUR, MINUTE, SECOND } from '../../src/model/time.ts';
import { DEFAULT_FILTER } from '../../src/policy/filter.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const within = (range: string): TagPolicy => ({ kind: 'semver', range, prerelease: false });

let daemon: VirtualDaemon;
const push = (repository: string, tag: string) => daemon.azure.push({ repository, tag });
const groupsOf = (app: string) =>
  daemon.azure.groups
    .all()
    .map(({ key }) => key.name)
    .filter((name) => name.startsWith(`${app}-`));
const held = () => daemon.linesOf('app.held').map(({ fields }) => [fields['app'], fields['hold'], fields['reason']]);

beforeEach(() => {
  daemon = new VirtualDaemon();
});
afterEach(() => daemon.close());

test('S18: apps that share a repository cost one list a poll, decide each by itself, and touch no other app', async () => {
  push('web', '1.0.0');
  push('other', '1.0.0');
  daemon.run([
    appOf('old', { web: within('<2') }),
    appOf('new', { web: within('*') }),
    appOf('other', { other: within('*') }),
  ]);
  await daemon.passMs(10 * MINUTE);
  const before = { old: groupsOf('old'), other: groupsOf('other') };
  push('web', '2.0.0');
  await daemon.passMs(10 * MINUTE);
  const lists = (repository: string) => daemon.requests.filter((path) => path === `/acr/v1/${repository}/_tags`).length;
  expect(lists('web')).toBe(lists('other'));
  expect(lists('web')).toBeGreaterThan(30);
  expect(daemon.linesOf('rollout.started').map(({ fields }) => [fields['app'], fields['to']])).toEqual([
    ['old', '1.0.0'],
    ['new', '1.0.0'],
    ['other', '1.0.0'],
    ['new', '2.0.0'],
  ]);
  expect({ old: groupsOf('old'), other: groupsOf('other') }).toEqual(before);
});

describe('an app that is only monitored', () => {
  const shop = appOf('shop', { web: within('*') });
  const watched = { ...shop, isMonitorOnly: true };

  test('S23: reports each new release once, and nothing is ever changed for it', async () => {
    push('web', '1.0.0');
    daemon.run([shop]);
    await daemon.passMs(10 * MINUTE);
    daemon.run([watched]);
    const before = daemon.requests.length;
    push('web', '1.1.0');
    await daemon.passMs(HOUR);
    push('web', '1.2.0');
    await daemon.passMs(HOUR);
    const reason = 'should run and is not rolled out: the app is only monitored (monitorOnly)';
    expect(held()).toEqual([
      ['shop', 'monitor only', `1.1.0 ${reason}`],
      ['shop', 'monitor only', `1.2.0 ${reason}`],
    ]);
    expect(daemon.rollouts()).toHaveLength(1);
    expect(daemon.linesOf('effect.issued').filter(({ at }) => at > 10 * MINUTE)).toEqual([]);
    expect(daemon.requests.length).toBeGreaterThan(before);
  });

  test('S23: is not even deployed for the first time', async () => {
    push('web', '1.0.0');
    daemon.run([watched]);
    await daemon.passMs(HOUR);
    expect(held()).toEqual([['shop', 'monitor only', expect.stringContaining('1.0.0 should run')]]);
    expect(daemon.azure.groups.all()).toEqual([]);
  });

  test('S23: is neither repaired nor cleaned up, and is again once it is monitored no more', async () => {
    push('web', '1.0.0');
    daemon.run([shop]);
    await daemon.passMs(10 * MINUTE);
    daemon.run([watched]);
    await daemon.passMs(MINUTE);
    const profile = daemon.azure.profile('shop');
    for (const endpoint of profile?.endpoints.values() ?? []) endpoint.enabled = false;
    await daemon.passMs(HOUR);
    for (const { key } of daemon.azure.groups.all()) daemon.azure.groups.remove(key);
    await daemon.passMs(HOUR);
    expect(daemon.rollouts()).toHaveLength(1);
    daemon.run([shop]);
    await daemon.passMs(10 * MINUTE);
    expect(
      daemon
        .linesOf('rollout.started')
        .slice(1)
        .map(({ fields }) => fields['reason']),
    ).toContain('repair');
  });

  test('S23: has a rollout that is under way ended, by no newer release', async () => {
    push('web', '1.0.0');
    daemon.run([shop]);
    await daemon.passMs(10 * MINUTE);
    daemon.azure.groups.trouble.extraCreateMs = 3 * MINUTE;
    push('web', '1.1.0');
    await daemon.passMs(MINUTE);
    daemon.run([watched]);
    push('web', '1.2.0');
    await daemon.passMs(HOUR);
    expect(daemon.linesOf('rollout.finished').map(({ fields }) => [fields['to'], fields['outcome']])).toEqual([
      ['1.0.0', 'Succeeded'],
      ['1.1.0', 'Succeeded'],
    ]);
    expect(held().at(-1)).toEqual(['shop', 'monitor only', expect.stringContaining('1.2.0 should run')]);
  });

  test('is told of a tag that has become old enough, though neither the list nor what runs is another one', async () => {
    const filter = { ...DEFAULT_FILTER, minAgeMs: HOUR };
    push('web', '1.0.0');
    daemon.run([{ ...appOf('shop', { web: { ...within('*'), filter } }), isMonitorOnly: true }]);
    await daemon.passMs(HOUR - SECOND);
    expect(daemon.linesOf('release.explained').map(({ fields }) => fields['chosen'])).toEqual([undefined]);
    await daemon.passMs(2 * SECOND);
    expect(daemon.linesOf('release.explained').map(({ fields }) => fields['chosen'])).toEqual([undefined, '1.0.0']);
    expect(held()).toHaveLength(1);
  });
});

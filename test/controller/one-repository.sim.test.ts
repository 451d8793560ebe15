/** Apps that share a repository, on the whole daemon in virtual time. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import { MINUTE } from '../../src/model/time.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const within = (range: string): TagPolicy => ({ kind: 'semver', range, prerelease: false });

let daemon: VirtualDaemon;
const push = (repository: string, tag: string) => daemon.azure.push({ repository, tag });
const groupsOf = (app: string) =>
  daemon.azure.groups
    .all()
    .map(({ key }) => key.name)
    .filter((name) => name.startsWith(`${app}-`));

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
  const started = daemon
    .linesOf('rollout.started')
    .map(({ fields }) => `${String(fields['app'])} ${String(fields['to'])}`);
  expect([started.slice(0, 3).sort(), started.slice(3)]).toEqual([
    ['new 1.0.0', 'old 1.0.0', 'other 1.0.0'],
    ['new 2.0.0'],
  ]);
  expect({ old: groupsOf('old'), other: groupsOf('other') }).toEqual(before);
});

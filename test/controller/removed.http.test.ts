/** What becomes of the groups of an app that leaves the config, over real HTTPS. */
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { Local } from '../support/local.ts';
import type { Journal } from '../support/local.ts';

let local: Local;
afterEach(() => local.close());

const WORKER = `  - name: worker
    template: web.yaml
    resourceGroup: test
    locations: [westeurope]
    images: [{ container: web, image: local.azurecr.io/web, policy: { semver: ">=1.0.0" } }]
    probe: { port: 8080, interval: 30ms, timeout: 2s, successes: 2, failures: 3, grace: 0s }
    rollout: { propagationMargin: 100ms, drain: 100ms, observeInterval: 100ms }
`;

/** Web and a worker run; then the config's text is changed, and the daemon started again. */
async function deployedThen(change: (config: string) => string): Promise<Journal> {
  local = await Local.start({ config: (text) => text + WORKER });
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  await journal.next('rollout.finished');
  await local.stop();
  await writeFile(local.configFile, change(await readFile(local.configFile, 'utf8')));
  return local.run();
}

const withoutWeb = (config: string) => config.replace(/ {2}- name: web\n(?: {4}.*\n)+/, '');
const retiring = (config: string) => config.replace('apps:\n', 'onRemoval: retire\napps:\n');

test('S83: the groups of an app that has left the config are kept, and that is said', async () => {
  const journal = await deployedThen(withoutWeb);
  const kept = await journal.next('app.kept');
  expect(kept.fields).toMatchObject({ app: 'web', groups: [expect.any(String), expect.any(String)] });
  await journal.next('app.idle');
  expect(local.groups()).toHaveLength(3);
  expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
});

test('S83: with onRemoval: retire they go, endpoints first, and nothing of the others', async () => {
  const journal = await deployedThen((config) => retiring(withoutWeb(config)));
  expect((await journal.next('rollout.started')).fields).toMatchObject({ app: 'web', reason: 'removal' });
  await journal.next('app.retired');
  expect(local.groups()).toEqual([expect.stringMatching(/^worker-/)]);
  expect(local.versionsInRotation()).toEqual([]);
  const effects = journal.lines.filter(({ event }) => event === 'effect.issued').map(({ fields }) => fields['effect']);
  expect([...new Set(effects)]).toEqual(['disableEndpoint', 'deleteEndpoint', 'deleteGroup']);
  await local.stop();
  const again = await local.run();
  await again.next('app.idle');
  expect(again.lines.map(({ fields }) => fields['app'])).not.toContain('web');
});

test('S83, R1: an app with another name serves before the old one goes, where both share a profile', async () => {
  const journal = await deployedThen((config) => retiring(config.replace('- name: web\n', '- name: shop\n')));
  await journal.next('app.retired');
  expect(local.groups().filter((name) => name.startsWith('web-'))).toEqual([]);
  expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
  const effects = journal.lines.map(({ fields }) => `${String(fields['app'])} ${String(fields['effect'])}`);
  const added = effects.lastIndexOf('shop enableEndpoint');
  expect(added).toBeGreaterThan(0);
  expect(effects.indexOf('web disableEndpoint')).toBeGreaterThan(added);
});

test('S83: a rollout under way is called off when its app leaves the config', async () => {
  local = await Local.start({ config: (text) => text + WORKER });
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  await journal.next('rollout.finished');
  local.push('1.1.0', { startMs: 60_000 });
  await journal.next('rollout.step_done', ({ fields }) => fields['app'] === 'web' && fields['to'] === '1.1.0');
  await local.stop();
  await writeFile(local.configFile, withoutWeb(await readFile(local.configFile, 'utf8')));
  const next = await local.run();
  const finished = await next.next('rollout.finished', ({ fields }) => fields['app'] === 'web');
  expect(finished.fields).toMatchObject({ outcome: 'Aborted' });
  await next.next('app.kept');
  expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
  expect(local.groups().filter((name) => name.startsWith('web-'))).toHaveLength(2);
});

test('S83: what cannot be deleted at once is tried again, until nothing of the app is left', async () => {
  const journal = await deployedThen((config) => {
    local.azure.faults.add({ method: 'DELETE', path: 'containerGroups/web-', status: 409, code: 'Conflict', times: 3 });
    return retiring(withoutWeb(config));
  });
  await journal.next('effect.refused');
  await journal.next('app.retired');
  expect(local.groups()).toEqual([expect.stringMatching(/^worker-/)]);
});

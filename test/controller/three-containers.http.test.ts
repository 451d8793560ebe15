/**
 * The example of several containers, in each form of a template, run by the daemon in the local Azure: who is reachable,
 * what they share, how they are upgraded.
 */
import { Resolver } from 'node:dns/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { asRecord } from '../../src/simulator/http.ts';
import type { Group } from '../../src/simulator/group.ts';
import { Local } from '../support/local.ts';
import type { Journal } from '../support/local.ts';
import { copyForm, THREE_FORMS } from '../support/three-forms.ts';
import type { Form } from '../support/three-forms.ts';

const REGISTRY = 'shop.azurecr.io';
const CONTAINERS = ['web', 'worker', 'logs'];
const SECRETS = { SHOP_PULL_PASSWORD: 'pull-me', SHOP_QUEUE_CONNECTION: 'queue-me', SHOP_STORAGE_KEY: 'a2V5' };
const IMAGES = CONTAINERS.map(
  (name) => `{ container: ${name}, image: ${REGISTRY}/shop/${name}, policy: { semver: '>=1.0.0 <2' } }`,
).join(', ');

let local: Local;
let journal: Journal;
async function start(form: Form): Promise<void> {
  for (const [name, value] of Object.entries(SECRETS)) vi.stubEnv(name, value);
  local = await Local.start({
    registries: [REGISTRY],
    withProfile: false,
    config: (text) =>
      text
        .replace('template: web.yaml', () => `template: ${form.template}`)
        .replace('host: local.azurecr.io', `host: ${REGISTRY}`)
        .replace(/images: .*/, `images: [${IMAGES}]\n    settle: 2s`)
        .replace('probe: { port: 8080,', 'probe: { port: 80, path: /healthz,'),
  });
  copyForm(form, local.folder);
  local.azure.createProfile({ resourceGroup: 'test', name: 'web', ttlSeconds: 1, port: 80, path: '/healthz' });
  push('1.0.0');
  journal = await local.run();
  await journal.next('rollout.finished');
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await local.close();
});

function push(tag: string): void {
  for (const name of CONTAINERS) local.azure.push({ repository: `shop/${name}`, tag });
}

function groups(): readonly [Group, Group] {
  const [one, other] = local.azure.groups.all();
  if (one === undefined || other === undefined) throw new Error('there are two groups');
  return [one, other];
}

/** Port 80 of the group's name, or where the name servers say that it is, where 80 may not be bound. */
async function ask(group: Group, path: string): Promise<Readonly<Record<string, unknown>>> {
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${local.azure.dnsPort}`]);
  const [address = ''] = await resolver.resolve4(group.fqdn ?? '');
  const moved = await resolver.resolveSrv(`_http._tcp.${group.fqdn}`).catch(() => []);
  const answer = await fetch(`http://${address}:${moved[0]?.port ?? 80}${path}`);
  return { status: answer.status, ...asRecord(await answer.json()) };
}

describe.each(THREE_FORMS)('the example of three containers as $form', (form) => {
  test('has web at port 80 of each group, and the other two inside of it alone', async () => {
    await start(form);
    for (const group of groups()) {
      const answer = await ask(group, '/cart');
      expect(answer).toMatchObject({ status: 200, container: 'web', version: '1.0.0', path: '/cart' });
      expect(answer['reached']).toEqual({
        WORKER_URL: { port: 8081, container: 'worker', version: '1.0.0', status: 200 },
      });
      expect(await ask(group, '/_local/8081')).toMatchObject({ status: 200, container: 'worker' });
      for (const port of [8081, 8082])
        await expect(fetch(`http://${group.ip}:${port}/`)).rejects.toThrow('fetch failed');
    }
  });

  test('shows in the sidecar of each group what web has written into the share, in any of them', async () => {
    await start(form);
    const [one, other] = groups();
    await ask(one, '/cart');
    await ask(other, '/checkout');
    for (const group of [one, other]) {
      const { container, file, lines } = await ask(group, '/_local/8082');
      expect([container, file]).toEqual(['logs', '/var/log/shop/access.log']);
      const requests = (Array.isArray(lines) ? lines : []).map((line) => String(line).replace(/^\S+ /, ''));
      expect(requests.filter((line) => !line.includes('/healthz'))).toEqual(['GET /cart 200', 'GET /checkout 200']);
    }
  });

  test('is upgraded by one rollout where all three images change, and its secrets are Azure’s alone', async () => {
    await start(form);
    push('1.1.0');
    const { fields } = await journal.next('rollout.finished');
    expect(fields).toMatchObject({ outcome: 'Succeeded' });
    expect(local.azure.groups.all()).toHaveLength(2);
    for (const group of groups()) {
      expect(group.containers.map(({ name, program }) => `${name} ${program.version}`)).toEqual(
        CONTAINERS.map((name) => `${name} 1.1.0`),
      );
      const body = JSON.stringify(group.body);
      for (const secret of Object.values(SECRETS)) expect(body).toContain(secret);
    }
    expect(journal.lines.filter(({ event }) => event === 'rollout.started')).toHaveLength(2);
    const log = JSON.stringify(journal.lines);
    for (const secret of Object.values(SECRETS)) expect(log).not.toContain(secret);
  });
});

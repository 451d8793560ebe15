/** Tags by what a stack is, on the whole daemon, through the real SDK clients on the local Azure. */
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { asRecord, asText } from '../../src/simulator/http.ts';
import { Local } from '../support/local.ts';
import type { Journal } from '../support/local.ts';

let local: Local;
afterEach(() => local.close());

const TAGS = 'tags: { candidate: { role: green, preview: "yes" }, live: { role: blue } }';
const withTags = (more: string) => (text: string) => text.replace('rollout: {', `rollout: { ${TAGS}, ${more}`);

/** By version, without those that tell whose they are. */
function tagsOf(version: string): string[] {
  const groups = local.azure.groups.all().filter(({ program }) => program.version === version);
  return groups.map(({ body }) => {
    const tags = Object.entries(asRecord(body['tags']) ?? {}).filter(([name]) => !name.startsWith('viridian-'));
    return tags
      .map(([name, value]) => `${name}=${asText(value)}`)
      .sort()
      .join(' ');
  });
}

const finished = (journal: Journal, to: string) =>
  journal.next('rollout.finished', ({ fields }) => fields['to'] === to);
const both = (tags: string) => [tags, tags];

const begun = () =>
  local.azure.groups.all().map(({ key: { name }, startedAt, restarts }) => `${name} ${startedAt} ${restarts}`);

test('S29: tags change at the switch, old ones go, nothing restarts, and what is kept is tagged as neither', async () => {
  const patches: string[] = [];
  local = await Local.start({
    config: withTags('promotion: { after: 1s }, retain: { for: 1h },'),
    template: (text) => `tags: { team: shop }\n${text}`,
    onRequest: ({ method, path }) => {
      if (method === 'PATCH' && path.includes('containerGroups')) patches.push(path.split('/').at(-1) ?? '');
    },
  });
  local.push('1.0.0');
  const journal = await local.run();
  await finished(journal, '1.0.0');
  expect(tagsOf('1.0.0')).toEqual(both('role=blue team=shop'));
  local.push('1.1.0');
  await journal.next('rollout.waiting', ({ fields }) => fields['step'] === 'gate' && fields['to'] === '1.1.0');
  expect(tagsOf('1.0.0')).toEqual(both('role=blue team=shop'));
  expect(tagsOf('1.1.0')).toEqual(both('preview=yes role=green team=shop'));
  const before = begun();
  expect((await finished(journal, '1.1.0')).fields).toMatchObject({ outcome: 'Succeeded' });
  expect(tagsOf('1.0.0')).toEqual(both('team=shop'));
  expect(tagsOf('1.1.0')).toEqual(both('role=blue team=shop'));
  expect(begun()).toEqual(before);
  expect([patches.length, new Set(patches).size]).toEqual([6, 4]);
  expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
});

test('S29: other tags in the config are no release; a tag that somebody adds stays over the switch', async () => {
  local = await Local.start({ config: withTags('bake: 0s,') });
  local.push('1.0.0');
  await finished(await local.run(), '1.0.0');
  await local.stop();
  const config = await readFile(local.configFile, 'utf8');
  await writeFile(
    local.configFile,
    config.replace('role: blue', 'role: azure').replace('bake: 0s', 'promotion: { after: 1s }'),
  );
  const journal = await local.run();
  await local.nextList();
  expect(journal.lines.filter(({ event }) => event === 'rollout.started')).toEqual([]);
  expect(tagsOf('1.0.0')).toEqual(both('role=blue'));
  local.push('1.1.0');
  await journal.next('rollout.waiting', ({ fields }) => fields['step'] === 'gate');
  for (const group of local.azure.groups.all())
    group.body = { ...group.body, tags: { ...asRecord(group.body['tags']), owner: 'ann' } };
  await finished(journal, '1.1.0');
  expect(tagsOf('1.1.0')).toEqual(both('owner=ann role=azure'));
});

test('S29: what serves and still says that it is a candidate, as after a loss of state, is tagged as live later', async () => {
  local = await Local.start({ config: withTags('bake: 0s,') });
  local.push('1.0.0');
  await finished(await local.run(), '1.0.0');
  await local.stop();
  const [group] = local.azure.groups.all();
  if (group !== undefined)
    group.body = { ...group.body, tags: { ...asRecord(group.body['tags']), role: 'green', preview: 'yes' } };
  const journal = await local.run();
  const started = await journal.next('rollout.started');
  expect(started.fields['reasons']).toEqual([
    `container group ${group?.key.name} serves, and is still tagged as a candidate`,
  ]);
  await journal.next('rollout.finished');
  expect(tagsOf('1.0.0')).toEqual(both('role=blue'));
});

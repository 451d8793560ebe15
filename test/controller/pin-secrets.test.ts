import { describe, expect, test } from 'vitest';
import { followed, pinApp, versionNews } from '../../src/controller/pin-secrets.ts';
import type { FindVersion } from '../../src/controller/pin-secrets.ts';
import { desiredRelease } from '../../src/controller/desired.ts';
import type { App, Json } from '../../src/model/app.ts';
import { app as base } from '../rollout/world.ts';

const VAULT = 'https://shop.vault.azure.net';
const reference = (secret: string, version?: string) => ({
  keyVault: { vault: VAULT, secret, ...(version === undefined ? {} : { version }) },
});
const variable = (secureValue: Json) => ({ name: 'X', secureValue });
const documentOf = (...values: readonly Json[]) => ({
  properties: { containers: [{ name: 'web', properties: { environmentVariables: values.map(variable) } }] },
});

function app(secretVersions: App['secretVersions'], ...values: readonly Json[]): App {
  const counted = secretVersions === undefined ? {} : { secretVersions };
  return { ...base, ...counted, template: { ...base.template, document: documentOf(...values) } };
}

const at =
  (versions: Readonly<Record<string, string>>): FindVersion =>
  ({ secret }) => ({
    version: versions[secret],
    unknown: versions[secret] === undefined ? { reason: `${secret} is not known`, stalled: false } : undefined,
  });

describe('the versions of secrets', () => {
  test('are written to each reference that names none, also within a join; a release is of them', () => {
    const before = app('newRelease', reference('a'), { join: ['x', reference('b')] }, reference('c', 'fixed'), {
      env: 'E',
    });
    const one = pinApp(before, at({ a: '1', b: '2' }));
    expect(one.template.document).toEqual(
      documentOf(reference('a', '1'), { join: ['x', reference('b', '2')] }, reference('c', 'fixed'), { env: 'E' }),
    );
    expect(one.template.versions).toEqual({ kind: 'known' });
    const two = pinApp(before, at({ a: '1', b: '3' }));
    expect(new Set([before, one, two].map(({ template }) => template.hash)).size).toBe(3);
    expect(pinApp(before, at({ b: '2', a: '1' })).template.hash).toBe(one.template.hash);
  });

  test('do not count where that is not asked for', () => {
    const given = app(undefined, reference('a'));
    expect(pinApp(given, at({ a: '1' }))).toBe(given);
  });

  test('are written once: a later version does not slip into the same turn', () => {
    const one = pinApp(app('newRelease', reference('a')), at({ a: '1' }));
    expect(pinApp(one, at({ a: '2' }))).toBe(one);
  });

  test('leave a template without followed secrets as it is', () => {
    const given = app('newRelease', reference('a', 'fixed'), { env: 'E' });
    expect(pinApp(given, at({})).template).toMatchObject({ hash: given.template.hash, versions: { kind: 'known' } });
  });

  test('R6: one that is unknown makes the release unknown, whatever else is known', () => {
    const unknown = pinApp(app('newRelease', reference('a'), reference('b')), at({ a: '1' }));
    const digest = `sha256:${'0'.repeat(64)}`;
    const latest = () => ({ kind: 'known', tags: [{ name: '1.0.0', digest, pushedAt: undefined }] }) as const;
    expect(desiredRelease(unknown, undefined, { latest, now: 0 })).toMatchObject({
      kind: 'unknown',
      reason: 'b is not known',
    });
  });

  test('R6: one that is not known any more stays what it was, and nothing is begun', () => {
    const given = app('newRelease', reference('a'));
    const stale = pinApp(given, () => ({ version: '1', unknown: { reason: 'out', stalled: false } }));
    expect(stale.template.hash).toBe(pinApp(given, at({ a: '1' })).template.hash);
    expect(stale.template.versions).toMatchObject({ kind: 'unknown' });
  });
});

test('the same secret is followed once, however its vault is written', () => {
  const other = { keyVault: { vault: `${VAULT}/`, secret: 'A' } };
  expect(followed(documentOf(reference('a'), other, reference('b', 'fixed')))).toHaveLength(1);
});

test('what is new of the versions is told, and nothing else', () => {
  const before = documentOf(reference('a', '1'), reference('b', '1'), reference('c', '1'));
  const after = documentOf(reference('a', '2'), reference('b', '1'), reference('d', '1'), {
    join: [reference('a', '2')],
  });
  expect(versionNews(before, after)).toEqual([`secret a of ${VAULT} has a new version, 2`]);
  expect(versionNews(undefined, after)).toEqual([]);
});

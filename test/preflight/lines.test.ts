/** Who the daemon is, which secrets it can read, and how all of it is printed. */
import { describe, expect, test } from 'vitest';
import { preflightText } from '../../src/cli/preflight-text.ts';
import { judgeIdentity, whoIn } from '../../src/preflight/identity.ts';
import { byApp, fail, fine, splitAdvice, tallyOf, warn } from '../../src/preflight/line.ts';
import { judgeSecrets } from '../../src/preflight/secrets.ts';
import { told } from './apps.ts';

const jwt = (claims: object) => `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

describe('a token', () => {
  test('says whose it is, and is not shown', () => {
    const token = jwt({ tid: 'tenant-1', appid: 'client-1', oid: 'object-1', secret: 'hidden' });
    const line = judgeIdentity({ kind: 'environment' }, { known: true, value: whoIn(token) });
    expect(line.message).toBe(
      'the credential of the environment gives a token (tenant tenant-1, client client-1, object object-1)',
    );
  });

  test.each([
    ['opaque', 'abcdef'],
    ['no object', jwt([])],
    ['with claims of another kind', jwt({ tid: 1, oid: { a: 1 }, appid: 'two words' })],
  ])('that is %s says nothing, and that is no fault', (_, token) => {
    const line = judgeIdentity({ kind: 'environment' }, { known: true, value: whoIn(token) });
    expect(line).toEqual({
      subject: 'identity',
      level: 'ok',
      message: 'the credential of the environment gives a token',
    });
  });

  test.each([
    [{ kind: 'managedIdentity' as const, clientId: undefined }, /run this where the identity is assigned/],
    [{ kind: 'environment' as const }, /set AZURE_TENANT_ID/],
    [
      { kind: 'servicePrincipal' as const, tenantId: 't', clientId: 'c', clientSecret: { env: 'S' } },
      /check tenant, clientId and clientSecret/,
    ],
  ])('that cannot be had is told with what to set: %s', (credential, advice) => {
    const line = judgeIdentity(credential, { known: false, reason: `no\nstack ${'x'.repeat(999)}` });
    expect(line).toMatchObject({ level: 'error', advice: expect.stringMatching(advice) });
    expect(line.message).toMatch(/gives no token: no; nothing of Azure was looked at$/);
  });
});

test('a secret that cannot be read is told by its place; one of an operator that is too short, too', () => {
  const wanted = { title: 'api.tokens of alice', reference: { env: 'T' }, folder: '/', least: 16 };
  const judge = (looked: Parameters<typeof judgeSecrets>[0][number]['looked']) =>
    told(judgeSecrets([{ wanted, looked }], { subject: 'secrets' }));
  expect(judge({ known: true, value: 16 })).toEqual(['ok: 1 of 1 can be read']);
  expect(judge({ known: true, value: 15 })).toEqual([
    'error: api.tokens of alice has 15 characters, expected 16 at least',
  ]);
  expect(judge({ known: false, reason: 'secret {env: T} is not set; set it' })).toEqual([
    'error: api.tokens of alice: secret {env: T} is not set',
  ]);
  expect(judgeSecrets([], { subject: 'secrets' })).toEqual([]);
});

const lines = byApp(
  [
    warn({ subject: 'release', app: 'web' }, 'nothing would run', 'see why'),
    fine({ subject: 'profile \u001B[31mweb', app: 'api' }, 'fits'),
    fine({ subject: 'identity' }, 'a token'),
    fail({ subject: 'size: westeurope', app: 'web' }, 'too large', 'make it smaller'),
  ],
  ['web', 'api'],
);

test('lines stand by app in the order of the config, those of no app first, with what to do below', () => {
  expect(preflightText(lines, { colour: false }).split('\n')).toEqual([
    '  ok       identity          a token',
    '',
    'web:',
    '  warning  release           nothing would run',
    '           → see why',
    '  error    size: westeurope  too large',
    '           → make it smaller',
    '',
    'api:',
    '  ok       profile ?[31mweb  fits',
    '',
    '2 ok, 1 warning, 1 error',
  ]);
  expect(tallyOf(lines)).toEqual({ ok: 2, warnings: 1, errors: 1 });
});

test('colour is for terminals alone', () => {
  expect(preflightText(lines, { colour: true })).toContain('\u001B[31merror  \u001B[39m');
  expect(preflightText(lines, { colour: false })).not.toContain('\u001B');
});

test('what to do is what stands after the last semicolon', () => {
  expect(splitAdvice('is off: bad; and worse; enable it', 'x')).toEqual({
    message: 'is off: bad; and worse',
    advice: 'enable it',
  });
  expect(splitAdvice('is off', 'enable it')).toEqual({ message: 'is off', advice: 'enable it' });
});

import { describe, expect, test } from 'vitest';
import { maskText } from '../../src/model/mask.ts';

describe('a secret that is known', () => {
  test.each([
    ['as it stands', 'opened with s3cr3t!', 's3cr3t!', 'opened with •••'],
    ['inside JSON', '{"key":"a\\"b\\\\c"}', 'a"b\\c', '{"key":"•••"}'],
    ['inside a URL', 'GET /?q=a%20b%26c HTTP/1.1', 'a b&c', 'GET /?q=••• HTTP/1.1'],
    ['of one character', 'x = 7', '7', 'x = •••'],
  ])('is masked %s', (_, text, secret, expected) => {
    expect(maskText(text, [secret])).toBe(expected);
  });

  test('of several lines is masked line by line', () => {
    expect(maskText('got: second line\nfirst one', ['first one\r\nsecond line\n'])).toBe('got: •••\n•••');
  });

  test('is masked whole where another one is a part of it', () => {
    expect(maskText('abcdef', ['abc', 'abcdef'])).toBe('•••');
  });

  test('that is empty masks nothing', () => {
    expect(maskText('plain', [''])).toBe('plain');
  });
});

describe('what looks like a secret', () => {
  const key = `${'aB3+'.repeat(21)}aB==`;
  test.each([
    ['a connection string', `AccountName=shop;AccountKey=${key};EndpointSuffix=x`, 'AccountKey=•••;EndpointSuffix=x'],
    ['a password', 'password: hunter2, trying again', 'password: •••, trying again'],
    ['a password in JSON', '{"dbPassword": "hunter2"}', '"dbPassword": "•••"'],
    ['a token of a header', 'Authorization: Bearer abcdefghijk', 'Bearer •••'],
    ['a JWT', 'got eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl ok', 'got ••• ok'],
    ['a password in a URL', 'postgres://shop:pw1@db/shop', 'postgres://shop:•••@db/shop'],
    ['a signature of a URL', 'https://x/y?sv=1&sig=abc%3D&se=2', 'sig=•••&se=2'],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----•••'],
    ['a long key by itself', `key ${'aB3x'.repeat(11)} ok`, 'key ••• ok'],
  ])('is masked: %s', (_, text, expected) => {
    expect(maskText(text, [])).toContain(expected);
  });

  test.each([
    `pulling shop.azurecr.io/web@sha256:${'0a'.repeat(32)}`,
    'GET /api/v1/very/long/path/that/goes/on/and/on/for/a/while 200 in 12 ms',
    '2026-01-01T00:00:00Z listening on http://0.0.0.0:8080',
  ])('is not: %s', (text) => {
    expect(maskText(text, [])).toBe(text);
  });
});

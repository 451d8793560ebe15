/** `viridian choose` as an operator uses it, and every example of docs/release-choice.md as it stands there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { RULES } from '../../src/config/policy-schema.ts';
import { viridian } from '../support/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-choose-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function choose(policy: string, input: string, ...args: string[]) {
  writeFileSync(join(folder, 'policy.yaml'), policy);
  return viridian(['choose', '--policy', 'policy.yaml', ...args], { cwd: folder, input });
}

async function chooseJson(policy: string, input: string, ...args: string[]): Promise<unknown> {
  const { status, stdout, stderr } = await choose(policy, input, '--json', ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

describe('viridian choose', () => {
  test('--json: what is chosen, why, and why not, in the last line', async () => {
    expect(await chooseJson('semver: ">=1.0.0 <2"', '1.4.2\nlatest\n2.0.0\n', '--running', '1.4.1')).toEqual({
      chosen: '1.4.2',
      reason: '1.4.2 is the highest version within >=1.0.0 <2',
      skipped: [
        { tag: '2.0.0', reason: 'not within >=1.0.0 <2' },
        { tag: 'latest', reason: 'not a version' },
      ],
    });
  });

  test('chosen is what runs where nothing better is there, and null where nothing can be known', async () => {
    expect(await chooseJson('numerical: {}', '7\n', '--running', '8')).toMatchObject({ chosen: '8', skipped: [] });
    expect(await chooseJson('numerical: {}', '')).toMatchObject({ chosen: null, skipped: [] });
    expect(await chooseJson('numerical: {}', '', '--running', '8')).toMatchObject({ chosen: '8' });
    expect(await chooseJson('numerical: {}', 'main\n')).toMatchObject({ chosen: null });
  });

  test('reads push times and digests, empty lines, ends of Windows, and no end at all', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const list = `a\t2026-01-01T00:00:00Z\t${digest}\r\n\nb\t2026-01-01T01:00:00+02:00\nc\t\t${digest}\nd`;
    expect(await chooseJson('newest: true', list)).toMatchObject({ chosen: 'a' });
    expect(await chooseJson(`pin: ${digest}`, list, '--running', 'd')).toMatchObject({ chosen: 'a' });
    const policy = 'newest: true\nfilter: { minAge: 1h }';
    expect(await chooseJson(policy, list, '--now', '2026-01-01T00:30:00Z')).toMatchObject({ chosen: 'b' });
  });

  test('without --json: a sentence, and a line for each tag that was left out', async () => {
    const { status, stdout } = await choose('numerical: {}', '7\nmain\n');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: '7 should run: 7 is the highest number\nskipped 1 of 2 tags:\n  main  not a whole number\n',
    });
  });

  test('a bad policy is told with its place, exit status 2', async () => {
    const { status, stdout, stderr } = await choose("regex: 'a(?=b)'\nsemvr: 1", '1\n', '--json');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('policy.yaml:2:1: unknown key "semvr"');
    const bad = await choose("regex: 'a(?=b)'", '1\n');
    expect(bad.status).toBe(2);
    expect(bad.stderr).toContain('policy.yaml:1:10: regex: expected a regular expression of RE2');
    expect((await viridian(['choose', '--policy', join(folder, 'none.yaml')])).status).toBe(2);
  });

  test.each([
    ['a time that is none', 'a\nb\tyesterday\n', 'line 2: expected a time such as'],
    ['a day that is none', 'a\t2026-02-31T00:00:00Z\n', 'line 1: expected a time such as'],
    ['a digest that is none', 'a\t\tsha256:1\n', 'line 1: expected a digest'],
    ['too many fields', 'a\t\t\t\n', 'line 1: expected at most three fields'],
    ['an image in place of a tag', 'shop/web:1\n', 'line 1: expected a tag (at most 128'],
    ['a tag of 129 characters', `${'a'.repeat(129)}\n`, 'line 1: expected a tag (at most 128'],
    ['a line that is too long', `a\n${'b'.repeat(600)}\nc`, 'line 2: expected at most 512 bytes a line'],
    ['a line without an end', 'b'.repeat(3_000_000), 'line 1: expected at most 512 bytes a line'],
    ['one tag twice, with other digests', `a\t\tsha256:${'1'.repeat(64)}\na\n`, 'line 2: tag a stands in line 1'],
    ['more than a million lines', 'a\n'.repeat(1_000_001), 'line 1000001: expected at most 1000000 lines'],
    ['many bad lines', '/\n'.repeat(50), 'and 30 more lines'],
  ])('%s is told with its line, exit status 1', async (_, list, expected) => {
    const { status, stdout, stderr } = await choose('numerical: {}', list, '--json');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(expected);
  });

  test.each([
    ['no policy', ['choose'], "required option '-p, --policy <file>'"],
    ['a running tag that is none', ['choose', '-p', 'x', '--running', 'a b'], 'expected a tag'],
    ['a time that is none', ['choose', '-p', 'x', '--now', 'noon'], 'expected a time such as'],
  ])('%s is told, exit status 2', async (_, args, expected) => {
    const { status, stderr } = await viridian(args);
    expect(status).toBe(2);
    expect(stderr).toContain(expected);
  });
});

describe('docs/release-choice.md', () => {
  const blocks = [...readFileSync('docs/release-choice.md', 'utf8').matchAll(/```(\w+)\n([\s\S]*?)```/g)];
  const examples: { command: string; policy: string; list: string; output: string }[] = [];
  let [policy, list] = ['', ''];
  for (const [, kind, text = ''] of blocks) {
    if (kind === 'yaml') policy = text;
    if (kind === 'text') list = text.replaceAll(/ {2,}/g, '\t');
    if (kind !== 'console') continue;
    for (const part of text.split(/^\$ /m).slice(1)) {
      const [command = '', ...output] = part.split('\n');
      examples.push({ command, policy, list, output: output.join('\n') });
    }
  }

  test('has an example of each policy', () => {
    const kinds = new Set(examples.map(({ policy }) => policy.split(':')[0]));
    expect(kinds).toEqual(new Set(RULES));
  });

  test.each(examples)('$command prints what stands there', async ({ command, policy, list, output }) => {
    writeFileSync(join(folder, 'policy.yaml'), policy);
    const args = /^viridian (choose .*) < tags\.txt$/.exec(command)?.[1]?.split(' ') ?? [];
    const { stdout } = await viridian(args, { cwd: folder, input: list });
    expect(stdout).toBe(output);
  });
});

/** People who promote, roll back and bypass, as they type it, against a daemon that is a process of its own. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { viridian } from '../support/command.ts';
import type { Finished, Running } from '../support/command.ts';
import type { Local } from '../support/local.ts';
import { startOperated, TOKENS } from '../support/operated.ts';
import type { Operated } from '../support/operated.ts';

let operated: Operated;
let local: Local;
let daemon: Running;
let api = '';

beforeAll(async () => {
  const gates = 'bake: 30m, promotion: { approvals: 2, timeout: 1h }';
  operated = await startOperated((text) => text.replace('rollout: {', `rollout: { ${gates},`));
  ({ local, daemon, api } = operated);
});
afterAll(() => operated.close());

const as = (who: keyof typeof TOKENS, ...args: string[]): Promise<Finished> =>
  viridian([...args, '--api', api, '--token-env', who], { env: TOKENS });
const json = (said: Finished): unknown => JSON.parse(said.stdout);
const isAtGate = ({ message }: { message: string }) => message.includes('to promote it');

test('two people promote, the second past all further waits; back by name, without a gate', async () => {
  local.push('1.1.0');
  await daemon.journal.next('rollout.waiting', isAtGate);
  expect(await as('ALICE', 'promote', 'web', '--rollout', 'no-such-one')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('rollout no-such-one is not under way, but '),
  });
  expect((await as('ALICE', 'promote', 'web')).stdout).toMatch(
    /^1\.1\.0 \(rollout \w+\) is promoted by alice, at gate\n$/,
  );
  expect(json(await as('ALICE', 'promote', 'web', '--json'))).toMatchObject({ app: 'web', result: 'unchanged' });
  expect(json(await as('ALICE', 'status', '--json'))).toMatchObject({
    apps: [{ app: 'web', rollout: { step: { kind: 'gate' } } }],
  });
  const full = await as('BOB', 'promote', 'web', '--full', '--json');
  expect(json(full)).toMatchObject({ app: 'web', result: 'applied' });
  // Its bake is half an hour long.
  await daemon.journal.next('rollout.finished', ({ fields }) => fields['to'] === '1.1.0');

  const back = await as('BOB', 'rollback', 'web', '1.0.0');
  expect(back).toMatchObject({ status: 0, stdout: expect.stringContaining('from 1.1.0 to 1.0.0') });
  const ended = await daemon.journal.next('rollout.finished', ({ fields }) => fields['from'] === '1.1.0');
  expect(ended.fields).toMatchObject({ outcome: 'Succeeded', to: '1.0.0' });
  expect(json(await as('ALICE', 'explain', 'web', '--json'))).toMatchObject({ app: 'web' });
  expect(await as('ALICE', 'rollback', 'web', '0.9.0')).toMatchObject({ status: 1 });
});

test('somebody bypasses the windows of an app, and ends that again', async () => {
  expect((await as('ALICE', 'bypass', 'web', '--for', '2h')).stdout).toMatch(/^the windows of web do not count until /);
  expect(await as('BOB', 'bypass', 'web', '--for', '0s')).toMatchObject({ status: 0 });
});

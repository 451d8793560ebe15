/** The daemon as a process: it stops in order, goes on where it was, and is the only one on its state folder. */
import { afterEach, expect, test } from 'vitest';
import { startViridian, viridian } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { Local } from '../support/local.ts';

let local: Local;
const running: Running[] = [];

async function start(): Promise<void> {
  local = await Local.start({ createMs: 1000 });
  local.push('1.0.0');
}

function daemon(): Running {
  const started = startViridian(['run', '--config', local.configFile]);
  running.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop('SIGKILL')));
  await local.close();
});

test('SIGTERM in the middle of a rollout: ends with 0 by itself, and the next start goes on there', async () => {
  await start();
  const first = daemon();
  await first.journal.next('effect.issued', ({ fields }) => fields['effect'] === 'createGroup');
  // The process gives itself up with status 1 before ten seconds have passed.
  expect(await first.stop('SIGTERM')).toBe(0);
  expect(first.journal.lines.at(-1)?.event).toBe('daemon.stopped');
  expect(first.journal.lines.some(({ event }) => event === 'rollout.finished')).toBe(false);
  const { fields } = await first.journal.next('rollout.started');

  const second = daemon();
  expect((await second.journal.next('rollout.resumed')).fields).toMatchObject({ rollout: fields['rollout'] });
  expect((await second.journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded' });
  expect(local.groups()).toHaveLength(2);
  expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
});

test('SIGTERM while Azure does not answer: ends with 0 all the same, and the next start goes on', async () => {
  await start();
  local.azure.faults.add({ method: 'PUT', path: 'containerGroups', status: 200, delayMs: 25_000 });
  const first = daemon();
  await first.journal.next('effect.issued');
  expect(await first.stop('SIGTERM')).toBe(0);
  expect(first.journal.lines.at(-1)?.message).toContain('a call to Azure is still unanswered');
  local.azure.faults.clear();
  const second = daemon();
  expect((await second.journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded' });
});

test.each([
  ['verify', 'provision'],
  ['the switch', 'online'],
  ['the drain', 'deregister'],
])('killed during %s: the next start goes on and leaves nothing over', async (_, doneStep) => {
  await start();
  const first = daemon();
  await first.journal.next('rollout.finished');
  local.push('1.1.0');
  const isUpgrade = await first.journal.next('rollout.started', ({ fields }) => fields['to'] === '1.1.0');
  const id = isUpgrade.fields['rollout'];
  await first.journal.next(
    'rollout.step_done',
    ({ fields }) => fields['step'] === doneStep && fields['rollout'] === id,
  );
  await first.stop('SIGKILL');

  const second = daemon();
  expect((await second.journal.next('rollout.resumed')).fields).toMatchObject({ rollout: id });
  expect((await second.journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', rollout: id });
  expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
  expect(local.groups()).toHaveLength(2);
});

test('R5: a second daemon on the same state folder is refused and changes nothing', async () => {
  await start();
  const first = daemon();
  await first.journal.next('rollout.finished');
  const { status, stdout } = await viridian(['run', '--config', local.configFile]);
  expect(status).toBe(1);
  expect(stdout).toContain('another daemon uses this state folder');
  expect(stdout).toContain('stop it, or give this one a state.folder of its own');
  expect(stdout).not.toContain('effect.issued');
  expect(await first.stop('SIGTERM')).toBe(0);
});

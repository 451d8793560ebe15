/** A drain that asks a real URL whether traffic is left. */
import { afterEach, expect, test } from 'vitest';
import { closedPort, serve } from '../checks/asked.ts';
import { Local } from '../support/local.ts';
import type { Journal } from '../support/local.ts';

let local: Local;
afterEach(() => local.close());

async function upgrading(url: string, max: string): Promise<Journal> {
  const until = `drainUntil: { http: { url: "${url}", json: active }, interval: 50ms, times: 2, timeout: 1s, max: ${max} }`;
  local = await Local.start({ config: (text) => text.replace('drain: 100ms', `drain: 0s, ${until}`) });
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  local.push('1.1.0');
  return journal;
}

const isDrain = ({ fields }: { fields: Readonly<Record<string, unknown>> }) => fields['step'] === 'drain';

test('S77: old groups are kept while it says that there is traffic, and go once it says that there is none', async () => {
  let active = 1;
  let answered = 0;
  const enough = Promise.withResolvers<void>();
  const port = await serve((_, response) => {
    response.end(JSON.stringify({ active }));
    answered += 1;
    if (answered === 5) enough.resolve();
  });
  const journal = await upgrading(`http://127.0.0.1:${port}/connections`, '1m');
  await enough.promise;
  expect(journal.lines.filter(({ event, fields }) => event === 'rollout.step_done' && isDrain({ fields }))).toEqual([]);
  expect(local.groups()).toHaveLength(4);
  active = 0;
  await journal.next('rollout.step_done', isDrain);
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  expect(answered).toBeGreaterThanOrEqual(7);
});

test('S77: where it cannot be asked, the longest time is waited for', async () => {
  const journal = await upgrading(`http://127.0.0.1:${await closedPort()}/`, '3s');
  const { fields } = await journal.next('rollout.step_done', isDrain);
  // After a TTL of 1 s.
  expect(fields['tookMs']).toBeGreaterThan(3500);
  expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded' });
});

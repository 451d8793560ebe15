/** What is granted to one app while another one's state cannot be read. */
import { expect, test } from 'vitest';
import { EMPTY_STATE } from '../../src/controller/app-state.ts';
import { Gates } from '../../src/controller/gates.ts';
import { ALONE } from '../../src/controller/leadership.ts';
import { MACHINE } from '../../src/controller/machine.ts';
import { StalledError, TransientError } from '../../src/model/errors.ts';
import { app, release, START } from '../rollout/world.ts';

const web = { ...app, name: 'web' };
const api = { ...app, name: 'api' };

test('nothing starts while the state of another app fails to be read, also after its folder could not be used', async () => {
  const gates = new Gates({
    settings: { apps: [web, api], limits: { all: 1, groups: {} } },
    clock: { now: () => START },
    store: { load: () => Promise.resolve(undefined) },
    tags: {
      latest: () => undefined,
      lookedAt: () => undefined,
      look: () => undefined,
      want: () => undefined,
      check: () => Promise.resolve({ kind: 'fit', imageDigest: '' }),
    },
    machine: MACHINE,
    leadership: ALONE,
    share: () => 1,
    wake: () => undefined,
  });
  const hold = async () => (await gates.holdOf(web, EMPTY_STATE, release('1.0.0')))?.hold;
  gates.failed(api, new StalledError('the folder cannot be used'));
  gates.failed(api, new TransientError('the file cannot be read'));
  gates.beginTurn(web, EMPTY_STATE);
  expect(await hold()).toBe('slots');
  gates.beginTurn(api, EMPTY_STATE);
  expect(await hold()).toBeUndefined();
});

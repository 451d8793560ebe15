/** Answers of the storage service that were not foreseen. */
import { RestError } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import { UnknownErrors } from '../../src/azure/unknown-errors.ts';
import type { UnknownError } from '../../src/azure/unknown-errors.ts';
import type { StateStore } from '../../src/controller/ports.ts';
import { TransientError } from '../../src/model/errors.ts';
import { storeMeetingUnknown } from '../../src/store/meet-unknown.ts';

function failingWith(statusCode: number): { store: StateStore; met: UnknownError[] } {
  const met: UnknownError[] = [];
  const fail = async () => {
    const cause = new RestError('odd', { statusCode, code: 'Odd' });
    throw new TransientError('the state cannot be read', { cause });
  };
  const unknown = new UnknownErrors((error) => met.push(error));
  return { store: storeMeetingUnknown({ load: fail, save: fail, list: fail }, unknown), met };
}

test('are shown once, and passed on as they are', async () => {
  const { store, met } = failingWith(418);
  for (let time = 0; time < 3; time += 1) await expect(store.load('web')).rejects.toThrow('the state cannot be read');
  expect(met.map(({ status, code }) => ({ status, code }))).toEqual([{ status: 418, code: 'Odd' }]);
});

test.each([403, 409, 412, 503])('%i is foreseen, and not shown', async (status) => {
  const { store, met } = failingWith(status);
  await expect(store.save('web', {}, undefined)).rejects.toThrow(TransientError);
  expect(met).toEqual([]);
});

import { expect, test } from 'vitest';
import { UnknownErrors } from '../../src/azure/unknown-errors.ts';
import type { UnknownError } from '../../src/azure/unknown-errors.ts';

function scene() {
  const met: UnknownError[] = [];
  return { met, errors: new UnknownErrors((error) => met.push(error)) };
}

test('what led to an error is shown with it, nearest first, and without secrets', () => {
  const { met, errors } = scene();
  const first = new Error('the socket said {"password":"hunter2"}');
  errors.meet(new Error('odd', { cause: new Error('in between', { cause: first }) }), 'Error');
  expect(met[0]?.causes).toEqual([
    expect.stringContaining('in between'),
    expect.stringContaining('the socket said {"password":"[masked]"}'),
  ]);
});

test('a chain of causes that goes round in a ring ends', () => {
  const { met, errors } = scene();
  const error = new Error('snake');
  error.cause = error;
  errors.meet(error, 'Error');
  expect(met[0]?.causes).toHaveLength(5);
});

test('after 200 kinds it is said once that no more are shown', () => {
  const { met, errors } = scene();
  for (let kind = 0; kind < 300; kind += 1) errors.meet(new Error(`kind ${kind}`), 'Error');
  expect(met).toHaveLength(201);
  expect(met.at(-1)).toMatchObject({ code: 'TooManyKinds', message: expect.stringContaining('until the next start') });
});

/** Answers of Azure Monitor as they come over the wire to its real clients: metrics of one group, and rows of a table. */
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { AskedCheck } from '../model/check.ts';
import type { Chance } from './chance.ts';
import { isBad, ratio, vagueness } from './check-ratio.ts';
import type { Told, WireAnswer, WireGiven } from './check-ratio.ts';

interface Measured {
  readonly name: string;
  readonly value: number | undefined;
  readonly told: Told;
}

type Answer = Extract<WireAnswer, { kind: 'answer' }>;

export function toResponse(request: PipelineRequest, { status, text, headers = {} }: Answer): PipelineResponse {
  return {
    request,
    status,
    headers: createHttpHeaders({ 'content-type': 'application/json', ...headers }),
    bodyAsText: text,
  };
}

export function fromMetrics(check: AskedCheck, given: WireGiven): WireAnswer {
  const { chance, trouble } = given;
  const [name = '', aggregation = ''] =
    check.source.kind === 'azureMetrics' ? [check.source.metrics[0], check.source.aggregation] : [];
  const answer = (told: Told, points: readonly object[], more: object = {}) => {
    const timeseries = [{ metadatavalues: [], data: points.map((point) => ({ timeStamp: 'now', ...point })) }];
    const metric = { id: name, type: 'metric', name: { value: name }, unit: 'Count', errorCode: 'Success', timeseries };
    return ok(told, { values: [{ namespace: 'groups', value: [{ ...metric, ...more }] }] });
  };
  if (trouble === 'fails')
    return broken(chance, [
      () => answer('nothing', [], { errorCode: 'InternalError', errorMessage: 'a part could not be read' }),
      () => answer('nothing', [{ [aggregation]: 'many' }]),
    ]);
  const [group] = measured(check, given);
  if (group === undefined) return answer('neither', []);
  return answer(group.told, [{ [aggregation]: group.value }]);
}

export function fromLogs(check: AskedCheck, given: WireGiven): WireAnswer {
  const { chance, trouble } = given;
  const table = (type: string, rows: readonly (readonly unknown[])[]) => {
    const columns = [
      { name: 'ContainerGroup', type: 'string' },
      { name: 'Ratio', type },
    ];
    return { tables: [{ name: 'PrimaryResult', columns, rows }] };
  };
  if (trouble === 'fails')
    return broken(chance, [
      () => ok('nothing', { ...table('real', [['one', 0]]), error: { code: 'PartialError', message: 'timed out' } }),
      () => ok('nothing', table('string', [['one', 'many']])),
    ]);
  const groups = measured(check, given);
  // An empty cell where there is no number.
  const rows = groups.map(({ name, value }) => [name, value]);
  const told = groups.find((one) => one.told !== 'good')?.told ?? (groups.length === 0 ? 'neither' : 'good');
  return ok(told, table('real', rows));
}

/** Each group with its ratio; the ones of which nothing is known are left out, all where there is nothing to say. */
function measured(check: AskedCheck, given: WireGiven): readonly Measured[] {
  const { chance, groups } = given;
  const vague = vagueness(check, given);
  if (vague === 'empty') return [];
  return groups.flatMap(({ name, is }) => {
    if (is === 'down') return [];
    const own = isBad(is) ? 'bad' : 'good';
    const value = vague === 'nan' ? undefined : ratio(chance, vague ?? own);
    return [{ name, value, told: vague === undefined ? own : 'neither' }];
  });
}

function ok(told: Told, json: object): Answer {
  return { kind: 'answer', told, status: 200, text: JSON.stringify(json) };
}

function broken(chance: Chance, own: readonly [() => WireAnswer, () => WireAnswer]): WireAnswer {
  const told = 'nothing';
  const error = JSON.stringify({ error: { code: 'AuthorizationFailed', message: 'a fault of the simulation' } });
  return chance.pick<() => WireAnswer>([
    ...own,
    () => ({ kind: 'cut', told }),
    () => ({ kind: 'silence', told }),
    () => ({ kind: 'answer', told, status: 500, text: 'Internal Server Error' }),
    () => ({ kind: 'answer', told, status: 403, text: error }),
    () => ({ kind: 'answer', told, status: 200, text: '<html>Please log in</html>' }),
  ])();
}

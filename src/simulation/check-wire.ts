/** Answers of a Prometheus, of a group and of a webhook, as they come over the wire: good, bad, vague, or broken. */
import type { Received } from '../checks/ask.ts';
import type { AskedCheck, AskedSource } from '../model/check.ts';
import type { Instant } from '../model/time.ts';
import type { Chance } from './chance.ts';
import { fromLogs, fromMetrics } from './check-monitor.ts';
import { isBad, ratio, vagueness } from './check-ratio.ts';
import type { Told, WireAnswer, WireGiven } from './check-ratio.ts';

export function answerOf(check: AskedCheck, given: WireGiven): WireAnswer {
  const { source } = check;
  switch (source.kind) {
    case 'prometheus':
      return fromPrometheus(check, given);
    case 'http':
      return fromGroup(check, given);
    case 'webhook':
      return fromWebhook(source.waitMs !== undefined, given, source.on5xx === 'inconclusive' ? 'neither' : 'nothing');
    case 'azureMetrics':
      return fromMetrics(check, given);
    case 'azureLogs':
      return fromLogs(check, given);
    case 'tcp':
      throw new TypeError('nobody is asked over this wire by TCP');
  }
}

export function received({ status, text, headers = {} }: Extract<WireAnswer, { kind: 'answer' }>): Received {
  return {
    statusCode: status,
    headers,
    destroy: () => undefined,
    async *[Symbol.asyncIterator]() {
      yield Buffer.from(text);
    },
  };
}

/** A group that does not answer as it should counts against it: what is not its fault is that its name is not known. */
export function unresolved(source: AskedSource, chance: Chance): boolean {
  return source.kind === 'http' && (source.json === undefined || chance.happens(0.3));
}

function fromPrometheus(check: AskedCheck, given: WireGiven): WireAnswer {
  const { chance, trouble, groups, now } = given;
  if (trouble === 'fails') return brokenPrometheus(chance, now);
  const vague = vagueness(check, given);
  const values = groups.flatMap(({ name, is }) =>
    is === 'down' ? [] : [{ name, isBad: isBad(is), value: ratio(chance, isBad(is) ? 'bad' : 'good') }],
  );
  const isEmpty = values.length === 0 || vague === 'empty';
  const told = isEmpty || vague !== undefined ? 'neither' : values.some((one) => one.isBad) ? 'bad' : 'good';
  const shown = (value: number) =>
    vague === 'nan' ? 'NaN' : String(vague === 'between' ? ratio(chance, vague) : value);
  const isScalar = check.source.kind === 'prometheus' && check.source.query.startsWith('scalar(');
  if (isScalar) {
    const highest = isEmpty ? 'NaN' : shown(Math.max(...values.map(({ value }) => value)));
    return ok(told, { resultType: 'scalar', result: [now / 1000, highest] });
  }
  const result = values.map(({ name, value }) => ({ metric: { group: name }, value: [now / 1000, shown(value)] }));
  return ok(told, { resultType: 'vector', result: isEmpty ? [] : result });
}

function ok(told: Told, data: object): WireAnswer {
  return { kind: 'answer', told, status: 200, text: JSON.stringify({ status: 'success', data }) };
}

function brokenPrometheus(chance: Chance, now: Instant): WireAnswer {
  const told = 'nothing';
  const word = { metric: {}, value: [now / 1000, 'many'] };
  const data = { resultType: 'vector', result: [word] };
  const answer = (status: number, text: string, headers = {}): WireAnswer => {
    return { kind: 'answer', told, status, text, headers };
  };
  return chance.pick<() => WireAnswer>([
    () => ({ kind: 'cut', told }),
    () => ({ kind: 'silence', told }),
    () => answer(500, 'Internal Server Error'),
    () => answer(302, '', { location: 'https://login.simulation/' }),
    () => answer(200, '<html>Please log in</html>'),
    () => answer(422, JSON.stringify({ status: 'error', errorType: 'execution', error: 'too many samples' })),
    () =>
      answer(200, JSON.stringify({ status: 'success', data: { ...data, result: [] }, warnings: ['a store is away'] })),
    () => answer(200, JSON.stringify({ status: 'success', data })),
  ])();
}

/** Where there are no numbers, only whether it answers is asked. */
function fromGroup(check: AskedCheck, { chance, trouble, groups }: WireGiven): WireAnswer {
  const { source, successWhen, failureWhen } = check;
  const [group] = groups;
  if (group === undefined || group.is === 'down') return { kind: 'refused', told: 'bad' };
  const hasNumber = source.kind === 'http' && source.json !== undefined;
  if (group.is === 'sick') return { kind: 'answer', told: 'bad', status: 503, text: 'ill' };
  if (!hasNumber) return { kind: 'answer', told: 'good', status: 200, text: 'fine' };
  const isVague = trouble === 'blurs' && successWhen !== undefined && failureWhen !== undefined;
  const text = (errors: unknown) => JSON.stringify({ errors });
  const answer = (told: Told, said: string): WireAnswer => ({ kind: 'answer', told, status: 200, text: said });
  if (trouble === 'fails') return answer('nothing', chance.pick(['fine', text({}), text({ ratio: 'low' })]));
  if (isVague) return answer('neither', text({ ratio: ratio(chance, 'between') }));
  const is = isBad(group.is) ? 'bad' : 'good';
  return answer(is, text({ ratio: ratio(chance, is) }));
}

/** `isConfirming`: it says yes some time later, and never no. */
function fromWebhook(isConfirming: boolean, { chance, trouble, groups }: WireGiven, on5xx: Told): WireAnswer {
  const answer = (told: Told, status: number, headers = {}): WireAnswer => {
    return { kind: 'answer', told, status, text: String(status), headers };
  };
  if (trouble === 'fails') {
    return chance.pick<() => WireAnswer>([
      () => ({ kind: 'cut', told: 'nothing' }),
      () => ({ kind: 'silence', told: 'nothing' }),
      () => answer('nothing', 302, { location: 'https://login.simulation/' }),
      () => answer('nothing', 429),
      () => answer(on5xx, 500),
    ])();
  }
  if (trouble === 'blurs') return answer('nothing', 503, { 'retry-after': String(chance.whole(1, 30)) });
  if (groups.some(({ is }) => isBad(is))) return answer('bad', 422);
  // In a preview some are still to be made.
  if (groups.every(({ is }) => is === 'down')) return answer(on5xx, 500);
  return isConfirming && trouble === 'late' ? answer('nothing', 404) : answer('good', 200);
}

/** Answers of a Prometheus, of a group and of a webhook, as they come over the wire: good, bad, vague, or broken. */
import type { Received } from '../checks/ask.ts';
import type { AskedCheck, AskedSource } from '../model/check.ts';
import type { Instant } from '../model/time.ts';
import type { Chance } from './chance.ts';

/** What somebody who is asked has truly said: that it is good, or bad, or neither; or nothing of it at all. */
export type Told = 'good' | 'bad' | 'neither' | 'nothing';

/** `late`: it takes its time where it is asked to confirm; all else answers. */
export type Trouble = 'none' | 'late' | 'fails' | 'blurs';

export type WireAnswer =
  | {
      readonly kind: 'answer';
      readonly told: Told;
      readonly status: number;
      readonly text: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'silence' | 'cut' | 'refused'; readonly told: Told };

/** `errs`: it answers, and does badly; `sick`: it does not work, by its own fault; `down`: nothing is known of it. */
export interface SeenGroup {
  readonly name: string;
  readonly is: 'good' | 'errs' | 'sick' | 'down';
}

interface Given {
  readonly chance: Chance;
  readonly trouble: Trouble;
  readonly now: Instant;
  readonly groups: readonly SeenGroup[];
}

export function answerOf(check: AskedCheck, given: Given): WireAnswer {
  const { source } = check;
  switch (source.kind) {
    case 'prometheus':
      return fromPrometheus(check, given);
    case 'http':
      return fromGroup(check, given);
    case 'webhook':
      return fromWebhook(source.waitMs !== undefined, given, source.on5xx === 'inconclusive' ? 'neither' : 'nothing');
    default:
      throw new TypeError(`nobody is there to be asked by ${source.kind}`);
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

function fromPrometheus(check: AskedCheck, given: Given): WireAnswer {
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

/** How it says neither good nor bad; a single condition is fulfilled, or it is not. */
function vagueness({ successWhen, failureWhen }: AskedCheck, { chance, trouble }: Given) {
  if (trouble !== 'blurs') return undefined;
  const how = chance.pick(['between', 'empty', 'nan'] as const);
  return how === 'between' && (successWhen === undefined || failureWhen === undefined) ? 'nan' : how;
}

function ratio(chance: Chance, is: 'good' | 'bad' | 'between'): number {
  const ranges = { good: [0, 9], between: [15, 45], bad: [50, 900] } as const;
  const [from, to] = ranges[is];
  return chance.whole(from, to) / 1000;
}

function isBad(is: SeenGroup['is']): boolean {
  return is === 'errs' || is === 'sick';
}

/** Where there are no numbers, only whether it answers is asked. */
function fromGroup(check: AskedCheck, { chance, trouble, groups }: Given): WireAnswer {
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
function fromWebhook(isConfirming: boolean, { chance, trouble, groups }: Given, on5xx: Told): WireAnswer {
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

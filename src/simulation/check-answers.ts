/**
 * Those who are asked by checks: they answer by what the groups truly are, or in trouble, as a seed has drawn it. Their
 * answers are read and judged by the daemon's own code; what was truly told is kept for those who judge.
 */
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import { runCheck } from '../checks/run-check.ts';
import type { Question } from '../checks/ask.ts';
import type { CheckContext } from '../checks/context.ts';
import type { AskedCheck, Measurement } from '../model/check.ts';
import type { Clock, Instant } from '../model/time.ts';
import { Chance } from './chance.ts';
import { ERRORS } from './draw-checks.ts';
import type { CheckTroubles } from './draw-checks.ts';
import { toResponse } from './check-monitor.ts';
import { answerOf, received, unresolved } from './check-wire.ts';
import type { SeenGroup, Told, Trouble, WireAnswer } from './check-ratio.ts';
import { RESOURCE_GROUP, SUBSCRIPTION } from './virtual-azure.ts';
import type { VirtualAzure } from './virtual-azure.ts';
import type { VirtualTime } from './virtual-time.ts';

type Asked = Pick<CheckContext, 'app' | 'rollout' | 'release' | 'phase' | 'targets'> & {
  readonly groups: readonly string[];
};

interface Taken {
  readonly check: string;
  readonly at: Instant;
  /** One for each question of the measurement. */
  readonly told: Told[];
}

interface Measuring {
  readonly check: AskedCheck;
  readonly trouble: Trouble;
  readonly told: Told[];
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

export interface AnswersGiven {
  readonly time: VirtualTime;
  readonly azure: VirtualAzure;
  readonly troubles: CheckTroubles;
  readonly start: Instant;
}

const SECRET = 'a word of the simulation';

export class CheckAnswers {
  readonly #given: AnswersGiven;
  readonly #chance: Chance;
  readonly #records = new Map<string, readonly Taken[]>();
  #isHealed = false;

  constructor(given: AnswersGiven) {
    this.#given = given;
    this.#chance = new Chance(given.troubles.seed);
  }

  /** From now on all are there, and what they say is conclusive. */
  heal(): void {
    this.#isHealed = true;
  }

  /** True where a measurement of the check has told since then that the candidate of the rollout is good. */
  hasToldGood(rollout: string, check: string, since: Instant): boolean {
    const own = this.#records.get(rollout)?.filter((one) => one.check === check && one.at >= since) ?? [];
    return own.some(({ told }) => told.length > 0 && told.every((one) => one === 'good'));
  }

  /** By the daemon's own code, but for the wire. */
  measure(check: AskedCheck, asked: Asked, clock: Clock): Promise<Measurement> {
    const trouble = this.#troubleOf(asked.app);
    const told: Told[] = [];
    const known = this.#records.get(asked.rollout) ?? [];
    this.#records.set(asked.rollout, [...known, { check: check.name, at: this.#given.time.now(), told }]);
    const isUnresolved = trouble === 'fails' && unresolved(check.source, this.#chance);
    return runCheck(check, {
      ...asked,
      clock,
      resolve: async (target, port) => {
        if (isUnresolved || this.#given.azure.groupBehind(target) === undefined) throw new Error(`ENOTFOUND ${target}`);
        return { host: target, port };
      },
      readSecret: async () => SECRET,
      credential: { getToken: async () => ({ token: SECRET, expiresOnTimestamp: 8e15 }) },
      send: async (question) => {
        const names = named(question, asked.groups);
        return received(await this.#answer(names, { check, trouble, told, clock, signal: question.signal }));
      },
      httpClient: {
        sendRequest: async (request) => {
          const { abortSignal } = request;
          const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
          const answer = await this.#answer(namedIn(request), { check, trouble, told, clock, signal });
          return toResponse(request, answer);
        },
      },
    });
  }

  async #answer(
    names: readonly string[],
    { check, trouble, told, clock, signal }: Measuring,
  ): Promise<Extract<WireAnswer, { kind: 'answer' }>> {
    const chance = this.#chance;
    await clock.wait(chance.whole(1, 100), signal);
    const answer = answerOf(check, {
      chance,
      trouble,
      now: clock.now(),
      groups: names.map((name) => this.#seen(name)),
    });
    if (answer.kind === 'silence') await clock.wait(2 * check.timeoutMs, signal);
    told.push(answer.told);
    if (signal?.aborted === true || answer.kind !== 'answer') throw refusal(answer.kind);
    return answer;
  }

  /** By its name, or where it is reached. */
  #seen(name: string): SeenGroup {
    const { azure } = this.#given;
    const key = { subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name };
    const group = azure.groupBehind(name) ?? azure.groups.get(key);
    if (group === undefined) return { name, is: 'down' };
    const { program, containers } = group;
    if (!program.healthy || program.crash) return { name: group.key.name, is: 'sick' };
    if (!azure.serves(group)) return { name: group.key.name, is: 'down' };
    return { name: group.key.name, is: containers.some((one) => one.program.log === ERRORS) ? 'errs' : 'good' };
  }

  #troubleOf(app: string): Trouble {
    const { time, troubles, start } = this.#given;
    const drawn = this.#chance.next();
    const isLucky = this.#chance.happens(0.5);
    if (this.#isHealed) return 'none';
    const at = time.now() - start;
    const spell = troubles.spells.find((one) => one.app === app && at >= one.at && at < one.at + one.forMs);
    if (spell !== undefined) return spell.kind;
    if (drawn < troubles.fails) return 'fails';
    if (drawn < troubles.fails + troubles.blurs) return 'blurs';
    return isLucky ? 'none' : 'late';
  }
}

/** A group that is asked itself; or those that the query names; a webhook is told of all. */
function named({ at, url }: Question, groups: readonly string[]): readonly string[] {
  if (at !== undefined) return [at.host];
  const query = url.searchParams.get('query');
  if (query === null) return groups;
  const names = /group=~"([^"]*)"/.exec(query)?.[1] ?? '';
  return names === '' ? [] : names.split('|');
}

/** In the id of a resource, or in a query. */
function namedIn({ body }: PipelineRequest): readonly string[] {
  const text = typeof body === 'string' ? body : '';
  const names = /containerGroups\/([^"]+)"|matches regex \\"([^"\\]*)\\"/.exec(text)?.slice(1).join('') ?? '';
  return names === '' ? [] : names.split('|');
}

function refusal(kind: 'answer' | 'silence' | 'cut' | 'refused'): Error {
  const code = kind === 'refused' ? 'ECONNREFUSED' : 'ECONNRESET';
  return Object.assign(new Error(`${code}: a fault of the simulation`), { code });
}

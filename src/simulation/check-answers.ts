/**
 * Those who are asked by checks: they answer by what the groups truly are, or in trouble, as a seed has drawn it. Their
 * answers are read and judged by the daemon's own code; what was truly told is kept for those who judge.
 */
import { runCheck } from '../checks/run-check.ts';
import type { Question, Received } from '../checks/ask.ts';
import type { CheckContext } from '../checks/context.ts';
import type { AskedCheck, Measurement } from '../model/check.ts';
import type { Clock, Instant } from '../model/time.ts';
import { Chance } from './chance.ts';
import { ERRORS } from './draw-checks.ts';
import type { CheckTroubles } from './draw-checks.ts';
import { answerOf, received, unresolved } from './check-wire.ts';
import type { SeenGroup, Told, Trouble } from './check-wire.ts';
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
  readonly groups: readonly string[];
  readonly trouble: Trouble;
  readonly told: Told[];
  readonly clock: Clock;
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
      send: (question) => this.#send(question, { check, groups: asked.groups, trouble, told, clock }),
    });
  }

  async #send(question: Question, measuring: Measuring): Promise<Received> {
    const chance = this.#chance;
    const { check, groups, trouble, told, clock } = measuring;
    const { signal } = question;
    const asked = named(question, groups);
    await clock.wait(chance.whole(1, 100), signal);
    const answer = answerOf(check, { chance, trouble, now: clock.now(), groups: asked.map((one) => this.#seen(one)) });
    if (answer.kind === 'silence') await clock.wait(2 * check.timeoutMs, signal);
    told.push(answer.told);
    if (signal.aborted || answer.kind !== 'answer') throw refusal(answer.kind);
    return received(answer);
  }

  /** By its name, or where it is reached. */
  #seen(name: string): SeenGroup {
    const { azure } = this.#given;
    const key = { subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name };
    const group = azure.groupBehind(name) ?? azure.groups.get(key);
    if (group === undefined) return { name, is: 'down' };
    const { program } = group;
    if (!program.healthy || program.crash) return { name: group.key.name, is: 'sick' };
    if (!azure.serves(group)) return { name: group.key.name, is: 'down' };
    return { name: group.key.name, is: program.log === ERRORS ? 'errs' : 'good' };
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

function refusal(kind: 'answer' | 'silence' | 'cut' | 'refused'): Error {
  const code = kind === 'refused' ? 'ECONNREFUSED' : 'ECONNRESET';
  return Object.assign(new Error(`${code}: a fault of the simulation`), { code });
}

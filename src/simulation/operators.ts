/**
 * People who command the daemons, as over the API: each asks one daemon, is sent on to another or gets no answer, and asks
 * again. At the end one of them means well: resumes, releases and promotes until everything moves.
 */
import type { Caller, Command, CommandResult } from '../model/command.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import type { Chance } from './chance.ts';
import type { Order } from './draw-operator.ts';
import type { Ledger } from './ledger.ts';
import type { Options } from './options.ts';
import { nameOf, readStored } from './stored-app.ts';
import type { Truth } from './truth.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface OperatorsGiven {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly options: Options;
  readonly ledger: Ledger;
  readonly truth: Truth;
  readonly isGood: (app: string, tag: string) => boolean;
  readonly start: Instant;
  readonly stateOf: (app: string) => unknown;
  /** Names of all daemons, dead or alive. */
  readonly daemons: readonly string[];
  /** Undefined where that one does not answer. */
  readonly ask: (
    daemon: string,
    asked: { app: string; command: Command; caller: Caller },
  ) => Promise<CommandResult | undefined>;
}

const MOST_TRIES = 12;
const TRY_AGAIN_MS = 10 * SECOND;
/** Longer than a daemon lets anybody wait. */
const PATIENCE_MS = 90 * SECOND;
const MEANS_WELL_EVERY_MS = 30 * SECOND;
const MOST_PEOPLE = 3;

export class Operators {
  readonly #given: OperatorsGiven;
  #count = 0;

  constructor(given: OperatorsGiven) {
    this.#given = given;
    for (const order of given.options.operator?.orders ?? []) given.time.after(order.at, () => this.#give(order));
    const { attendMs } = given.options.checks ?? {};
    if (attendMs !== undefined) given.time.after(attendMs, () => this.#attend(attendMs));
  }

  /** Until the end of the faults. */
  #attend(everyMs: number): void {
    const { time, options, start } = this.#given;
    if (time.now() >= start + options.faultMs) return;
    for (const { name } of options.apps) this.#settle(name);
    time.after(everyMs, () => this.#attend(everyMs));
  }

  /** From the end of the faults on. */
  meanWell(): void {
    const { time, options } = this.#given;
    const { operator, checks } = options;
    if (operator === undefined && checks === undefined && !options.apps.some(({ rollout }) => hasGate(rollout))) return;
    for (const { name } of options.apps) this.#move(name);
    time.after(MEANS_WELL_EVERY_MS, () => this.meanWell());
  }

  #move(app: string): void {
    const { ledger, options, stateOf, time, start } = this.#given;
    const { pausedAt, isHeld } = ledger.page(app);
    const { rollout } = readStored(stateOf(app));
    const isAtGate = rollout?.backPlan === undefined && rollout?.plan[rollout.cursor]?.kind === 'gate';
    if (isAtGate)
      for (let index = 0; index < MOST_PEOPLE; index += 1) this.#say(app, { kind: 'promote', full: false }, index);
    this.#settle(app);
    if (time.now() < start + lastOrderMs(options)) return;
    if (pausedAt !== undefined) this.#say(app, { kind: 'resume' }, 0);
    if (isHeld) this.#say(app, { kind: 'release' }, 0);
    if (options.operator?.retries === true && ledger.page(app).refused !== undefined)
      this.#say(app, { kind: 'retry' }, 0);
  }

  /** Where checks cannot tell, somebody who can says how it goes on. */
  #settle(app: string): void {
    const { stateOf, isGood } = this.#given;
    const { rollout } = readStored(stateOf(app));
    if (rollout?.heldSince === undefined || rollout.backPlan !== undefined) return;
    if (rollout.plan[rollout.cursor]?.kind !== 'check') return;
    const isFine = isGood(app, nameOf(rollout.candidate?.release) ?? '');
    this.#say(
      app,
      isFine ? { kind: 'promote', full: false, rollout: rollout.id } : { kind: 'abort', rollout: rollout.id },
      0,
    );
  }

  #give(order: Order): void {
    const command = this.#commandOf(order);
    const first = Math.floor(order.which * MOST_PEOPLE);
    for (let index = 0; index < order.people; index += 1) this.#say(order.app, command, first + index);
  }

  #commandOf({ app, kind, which, isFull, isBound, forMs }: Order): Command {
    const { stateOf } = this.#given;
    const rollout = isBound ? readStored(stateOf(app)).rollout?.id : undefined;
    const names = this.#namesOf(app);
    const release = which < 0.6 ? undefined : names[Math.floor(((which - 0.6) / 0.4) * names.length)];
    switch (kind) {
      case 'promote':
        return { kind, full: isFull, rollout };
      case 'abort':
        return { kind, rollout };
      case 'rollback':
        return { kind, release, rollout };
      case 'retry':
        return { kind, release };
      case 'hold':
        return { kind, reason: `reason ${Math.floor(which * 3)}` };
      case 'bypass':
        return { kind, forMs };
      case 'pause':
      case 'resume':
      case 'release':
        return { kind };
    }
  }

  /** Of releases: what was pushed or, where several images make one, what has run. */
  #namesOf(app: string): readonly string[] {
    const { options, ledger } = this.#given;
    const isSet = options.apps.some(({ name, set }) => name === app && set !== undefined);
    if (isSet) return ledger.page(app).lives.flatMap((release) => nameOf(release) ?? []);
    return options.pushes.flatMap((push) => (push.app === app ? [push.tag] : []));
  }

  #say(app: string, command: Command, person: number): void {
    const by = `person${1 + (person % MOST_PEOPLE)}`;
    const caller = { by, from: `asked ${(this.#count += 1)}` };
    this.#given.ledger.asks(command, caller);
    void this.#insist({ app, command, caller });
  }

  /** Until somebody takes it, or says that it makes no sense. */
  async #insist(asked: { app: string; command: Command; caller: Caller }): Promise<void> {
    const { time, chance, daemons, ask } = this.#given;
    const first = chance.whole(0, daemons.length - 1);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const daemon = daemons[(first + tries) % daemons.length] ?? '';
      const result = await Promise.race([ask(daemon, asked), time.sleep(PATIENCE_MS).then(() => undefined)]);
      if (result?.kind === 'applied' || result?.kind === 'unchanged') return this.#judgeAnswer(asked, result.kind);
      if (result?.kind === 'refused' && (result.because === 'situation' || result.because === 'stopped')) return;
      await time.sleep(TRY_AGAIN_MS);
    }
  }

  /** Who hears that it is done has to find it so. */
  #judgeAnswer({ app, command, caller }: { app: string; command: Command; caller: Caller }, kind: string): void {
    const { truth, stateOf } = this.#given;
    const { audit } = readStored(stateOf(app)).operator;
    if (kind !== 'applied' || audit.some(({ from }) => from === caller.from)) return;
    truth.violate('said', `${app}: ${command.kind} by ${caller.by} is said to be done, and is not in the saved state`);
  }
}

function hasGate(rollout: Options['apps'][number]['rollout']): boolean {
  const strategy = rollout?.strategy;
  const steps = strategy?.kind === 'canary' ? strategy.steps : strategy?.kind === 'waves' ? strategy.waves : [];
  return rollout?.promotion !== undefined || steps.some(({ gate }) => gate !== undefined);
}

/** After that nobody says anything but who means well; so long after the start. */
export function lastOrderMs({ operator, faultMs }: Options): number {
  const times = operator?.orders.map(({ at }) => at) ?? [];
  return times.length === 0 ? faultMs : Math.max(faultMs, ...times) + MOST_TRIES * TRY_AGAIN_MS + MINUTE;
}

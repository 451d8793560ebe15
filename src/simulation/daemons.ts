/** The daemons of one seed: alone, or up to three that share the work, each with its own clock; killed, paused, started. */
import { MINUTE, SECOND } from '../model/time.ts';
import type { Caller, Command, CommandResult } from '../model/command.ts';
import type { Control } from '../controller/control.ts';
import type { EventLog } from '../controller/event-log.ts';
import type { Chance } from './chance.ts';
import { startLife } from './daemon-life.ts';
import type { DaemonLifeGiven, Sent } from './daemon-life.ts';
import type { Life } from './life.ts';
import type { MemoryLeases } from './memory-leases.ts';
import type { Plant } from './plant.ts';

export interface DaemonOptions {
  /** 1 to 3; one alone holds no leases. */
  readonly count: number;
  /** How far a clock may be off, either way; each life has its own. */
  readonly skewMs: number;
  /** Whole processes that stand still for a while, `at` milliseconds after the start; some for longer than a lease lasts. */
  readonly pauses: readonly { readonly at: number; readonly ms: number }[];
}

export const ONE_DAEMON: DaemonOptions = { count: 1, skewMs: 0, pauses: [] };

export function drawDaemons(chance: Chance, faultMs: number): DaemonOptions {
  return {
    count: chance.pick([1, 1, 2, 3]),
    skewMs: chance.pick([0, SECOND, MINUTE]),
    pauses: Array.from({ length: chance.whole(0, 3) }, () => ({
      at: Math.floor(chance.next() * faultMs),
      ms: chance.whole(1, 150) * SECOND,
    })),
  };
}

export interface DaemonsGiven extends Omit<
  DaemonLifeGiven,
  'name' | 'skewMs' | 'wallStepMs' | 'leases' | 'onWrite' | 'onRequest' | 'onControl' | 'settings' | 'followed'
> {
  readonly options: DaemonOptions;
  /** When they start, so many milliseconds after the world. */
  readonly startMs: number;
  readonly leases: MemoryLeases;
  /** By which the daemon of that number, from 0, starts now; undefined where it cannot. */
  readonly openConfig: (daemon: number) => Pick<DaemonLifeGiven, 'settings' | 'followed'> | undefined;
  readonly log: (isOver: () => boolean) => EventLog;
  readonly plant: Plant | undefined;
  readonly chance: Chance;
  readonly onRequest: (
    request: Parameters<DaemonLifeGiven['onRequest']>[0],
    daemon: Sent & { name: string },
  ) => (() => void) | undefined;
  /** Kills a daemon at its n-th effect or save, counted from 1 over all lives. */
  readonly killAt: { readonly write: number; readonly when: 'before' | 'after' } | undefined;
  readonly onDeath: () => void;
}

const RESTART_AFTER_MS = 20 * SECOND;
/** Per look at it. */
const WALL_STEPS = 0.001;

export class Daemons {
  writes = 0;
  /** At the write that was asked for. */
  hasKilled = false;
  readonly #given: DaemonsGiven;
  #isHealed = false;
  readonly #lives = new Map<string, Life>();
  readonly names: readonly string[];
  readonly #controls = new Map<string, Control>();

  constructor(given: DaemonsGiven) {
    this.#given = given;
    this.names = Array.from({ length: given.options.count }, (_, index) => `daemon${index + 1}`);
    for (const name of this.names) given.time.after(given.startMs, () => this.#start(name));
    for (const { at, ms } of given.options.pauses) given.time.after(at, () => this.#pause(ms));
  }

  /** Kills one; it starts again some time later. */
  kill(name = this.#any()): void {
    const life = this.#lives.get(name);
    if (life === undefined) return;
    life.kill();
    this.#lives.delete(name);
    this.#controls.delete(name);
    this.#given.onDeath();
    this.#given.time.after(RESTART_AFTER_MS, () => this.#start(name));
  }

  killAll(): void {
    for (const name of this.names) this.kill(name);
  }

  /** As over the API: undefined where it is not there; no answer where it dies meanwhile. */
  async ask(
    name: string,
    { app, command, caller }: { app: string; command: Command; caller: Caller },
  ): Promise<CommandResult | undefined> {
    return this.#controls.get(name)?.command(app, command, caller);
  }

  /** Stops one where it stands. */
  #pause(ms: number): void {
    this.#lives.get(this.#any())?.pause(this.#given.time.sleep(ms));
  }

  #any(): string {
    const [first = '', ...others] = this.names;
    return others.length === 0 ? first : this.#given.chance.pick([first, ...others]);
  }

  /** Wall clocks step no more. */
  heal(): void {
    this.#isHealed = true;
  }

  /** For good. */
  end(): void {
    for (const life of this.#lives.values()) life.kill();
  }

  #start(name: string): void {
    const { options, leases, chance, killAt, onRequest, openConfig, time } = this.#given;
    const config = openConfig(this.names.indexOf(name));
    if (config === undefined) return void time.after(RESTART_AFTER_MS, () => this.#start(name));
    const skew = () => (options.skewMs === 0 ? 0 : chance.whole(-options.skewMs, options.skewMs));
    let wallStepMs = 0;
    const step = () => {
      if (!this.#isHealed && chance.happens(WALL_STEPS)) wallStepMs = skew();
      return wallStepMs;
    };
    const life: Life = startLife({
      ...this.#given,
      ...config,
      name,
      skewMs: skew(),
      wallStepMs: step,
      leases: options.count > 1 ? leases.of(name) : undefined,
      onRequest: (request, sent) => onRequest(request, { ...sent, name }),
      onControl: (control) => void this.#controls.set(name, control),
      onWrite: (when, write = (this.writes += 1)) => {
        if (killAt?.write === write && killAt.when === when) {
          this.hasKilled = true;
          this.kill(name);
        }
        return write;
      },
    });
    this.#lives.set(name, life);
  }
}

/** What operators can see and do of all apps of a daemon: the other end of the HTTP API. */
import type { App } from '../model/app.ts';
import type { Caller, Command, CommandResult } from '../model/command.ts';
import type { Clock, Instant } from '../model/time.ts';
import { EMPTY_STATE, parseAppState } from './app-state.ts';
import type { AppState } from './app-state.ts';
import type { Desired } from './desired.ts';
import { imageChoices } from './explanation.ts';
import type { ImageChoice } from './explanation.ts';
import type { Fleet } from './fleet.ts';
import type { Machine } from './machine.ts';
import type { StateStore, TagSource } from './ports.ts';
import type { AppLook } from './remark.ts';

export interface AppReading extends Omit<AppLook, 'state'> {
  readonly state: AppState;
  readonly at: Instant;
}

export interface Control {
  now(): Instant;
  /** As far as this daemon knows without asking anybody, by name. */
  looks(): readonly AppLook[];
  /** Undefined where there is no such app. Throws where its state cannot be read. */
  read(app: string): Promise<AppReading | undefined>;
  desired(reading: AppReading): Desired;
  choices(reading: AppReading): readonly ImageChoice[];
  /** Undefined where there is no such app. Never rejects. */
  command(app: string, command: Command, caller: Caller): Promise<CommandResult | undefined>;
}

export interface ControlGiven {
  readonly fleet: Pick<Fleet, 'find' | 'loops'>;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly latest: TagSource['latest'];
}

export function controlOf({ fleet, store, clock, machine, latest }: ControlGiven): Control {
  return {
    now: () => clock.now(),
    looks: () =>
      fleet
        .loops()
        .map((loop) => loop.look())
        .sort((a, b) => (a.app.name < b.app.name ? -1 : 1)),
    async read(app) {
      const look = fleet.find(app)?.look();
      if (look === undefined) return undefined;
      return { ...look, state: look.state ?? (await load(look.app, store)), at: clock.now() };
    },
    desired: ({ app, state }) => machine.desiredRelease(app, state.live?.release, { latest, now: clock.now() }),
    choices: ({ app, state }) => imageChoices(app, state.live?.release, { latest, now: clock.now() }),
    command: async (app, command, caller) => fleet.find(app)?.command(command, caller),
  };
}

async function load({ name }: App, store: StateStore): Promise<AppState> {
  const stored = await store.load(name);
  return stored === undefined ? EMPTY_STATE : parseAppState(name, stored.state);
}

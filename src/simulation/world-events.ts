/**
 * What the world does by itself while a seed runs: it crashes, deletes, edits, fills up and takes away. What it broke it
 * says to the judges; everything heals again.
 */
import { MINUTE } from '../model/time.ts';
import type { Event } from './options.ts';
import type { Lost, Troubles } from './trouble.ts';
import { GROUP_EVENTS } from './world-groups.ts';
import { FORGOTTEN_TTL_MS, LONGEST_TTL_SECONDS } from './world-stage.ts';
import type { Happening, Stage, WorldGiven } from './world-stage.ts';
import { PARENT_EVENTS } from './world-parents.ts';
import { TRAFFIC_EVENTS } from './world-traffic.ts';

const GETS_BETTER_MS = 3 * MINUTE;

const DAEMON_EVENTS = {
  killDaemon: (_, { killDaemon }) => killDaemon(),
  loseState(_, { time, truth, ttlChangedAt, loseState }) {
    // A TTL that was lowered just before cannot be known any more: nobody can wait for it.
    for (const [app, at] of ttlChangedAt)
      if (time.now() < at + LONGEST_TTL_SECONDS * 1000) truth.forgetTtl(app, FORGOTTEN_TTL_MS);
    loseState();
  },
  fillDisk(_, { fillDisk, later }) {
    fillDisk(true);
    later(() => fillDisk(false));
  },
  loseRegistry: (_, { troubles, later }) => lose('registry', troubles, later),
  loseArm: (_, { troubles, later }) => lose('arm', troubles, later),
  loseStore: (_, { troubles, later }) => lose('store', troubles, later),
  refuseRegister: (_, { troubles }) => void troubles.refused.add('register'),
  refuseDeregister: (_, { troubles }) => void troubles.refused.add('deregister'),
  refuseDelete: (_, { troubles }) => void troubles.refused.add('delete'),
  refuseTag: (_, { troubles }) => void troubles.refused.add('tag'),
  refuseStop: (_, { troubles }) => void troubles.refused.add('stop'),
  refuseStart: (_, { troubles }) => void troubles.refused.add('start'),
} satisfies Partial<Record<Event['kind'], Happening>>;

const HAPPENINGS: Readonly<Record<Event['kind'], Happening>> = {
  ...DAEMON_EVENTS,
  ...GROUP_EVENTS,
  ...TRAFFIC_EVENTS,
  ...PARENT_EVENTS,
};

/** An outage that lasts. */
function lose(what: Lost, { lost }: Troubles, later: Stage['later']): void {
  lost.add(what);
  later(() => lost.delete(what));
}

export class World {
  readonly #stage: Stage;
  readonly #healing: (() => void)[] = [];

  constructor(given: WorldGiven) {
    const atTheEnd = (heal: () => void) => void this.#healing.push(heal);
    this.#stage = { ...given, later: (heal) => this.#later(heal), atTheEnd, ttlChangedAt: new Map() };
  }

  happen(event: Event): void {
    HAPPENINGS[event.kind](event, this.#stage);
    this.#stage.truth.scan();
  }

  /** The end of the fault phase. */
  heal(): void {
    for (const heal of this.#healing.splice(0)) heal();
    this.#stage.truth.scan();
  }

  #later(heal: () => void): void {
    const { time, truth } = this.#stage;
    let isHealed = false;
    const once = () => {
      if (!isHealed) heal();
      isHealed = true;
    };
    this.#healing.push(once);
    time.after(GETS_BETTER_MS, () => {
      once();
      truth.scan();
    });
  }
}

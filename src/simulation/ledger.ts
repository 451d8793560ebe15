/**
 * What people have said that was taken down, by every save as it takes effect: who has paused, held or called off what.
 * Nothing here comes from what the controller remembers of it but that a command was taken; so it tells what may run.
 */
import type { Caller, Command } from '../model/command.ts';
import type { Instant } from '../model/time.ts';
import type { Options } from './options.ts';
import { isNewer, nameImages, WEB } from './release-words.ts';
import { isNew, nameOf } from './stored-app.ts';
import type { Release, StoredApp, StoredRollout } from './stored-app.ts';
import type { Truth } from './truth.ts';

export interface Vote {
  readonly by: string;
  readonly at: Instant;
  readonly rollout: string | undefined;
  readonly full: boolean;
}

/** What is known of one app. */
export interface Page {
  pausedAt: Instant | undefined;
  /** The last time. */
  resumedAt: Instant | undefined;
  isHeld: boolean;
  refused: Release | undefined;
  /** What is to run instead of what was called off. */
  instead: string | undefined;
  bypassedUntil: Instant;
  votes: readonly Vote[];
  /** Milliseconds of pauses that have ended. */
  pausedMs: number;
  /** What went live, newest last. */
  lives: readonly Release[];
}

export interface LedgerGiven {
  readonly truth: Truth;
  readonly now: () => Instant;
  readonly options: Options;
  readonly onRetry: (app: string, release: string | undefined) => void;
}

export class Ledger {
  readonly #given: LedgerGiven;
  readonly #pages = new Map<string, Page>();
  /** By where it was said from, which is another one for each. */
  readonly #asked = new Map<string, Command>();

  constructor(given: LedgerGiven) {
    this.#given = given;
  }

  page(app: string): Page {
    const known = this.#pages.get(app) ?? blank();
    this.#pages.set(app, known);
    return known;
  }

  asks(command: Command, { from }: Caller): void {
    this.#asked.set(from, command);
  }

  /** With its memory the world also forgets what was said. */
  stateLost(): void {
    this.#pages.clear();
  }

  /** A save has taken effect. */
  saved(app: string, before: StoredApp, after: StoredApp): void {
    const page = this.page(app);
    const last = after.operator.audit.at(-1);
    if (last !== undefined && JSON.stringify(last) !== JSON.stringify(before.operator.audit.at(-1)))
      this.#write(app, last, before);
    const { rollout } = before;
    if (rollout === undefined || after.rollout?.id === rollout.id) return;
    this.#ended(page, rollout, after);
  }

  #ended(page: Page, rollout: StoredRollout, { live }: StoredApp): void {
    page.votes = [];
    if (rollout.candidate === undefined) return;
    const { release } = rollout.candidate;
    const hasSucceeded = live?.id === rollout.candidate.id;
    if (hasSucceeded && isNew(rollout)) page.refused = undefined;
    if (hasSucceeded && rollout.reason !== 'repair') page.lives = [...page.lives, release];
    if (hasSucceeded) return;
    // Nobody came: that is as good as a no.
    if (rollout.turnedBack?.needsPerson === true) page.refused = release;
    if (rollout.turnedBack?.needsPerson === true || rollout.reason === 'rollback') page.instead = nameOf(live?.release);
  }

  /** What the release that has to run in the end is called; undefined: nothing, since nothing may be started. */
  expected(app: string): string | undefined {
    const { options } = this.#given;
    if (options.apps.find(({ name }) => name === app)?.mode === 'notify') return undefined;
    const newest = newestOf(app, options);
    const { refused, instead } = this.page(app);
    const called = nameOf(refused);
    if (called === undefined || newest === undefined || isNewer(newest, called)) return newest;
    return instead;
  }

  #write(app: string, entry: StoredApp['operator']['audit'][number], before: StoredApp): void {
    const page = this.page(app);
    const now = this.#given.now();
    const command = this.#asked.get(entry.from);
    if (command === undefined || command.kind !== entry.command)
      return this.#given.truth.violate('said', `${app}: ${entry.command} by ${entry.by} is taken, and nobody said so`);
    switch (command.kind) {
      case 'pause':
        this.#once(app, command.kind, page.pausedAt === undefined);
        page.pausedAt = now;
        return;
      case 'resume':
        this.#once(app, command.kind, page.pausedAt !== undefined);
        page.pausedMs += now - (page.pausedAt ?? now);
        page.pausedAt = undefined;
        page.resumedAt = now;
        return;
      case 'hold':
        page.isHeld = true;
        return;
      case 'release':
        this.#once(app, command.kind, page.isHeld);
        page.isHeld = false;
        return;
      case 'bypass':
        page.bypassedUntil = command.forMs === 0 ? 0 : now + command.forMs;
        return;
      case 'promote':
        page.votes = [...page.votes, { by: entry.by, at: now, rollout: before.rollout?.id, full: command.full }];
        return;
      case 'retry':
        this.#given.onRetry(app, command.release);
        if (isMeant(command.release, page.refused)) page.refused = undefined;
        return;
      case 'abort':
        return this.#callOff(page, before);
      case 'rollback':
        if (this.#given.options.apps.find(({ name }) => name === app)?.afterRollback === 'hold') page.isHeld = true;
        return before.rollout === undefined ? this.#goBack(page, before, command.release) : this.#callOff(page, before);
    }
  }

  #callOff(page: Page, { rollout, live }: StoredApp): void {
    if (rollout !== undefined && isNew(rollout)) page.refused = rollout.candidate?.release;
    // A rollback that had not begun is what is called off.
    if (rollout === undefined && page.refused?.id === live?.release.id) page.refused = undefined;
    page.instead = nameOf(live?.release);
  }

  #goBack(page: Page, { live }: StoredApp, to: string | undefined): void {
    const before = page.lives.findLast(({ id }) => id !== live?.release.id);
    page.refused = live?.release;
    page.instead = to ?? nameOf(before);
  }

  /** Asked for twice, a command changes something once. */
  #once(app: string, what: string, isNews: boolean): void {
    if (!isNews) this.#given.truth.violate('said', `${app}: ${what} changes something, although it is so already`);
  }
}

/** Of each image the one that was pushed last. */
function newestOf(app: string, { pushes }: Options): string | undefined {
  const own = pushes.filter((push) => push.app === app);
  const last = new Map(own.map(({ container = WEB, tag }) => [container, tag]));
  return nameImages([...last].map(([container, tag]) => ({ container, tag })));
}

function blank(): Page {
  return {
    pausedAt: undefined,
    resumedAt: undefined,
    isHeld: false,
    refused: undefined,
    instead: undefined,
    bypassedUntil: 0,
    votes: [],
    pausedMs: 0,
    lives: [],
  };
}

function isMeant(asked: string | undefined, refused: Release | undefined): boolean {
  return asked === undefined || asked === refused?.id || asked === nameOf(refused);
}

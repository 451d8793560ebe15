/**
 * How many rollouts may be under way at a time, over all apps and in each group of apps, of those that this daemon drives.
 * Who waits goes first come, first served; who cannot go yet because its group is full keeps nobody of another group waiting.
 * Nothing is granted before the state of every app has been looked at: it may have a rollout under way. A rollout that waits
 * for people gives its slot back, and has to ask for one as those that have not begun.
 */
import type { RolloutLimits } from '../config/settings.ts';
import type { App } from '../model/app.ts';

export interface SlotsGiven {
  readonly apps: readonly Pick<App, 'name' | 'group'>[];
  readonly limits: RolloutLimits;
  /** How many daemons share the work: each has an equal part of the limits, and one at least. */
  readonly share: () => number;
  /** It may be this app's turn. */
  readonly wake: (app: string) => void;
}

type Place =
  | { readonly kind: 'unread' }
  | { readonly kind: 'away' }
  /** Its state cannot be read before a person acts, so nothing waits for it. */
  | { readonly kind: 'stalled' }
  | { readonly kind: 'waiting'; readonly ticket: number }
  /** Its rollout is under way, or about to be saved. */
  | { readonly kind: 'holding' };

export class Slots {
  readonly #given: SlotsGiven;
  #limits: RolloutLimits;
  /** Of every app of the config. */
  #groups: ReadonlyMap<string, string | undefined>;
  readonly #places = new Map<string, Place>();
  /** Those that have asked since their turn began. */
  readonly #asking = new Set<string>();
  /** Those whose rollout is under way without a slot. */
  readonly #givenBack = new Set<string>();
  #tickets = 0;

  constructor(given: SlotsGiven) {
    this.#given = given;
    this.#limits = given.limits;
    this.#groups = groupsOf(given.apps);
    for (const { name } of given.apps) this.#places.set(name, { kind: 'unread' });
  }

  /** Another config: who is under way goes on, also beyond limits that are lower now. */
  follow({ apps, limits }: Pick<SlotsGiven, 'apps' | 'limits'>): void {
    this.#limits = limits;
    this.#groups = groupsOf(apps);
    for (const name of [...this.#places.keys()].filter((one) => !this.#groups.has(one))) {
      this.#places.delete(name);
      this.#asking.delete(name);
      this.#givenBack.delete(name);
    }
    for (const { name } of apps) if (!this.#places.has(name)) this.#places.set(name, { kind: 'unread' });
    this.#wakeWaiting();
  }

  /** Undefined where the app has a slot from now on; else why it has to wait, which keeps its place in the queue. */
  ask(app: string): string | undefined {
    if (!this.#groups.has(app)) return 'it has left the config';
    this.#asking.add(app);
    const place = this.#places.get(app);
    if (place?.kind === 'holding') return undefined;
    if (place?.kind !== 'waiting') this.#places.set(app, { kind: 'waiting', ticket: (this.#tickets += 1) });
    const unread = [...this.#places].filter(([, { kind }]) => kind === 'unread').map(([name]) => name);
    if (unread.length > 0) return 'the state of every app is read before anything new is started';
    const full = this.#fullFor(app);
    if (full === undefined) this.#put(app, { kind: 'holding' });
    return full;
  }

  /** What the app's turn begins or ends with: whether a rollout that takes a slot is under way. */
  note(app: string, isRolling: boolean): void {
    const before = this.#places.get(app);
    const isWaiting = before?.kind === 'waiting' && this.#asking.has(app);
    if (isRolling) this.#put(app, { kind: 'holding' });
    else if (!isWaiting) this.#put(app, { kind: 'away' });
  }

  beginTurn(app: string, isRolling: boolean): void {
    this.#recover(app);
    this.#asking.delete(app);
    this.#givenBack.delete(app);
    // Its place in the queue is kept until its turn shows that it wants none.
    if (isRolling || this.#places.get(app)?.kind !== 'waiting') this.note(app, isRolling);
  }

  /** A turn begins in which its rollout waits for people: others may go meanwhile. A place in the queue it keeps while it asks. */
  giveBack(app: string): void {
    if (!this.#groups.has(app)) return;
    this.#recover(app);
    const isWaiting = this.#places.get(app)?.kind === 'waiting' && this.#asking.has(app);
    this.#asking.delete(app);
    if (!isWaiting) this.#put(app, { kind: 'away' });
    this.#givenBack.add(app);
  }

  /** Its rollout is under way without a slot, and has to ask for one before it goes on. */
  hasGivenBack(app: string): boolean {
    return this.#givenBack.has(app);
  }

  /** Its turn failed, so it waits no more; a slot that it has, or may have taken, it keeps until its state is read again. */
  failed(app: string): void {
    if (this.#places.get(app)?.kind !== 'holding') this.#put(app, { kind: 'away' });
  }

  /** It is stopped, or driven by another daemon. */
  leave(app: string): void {
    this.#givenBack.delete(app);
    this.#put(app, { kind: 'away' });
  }

  /** Its state cannot be read, or saved, before a person acts. */
  stalled(app: string): void {
    this.#givenBack.delete(app);
    this.#put(app, { kind: 'stalled' });
  }

  /** It is driven by this daemon from now on, and what is under way is not known yet. */
  unread(app: string): void {
    this.#givenBack.delete(app);
    this.#put(app, { kind: 'unread' });
  }

  /** What a person has mended for one may be mended for all: their states are read before anything is granted. */
  #recover(app: string): void {
    if (this.#places.get(app)?.kind !== 'stalled') return;
    for (const [name, { kind }] of this.#places) if (kind === 'stalled') this.#places.set(name, { kind: 'unread' });
  }

  #put(app: string, place: Place): void {
    // The last turn of one that has left the config.
    if (!this.#groups.has(app)) return;
    const before = this.#places.get(app);
    this.#places.set(app, place);
    if (place.kind === 'holding') this.#givenBack.delete(app);
    if (isOut(place) && (before === undefined || !isOut(before))) this.#wakeWaiting();
  }

  #wakeWaiting(): void {
    for (const [name, { kind }] of this.#places) if (kind === 'waiting') this.#given.wake(name);
  }

  /** Why this app cannot go now: those that hold slots, and those before it that could go, leave it none. */
  #fullFor(app: string): string | undefined {
    const holders = [...this.#places].filter(([, { kind }]) => kind === 'holding').map(([name]) => name);
    const taken = [...holders];
    for (const name of this.#queue()) {
      const full = this.#fullWith(taken, name);
      if (name === app) return full;
      if (full === undefined) taken.push(name);
    }
    return undefined;
  }

  #queue(): readonly string[] {
    const waiting = [...this.#places].flatMap(([name, place]) =>
      place.kind === 'waiting' ? [{ name, ticket: place.ticket }] : [],
    );
    return waiting.sort((a, b) => a.ticket - b.ticket).map(({ name }) => name);
  }

  #fullWith(taken: readonly string[], app: string): string | undefined {
    const limits = this.#limits;
    const all = this.#partOf(limits.all);
    if (taken.length >= all) return `the most rollouts at a time (${all}) are under way, or come before it`;
    const group = this.#groups.get(app);
    if (group === undefined) return undefined;
    const most = this.#partOf(limits.groups[group]);
    if (taken.filter((name) => this.#groups.get(name) === group).length < most) return undefined;
    return `the most rollouts at a time of group ${group} (${most}) are under way, or come before it`;
  }

  #partOf(limit: number | undefined): number {
    if (limit === undefined) return Infinity;
    return Math.max(1, Math.floor(limit / Math.max(1, this.#given.share())));
  }
}

function groupsOf(apps: SlotsGiven['apps']): ReadonlyMap<string, string | undefined> {
  return new Map(apps.map(({ name, group }) => [name, group]));
}

function isOut({ kind }: Place): boolean {
  return kind === 'away' || kind === 'stalled';
}

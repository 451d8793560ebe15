/**
 * What may keep the apps of this daemon from starting a rollout of a new release: closed windows, apps that go first, and
 * others that have all the slots. Repairs and all that frees something are never asked about.
 */
import type { RolloutLimits, Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import { InvariantError, StalledError } from '../model/errors.ts';
import type { Release } from '../model/release.ts';
import { SECOND } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';
import type { WindowVerdict } from '../model/window.ts';
import { isBypassed, judgeWindows } from '../policy/windows.ts';
import type { Rollout } from '../rollout/state.ts';
import { EMPTY_STATE, parseAppState } from './app-state.ts';
import type { AppState } from './app-state.ts';
import { asksForSlot, needsNoSlot } from './held-rollout.ts';
import type { Leadership } from './leadership.ts';
import type { Machine } from './machine.ts';
import { takesSlot, whyAhead } from './order.ts';
import type { StateStore, TagSource } from './ports.ts';
import { Slots } from './slots.ts';

export interface GatesGiven {
  readonly settings: Pick<Settings, 'apps' | 'limits'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly store: Pick<StateStore, 'load'>;
  readonly tags: TagSource;
  readonly machine: Pick<Machine, 'desiredRelease'>;
  readonly leadership: Leadership;
  /** How many daemons share the work. */
  readonly share: () => number;
  readonly wake: (app: string) => void;
}

/** Why an app does not start, and when to look again. */
export interface Hold {
  readonly hold: string;
  readonly reason: string;
  readonly until?: Instant;
}

/** What is known of the apps that this daemon drives. */
interface Known {
  readonly state: AppState;
  /** A person must act before it does anything. */
  readonly isStill: boolean;
}

const NO_LIMITS: RolloutLimits = { all: undefined, groups: {} };
const LOOK_AGAIN_MS = 15 * SECOND;
const LOOK_SOON_MS = SECOND;

export class Gates {
  readonly #given: GatesGiven;
  readonly #slots: Slots;
  readonly #known = new Map<string, Known>();
  readonly #closed = new Map<string, { readonly since: Instant; readonly verdict: WindowVerdict }>();
  readonly #wanted = new Map<string, { readonly release: string; readonly at: Instant }>();
  /** Bugs have stopped them for good. */
  readonly #stopped = new Set<string>();
  #settings: GatesGiven['settings'];

  constructor(given: GatesGiven) {
    this.#given = given;
    this.#settings = given.settings;
    const { apps, limits = NO_LIMITS } = given.settings;
    this.#slots = new Slots({ ...given, apps, limits });
  }

  /** Another config; an app that is the same object as before is unchanged. */
  follow(settings: GatesGiven['settings']): void {
    const [before, after] = [new Set(this.#settings.apps), new Set(settings.apps)];
    this.#settings = settings;
    for (const app of [...before, ...after].filter((one) => !before.has(one) || !after.has(one))) {
      this.#closed.delete(app.name);
      this.#wanted.delete(app.name);
    }
    const names = new Set(settings.apps.map(({ name }) => name));
    for (const name of [...this.#known.keys()].filter((one) => !names.has(one))) this.#known.delete(name);
    for (const name of [...this.#stopped].filter((one) => !names.has(one))) this.#stopped.delete(name);
    this.#slots.follow({ apps: settings.apps, limits: settings.limits ?? NO_LIMITS });
  }

  /** Undefined where the rollout may start now: it has a slot then. Throws where the state of another app cannot be read. */
  async holdOf(app: App, state: AppState, release: Release): Promise<Hold | undefined> {
    const window = isBypassed(state.bypass, this.#given.clock.now()) ? undefined : this.#windowHold(app);
    if (window !== undefined) return window;
    const order = await this.#orderHold(app, release);
    if (order !== undefined) return order;
    const full = this.#slots.ask(app.name);
    return full === undefined ? undefined : { hold: 'slots', reason: `waiting for its turn: ${full}` };
  }

  /** Why a rollout that waited for people cannot go on yet: others have taken its slot. With `next`: from there to there. */
  slotHold(app: App, state: AppState, next?: Rollout): string | undefined {
    if (!this.#slots.hasGivenBack(app.name)) return undefined;
    const stays = needsNoSlot(next === undefined ? state : { ...state, rollout: next }, true);
    if (stays || (next !== undefined && !asksForSlot(next))) return undefined;
    const full = this.#slots.ask(app.name);
    return full === undefined ? undefined : `waiting for its turn to go on: ${full}`;
  }

  /** Closed windows, and nobody has opened them. */
  isClosed(app: App, { bypass }: Pick<AppState, 'bypass'>): boolean {
    return !isBypassed(bypass, this.#given.clock.now()) && this.#judge(app).kind === 'closed';
  }

  /** What is new may have to wait for other apps. */
  hasTurns({ after = [], group }: App): boolean {
    const { all, groups } = this.#settings.limits ?? NO_LIMITS;
    return after.length > 0 || all !== undefined || (group !== undefined && groups[group] !== undefined);
  }

  /** Who lets it start although its windows are closed. */
  bypassOf(app: App, { bypass }: Pick<AppState, 'bypass'>): string | undefined {
    if (!isBypassed(bypass, this.#given.clock.now())) return undefined;
    const verdict = this.#judge(app);
    return verdict.kind === 'open'
      ? undefined
      : `${verdict.reason}, bypassed by ${bypass.by} until ${isoOf(bypass.until)}`;
  }

  /** A turn begins with this state. */
  beginTurn(app: App, state: AppState): void {
    const hasGivenBack = this.#slots.hasGivenBack(app.name);
    if (isRolling(app, state) && needsNoSlot(state, hasGivenBack)) this.#slots.giveBack(app.name);
    else if (!hasGivenBack || state.rollout === undefined || !asksForSlot(state.rollout))
      this.#slots.beginTurn(app.name, isRolling(app, state));
    this.#know(app.name, { state, isStill: this.#known.get(app.name)?.isStill ?? false });
  }

  /** It ended with this state; `isStill`: nothing will come of it until a person acts. */
  endTurn(app: App, state: AppState, { isStill }: { readonly isStill: boolean }): void {
    this.#slots.note(app.name, isRolling(app, state));
    this.#know(app.name, { state, isStill });
  }

  /** The turn failed. */
  failed(app: App, error: unknown): void {
    if (error instanceof InvariantError) {
      this.#stopped.add(app.name);
      this.#slots.leave(app.name);
      this.#wakeFollowers(app.name);
    } else if (error instanceof StalledError) this.#slots.stalled(app.name);
    // It may have a rollout under way that nobody has seen yet.
    else if (!this.#known.has(app.name)) this.#slots.unread(app.name);
    else this.#slots.failed(app.name);
  }

  /** It is this daemon's from now on, or not any more. */
  changeHands(app: App, { isOurs }: { readonly isOurs: boolean }): void {
    this.#known.delete(app.name);
    this.#wanted.delete(app.name);
    this.#stopped.delete(app.name);
    if (isOurs) this.#slots.unread(app.name);
    else this.#slots.leave(app.name);
  }

  #know(app: string, known: Known): void {
    const before = this.#known.get(app);
    this.#known.set(app, known);
    const isNews =
      before?.isStill !== known.isStill ||
      before.state.rollout?.id !== known.state.rollout?.id ||
      before.state.live?.id !== known.state.live?.id;
    if (isNews) this.#wakeFollowers(app);
  }

  #wakeFollowers(app: string): void {
    const { wake } = this.#given;
    for (const { name, after } of this.#settings.apps) if (after?.includes(app) === true) wake(name);
  }

  #windowHold(app: App): Hold | undefined {
    const verdict = this.#judge(app);
    if (verdict.kind === 'open') return undefined;
    const { reason, opensAt, searchedUntil } = verdict;
    if (opensAt !== undefined)
      return { hold: 'window', reason: `${reason}; open from ${isoOf(opensAt)} on`, until: opensAt };
    return { hold: 'window', reason: `${reason}; not open before ${isoOf(searchedUntil)}`, until: searchedUntil };
  }

  /** A search may take a while: what is closed stays so until it opens. */
  #judge(app: App): WindowVerdict {
    const now = this.#given.clock.now();
    const known = this.#closed.get(app.name);
    if (known?.verdict.kind === 'closed') {
      const until = known.verdict.opensAt ?? known.verdict.searchedUntil;
      if (known.since <= now && now < until) return known.verdict;
    }
    const verdict = judgeWindows(app.windows ?? [], now);
    this.#closed.set(app.name, { since: now, verdict });
    return verdict;
  }

  async #orderHold(app: App, release: Release): Promise<Hold | undefined> {
    const { clock, tags, machine } = this.#given;
    const known = this.#wanted.get(app.name);
    const wanted = known?.release === release.id ? known : { release: release.id, at: clock.now() };
    this.#wanted.set(app.name, wanted);
    for (const name of app.after ?? []) {
      const other = this.#settings.apps.find((one) => one.name === name);
      if (other === undefined || this.#stopped.has(name)) continue;
      const state = await this.#stateOf(other);
      if (state === 'still') continue;
      const given = {
        state,
        tags,
        machine,
        now: clock.now(),
        wantedAt: wanted.at,
        isOpen: !this.isClosed(other, state),
      };
      const ahead = whyAhead(other, given);
      if (ahead === undefined) continue;
      if (ahead.want !== undefined) tags.want(ahead.want.source, ahead.want.tag);
      for (const source of ahead.look ?? []) tags.look(source);
      const pauseMs = ahead.look === undefined ? LOOK_AGAIN_MS : LOOK_SOON_MS;
      return { hold: 'order', reason: ahead.reason, until: clock.now() + pauseMs };
    }
    return undefined;
  }

  /** As this daemon knows it, or as another one has stored it. */
  async #stateOf({ name }: App): Promise<AppState | 'still'> {
    const known = this.#known.get(name);
    if (known !== undefined) return known.isStill ? 'still' : known.state;
    const stored = await this.#given.store.load(name);
    if (stored === undefined) return EMPTY_STATE;
    try {
      return parseAppState(name, stored.state);
    } catch (error) {
      if (error instanceof StalledError) return 'still';
      throw error;
    }
  }
}

/** One that only reports moves nothing, whatever it has begun before. */
function isRolling(app: App, { rollout }: AppState): boolean {
  return app.mode !== 'notify' && rollout !== undefined && takesSlot(rollout);
}

function isoOf(at: Instant): string {
  return new Date(at).toISOString();
}

/**
 * One app's loop, its only driver: look, decide, save, then act. A restart is the same loop with the state loaded; there
 * is no other recovery path. What to start when nothing is under way is decided in app-idle.
 */
import type { App, ImageSource } from '../model/app.ts';
import type { Caller, Command, CommandResult } from '../model/command.ts';
import { InvariantError } from '../model/errors.ts';
import type { Instant } from '../model/time.ts';
import type { Decision } from '../rollout/decide.ts';
import type { Refusal } from '../rollout/effect.ts';
import { seenProfile } from '../rollout/observation.ts';
import { hold } from '../rollout/held.ts';
import type { Rollout } from '../rollout/state.ts';
import { AppDocument } from './app-document.ts';
import type { AppEdges } from './app-edges.ts';
import type { AppState } from './app-state.ts';
import { CommandQueue } from './command-queue.ts';
import { Explainer } from './explain.ts';
import type { Figures } from './figures.ts';
import { isNotifyOnly, standStill } from './app-notify.ts';
import { idleTurn } from './app-idle.ts';
import { freshMemory } from './idle.ts';
import { obey } from './obey.ts';
import { FRESH_MS } from './look-due.ts';
import { Lookout } from './lookout.ts';
import { sayPaused } from './operator-refusal.ts';
import type { Pause } from './operator-state.ts';
import { perform } from './perform.ts';
import { overhear } from './remark.ts';
import type { AppLook, Remark } from './remark.ts';
import { figuresAtEnd, maskOf, stateAfter, superseded, votesOf, withRequests } from './rollout-turn.ts';
import { Sleeper } from './sleeper.ts';
import { endOfRemoval, endOfRemoved, removedTurn } from './removed.ts';
import { rememberTtl } from './ttl-memory.ts';

const SHORTEST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
/** While another daemon drives the app. */
const LOOK_FOR_TERM_MS = 10_000;
const PAUSED = 'paused';

export class AppLoop {
  #app: App;
  #configured: App;
  readonly #edges: AppEdges;
  readonly #sleeper: Sleeper;
  readonly #refusals = new Map<string, Refusal>();
  readonly #document: AppDocument;
  #explainer = new Explainer();
  readonly #commands: CommandQueue;
  #remark: Remark | undefined;
  /** Until a turn succeeds again. */
  #failure: Remark | undefined;
  #idle = freshMemory();
  readonly #lookout = new Lookout();
  #term: number | undefined;
  #lastWaitingOn = '';
  #hasGivenCommands = false;

  constructor(app: App, edges: AppEdges) {
    this.#app = app;
    this.#configured = app;
    const hear = (remark: Remark) => {
      if (remark.kind === 'failed') this.#failure = remark;
      else this.#remark = remark;
    };
    this.#edges = { ...edges, events: overhear(edges.events, edges.clock, hear) };
    this.#commands = edges.commands ?? new CommandQueue(app.name, edges.clock);
    this.#commands.open();
    this.#sleeper = new Sleeper(edges.clock);
    const onResumed = (rollout: Rollout) => edges.events.rolloutResumed(rollout);
    this.#document = new AppDocument({ ...edges, app, life: edges.newId(), onResumed });
  }

  /** With the versions of its secrets, where they count, as of its last turn. */
  get app(): App {
    return this.#app;
  }

  /** The same app, but for what may keep it from starting: from its next turn on. */
  follow(app: App): void {
    this.#configured = app;
    this.#sleeper.wake();
  }

  /** Something that may matter to this app has changed: look again now. */
  wake(): void {
    this.#sleeper.wake();
  }

  /** Answered once what it changes is saved, or it is refused. Never rejects. */
  async command(command: Command, caller: Caller): Promise<CommandResult> {
    const asked = this.#commands.ask(command, caller);
    this.#sleeper.wake();
    const result = await asked;
    if (result.kind === 'refused' && result.because !== 'situation') {
      const { because, message: outcome } = result;
      this.#edges.events.commandRefused(this.app.name, command, { ...caller, because, outcome });
    }
    return result;
  }

  /** For the loop that comes after it: what waits there is not refused when this one ends. */
  giveCommands(): CommandQueue {
    this.#hasGivenCommands = true;
    return this.#commands;
  }

  look(): AppLook {
    const isDriven = this.#edges.leadership.term(this.app.name) !== undefined;
    return {
      app: this.app,
      state: isDriven ? this.#document.known : undefined,
      remark: this.#failure ?? this.#remark,
      isDriven,
    };
  }

  /** Runs until the signal aborts, until a bug stops this app, or until it is removed. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#run(signal);
    if (this.#hasGivenCommands) return;
    this.#commands.close(`app ${this.app.name} is not driven any more: ${this.#remark?.text ?? 'the daemon stops'}`);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, events } = this.#edges;
    let retryMs = SHORTEST_RETRY_MS;
    while (!signal.aborted) {
      try {
        const wakeAt = await this.#turn(signal);
        this.#failure = undefined;
        if (wakeAt === undefined) return;
        retryMs = SHORTEST_RETRY_MS;
        await this.#sleeper.sleepUntil(wakeAt, signal);
      } catch (error) {
        this.#lookout.forget();
        this.#edges.gates?.failed(this.app, error);
        if (error instanceof InvariantError) {
          events.appStopped(this.app, error);
          return;
        }
        events.appFailed(this.app, error, retryMs);
        await clock.wait(retryMs, signal);
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      }
    }
  }

  /** When to look again; undefined: there is nothing left to do. */
  async #turn(signal: AbortSignal): Promise<Instant | undefined> {
    const term = this.#edges.leadership.term(this.app.name);
    if (term !== this.#term) this.#changeTerm(term);
    this.#app = this.#edges.pin?.(this.#configured) ?? this.#configured;
    if (term === undefined) {
      this.#edges.gates?.changeHands(this.app, { isOurs: false });
      this.#commands.refuseAll(
        'elsewhere',
        `app ${this.app.name} is driven by another daemon of the same state; ask there`,
      );
      return this.#edges.clock.now() + LOOK_FOR_TERM_MS;
    }
    this.#document.enter(term);
    const read = await this.#document.read();
    const save = (next: AppState, announce: () => void) => this.#save(next, announce);
    const state = read && (await obey(this.#commands, read, { app: this.app, ...this.#edges, save }));
    if (state === undefined) return this.#edges.clock.now();
    this.#explain(state);
    const { removal, gates } = this.#edges;
    gates?.beginTurn(this.app, state);
    if (state.operator.pause !== undefined) return this.#pausedTurn(state.operator.pause);
    const given = { app: this.app, state, memory: this.#idle, ...this.#edges, ...this.#edges.sweep?.(this.app.name) };
    if (state.rollout !== undefined) {
      if (removal === undefined && isNotifyOnly(this.app)) return standStill(given, state.rollout).wakeAt;
      return this.#rolloutTurn(state, state.rollout, signal);
    }
    const turn = removal === undefined ? await idleTurn(given) : await removedTurn(given, removal);
    // What it took to see that there is something to do is of no rollout.
    this.#edges.takeRequests?.(this.app.name);
    const isSaved = turn.state === undefined || (await this.#save(turn.state, () => turn.announce?.()));
    if (isSaved) this.#beginLook(turn.state?.rollout);
    gates?.endTurn(this.app, (isSaved ? turn.state : undefined) ?? state, { isStill: turn.isStill === true });
    return turn.isOver === true && isSaved ? undefined : turn.wakeAt;
  }

  /** The look that led to it is a rollout's own first look, where that was just now. */
  #beginLook(rollout: Rollout | undefined): void {
    const { around } = this.#idle;
    if (rollout === undefined || around === undefined) return;
    if (this.#edges.clock.now() <= around.askedAt + FRESH_MS) this.#lookout.begin(rollout, around);
  }

  #explain({ live, rollout }: AppState): void {
    const { clock, events, tags, removal } = this.#edges;
    if (removal !== undefined) return;
    const candidate = rollout?.backPlan === undefined ? rollout?.candidate : undefined;
    const given = { latest: (source: ImageSource) => tags.latest(source), now: clock.now() };
    const news = this.#explainer.news(this.app, (candidate ?? live)?.release, given);
    for (const told of news) events.releaseExplained(this.app, told);
  }

  /** Whatever is remembered may be out of date. */
  #changeTerm(term: number | undefined): void {
    this.#term = term;
    this.#edges.gates?.changeHands(this.app, { isOurs: term !== undefined });
    this.#remark = undefined;
    // One of many has its turn to look; what is to be started looks first anyway.
    const hasTurn = this.#edges.sweep?.(this.app.name).sweepOffsetMs !== undefined;
    this.#forget(hasTurn ? this.#edges.clock.now() : undefined);
  }

  #forget(sweptAt?: Instant): void {
    this.#lookout.forget();
    this.#refusals.clear();
    this.#explainer = new Explainer();
    this.#idle = freshMemory(sweptAt);
    this.#lastWaitingOn = '';
  }

  #pausedTurn(pause: Pause): Instant {
    if (this.#lastWaitingOn !== PAUSED) {
      sayPaused(this.app, pause, this.#edges.events);
      this.#forget();
      this.#lastWaitingOn = PAUSED;
    }
    return this.#edges.clock.now() + LOOK_FOR_TERM_MS;
  }

  async #rolloutTurn(state: AppState, rollout: Rollout, signal: AbortSignal): Promise<Instant> {
    const { clock, events, tags, machine, leadership, removal } = this.#edges;
    const given = { app: this.app, state, tags, machine, now: clock.now() };
    const superseding =
      removal === undefined
        ? (endOfRemoval(rollout, state, clock.now()) ?? superseded(rollout, { ...given, gates: this.#edges.gates }))
        : endOfRemoved(rollout, clock.now());
    if (superseding !== undefined) {
      const announce = () => events.rolloutChanged(superseding.rollout, superseding.change);
      await this.#save({ ...state, rollout: superseding.rollout }, announce);
      return clock.now();
    }
    const full = this.#edges.gates?.slotHold(this.app, state);
    if (full !== undefined) return this.#waitForSlot(state, hold(rollout, clock.now()), full);
    const mask = maskOf(given, rollout, this.#edges.readSecrets);
    const sight = await this.#lookout.decide(rollout, {
      ...this.#edges,
      refusals: this.#refusals,
      mask,
      votes: votesOf(state, rollout),
    });
    if (signal.aborted) return clock.now();
    const { observation } = sight;
    const { change } = sight.decision;
    const denied =
      change?.kind === 'stepDone' ? this.#edges.gates?.slotHold(this.app, state, sight.decision.rollout) : undefined;
    if (denied !== undefined) return this.#waitForSlot(state, rollout, denied);
    const decision = withRequests(sight.decision, () => this.#edges.takeRequests?.(this.app.name));
    const seen = seenProfile(observation);
    // What is handed out while this rollout lasts is held beyond its end.
    const { propagationMarginMs: lagMs } = rollout.settings;
    const ttl = seen === undefined ? state.ttl : rememberTtl(state.ttl, seen.ttlSeconds, clock.now(), { lagMs });
    const figures = figuresAtEnd(given, decision.rollout);
    const next = stateAfter({ ...state, ttl }, decision.rollout, figures);
    const isSaved = await this.#save(next, () => this.#announce(decision, figures));
    if (isSaved && !signal.aborted) {
      const fence = () => leadership.term(this.app.name) === this.#term;
      const edges = { ...this.#edges, app: this.app, state, profile: seen, refusals: this.#refusals, fence };
      const outcomes = await perform(decision.rollout, decision.effects, edges);
      this.#lookout.acted(decision.effects, outcomes, clock.now());
    }
    return decision.wakeAt;
  }

  /** It goes on where it is once it has its slot again; no deadline runs meanwhile. */
  async #waitForSlot(state: AppState, rollout: Rollout, reason: string): Promise<Instant> {
    const { clock, events } = this.#edges;
    const isNews = reason !== this.#lastWaitingOn;
    this.#lastWaitingOn = reason;
    if (rollout !== state.rollout) await this.#save({ ...state, rollout }, () => undefined);
    if (isNews) events.rolloutWaiting(rollout, reason, undefined);
    return clock.now() + LOOK_FOR_TERM_MS;
  }

  #announce(decision: Decision, figures: Figures | undefined): void {
    const { events } = this.#edges;
    const { rollout, change, waitingOn, until } = decision;
    if (change !== undefined) {
      events.rolloutChanged(rollout, change, figures);
      if (change.kind === 'stepDone' && change.step.kind === 'capture' && rollout.evidence !== undefined)
        events.rolloutEvidence(rollout, rollout.evidence);
      this.#lastWaitingOn = '';
      if (change.kind === 'finished') {
        this.#refusals.clear();
        this.#idle.lastSaid = '';
        this.#idle.sweptAt = undefined;
      }
    } else if (waitingOn !== this.#lastWaitingOn) {
      this.#lastWaitingOn = waitingOn;
      events.rolloutWaiting(rollout, waitingOn, until);
    }
  }

  /** False where another daemon may drive the app by now: nothing is saved, so nothing may be done. */
  #save(next: AppState, announce: () => void): Promise<boolean> {
    const { resourceGroup, traffic, probe, rollout } = this.app;
    return this.#document.save({ ...next, setup: { resourceGroup, traffic, probe, rollout } }, announce);
  }
}

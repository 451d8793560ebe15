/**
 * Judges by docs/commands.md and docs/gates.md, at each save and each request: what may start now, what may be changed,
 * and whether people were waited for. By what was said, what the windows mean and what is saved of the other apps.
 */
import type { Instant } from '../model/time.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import { appIn } from './configs.ts';
import type { Configs } from './configs.ts';
import { isOpenAt } from './draw-gating.ts';
import { gateAt } from './draw-worker.ts';
import type { Ledger, Page } from './ledger.ts';
import type { AppOptions, Options } from './options.ts';
import { judgeBlame, judgeChecks } from './judge-checks.ts';
import type { CheckAnswers } from './check-answers.ts';
import { isNewer, isOlder } from './release-words.ts';
import { isLarge, isNew, nameOf, readStored } from './stored-app.ts';
import type { StoredApp, StoredRollout } from './stored-app.ts';
import type { Truth } from './truth.ts';

export interface JudgeGiven {
  readonly options: Options;
  readonly configs: Configs;
  readonly ledger: Ledger;
  readonly truth: Truth;
  readonly now: () => Instant;
  /** Undefined where it has none that can be read. */
  readonly stateOf: (app: string) => unknown;
  /** Who is asked by checks. */
  readonly answers: CheckAnswers | undefined;
  /** True where each group is there and serves. */
  readonly serve: (groups: readonly string[]) => boolean;
}

/** A turn may look at the world between two looks at the others. */
const UNSEEN_MS = 3 * MINUTE;
/** From these on, what serves may be changing. */
const CHANGING = new Set(['register', 'online', 'weigh', 'swap', 'deregister', 'drain', 'retire', 'stop']);

interface UnderWay {
  readonly id: string;
  readonly at: Instant;
  readonly cursor: number;
  /** When it came to the step: a save may take long, and no timer waits for that. */
  readonly enteredAt: Instant;
  readonly savedAt: Instant;
  /** Milliseconds of pauses before that. */
  readonly pausedMs: number;
  /** It takes a slot, and asks nobody. */
  readonly waitsForNobody: boolean;
  /** Since when it is on its way back. */
  readonly backSince: Instant | undefined;
}

export class JudgePeople {
  readonly #given: JudgeGiven;
  /** When the rollout of each app was saved, and when it came to the step that it is at. */
  readonly #since = new Map<string, UnderWay>();
  /** Rollbacks to what still stands, by app. */
  readonly #warm = new Map<string, string>();
  /** How far what a daemon did lately may be from its clock and its knowledge. */
  readonly #slackMs: number;

  constructor(given: JudgeGiven) {
    this.#given = given;
    const { skewMs = 0, pauses = [] } = given.options.daemons ?? {};
    this.#slackMs = 2 * SECOND + skewMs + Math.max(0, ...pauses.map(({ ms }) => ms));
  }

  /** Call it before the ledger knows of the save. */
  saved(app: AppOptions, before: StoredApp, after: StoredApp): void {
    const { rollout } = after;
    const isStart = rollout !== undefined && rollout.id !== before.rollout?.id;
    if (isStart && isNew(rollout)) this.#judgeNew(app, rollout);
    if (isStart && rollout.reason === 'rollback') this.#judgeRollback(app, rollout, before);
    if (rollout === undefined) this.#warm.delete(app.name);
    if (rollout !== undefined && rollout.id === before.rollout?.id) this.#judgeSteps(app, before.rollout, rollout);
    this.#remember(app.name, rollout, isStart);
  }

  /** A change of a group or an endpoint of the app reaches the model; it was sent at `sentAt`. */
  changes(app: AppOptions, what: string, sentAt: Instant): void {
    const { ledger, truth } = this.#given;
    if (app.mode === 'notify') truth.violate('gates', `${what}, although ${app.name} only reports`);
    const { pausedAt } = ledger.page(app.name);
    if (pausedAt !== undefined && sentAt > pausedAt) truth.violate('said', `${what}, although ${app.name} is paused`);
    const warm = this.#warm.get(app.name);
    if (warm !== undefined && what.startsWith('createGroup') && !truth.isExcused(app.name))
      truth.violate('said', `${what} in rollback ${warm}, although all that it needs stands`);
  }

  #judgeNew(app: AppOptions, rollout: StoredRollout): void {
    const { ledger, truth, now } = this.#given;
    const page = ledger.page(app.name);
    const name = nameOf(rollout.candidate?.release) ?? '';
    const starts = `${app.name}: ${name} starts`;
    const live = nameOf(rollout.live?.release);
    if (live !== undefined && isOlder(name, live)) truth.violate('R7', `${starts} in place of ${live}, which is newer`);
    if (app.mode === 'notify') truth.violate('gates', `${starts}, although the app only reports`);
    if (page.pausedAt !== undefined) truth.violate('said', `${starts}, although the app is paused`);
    if (page.isHeld) truth.violate('said', `${starts}, although the app is held`);
    const called = nameOf(page.refused);
    if (called !== undefined && (rollout.candidate?.release.id === page.refused?.id || isBehind(name, called)))
      truth.violate('said', `${starts} by itself, although ${called} was called off`);
    if (page.bypassedUntil < now() - this.#slackMs && this.#isClosed(app))
      truth.violate('gates', `${starts}, although its windows are closed`);
    this.#judgeOthers(app, starts);
  }

  /** By each config that may count now. */
  #isClosed({ name }: AppOptions): boolean {
    const variants = this.#given.configs.variants(name);
    return variants.length > 0 && variants.every((app) => this.#areClosed(app));
  }

  #areClosed({ windows = [] }: AppOptions): boolean {
    const now = this.#given.now();
    for (let at = now - this.#slackMs; at <= now + this.#slackMs; at += SECOND) if (isOpenAt(windows, at)) return false;
    return windows.length > 0;
  }

  #judgeOthers(app: AppOptions, starts: string): void {
    const { options, configs, truth, now, stateOf } = this.#given;
    const { newest, possible } = configs;
    const known = newest.apps.filter(({ name }) => possible.every((version) => appIn(version, name) !== undefined));
    const rolling = known.filter(({ name, mode }) => {
      const { rollout } = name === app.name || mode === 'notify' ? {} : readStored(stateOf(name));
      return rollout !== undefined && isLarge(rollout);
    });
    for (const { name } of rolling) {
      const since = this.#since.get(name);
      if (app.after?.includes(name) === true && since !== undefined && since.at < now() - UNSEEN_MS - this.#slackMs)
        truth.violate('gates', `${starts}, although ${name} goes first and its rollout ${since.id} is under way`);
    }
    // Several daemons have a part of the slots each, and each of them one at least.
    if ((options.daemons?.count ?? 1) > 1) return;
    const { all, groups = {} } = options.limits ?? {};
    // Repairs, rollbacks and ways back take a slot without waiting, also while another app looks at the world before it starts.
    const others = rolling.filter(({ name }) => !this.#hasJustTaken(name) && !this.#waitsForPeople(name));
    const inGroup = others.filter(({ group }) => group === app.group).length;
    const most = app.group === undefined ? undefined : groups[app.group];
    if (all !== undefined && others.length >= all)
      truth.violate('gates', `${starts} beside ${others.length} others, of which there may be ${all} at a time`);
    if (most !== undefined && inGroup >= most)
      truth.violate('gates', `${starts} beside ${inGroup} others of its group, which has ${most} slots`);
  }

  /** Nothing that serves has changed, and people are waited for: it has given its slot back. */
  #waitsForPeople(app: string): boolean {
    const { ledger, stateOf, now } = this.#given;
    const { rollout } = readStored(stateOf(app));
    if (rollout === undefined || !isNew(rollout) || rollout.backPlan !== undefined) return false;
    const entered = rollout.plan.slice(0, rollout.cursor + 1).map(({ kind }) => kind);
    if (entered.some((kind) => CHANGING.has(kind))) return false;
    const { pausedAt, resumedAt = -Infinity } = ledger.page(app);
    // Once resumed it waits for its turn to go on, also where that was given to another just before.
    const isStill = pausedAt !== undefined || rollout.heldSince !== undefined || now() < resumedAt + UNSEEN_MS;
    return isStill || ['gate', 'check'].includes(entered.at(-1) ?? '');
  }

  #hasJustTaken(app: string): boolean {
    const known = this.#since.get(app);
    if (known === undefined) return false;
    const { at, waitsForNobody, backSince = -Infinity } = known;
    return Math.max(waitsForNobody ? at : -Infinity, backSince) >= this.#given.now() - UNSEEN_MS;
  }

  #judgeRollback({ name }: AppOptions, { id, candidate }: StoredRollout, { retained }: StoredApp): void {
    const kept = retained.filter(({ kind, stack }) => kind === undefined && stack.release.id === candidate?.release.id);
    const standing = kept.findLast(({ stack }) => this.#given.serve(stack.groups.map((group) => group.name)));
    if (standing === undefined || this.#given.truth.isExcused(name)) return;
    this.#warm.set(name, id);
  }

  #judgeSteps(app: AppOptions, before: StoredRollout, after: StoredRollout): void {
    this.#judgeGate(app, before, after);
    const { ledger, truth, answers } = this.#given;
    const since = (this.#since.get(app.name)?.enteredAt ?? 0) - this.#slackMs;
    const hasSaidYes = votersOf(ledger.page(app.name), { id: before.id, since }) > 0;
    if (answers === undefined) return;
    if (!hasSaidYes) judgeChecks(app, { before, after, since, answers, truth });
    judgeBlame(app, { before, after, truth });
  }

  /** A gate opens for people, or by itself; it goes back when their time is over, and not before. */
  #judgeGate(app: AppOptions, before: StoredRollout, after: StoredRollout): void {
    const { ledger, truth, now } = this.#given;
    const step = before.plan[before.cursor];
    const known = this.#since.get(app.name);
    const gate = gateAt(app, before.plan, before.cursor);
    if (before.backPlan !== undefined || step?.kind !== 'gate' || gate === undefined || known === undefined) return;
    const page = ledger.page(app.name);
    const sinceMs = now() - known.enteredAt + 2 * this.#slackMs;
    const waitedMs = sinceMs - (page.pausedMs - known.pausedMs);
    const { approvals, autoAfterMs, timeoutMs, onTimeout } = gate;
    if (after.backPlan !== undefined) {
      if (after.turnedBack?.needsPerson === true && waitedMs < timeoutMs)
        truth.violate('gates', `${app.name}: people had ${waitedMs} ms to promote it in place of ${timeoutMs}`);
    } else if (after.cursor > before.cursor) {
      const yes = votersOf(page, { id: before.id, since: known.enteredAt - this.#slackMs });
      // Its timer runs on in a pause, the time of people does not.
      const isOver =
        autoAfterMs === undefined ? onTimeout === 'promote' && waitedMs >= timeoutMs : sinceMs >= autoAfterMs;
      if (yes < approvals && !isOver)
        truth.violate('gates', `${app.name}: a gate opens for ${yes} people in place of ${approvals}`);
    }
  }

  #remember(app: string, rollout: StoredRollout | undefined, isStart: boolean): void {
    if (rollout === undefined) return void this.#since.delete(app);
    const { ledger, now } = this.#given;
    const before = this.#since.get(app);
    const cursor = rollout.backPlan === undefined ? rollout.cursor : -1;
    if (!isStart && before?.cursor === cursor) return void this.#since.set(app, { ...before, savedAt: now() });
    const at = isStart || before === undefined ? now() : before.at;
    const backSince = rollout.backPlan === undefined ? undefined : (before?.backSince ?? now());
    this.#since.set(app, {
      id: rollout.id,
      at,
      cursor,
      // As it says itself, but never before the save that came before, nor after this one.
      enteredAt: Math.min(now(), Math.max(rollout.enteredAt, isStart ? -Infinity : (before?.savedAt ?? -Infinity))),
      savedAt: now(),
      pausedMs: ledger.page(app).pausedMs,
      waitsForNobody: !isNew(rollout),
      backSince,
    });
  }
}

/** Nothing of it is newer. */
function isBehind(name: string, called: string): boolean {
  return isOlder(name, called) && !isNewer(name, called);
}

function votersOf({ votes }: Page, { id, since }: { id: string; since: Instant }): number {
  const own = votes.filter(({ rollout, at, full }) => rollout === id && (full || at >= since));
  return new Set(own.map(({ by }) => by)).size;
}

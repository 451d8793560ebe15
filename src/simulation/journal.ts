/**
 * Judges what the daemon says of itself: each change once and in order (R9), one rollout at a time (R5), no release tried
 * again after its own fault and none condemned for the world's (R7), none called off for another once it serves.
 */
import type { EventLog } from '../controller/event-log.ts';
import { isOlder } from './release-words.ts';
import type { Truth } from './truth.ts';

export interface Said {
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** From then on a rollout is finished before another release counts. */
const INTO_ROTATION = / forward (register|online|weigh|swap) candidate/;

export interface JournalGiven {
  readonly truth: Truth;
  /** True where every container of the release works as it should, and within what its probe waits for. */
  readonly isGood: (app: string, name: string) => boolean;
  readonly onSaid: (said: Said) => void;
  /** That may never be logged. */
  readonly secret: string;
}

export class Journal {
  /** Rollouts that have finished, by app. */
  readonly finished = new Map<string, number>();
  readonly #given: JournalGiven;
  readonly #once = new Set<string>();
  /** Their names. */
  readonly #condemned = new Map<string, string>();
  readonly #open = new Map<string, string>();
  readonly #repairs = new Set<string>();
  readonly #rollbacks = new Set<string>();
  /** Rollouts that one life has driven from their start, forward, with their steps. */
  readonly #whole = new Map<string, readonly unknown[]>();

  constructor(given: JournalGiven) {
    this.#given = given;
  }

  /** A daemon's log. */
  log(isOver: () => boolean): EventLog {
    const add = (fields: Readonly<Record<string, unknown>>, message: string) => {
      if (!isOver()) this.#hear({ event: String(fields['event']), fields, message });
    };
    return { debug: add, info: add, warn: add, error: add };
  }

  /** A daemon has died: what it left unsaid is not held against the next one. */
  lifeEnded(): void {
    this.#open.clear();
    this.#whole.clear();
  }

  /** With its memory the world also forgets what was condemned. */
  stateLost(): void {
    this.#condemned.clear();
  }

  /** Somebody asks for it once more: by its id or its name, or whatever should run. */
  retried(app: string, asked: string | undefined): void {
    for (const [key, name] of this.#condemned) {
      const isMeant = asked === undefined || asked === name || key === `${app} ${asked}`;
      if (key.startsWith(`${app} `) && isMeant) this.#condemned.delete(key);
    }
  }

  #hear(said: Said): void {
    this.#given.onSaid(said);
    if (said.message.includes(this.#given.secret)) this.#given.truth.violate('R9', 'a token is in the log');
    const { event, fields, message } = said;
    const { truth } = this.#given;
    const app = String(fields['app']);
    const rollout = String(fields['rollout']);
    switch (event) {
      case 'rollout.replanned':
        if (this.#whole.has(rollout)) this.#whole.set(rollout, Array.isArray(fields['plan']) ? fields['plan'] : []);
        return;
      case 'rollout.started':
        this.#sayOnce(`${rollout} started`);
        // Said late, by one that did not know whether that was saved, and whose app another has driven meanwhile.
        if (this.#once.has(`${rollout} finished`)) return;
        if (this.#open.has(app))
          truth.violate('R5', `${app}: ${rollout} starts while ${this.#open.get(app)} is under way`);
        this.#open.set(app, rollout);
        this.#whole.set(rollout, Array.isArray(fields['plan']) ? fields['plan'] : []);
        if (fields['reason'] === 'repair') {
          this.#repairs.add(rollout);
          const reasons = String(fields['reasons']);
          const vanished = /container group (\S+) has vanished/.exec(reasons)?.[1];
          if (truth.isSound(app) && (vanished === undefined || !truth.isGone(vanished)))
            truth.violate('R6', `${app}: what is not broken is replaced: ${reasons}`);
        }
        // Somebody has asked for it.
        if (fields['reason'] === 'rollback') return void this.#rollbacks.add(rollout);
        if (isLower(fields['to'], fields['from'])) {
          truth.violate('R7', `${app}: goes down from ${String(fields['from'])} to ${String(fields['to'])}`);
        }
        if (
          this.#condemned.has(`${app} ${String(fields['release'])}`) &&
          fields['reason'] !== 'cleanUp' &&
          fields['reason'] !== 'removal'
        ) {
          truth.violate('R7', `${app}: ${String(fields['to'])} is tried again though it failed by its own fault`);
        }
        return;
      case 'rollout.step_done':
        this.#sayOnce(
          `${rollout} ${String(fields['direction'])} ${String(fields['step'])} ${String(fields['side'])}${partOf(fields)} done`,
        );
        return;
      case 'rollout.step_left_out': {
        // It never is done, and the line says so; of which side it does not tell.
        const kind = `${String(fields['leftOut'])} `;
        const isLeft = (step: unknown) => String(step).startsWith(kind) && String(step).endsWith(partOf(fields));
        this.#whole.set(rollout, this.#whole.get(rollout)?.filter((step) => !isLeft(step)) ?? []);
        return;
      }
      case 'rollout.turned_back':
        this.#sayOnce(`${rollout} turned back`);
        this.#whole.delete(rollout);
        // What runs or ran is not condemned by a repair or a rollback that fails, nor by endpoints that cannot be put back.
        if (
          fields['fault'] === 'release' &&
          fields['release'] !== undefined &&
          !this.#repairs.has(rollout) &&
          !this.#rollbacks.has(rollout)
        )
          this.#condemn(said, app);
        return;
      case 'rollout.turned_forward':
        // The same steps are walked once more.
        for (const once of this.#once)
          if (once.startsWith(`${rollout} `) && !once.endsWith(' started')) this.#once.delete(once);
        return;
      case 'rollout.overdue':
        this.#whole.delete(rollout);
        return;
      case 'partition.taken':
        this.#whole.clear();
        // What the last holder left unsaid is not held against this one.
        for (const open of this.#open.keys()) if (isAmong(open, fields['apps'])) this.#open.delete(open);
        return;
      case 'rollout.finished':
        this.#sayOnce(`${rollout} finished`);
        for (const step of this.#whole.get(rollout) ?? []) {
          if (!this.#once.has(`${rollout} forward ${String(step)} done`))
            truth.violate('R9', `${app}: ${rollout} has finished, and ${String(step)} was never said to be done`);
        }
        if (fields['outcome'] === 'Superseded' && this.#hasServed(rollout))
          truth.violate(
            'said',
            `${app}: ${rollout} was called off for another release once its candidate was in rotation`,
          );
        if (this.#open.get(app) === rollout) this.#open.delete(app);
        this.finished.set(app, (this.finished.get(app) ?? 0) + 1);
        if (fields['outcome'] === 'Succeeded' && fields['to'] !== undefined) truth.live.add(app);
        return;
      case 'app.stopped':
        truth.violate('R10', `a bug stopped ${message}`);
        return;
      default:
    }
  }

  #hasServed(rollout: string): boolean {
    return [...this.#once].some((what) => what.startsWith(`${rollout} forward `) && INTO_ROTATION.test(what));
  }

  #condemn({ fields, message }: Said, app: string): void {
    const { truth, isGood } = this.#given;
    const to = String(fields['to']);
    this.#condemned.set(`${app} ${String(fields['release'])}`, to);
    // What the world did to its groups looks like the release's own doing, also after a long pause.
    const isSpoiled = truth.hasBroken(`${app}-${String(fields['rollout'])}-`);
    if (isGood(app, to) && !truth.isExcused(app) && !isSpoiled)
      truth.violate('R7', `${app}: ${to} is condemned without a fault: ${message}`);
  }

  #sayOnce(what: string): void {
    if (this.#once.has(what)) this.#given.truth.violate('R9', `said twice: ${what}`);
    this.#once.add(what);
  }
}

function partOf({ part }: Readonly<Record<string, unknown>>): string {
  return typeof part === 'string' ? ` ${part}` : '';
}

function isAmong(name: string, names: unknown): boolean {
  return Array.isArray(names) && names.includes(name);
}

function isLower(to: unknown, from: unknown): boolean {
  return typeof to === 'string' && typeof from === 'string' && isOlder(to, from);
}

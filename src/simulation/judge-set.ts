/**
 * Judges by docs/release-choice.md whether an app of two images waits for its set (the rule `settle`): nothing new starts
 * before its settle time has passed since the last image of it was pushed, or five of them since anything newer was.
 */
import type { Instant } from '../model/time.ts';
import type { AppOptions, Options } from './options.ts';
import { imagesIn, isNewer, WEB } from './release-words.ts';
import { isNew, nameOf } from './stored-app.ts';
import type { StoredApp } from './stored-app.ts';
import type { Truth } from './truth.ts';

export interface JudgeSetGiven {
  readonly options: Options;
  readonly truth: Truth;
  readonly now: () => Instant;
  readonly start: Instant;
}

const MOST_SETTLE_TIMES = 5;

export class JudgeSet {
  readonly #given: JudgeSetGiven;
  /** What was begun once, and may be tried again without another wait; by app and release. */
  readonly #begun = new Set<string>();

  constructor(given: JudgeSetGiven) {
    this.#given = given;
  }

  /** A save of the app has taken effect. */
  saved(app: AppOptions, before: StoredApp, { rollout }: StoredApp): void {
    if (app.set === undefined || rollout === undefined || rollout.id === before.rollout?.id || !isNew(rollout)) return;
    const { truth } = this.#given;
    const [name, live] = [nameOf(rollout.candidate?.release), nameOf(rollout.live?.release)];
    const key = `${app.name} ${rollout.candidate?.release.id}`;
    const isFirst = !this.#begun.has(key);
    this.#begun.add(key);
    // What does not serve is replaced at once.
    if (name === undefined || live === undefined || !isFirst || !truth.isSound(app.name)) return;
    const early = this.#earlyMs(app, name, live);
    if (early > 0)
      truth.violate('settle', `${app.name}: ${name} starts ${early} ms before the images of its set have settled`);
  }

  #earlyMs({ name: app, set }: AppOptions, name: string, live: string): number {
    const { options, now, start } = this.#given;
    const { settleMs = 0 } = set ?? {};
    const images = imagesIn(name);
    const running = imagesIn(live);
    const pushes = options.pushes.filter((push) => push.app === app);
    // A tag that moves is there from its first push on.
    const pushed = [...images]
      .filter(([container, tag]) => running.get(container) !== tag)
      .map(
        ([container, tag]) => pushes.find((one) => (one.container ?? WEB) === container && one.tag === tag)?.at ?? 0,
      );
    const newer = pushes.filter(({ container = WEB, tag }) => isNewer(`${container} ${tag}`, live)).map(({ at }) => at);
    if (pushed.length === 0) return 0;
    const until = Math.min(Math.max(...pushed) + settleMs, Math.min(...newer) + MOST_SETTLE_TIMES * settleMs);
    return start + until - now();
  }
}

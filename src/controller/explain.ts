/**
 * Tells in the log why each tag was or was not chosen: for each image, once a poll has brought another list or time has
 * led to another choice. What was told is kept in memory only.
 */
import type { App, ImageSource } from '../model/app.ts';
import type { Release } from '../model/release.ts';
import type { TagList } from '../model/tag.ts';
import type { Instant } from '../model/time.ts';
import { explain } from '../policy/choose.ts';
import { nextRipe } from '../policy/filter.ts';
import { summarize } from '../policy/summary.ts';
import type { ChoiceSummary } from '../policy/summary.ts';
import { runningTag } from './desired.ts';
import type { DesiredGiven } from './desired.ts';

export interface ToldChoice extends ChoiceSummary {
  readonly source: ImageSource;
  readonly running: string | undefined;
}

interface Told {
  readonly list: TagList;
  readonly running: string;
  /** When the choice may be another one by itself. */
  readonly ripensAt: Instant;
  readonly choice: string;
}

export class Explainer {
  readonly #told = new Map<string, Told>();

  /** What is to be told now, for each image; `running` is the release that a newer one would follow. */
  news(app: App, running: Release | undefined, given: DesiredGiven): readonly ToldChoice[] {
    return app.images.flatMap((source) => this.#newsOf(source, running, given) ?? []);
  }

  #newsOf(source: ImageSource, release: Release | undefined, { latest, now }: DesiredGiven): ToldChoice | undefined {
    const list = latest(source);
    if (list?.kind !== 'known') return undefined;
    const running = runningTag(source, release);
    const mark = `${running?.name}@${running?.digest}`;
    const told = this.#told.get(source.container);
    if (told?.list === list && told.running === mark && now < told.ripensAt) return undefined;
    const explained = explain(source.policy, list.tags, { running, now });
    const choice = `${explained.chosen?.name}@${explained.chosen?.digest} ${explained.reason}`;
    const ripensAt = nextRipe(source.policy.filter, list.tags, now) ?? Infinity;
    this.#told.set(source.container, { list, running: mark, ripensAt, choice });
    if (told?.list === list && told.choice === choice) return undefined;
    return { source, running: running?.name, ...summarize(explained, list.tags) };
  }
}

/**
 * The loops of all apps, one driver for each name at a time: where an app changes, its loop ends what is in flight before
 * the next one begins, with the state loaded, as after a restart. The others go on as they are.
 */
import { isSameButGates } from '../config/changes.ts';
import type { App } from '../model/app.ts';
import type { AppLoop } from './app-loop.ts';
import type { CommandQueue } from './command-queue.ts';
import type { Removal } from './removed.ts';

/** Makes the loop of an app; `commands`: of the one before it. */
export type MakeLoop = (
  app: App,
  given: { readonly removal: Removal | undefined; readonly commands: CommandQueue | undefined },
) => AppLoop;

interface Place {
  app: App;
  readonly loop: AppLoop;
  /** Where the app is in the config no more. */
  readonly removal: Removal | undefined;
  readonly stop: AbortController;
  /** It, and all before it under this name. */
  ended: Promise<void>;
  isLeaving: boolean;
}

export class Fleet {
  readonly #make: MakeLoop;
  readonly #signal: AbortSignal;
  readonly #places = new Map<string, Place>();

  constructor(make: MakeLoop, signal: AbortSignal) {
    this.#make = make;
    this.#signal = signal;
    const stopAll = () => {
      for (const { stop } of this.#places.values()) stop.abort();
    };
    signal.addEventListener('abort', stopAll, { once: true });
  }

  /** Those that operators see. */
  loops(): readonly AppLoop[] {
    return [...this.#places.values()].filter(({ isLeaving }) => !isLeaving).map(({ loop }) => loop);
  }

  find(app: string): AppLoop | undefined {
    const place = this.#places.get(app);
    return place === undefined || place.isLeaving ? undefined : place.loop;
  }

  /** Drives these apps of a config and no others; an app that is the same object as before is unchanged. */
  follow(apps: readonly App[]): void {
    const names = new Set(apps.map(({ name }) => name));
    for (const [name, place] of this.#places) if (!names.has(name) || place.removal !== undefined) leave(place);
    const changed = apps.filter((app) => this.#places.get(app.name)?.app !== app);
    const begun = changed.filter((app) => !this.#goesOn(app)).map((app) => this.#place(app));
    for (const place of begun) this.#run(place);
  }

  /**
   * Drives one that has left the config, once its loop has ended, until nothing is left to do, or until another config
   * counts: then that says anew what is to become of it.
   */
  async remove(app: App, removal: Removal): Promise<void> {
    if (this.find(app.name) !== undefined) return;
    const place = this.#place(app, removal);
    this.#run(place);
    await place.ended;
  }

  /** Resolves when no loop runs any more. */
  async ended(): Promise<void> {
    await Promise.all([...this.#places.values()].map(({ ended }) => ended));
  }

  /** Where only what keeps it from starting has changed: whole fleets are frozen with drains under way. */
  #goesOn(app: App): boolean {
    const place = this.#places.get(app.name);
    if (place === undefined || place.isLeaving || !isSameButGates(place.app, app)) return false;
    place.app = app;
    place.loop.follow(app);
    return true;
  }

  #place(app: App, removal?: Removal): Place {
    const before = this.#places.get(app.name);
    const commands = before?.isLeaving === false ? before.loop.giveCommands() : undefined;
    before?.stop.abort();
    const loop = this.#make(app, { removal, commands });
    const ended = before?.ended ?? Promise.resolve();
    const place: Place = { app, loop, removal, stop: new AbortController(), ended, isLeaving: false };
    this.#places.set(app.name, place);
    if (this.#signal.aborted) place.stop.abort();
    return place;
  }

  #run(place: Place): void {
    const { app, removal, ended: before } = place;
    place.ended = this.#runAfter(before, place).finally(() => {
      const isOver = removal !== undefined || place.isLeaving;
      if (isOver && this.#places.get(app.name) === place) this.#places.delete(app.name);
    });
  }

  async #runAfter(before: Promise<void>, { loop, stop }: Place): Promise<void> {
    await before;
    await loop.run(stop.signal);
  }
}

function leave(place: Place): void {
  place.isLeaving = true;
  place.stop.abort();
}

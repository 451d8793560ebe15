/**
 * One life of a daemon: from its start until it is killed. A killed daemon's calls never come back, so that it stops
 * wherever it stood, at any await, and nothing of it is heard again. A paused one's come back when it wakes up.
 */

export class Life {
  #isOver = false;
  #pause: Promise<void> | undefined;

  get isOver(): boolean {
    return this.#isOver;
  }

  kill(): void {
    this.#isOver = true;
  }

  /** The whole process stands still until `end`, and does not know of it. */
  pause(end: Promise<void>): void {
    const pause = end.then(() => {
      if (this.#pause === pause) this.#pause = undefined;
    });
    this.#pause = pause;
  }

  /** The same call, for this life only. */
  bound<Given extends readonly unknown[], Result>(
    call: (...given: Given) => Promise<Result>,
  ): (...given: Given) => Promise<Result> {
    return async (...given) => {
      await this.#here();
      try {
        const result = await call(...given);
        await this.#here();
        return result;
      } catch (error) {
        await this.#here();
        throw error;
      }
    };
  }

  /** Comes back when this life goes on; never once it is over. */
  async #here(): Promise<void> {
    while (this.#pause !== undefined && !this.#isOver) await this.#pause;
    if (this.#isOver) await new Promise<never>(() => undefined);
  }
}

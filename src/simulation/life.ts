/**
 * One life of a daemon: from its start until it is killed. A killed daemon's calls never come back, so that it stops
 * wherever it stood, at any await, and nothing of it is heard again.
 */

export class Life {
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  kill(): void {
    this.#isOver = true;
  }

  /** The same call, for this life only. */
  bound<Given extends readonly unknown[], Result>(
    call: (...given: Given) => Promise<Result>,
  ): (...given: Given) => Promise<Result> {
    return async (...given) => {
      if (this.#isOver) return never();
      try {
        const result = await call(...given);
        return this.#isOver ? await never<Result>() : result;
      } catch (error) {
        if (this.#isOver) return never();
        throw error;
      }
    };
  }
}

function never<Result>(): Promise<Result> {
  return new Promise<Result>(() => undefined);
}

/** Sizes of pages to ask for, largest first, and whether a refusal is one of the size: then a smaller one is tried. */
import { isRestError } from '@azure/core-rest-pipeline';

/** 400 as the specification of the open protocol has it; 405, 413 and 422 are seen of others. */
const OF_SIZE = new Set([400, 405, 413, 422]);

export class PageSizes {
  readonly #sizes: readonly (number | undefined)[];
  #at = 0;

  /** `undefined`: the registry's own size. */
  constructor(sizes: readonly (number | undefined)[]) {
    this.#sizes = sizes;
  }

  /** Calls `list` with the largest size that was not refused; one that was refused is never tried again. */
  async take<Result>(list: (size: number | undefined) => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await list(this.#sizes[this.#at]);
      } catch (error) {
        const isOfSize = isRestError(error) && OF_SIZE.has(error.statusCode ?? 0);
        if (!isOfSize || this.#at >= this.#sizes.length - 1) throw error;
        this.#at += 1;
      }
    }
  }
}

/** A seeded source of chance: the same seed gives the same run, to the last draw. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const SHAKES = 8;

export class Chance {
  readonly #generator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** The first draws of neighbouring seeds are much alike: what a seed decides by them would be the same for many. */
  static shaken(seed: number): Chance {
    const chance = new Chance(seed);
    for (let draw = 0; draw < SHAKES; draw += 1) chance.next();
    return chance;
  }

  /** At least 0, less than 1. */
  readonly next = (): number => uniformFloat64(this.#generator);

  /** Both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Math.floor(this.next() * items.length)] ?? items[0];
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => Math.floor(this.next() * 16).toString(16)).join('');
  }
}

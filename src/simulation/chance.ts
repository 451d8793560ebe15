/** A seeded source of chance: the same seed gives the same run, to the last draw. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** So many draws until what the seed lacks in bits has spread over the whole state of the generator. */
const SHAKES = 8;

export class Chance {
  readonly #generator;

  /** Any number of 32 bits. Neighbouring seeds, which are what is run, have nothing in common. */
  constructor(seed: number) {
    this.#generator = xoroshiro128plus(mixed(seed));
    for (let draw = 0; draw < SHAKES; draw += 1) this.next();
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

/** The finalizer of MurmurHash3 (https://github.com/aappleby/smhasher/wiki/MurmurHash3): each bit of the seed changes half of them. */
function mixed(seed: number): number {
  let bits = seed | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85_eb_ca_6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35);
  return bits ^ (bits >>> 16);
}

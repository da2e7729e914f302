/** Chance that can be repeated: every draw follows from a seed. */

const FNV_PRIME = 0x01000193;
const FNV_START = 0x811c9dc5;
const GOLDEN_STEP = 0x9e3779b9;

/** Draws numbers that a seed decides; the same seed draws the same numbers in the same order. */
export class Random {
  #state: number;

  /** The seed may be any text, such as one with the number of a request in it. */
  constructor(seed: string) {
    this.#state = hashOf(seed);
  }

  /** The next number in [0, 1). */
  next(): number {
    this.#state = (this.#state + GOLDEN_STEP) >>> 0;
    return mix(this.#state) / 2 ** 32;
  }

  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** True in this share of all draws, of which 1 is all. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of the items; throws when there are none. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(0, items.length - 1)];
    if (item === undefined) throw new Error("there is nothing to pick from");
    return item;
  }
}

/** FNV-1a over the UTF-16 units: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(text: string): number {
  let hash = FNV_START;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash >>> 0;
}

/** Spreads every bit over all others (the finaliser of MurmurHash3, a public-domain formula). */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Names and ids in the characters and the length that a wire accepts, each name its own. */

/**
 * Gives every name a wire name of its own. A name that its wire accepts keeps its form unless an
 * earlier one took it. Names given later never change earlier ones, so the prefix of a growing
 * conversation stays the same for the prompt cache.
 */
export class WireNames {
  readonly #used = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #maxLength: number;
  readonly #toStem: (name: string) => string;

  /**
   * `maxLength` is in characters; `toStem` gives a name the form that the wire accepts, `A-Z a-z 0-9
   * _ -` if nothing else is said.
   */
  constructor(maxLength: number, toStem: (name: string) => string = toWord) {
    this.#maxLength = maxLength;
    this.#toStem = toStem;
  }

  /** A wire name that no earlier call returned. */
  assign(name: string): string {
    const stem = this.#toStem(name).slice(0, this.#maxLength) || "_";
    let candidate = stem;
    let count = this.#counts.get(stem) ?? 1;
    while (this.#used.has(candidate)) {
      const suffix = `_${++count}`;
      candidate = stem.slice(0, this.#maxLength - suffix.length) + suffix;
    }
    this.#counts.set(stem, count);
    this.#used.add(candidate);
    return candidate;
  }
}

function toWord(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_");
}

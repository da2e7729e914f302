/** Names and ids in the characters that Anthropic accepts. */

/**
 * Gives every name a wire name of its own in `A-Z a-z 0-9 _ -`. A valid name keeps its form unless
 * an earlier one took it. Names given later never change earlier ones, so the prefix of a growing
 * conversation stays the same for the prompt cache.
 */
export class WireNames {
  readonly #used = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #maxLength: number;

  /** `maxLength` is in characters. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** A wire name that no earlier call returned. */
  assign(name: string): string {
    const stem = name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, this.#maxLength) || "_";
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

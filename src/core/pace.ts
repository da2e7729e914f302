/** How long the first token of a stream may take, from how long it took before. */

/** One first token. */
export interface TokenTime {
  /** Milliseconds from the request to the first token. */
  readonly ttftMs: number;
  /** Tokens of the request's input, which a model reads before it answers. */
  readonly inputTokens: number;
}

/** So few observations say nothing. */
const MIN_SAMPLES = 8;

/** How many times the slowest observation is waited for. */
const PATIENCE = 10;

/**
 * The shortest learned limit in milliseconds: a model that thinks without showing it, or one that
 * serves somebody else first, may take minutes although it has always been quick.
 */
const MIN_LIMIT_MS = 120_000;

/** However slow a model was, nobody waits longer than an hour, in milliseconds. */
const MAX_LIMIT_MS = 3_600_000;

/**
 * Milliseconds that the first token may take. A model that has shown its pace gets ten times its
 * slowest, at least two minutes and at most `defaultMs`; more only where it has needed nearly that.
 * A longer input than any before gets as many times more as it is longer.
 *
 * @example
 * ```ts
 * import { firstTokenLimitMs } from "./pace.ts";
 * const quick = Array.from({ length: 8 }, () => ({ ttftMs: 15_000, inputTokens: 100 }));
 * const limitMs = firstTokenLimitMs(quick, { inputTokens: 100, defaultMs: 600_000 });
 * if (limitMs !== 150_000) throw new Error();
 * ```
 */
export function firstTokenLimitMs(
  samples: readonly TokenTime[],
  options: { readonly inputTokens: number; readonly defaultMs: number },
): number {
  const { inputTokens, defaultMs } = options;
  if (samples.length === 0) return defaultMs;
  const slowestMs = samples.reduce((slowest, { ttftMs }) => Math.max(slowest, ttftMs), 0);
  const longest = samples.reduce((most, sample) => Math.max(most, sample.inputTokens), 1);
  const growth = Math.max(1, inputTokens / longest);
  const ceilingMs = Math.min(Math.max(defaultMs, 2 * slowestMs), MAX_LIMIT_MS);
  if (samples.length < MIN_SAMPLES) return ceilingMs;
  return Math.min(Math.max(PATIENCE * slowestMs * growth, MIN_LIMIT_MS), ceilingMs);
}

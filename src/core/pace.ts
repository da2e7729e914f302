/** How long the first token of a stream may take, from how long it took before. */

/** One first token. */
export interface TokenTime {
  /** Milliseconds from the request to the first token. */
  readonly ttftMs: number;
  /** Tokens of the request's input, which a model reads before it answers. */
  readonly inputTokens: number;
}

/** So few observations say nothing. */
const MIN_SAMPLES = 16;

/** How many times the slowest observation is waited for. */
const PATIENCE = 20;

/** The shortest learned limit in milliseconds: of a model that is always quick, one answer may not be. */
const MIN_LIMIT_MS = 180_000;

/**
 * The same for a model on the user's machine: it may serve another program first, and reads what it
 * has not read before at 20 tokens a second where there is no graphics card (judgement).
 */
const MIN_LOCAL_LIMIT_MS = 300_000;
const LOCAL_MS_PER_TOKEN = 50;

/** However slow a model was, nobody waits longer than an hour, in milliseconds. */
const MAX_LIMIT_MS = 3_600_000;

/** What a request asks of a model's pace. */
export interface PaceOptions {
  readonly inputTokens: number;
  /** The limit of a model whose pace is unknown, in milliseconds. */
  readonly defaultMs: number;
  /** Whether the model runs on a machine of the user's. */
  readonly isLocal: boolean;
}

/**
 * Milliseconds that the first token may take. A model that has shown its pace gets twenty times its
 * slowest, at least three minutes (a local one five, and more for a long input) and at most
 * `defaultMs`; more only where it has needed nearly that. A longer input than any before gets as
 * many times more as it is longer.
 *
 * @example
 * ```ts
 * import { firstTokenLimitMs } from "./pace.ts";
 * const quick = Array.from({ length: 16 }, () => ({ ttftMs: 15_000, inputTokens: 100 }));
 * const limitMs = firstTokenLimitMs(quick, {
 *   inputTokens: 100,
 *   defaultMs: 600_000,
 *   isLocal: false,
 * });
 * if (limitMs !== 300_000) throw new Error();
 * ```
 */
export function firstTokenLimitMs(
  samples: readonly TokenTime[],
  options: PaceOptions,
): number {
  const { inputTokens, defaultMs } = options;
  if (samples.length === 0) return defaultMs;
  const slowestMs = samples.reduce((slowest, { ttftMs }) => Math.max(slowest, ttftMs), 0);
  const longest = samples.reduce((most, sample) => Math.max(most, sample.inputTokens), 1);
  const growth = Math.max(1, inputTokens / longest);
  const ceilingMs = Math.min(Math.max(defaultMs, 2 * slowestMs), MAX_LIMIT_MS);
  if (samples.length < MIN_SAMPLES) return ceilingMs;
  return Math.min(Math.max(PATIENCE * slowestMs * growth, minLimitMs(options)), ceilingMs);
}

function minLimitMs({ inputTokens, isLocal }: PaceOptions): number {
  return isLocal ? MIN_LOCAL_LIMIT_MS + inputTokens * LOCAL_MS_PER_TOKEN : MIN_LIMIT_MS;
}

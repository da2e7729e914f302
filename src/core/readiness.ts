/** How soon a model can begin to answer: who is ahead, whether it must be loaded, what it must read. */

/** What is known of a model at the moment of a decision: plain data, so that it can be kept. */
export interface ReadinessFacts {
  /** Whether its server has it in memory; null: unknown. */
  readonly isLoaded: boolean | null;
  /** Requests that must end before another one begins. */
  readonly ahead: number;
  /** Requests that are served at once, at least 1. */
  readonly atOnce: number;
  /** Milliseconds that loading it takes. */
  readonly loadMs: number;
  /** Tokens a second that it reads before it answers; null: reading is not worth counting. */
  readonly prefillTokensPerSec: number | null;
  /** Whether that speed was seen, and is not a guess. */
  readonly isSpeedKnown: boolean;
  /** Milliseconds that one of its answers takes. */
  readonly answerMs: number;
}

/** What a request gives a model to read. */
export interface Reading {
  /** Estimated tokens of its input. */
  readonly inputTokens: number;
  /** Those of them that the model is likely to have in its cache still; absent: none. */
  readonly cachedTokens?: number;
}

/** How long a request waits for its first token, about. */
export interface Wait {
  readonly waitMs: number;
  /** The part of it that is no guess: without reading at a speed that nobody has seen. */
  readonly certainMs: number;
  /** Predicates of the model: `is not loaded: about 6 s to load`. */
  readonly reasons: readonly string[];
}

/** Milliseconds that loading a model takes where that was never seen; judgement. */
export const DEFAULT_LOAD_MS = 5_000;

/** Tokens a second that a model on the user's machine reads where that was never seen; judgement. */
export const DEFAULT_PREFILL_TOKENS_PER_SEC = 300;

/** Milliseconds that an answer takes where none was seen; judgement. */
export const DEFAULT_ANSWER_MS = 10_000;

/** Shorter parts of a wait, in milliseconds, are counted and not told. */
const MIN_TOLD_MS = 500;

/**
 * The wait before a request's first token: those ahead of it, `ahead × answerMs / atOnce`, then
 * loading, then reading, `tokens × 1,000 / prefillTokensPerSec`. A model that is not loaded has
 * nothing in its cache.
 *
 * @example
 * ```ts
 * import { waitOf } from "./readiness.ts";
 * const idle = { isLoaded: false, ahead: 0, atOnce: 1, answerMs: 10_000, isSpeedKnown: false };
 * const facts = { ...idle, loadMs: 6_000, prefillTokensPerSec: 300 };
 * const { waitMs, reasons } = waitOf(facts, { inputTokens: 1_200 });
 * if (waitMs !== 10_000 || reasons.length !== 2) throw new Error();
 * ```
 */
export function waitOf(facts: ReadinessFacts, reading: Reading): Wait {
  const { isLoaded, ahead, atOnce, loadMs, answerMs, prefillTokensPerSec: speed } = facts;
  const cachedTokens = isLoaded === false ? 0 : reading.cachedTokens ?? 0;
  const tokens = Math.max(0, reading.inputTokens - cachedTokens);
  const queue = ahead === 1 ? "1 request" : `${ahead} requests`;
  const parts: readonly (readonly [number, (about: string) => string])[] = [
    [ahead * answerMs / atOnce, (about) => `has ${queue} ahead of it: ${about}`],
    [isLoaded === false ? loadMs : 0, (about) => `is not loaded: ${about} to load`],
    [
      speed === null ? 0 : tokens * 1_000 / speed,
      (about) => `takes ${about} to read ${tokens} tokens`,
    ],
  ];
  const waitMs = parts.reduce((sum, [ms]) => sum + ms, 0);
  const readMs = parts[2]?.[0] ?? 0;
  return {
    waitMs,
    certainMs: facts.isSpeedKnown ? waitMs : waitMs - readMs,
    reasons: parts.filter(([ms]) => ms >= MIN_TOLD_MS).map(([ms, tell]) => tell(describe(ms))),
  };
}

function describe(ms: number): string {
  return `about ${Math.round(ms / 1_000)} s`;
}

/** How long one answer of a model took, and how the model stood when it was asked. */
export interface AnswerTime {
  /** Milliseconds from the request to the first token; null where the answer came as a whole. */
  readonly ttftMs: number | null;
  /** Estimated tokens that it had to read, those in its cache not among them. */
  readonly readTokens: number;
  /** Milliseconds from the request to the answer's end. */
  readonly latencyMs: number;
  /** Whether it was in memory; null: unknown. */
  readonly isLoaded: boolean | null;
  /** Whether it began at once, with no other request ahead. */
  readonly isAlone: boolean;
}

/** What the answers of a model have shown; null: too few did. */
export interface LearnedTimes {
  readonly loadMs: number | null;
  readonly prefillTokensPerSec: number | null;
  readonly answerMs: number | null;
}

/** Of a shorter input, in tokens, other things than reading take most of the time. */
const MIN_READ_TOKENS = 200;

/** Fewer inputs that were read tell no speed. */
const MIN_READINGS = 3;

/**
 * What these answers, the newest, have shown. Loading is what a cold first token took beyond what a
 * warm one of its size would take, and an answer's time is that without loading: medians of both.
 * Of the speeds at which warm inputs were read the lower quartile counts: servers do not tell what
 * they had in their cache, so that many inputs seem to be read quicker than they are.
 */
export function learnTimes(times: readonly AnswerTime[]): LearnedTimes {
  const alone = times.filter(({ isAlone }) => isAlone);
  const speeds = alone.flatMap(({ ttftMs, readTokens, isLoaded }) => {
    const isTelling = isLoaded === true && readTokens >= MIN_READ_TOKENS && (ttftMs ?? 0) > 0;
    return isTelling ? [readTokens * 1_000 / (ttftMs ?? 1)] : [];
  });
  const speed = speeds.length < MIN_READINGS ? null : quantileOf(speeds, 0.25);
  const loads = alone.map((time) => ({ time, loadMs: loadMsOf(time, speed) }));
  return {
    loadMs: quantileOf(loads.flatMap(({ loadMs }) => loadMs ?? []), 0.5),
    prefillTokensPerSec: speed,
    answerMs: quantileOf(loads.map(({ time, loadMs }) => time.latencyMs - (loadMs ?? 0)), 0.5),
  };
}

/** Milliseconds that loading the model took before its first token; null where it took none, or unknown. */
function loadMsOf(
  { ttftMs, readTokens, isLoaded }: AnswerTime,
  speed: number | null,
): number | null {
  if (isLoaded !== false || ttftMs === null) return null;
  const readMs = readTokens * 1_000 / (speed ?? DEFAULT_PREFILL_TOKENS_PER_SEC);
  // A speed that nobody has seen may be far too low: it explains half of the time at most.
  return Math.max(ttftMs - readMs, speed === null ? ttftMs / 2 : 0);
}

/** The quantile by nearest rank, https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method; null of none. */
function quantileOf(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

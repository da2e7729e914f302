/** `strong_share`: at most this share of requests goes to the strong tiers, the hardest of them. */

import { type Quality, rankOfQuality } from "./catalog.ts";

/** What the budget says at one moment. */
export interface StrongBudget {
  /** `routing.strong_share`: 0 is none, 1 all. */
  readonly share: number;
  /** Requests with a higher score are among the hardest of this share. */
  readonly threshold: number;
  /** Whether the share of the newest requests has been used up already. */
  readonly isSpent: boolean;
}

/** A request that the policy has routed lately. */
export interface RecentRequest {
  /** Its difficulty: 0 easiest, 1 hardest. */
  readonly score: number;
  /** Whether it went to a strong tier. */
  readonly isStrong: boolean;
}

/** The newest requests that the threshold is taken from: enough for steady quantiles. */
export const RECENT_LIMIT = 500;

/** The newest requests that may not have more than the share. */
const SPENT_WINDOW = 100;

/** With fewer requests the quantiles of the training data count as well, as if so many had come. */
const PRIOR_COUNT = 50;

/** Whether the tier is one that the budget counts. */
export function isStrongTier(quality: Quality): boolean {
  return rankOfQuality(quality) >= rankOfQuality("strong");
}

/**
 * The budget after these requests, oldest first. The threshold is the (1 − share) quantile of their
 * scores; while they are few, of theirs together with `priorScores`, the quantiles of scores that
 * requests are known to have. Scores that are equal to it are below it, so that many equal requests
 * don't exceed the share.
 *
 * @example
 * ```ts
 * import { computeBudget } from "./strong_budget.ts";
 * const recent = Array.from({ length: 100 }, (_, index) => ({ score: index / 100, isStrong: false }));
 * const { threshold } = computeBudget({ share: 0.2, recent, priorScores: [] });
 * if (threshold !== 0.79) throw new Error(String(threshold));
 * ```
 */
export function computeBudget(
  { share, recent, priorScores }: {
    readonly share: number;
    readonly recent: readonly RecentRequest[];
    readonly priorScores: readonly number[];
  },
): StrongBudget {
  const own = recent.map(({ score }) => score);
  const scores = own.length >= PRIOR_COUNT ? own : [...own, ...spread(priorScores, own.length)];
  const window = recent.slice(-SPENT_WINDOW);
  const used = window.filter(({ isStrong }) => isStrong).length;
  // The first requests of all must not be refused what a longer window would allow them.
  const allowed = Math.ceil(share * Math.max(window.length, SPENT_WINDOW));
  return { share, threshold: upperQuantile(scores, share), isSpent: used >= allowed };
}

/** So many values of the sorted list as are missing, evenly spread over it. */
function spread(sorted: readonly number[], have: number): readonly number[] {
  const count = Math.min(sorted.length, PRIOR_COUNT - have);
  return Array.from({ length: count }, (_, index) => {
    const position = Math.round((index + 0.5) * sorted.length / count - 0.5);
    return sorted[Math.min(position, sorted.length - 1)] ?? 0;
  });
}

/** The value that this share of the values exceeds at most (nearest rank); 0 where nothing is known. */
function upperQuantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 0) return share >= 1 ? -1 : 0;
  const above = Math.floor(share * sorted.length);
  return above >= sorted.length ? -1 : sorted[sorted.length - 1 - above] ?? 0;
}

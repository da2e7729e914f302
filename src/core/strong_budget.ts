/** `strong_share`: at most this share of requests goes to hosted models of strong tiers, the hardest. */

import { type Model, type Quality, rankOfQuality } from "./catalog.ts";

/** What the budget says at one moment. */
export interface StrongBudget {
  /** `routing.strong_share`: 0 is none, 1 all. */
  readonly share: number;
  /** Requests with this score or a higher one are among the hardest of this share. */
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

/** Whether the budget counts the model: those of the user's own machines cost nothing. */
export function isBudgeted({ quality, local }: Pick<Model, "quality" | "local">): boolean {
  return !local && isStrongTier(quality);
}

/** Whether the tier is a strong one. */
export function isStrongTier(quality: Quality): boolean {
  return rankOfQuality(quality) >= rankOfQuality("strong");
}

/**
 * The budget after these requests, oldest first. The threshold is the (1 − share) quantile of their
 * scores; while they are few, of theirs together with `priorScores`, the quantiles of scores that
 * requests are known to have. Where many requests are equally hard more than the share reach it: what
 * the newest have used decides then.
 *
 * @example
 * ```ts
 * import { computeBudget } from "./strong_budget.ts";
 * const recent = Array.from({ length: 100 }, (_, index) => ({ score: index / 100, isStrong: false }));
 * const { threshold } = computeBudget({ share: 0.2, recent, priorScores: [] });
 * if (threshold !== 0.8) throw new Error(String(threshold));
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
  // One that comes now counts as well, so that the first of all may be a hard one.
  const allowed = share >= 1 ? Infinity : Math.ceil(share * (window.length + 1));
  return { share, threshold: hardestFrom(scores, share), isSpent: used >= allowed };
}

/** So many values of the sorted list as are missing, evenly spread over it. */
function spread(sorted: readonly number[], have: number): readonly number[] {
  const count = Math.min(sorted.length, PRIOR_COUNT - have);
  return Array.from({ length: count }, (_, index) => {
    const position = Math.round((index + 0.5) * sorted.length / count - 0.5);
    return sorted[Math.min(position, sorted.length - 1)] ?? 0;
  });
}

/** The lowest of the hardest scores, which are this share of all; Infinity where it is none. */
function hardestFrom(values: readonly number[], share: number): number {
  if (share >= 1 || values.length === 0) return 0;
  const count = Math.floor(share * values.length);
  return values.toSorted((a, b) => b - a)[count - 1] ?? Infinity;
}

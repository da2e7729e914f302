/** The tiers of difficulty. */

/** Difficulty tiers, easiest first. */
export const DIFFICULTY_TIERS = ["easy", "standard", "hard"] as const;

/** A difficulty tier. */
export type DifficultyTier = (typeof DIFFICULTY_TIERS)[number];

/** From which score on an ask is no longer easy, and from which it is hard. */
export interface TierThresholds {
  readonly standard: number;
  readonly hard: number;
}

/**
 * Below 0.3 the answer of a 7–8B model is accepted with at least 70 % and on average 80 %; from
 * 0.55 on it is more likely refused. About 40 % of everyday and agents' requests are easy, 22 % hard.
 */
export const TIER_THRESHOLDS: TierThresholds = { standard: 0.3, hard: 0.55 };

/** Whether the name is a difficulty tier. */
export function isDifficultyTier(name: string): name is DifficultyTier {
  return DIFFICULTY_TIERS.some((tier) => tier === name);
}

/** The tier of a score. */
export function tierOf(
  score: number,
  thresholds: TierThresholds = TIER_THRESHOLDS,
): DifficultyTier {
  if (score >= thresholds.hard) return "hard";
  return score >= thresholds.standard ? "standard" : "easy";
}

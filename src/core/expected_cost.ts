/** What a request is expected to cost with a model, before anybody is asked. */

import { costOf, type Model } from "./catalog.ts";
import type { DifficultyTier } from "./difficulty_tier.ts";
import type { Features } from "./features.ts";

/** Output tokens that an answer of each difficulty is expected to have; judgement, not measured. */
const EXPECTED_OUTPUT_TOKENS: Readonly<Record<DifficultyTier, number>> = {
  easy: 200,
  standard: 600,
  hard: 1_500,
};

/** The parts of the input that a prompt cache is taken to hold, and to be given. */
export interface CachedInput {
  /** Tokens that are read from it. */
  readonly cachedTokens: number;
  /** Whether the rest is written to it, as it is in a conversation that goes on. */
  readonly isWritten: boolean;
}

const NO_CACHE: CachedInput = { cachedTokens: 0, isWritten: false };

/** US dollars that the request is expected to cost with this model; null when its price is unknown. */
export function expectedCostOf(
  model: Model,
  features: Features,
  cache: CachedInput = NO_CACHE,
): number | null {
  const { inputTokens, requestedOutputTokens, difficulty } = features;
  const expected = EXPECTED_OUTPUT_TOKENS[difficulty.tier];
  const cachedTokens = Math.min(cache.cachedTokens, inputTokens);
  return costOf({
    inputTokens,
    cachedTokens,
    cacheWriteTokens: cache.isWritten ? inputTokens - cachedTokens : 0,
    outputTokens: Math.min(expected, requestedOutputTokens ?? expected),
    reasoningTokens: 0,
    source: "estimated",
  }, model.price);
}

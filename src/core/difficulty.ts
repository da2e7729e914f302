/** How hard a request is: the trained model's score in tiers and in words. */

import { featuresOfAsk } from "./ask_features.ts";
import { THEMES } from "./ask_lexicon.ts";
import { SIGN_NAMES } from "./ask_signs.ts";
import { scoreOfFeatures, SHIPPED_MODEL } from "./difficulty_model.ts";
import { type DifficultyTier, tierOf } from "./difficulty_tier.ts";
import { SCORE_MAP } from "./difficulty_weights.ts";

/** An estimate with its reasons. */
export interface Difficulty {
  readonly tier: DifficultyTier;
  /** 0 is easiest, 1 hardest: about the probability that a small model's answer is not accepted. */
  readonly score: number;
  /** In words, without a word of the prompt. */
  readonly reasons: readonly string[];
  /** Whether the client itself says so. */
  readonly isHinted: boolean;
}

/**
 * Estimates how hard the newest ask is; a hint (from the client's header) wins. The score is that
 * of a linear model over hashed n-grams, signs of form and themes, trained on prompts whose answers
 * by weak and strong models were measured or judged (as RouteLLM's routers, arXiv 2406.18665).
 *
 * @example
 * ```ts
 * import { estimateDifficulty } from "./difficulty.ts";
 * if (estimateDifficulty("Say hi", null).tier !== "easy") throw new Error();
 * if (estimateDifficulty("Say hi", "hard").tier !== "hard") throw new Error();
 * ```
 */
export function estimateDifficulty(ask: string, hint: DifficultyTier | null): Difficulty {
  if (hint !== null) {
    const score = { easy: 0, standard: 0.5, hard: 1 }[hint];
    const reasons = ["the client's difficulty header says so"];
    return { tier: hint, score, reasons, isHinted: true };
  }
  if (ask.trim() === "") {
    return { tier: "easy", score: 0, reasons: ["nothing is asked"], isHinted: false };
  }
  const features = featuresOfAsk(ask);
  const score = scoreOfFeatures(features);
  const reasons = [
    `a small model's answer is good enough with a probability of ${
      Math.round(100 * (1 - score))
    } %`,
    describeForm(ask, features.dense),
    ...describeThemes(features.dense, score),
  ];
  return { tier: tierOf(score), score, reasons, isHinted: false };
}

/** Lengths in characters up to which an ask is called so. */
const LENGTHS: readonly (readonly [number, string])[] = [
  [60, "a very short ask"],
  [200, "a short ask"],
  [800, "an ask of middling length"],
  [3_000, "a long ask"],
  [Infinity, "a very long ask"],
];

/** So many braces, semicolons and signs of comparison are taken for code. */
const CODE_MARKS = Math.log1p(8);

function describeForm(ask: string, dense: Float64Array): string {
  const length = LENGTHS.find(([most]) => ask.length <= most)?.[1] ?? "an ask";
  const sign = (name: (typeof SIGN_NAMES)[number]) => dense[SIGN_NAMES.indexOf(name)] ?? 0;
  return sign("fences") > 0 || sign("codeMarks") >= CODE_MARKS ? `${length} with code` : length;
}

/** At most so many themes are told, and none that moves the score by less. */
const MOST_THEMES = 3;
const LEAST_MOVE = 0.005;

/** The themes that move the score most, by the slope of the logistic map at this score. */
function describeThemes(dense: Float64Array, score: number): readonly string[] {
  const slope = SCORE_MAP.slope * score * (1 - score);
  return THEMES.map(({ says }, theme) => {
    const place = SIGN_NAMES.length + theme;
    return { says, move: slope * (dense[place] ?? 0) * (SHIPPED_MODEL.dense[place] ?? 0) };
  }).filter(({ move }) => Math.abs(move) >= LEAST_MOVE)
    .sort((a, b) => Math.abs(b.move) - Math.abs(a.move))
    .slice(0, MOST_THEMES)
    .map(({ says, move }) => `${says} (${move > 0 ? "harder" : "easier"})`);
}

/** All that the difficulty model knows of an ask; the trainer uses this very module. */

import { THEMES } from "./ask_lexicon.ts";
import { bucketsOf } from "./ask_ngrams.ts";
import { SIGN_NAMES, signsOf } from "./ask_signs.ts";
import { clipAsk, foldAsk } from "./folded_ask.ts";
import { themesOf } from "./ask_themes.ts";

/** The features of one ask. */
export interface AskFeatures {
  /** The distinct buckets of its hashed n-grams. */
  readonly buckets: Uint16Array;
  /** The values of `SIGN_NAMES`, then 0 or 1 for each of `THEMES`. */
  readonly dense: Float64Array;
}

/** How many values `dense` has. */
export const DENSE_COUNT: number = SIGN_NAMES.length + THEMES.length;

/** Extracts the features of an ask, in time that has an upper bound. */
export function featuresOfAsk(ask: string): AskFeatures {
  const clipped = clipAsk(ask);
  const text = foldAsk(clipped);
  const dense = new Float64Array(DENSE_COUNT);
  dense.set(signsOf(text, { clipped, chars: ask.length }));
  dense.set(themesOf(text), SIGN_NAMES.length);
  return { buckets: bucketsOf(text), dense };
}

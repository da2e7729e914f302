/** The trained model of difficulty that the program ships. */

import { type AskFeatures, featuresOfAsk } from "./ask_features.ts";
import { BUCKET_COUNT } from "./ask_ngrams.ts";
import {
  DENSE_WEIGHTS,
  INTERCEPT,
  NGRAM_SCALE,
  NGRAM_WEIGHTS,
  SCORE_MAP,
} from "./difficulty_weights.ts";
import { applyLogistic, type LinearModel, linearOf } from "./linear_model.ts";

/** The model that the program ships. */
export const SHIPPED_MODEL: LinearModel = {
  ngrams: decodeNgrams(),
  ngramScale: NGRAM_SCALE,
  dense: DENSE_WEIGHTS,
  intercept: INTERCEPT,
};

function decodeNgrams(): Int8Array {
  const bytes = Uint8Array.fromBase64(NGRAM_WEIGHTS);
  if (bytes.length !== BUCKET_COUNT) throw new Error(`there are ${bytes.length} n-gram weights`);
  return new Int8Array(bytes.buffer);
}

/** The score of an ask: about the probability that a weak model's answer is not accepted. */
export function scoreOfAsk(ask: string): number {
  return scoreOfFeatures(featuresOfAsk(ask));
}

/** The score of an ask whose features are known. */
export function scoreOfFeatures(features: AskFeatures): number {
  return applyLogistic(SCORE_MAP, linearOf(features, SHIPPED_MODEL));
}

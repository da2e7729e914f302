/** A linear model over the features of an ask, and the logistic map. */

import type { AskFeatures } from "./ask_features.ts";

/** A linear model over the features of an ask. */
export interface LinearModel {
  /** One weight for each bucket, in units of `ngramScale`. */
  readonly ngrams: Int8Array;
  readonly ngramScale: number;
  /** One weight for each dense feature. */
  readonly dense: readonly number[];
  readonly intercept: number;
}

/** A straight line on the scale of log odds: P = 1 / (1 + exp(-(intercept + slope · x))). */
export interface LogisticMap {
  readonly intercept: number;
  readonly slope: number;
}

/** So many absent n-grams are counted in, lest a short ask hang on three words. */
const ABSENT_NGRAMS = 100;

/** The value of each n-gram of an ask with so many distinct ones: almost the L2 norm's share. */
export function valueOfBucket(count: number): number {
  return 1 / Math.sqrt(count + ABSENT_NGRAMS);
}

/** What the model gives the features, before any map: greater is harder. */
export function linearOf({ buckets, dense }: AskFeatures, model: LinearModel): number {
  const { ngrams } = model;
  let sum = 0;
  for (let index = 0; index < buckets.length; index++) sum += ngrams[buckets[index] ?? 0] ?? 0;
  return dense.reduce(
    (total, value, index) => total + value * (model.dense[index] ?? 0),
    model.intercept + sum * model.ngramScale * valueOfBucket(buckets.length),
  );
}

/** The logistic function of a straight line. */
export function applyLogistic({ intercept, slope }: LogisticMap, value: number): number {
  return 1 / (1 + Math.exp(-(intercept + slope * value)));
}

/** The features of all samples as one design. */

import { type AskFeatures, DENSE_COUNT, featuresOfAsk } from "../core/ask_features.ts";
import { BUCKET_COUNT } from "../core/ask_ngrams.ts";
import { valueOfBucket } from "../core/linear_model.ts";
import type { Sample } from "./dataset.ts";
import type { Design } from "./ridge.ts";

/** Beside n-grams of length 1 in all, one standard deviation of a dense feature has this length. */
const DENSE_LENGTH = 0.1;

/** How a dense feature was moved and stretched: standardised = (value − mean) · factor. */
export interface Standard {
  readonly means: Float64Array;
  readonly factors: Float64Array;
}

/** Extracts the features of every sample. */
export function featuresOf(samples: readonly Sample[]): readonly AskFeatures[] {
  // A subarray would keep the whole of its buffer.
  return samples.map(({ prompt }) => {
    const { buckets, dense } = featuresOfAsk(prompt);
    return { buckets: buckets.slice(), dense };
  });
}

/** The weighted means and deviations of the dense features. */
export function standardOf(features: readonly AskFeatures[], weights: Float64Array): Standard {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const means = new Float64Array(DENSE_COUNT);
  const factors = new Float64Array(DENSE_COUNT);
  for (let place = 0; place < DENSE_COUNT; place++) {
    const moment = (power: number, mean: number) =>
      features.reduce(
        (sum, { dense }, row) => sum + (weights[row] ?? 0) * ((dense[place] ?? 0) - mean) ** power,
        0,
      ) / total;
    const mean = moment(1, 0);
    const deviation = Math.sqrt(moment(2, mean));
    means[place] = mean;
    factors[place] = deviation > 1e-6 ? DENSE_LENGTH / deviation : 0;
  }
  return { means, factors };
}

/** The design of some samples' features. */
export function designOf(features: readonly AskFeatures[], standard: Standard): Design {
  const { means, factors } = standard;
  const starts = new Uint32Array(features.length + 1);
  for (const [row, { buckets }] of features.entries()) {
    starts[row + 1] = (starts[row] ?? 0) + buckets.length;
  }
  const columns = new Uint16Array(starts.at(-1) ?? 0);
  const dense = new Float64Array(features.length * DENSE_COUNT);
  for (const [row, feature] of features.entries()) {
    columns.set(feature.buckets, starts[row]);
    for (let place = 0; place < DENSE_COUNT; place++) {
      const value = (feature.dense[place] ?? 0) - (means[place] ?? 0);
      dense[row * DENSE_COUNT + place] = value * (factors[place] ?? 0);
    }
  }
  return {
    columnCount: BUCKET_COUNT,
    denseCount: DENSE_COUNT,
    valueOf: valueOfBucket,
    columns,
    starts,
    dense,
  };
}

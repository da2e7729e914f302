/** Fits the linear model that ships. */

import type { AskFeatures } from "../core/ask_features.ts";
import { BUCKET_COUNT } from "../core/ask_ngrams.ts";
import type { LinearModel } from "../core/linear_model.ts";
import type { Sample } from "./dataset.ts";
import { designOf, type Standard, standardOf } from "./design.ts";
import { solveRidge } from "./ridge.ts";
import { targetsOf } from "./target.ts";

const PENALTY = 6;

/** So many rounds end well before the fit's out-of-fold quality changes in the third decimal. */
const ITERATIONS = 30;

/** Enough digits for a weight that is added once. */
const DIGITS = 6;

const LARGEST_BYTE = 127;

/** Samples with their features, in the same order. */
export interface TrainingSet {
  readonly samples: readonly Sample[];
  readonly features: readonly AskFeatures[];
}

/** Fits a model to the samples whose place in `isUsed` is true, quantised as it ships. */
export function fitModel(set: TrainingSet, isUsed: readonly boolean[]): LinearModel {
  const { targets, weights } = targetsOf(set.samples, isUsed);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = targets.reduce((sum, target, row) => sum + target * (weights[row] ?? 0), 0) / total;
  const standard = standardOf(set.features, weights);
  const solution = solveRidge(designOf(set.features, standard), {
    targets: targets.map((target) => target - mean),
    weights,
    penalty: PENALTY,
    iterations: ITERATIONS,
  });
  return quantise(solution, { standard, mean });
}

/** N-gram weights as bytes of one scale; dense weights for features as they are. */
function quantise(
  solution: Float64Array,
  options: { readonly standard: Standard; readonly mean: number },
): LinearModel {
  const { means, factors } = options.standard;
  const ngrams = solution.subarray(0, BUCKET_COUNT);
  const largest = ngrams.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const ngramScale = round(largest === 0 ? 1 : largest / LARGEST_BYTE);
  const dense = Array.from(
    solution.subarray(BUCKET_COUNT),
    (weight, place) => round(weight * (factors[place] ?? 0)),
  );
  const shift = dense.reduce((sum, weight, place) => sum + weight * (means[place] ?? 0), 0);
  return {
    ngrams: Int8Array.from(
      ngrams,
      (weight) => Math.max(-LARGEST_BYTE, Math.min(LARGEST_BYTE, Math.round(weight / ngramScale))),
    ),
    ngramScale,
    dense,
    intercept: round(options.mean - shift),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

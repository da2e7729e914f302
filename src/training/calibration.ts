/** Turns the model's output into a score that means something, by what it gives unseen requests. */

import { applyLogistic, linearOf, type LogisticMap } from "../core/linear_model.ts";
import type { Sample } from "./dataset.ts";
import { fitModel, type TrainingSet } from "./fit.ts";
import { foldsOf } from "./folds.ts";
import { fitLogistic } from "./logistic.ts";

/** Quality tiers of models, from the weakest. */
export const TIERS = ["basic", "standard", "strong", "premium"] as const;

/** What is fitted to requests that the model has not seen. */
export interface Calibration {
  readonly scoreMap: LogisticMap;
  readonly priors: Readonly<Record<(typeof TIERS)[number], LogisticMap>>;
  readonly quantiles: readonly number[];
}

/** A sample with what a model that has not seen it gives. */
export interface HeldOut {
  readonly sample: Sample;
  readonly linear: number;
}

/** The seed of the folds. */
export const FOLD_SEED = 20_260;

/** What to hold out, and how to part it. */
export interface HoldOutOptions {
  readonly isJudged: (sample: Sample) => boolean;
  readonly seed: number;
  /** Is told each fold before its model is trained. */
  readonly onFold?: (fold: string) => void;
}

/** Gives each judged sample the output of a model that was trained without the sample's fold. */
export function predictHeldOut(set: TrainingSet, options: HoldOutOptions): readonly HeldOut[] {
  const { isJudged, seed, onFold } = options;
  const folds = foldsOf(set.samples, seed);
  const names = new Set(
    set.samples.flatMap((sample, row) => isJudged(sample) ? folds[row] ?? [] : []),
  );
  return [...names].sort().flatMap((name) => {
    onFold?.(name);
    const model = fitModel(set, folds.map((fold) => fold !== name));
    return set.samples.flatMap((sample, row) => {
      const features = set.features[row];
      if (folds[row] !== name || !isJudged(sample) || features === undefined) return [];
      return [{ sample, linear: linearOf(features, model) }];
    });
  });
}

/** A strong model's share of failures that a premium model has. */
const PREMIUM_FAILURES = 0.5;

const DIGITS = 5;

/** Fits score, priors and quantiles to held-out requests that are judged. */
export function calibrate(requests: readonly HeldOut[]): Calibration {
  const scoreMap = roundMap(fitLogistic(
    requests.map(({ sample, linear }) => ({ value: linear, probability: 1 - sample.weak })),
  ));
  const scores = requests.map(({ linear }) => applyLogistic(scoreMap, linear));
  const priorOf = (quality: (sample: Sample) => number): LogisticMap =>
    roundMap(fitLogistic(requests.map(({ sample }, row) => {
      const score = scores[row] ?? 0.5;
      return { value: Math.log(score / (1 - score)), probability: quality(sample) };
    })));
  return {
    scoreMap,
    priors: {
      basic: priorOf(({ weak }) => weak),
      standard: priorOf(({ weak, mid }) => mid ?? weak),
      strong: priorOf(({ strong }) => strong),
      premium: priorOf(({ strong }) => 1 - (1 - strong) * PREMIUM_FAILURES),
    },
    quantiles: quantilesOf(scores),
  };
}

function roundMap({ intercept, slope }: LogisticMap): LogisticMap {
  return { intercept: Number(intercept.toFixed(DIGITS)), slope: Number(slope.toFixed(DIGITS)) };
}

/** The 0th to the 100th percentile, linear between neighbours (Hyndman and Fan's type 7). */
function quantilesOf(scores: readonly number[]): readonly number[] {
  const sorted = scores.toSorted((a, b) => a - b);
  return Array.from({ length: 101 }, (_, percent) => {
    const place = percent / 100 * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
    return Number((low + (high - low) * (place - Math.floor(place))).toFixed(DIGITS));
  });
}

/** How likely a model's answer is adequate: a prior of its tier, shifted by how its answers were judged. */

import type { Quality } from "./catalog.ts";
import { ADEQUACY_PRIORS } from "./difficulty_weights.ts";

/** One answer that a weakness check has judged. */
export interface Observation {
  /** The request's difficulty: 0 is easiest, 1 hardest. */
  readonly score: number;
  /** Whether it was accepted, not escalated as weak. */
  readonly isAdequate: boolean;
}

/** What the judged answers of one model have changed. */
export interface Calibration {
  /** What is added to the prior's logit; 0 unless `learned`. */
  readonly offset: number;
  /** The observations that it was made from. */
  readonly count: number;
  /**
   * `prior`: too few observations; `learned`: the shift foretells answers better than the prior alone;
   * `frozen`: it does not, so the prior stays.
   */
  readonly state: "prior" | "learned" | "frozen";
}

/** So few observations change nothing. */
export const MIN_OBSERVATIONS = 200;

/**
 * The largest shifts of the logit. That an answer is found weak shows that it is; that none is found
 * so may be for want of a check that sees it. A model can therefore fall far (its odds to a
 * twentieth), and rise little.
 */
export const MIN_OFFSET = -3;
/** See `MIN_OFFSET`. */
export const MAX_OFFSET = 0.5;

/** Scores of exactly 0 and 1, which have no logit, count as these. */
const MIN_SCORE = 0.01;
const MAX_SCORE = 0.99;

/** Observations that the first fit of the comparison is made from, and that each further one adds. */
const FIRST_FIT = 100;
const BLOCK = 50;

/** Newton's steps at most; a handful is usual. */
const MAX_STEPS = 25;
const STEP_TOLERANCE = 1e-7;

/** An observation, reduced to what fitting needs. */
interface Trial {
  /** The prior's logit of it. */
  readonly logit: number;
  readonly isAdequate: boolean;
}

/**
 * The probability that an answer to a request of this difficulty (0 to 1) is adequate; it falls with
 * the difficulty.
 *
 * @example
 * ```ts
 * import { adequacyOf } from "./adequacy.ts";
 * if (Math.abs(adequacyOf({ quality: "basic" }, 0.3) - 0.7) > 1e-9) throw new Error();
 * if (adequacyOf({ quality: "strong" }, 0.3) < 0.9) throw new Error();
 * ```
 */
export function adequacyOf(
  model: { readonly quality: Quality; readonly calibration?: Calibration },
  score: number,
): number {
  return logistic(priorLogit(model.quality, score) + (model.calibration?.offset ?? 0));
}

/**
 * What these observations of one model, oldest first, change of its tier's prior: a shift of the logit
 * by penalised maximum likelihood (the penalty is a normal prior with mean 0 and variance 1), if it
 * foretells better. It is compared prequentially (A. P. Dawid, "The Prequential Approach", 1984): each
 * block of observations is foretold from those before it alone, and the sums of the log losses decide.
 */
export function calibrate(observations: readonly Observation[], quality: Quality): Calibration {
  const count = observations.length;
  if (count < MIN_OBSERVATIONS) return { offset: 0, count, state: "prior" };
  const trials = observations.map(({ score, isAdequate }) => ({
    logit: priorLogit(quality, score),
    isAdequate,
  }));
  let offset = 0;
  let gain = 0;
  for (let start = FIRST_FIT; start < count; start += BLOCK) {
    offset = fitOffset(trials.slice(0, start), offset);
    const block = trials.slice(start, start + BLOCK);
    gain += lossOf(block, 0) - lossOf(block, offset);
  }
  if (gain <= 0) return { offset: 0, count, state: "frozen" };
  return { offset: fitOffset(trials, offset), count, state: "learned" };
}

/** The shift with the least penalised loss, found by Newton's method from a shift that is near it. */
function fitOffset(trials: readonly Trial[], start: number): number {
  let offset = start;
  for (let step = 0; step < MAX_STEPS; step++) {
    let slope = offset;
    let curvature = 1;
    for (const { logit, isAdequate } of trials) {
      const p = logistic(logit + offset);
      slope += p - (isAdequate ? 1 : 0);
      curvature += p * (1 - p);
    }
    // The loss is convex: short steps can't miss its minimum, and long ones may lead past it.
    const next = clamp(offset - clamp(slope / curvature, -1, 1), MIN_OFFSET, MAX_OFFSET);
    if (Math.abs(next - offset) < STEP_TOLERANCE) return next;
    offset = next;
  }
  return offset;
}

/** The log loss, in nats, of foretelling these trials with this shift. */
function lossOf(trials: readonly Trial[], offset: number): number {
  return trials.reduce((sum, { logit, isAdequate }) => {
    const shifted = logit + offset;
    return sum + Math.log1p(Math.exp(isAdequate ? -shifted : shifted));
  }, 0);
}

function priorLogit(quality: Quality, score: number): number {
  const { intercept, slope } = ADEQUACY_PRIORS[quality];
  const clamped = clamp(score, MIN_SCORE, MAX_SCORE);
  return intercept + slope * Math.log(clamped / (1 - clamped));
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

/** Logistic regression on one number. */

import type { LogisticMap } from "../core/linear_model.ts";

/** One observation: the number and a probability, or a 0 or 1, that was seen with it. */
export interface Observation {
  readonly value: number;
  readonly probability: number;
}

const ROUNDS = 50;

/**
 * Fits P = 1 / (1 + exp(-(intercept + slope · value))) by Newton's method on the log likelihood
 * (Platt, "Probabilistic outputs for support vector machines", 1999).
 */
export function fitLogistic(observations: readonly Observation[]): LogisticMap {
  let [intercept, slope] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-9, 0, 1e-9];
    for (const { value, probability } of observations) {
      const fitted = 1 / (1 + Math.exp(-(intercept + slope * value)));
      const [error, spread] = [probability - fitted, fitted * (1 - fitted)];
      g0 += error;
      g1 += error * value;
      h00 += spread;
      h01 += spread * value;
      h11 += spread * value * value;
    }
    const determinant = h00 * h11 - h01 * h01;
    if (determinant === 0) break;
    intercept += (h11 * g0 - h01 * g1) / determinant;
    slope += (h00 * g1 - h01 * g0) / determinant;
  }
  return { intercept, slope };
}

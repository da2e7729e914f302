import assert from "node:assert/strict";
import { fitLogistic } from "../../src/training/logistic.ts";
import { type Design, solveRidge } from "../../src/training/ridge.ts";

/** Two sparse columns and one dense one; each row has one sparse column. */
const DESIGN: Design = {
  columnCount: 2,
  denseCount: 1,
  valueOf: () => 1,
  columns: Uint16Array.of(0, 1, 0),
  starts: Uint32Array.of(0, 1, 2, 3),
  dense: Float64Array.of(0, 1, 1),
};

function solve(penalty: number, weights: readonly number[]): readonly number[] {
  const solution = solveRidge(DESIGN, {
    targets: Float64Array.of(1, 2, 4),
    weights: Float64Array.from(weights),
    penalty,
    iterations: 10,
  });
  return Array.from(solution, (value) => Number(value.toFixed(6)));
}

Deno.test("solveRidge() without a penalty meets equations that can be met", () => {
  // a = 1, b + c = 2, a + c = 4.
  assert.deepEqual(solve(1e-12, [1, 1, 1]), [1, -1, 3]);
});

Deno.test("solveRidge() minimises the sum of squares and penalty", () => {
  // The first row alone: (a − 1)² + a² is least at 1/2.
  assert.deepEqual(solve(1, [1, 0, 0]), [0.5, 0, 0]);
  // Of weight 3: 3 (a − 1)² + a² is least at 3/4.
  assert.deepEqual(solve(1, [3, 0, 0]), [0.75, 0, 0]);
  // The normal equations (XᵀX + I) w = Xᵀy are [[3,0,1],[0,2,1],[1,1,3]] w = [5,2,6].
  assert.deepEqual(solve(1, [1, 1, 1]), [1.153846, 0.230769, 1.538462]);
});

Deno.test("fitLogistic() finds the line that the probabilities follow", () => {
  const observations = Array.from({ length: 41 }, (_, index) => {
    const value = (index - 20) / 5;
    return { value, probability: 1 / (1 + Math.exp(-(0.5 - 1.5 * value))) };
  });
  const { intercept, slope } = fitLogistic(observations);
  assert.ok(Math.abs(intercept - 0.5) < 1e-6 && Math.abs(slope + 1.5) < 1e-6);
});

import assert from "node:assert/strict";
import { apgrOf, cptOf, type Scored } from "../../src/training/apgr.ts";

/** Prompts from [score, weak, strong]. */
function scored(...rows: readonly (readonly [number, number, number])[]): readonly Scored[] {
  return rows.map(([score, weak, strong]) => ({ score, weak, strong }));
}

function assertNear(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-12, `${actual}, not ${expected}`);
}

Deno.test("apgrOf() is the area below the exact curve", () => {
  // The corners are (0, 0), (1/2, 1) and (1, 1): 1/4 + 1/2.
  assertNear(apgrOf(scored([2, 0, 1], [1, 1, 1])), 0.75);
  // The wrong order has (0, 0), (1/2, 0) and (1, 1).
  assertNear(apgrOf(scored([1, 0, 1], [2, 1, 1])), 0.25);
  // Four prompts with gains 1, 0, 1, 0: corners 0, 1/2, 1/2, 1, 1.
  assertNear(apgrOf(scored([4, 0, 1], [3, 0, 0], [2, 0, 1], [1, 1, 1])), 0.625);
});

Deno.test("apgrOf() exceeds 1 where the strong model is sometimes worse and never asked then", () => {
  // Gains 1, 1, -1: corners 0, 1, 2, 1; the area is (1/2 + 3/2 + 3/2) / 3.
  assertNear(apgrOf(scored([3, 0, 1], [2, 0, 1], [1, 1, 0])), 3.5 / 3);
});

Deno.test("apgrOf() breaks ties in expectation", () => {
  assertNear(apgrOf(scored([1, 0, 1], [1, 1, 1])), 0.5);
  // The order of the rows does not count, and neither does that of the mirrored ones.
  assertNear(apgrOf(scored([1, 1, 1], [1, 0, 1])), 0.5);
  // Gains 1 and 0 tie, then 0: corners (0, 0), (2/3, 1), (1, 1).
  assertNear(apgrOf(scored([2, 0, 1], [2, 0, 0], [1, 0, 0])), 2 / 3);
});

Deno.test("apgrOf() is the mean over all orders of tied prompts", () => {
  const [a, b, c] = scored([1, 0, 1], [1, 0, 0.25], [1, 0.5, 0.25]);
  const orders = [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]];
  const areas = orders.map((order) =>
    apgrOf(order.flatMap((row, index) => row === undefined ? [] : [{ ...row, score: -index }])) ??
      NaN
  );
  const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
  assertNear(apgrOf([a, b, c].flatMap((row) => row ?? [])), mean);
});

Deno.test("apgrOf() has no value where strong answers are no better", () => {
  assert.equal(apgrOf(scored([1, 0.5, 0.5])), null);
  assert.equal(apgrOf(scored([1, 0.6, 0.5])), null);
  assert.equal(apgrOf([]), null);
});

Deno.test("cptOf() is the smallest share that recovers enough", () => {
  // Corners (0, 0), (1/2, 1), (1, 1).
  const rows = scored([2, 0, 1], [1, 1, 1]);
  assertNear(cptOf(rows, 0.5), 0.25);
  assertNear(cptOf(rows, 0.8), 0.4);
  assertNear(cptOf(rows, 1), 0.5);
  assertNear(cptOf(rows, 0), 0);
  // All tied: the curve is the diagonal.
  assertNear(cptOf(scored([1, 0, 1], [1, 1, 1]), 0.8), 0.8);
  // The first prompt that goes to the strong model loses, so the curve first falls.
  assertNear(cptOf(scored([3, 1, 0], [2, 0, 1], [1, 0, 1]), 0.5), 2 / 3 + 1 / 6);
});

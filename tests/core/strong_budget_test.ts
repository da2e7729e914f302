import assert from "node:assert/strict";
import { computeBudget, isStrongTier, type RecentRequest } from "../../src/core/strong_budget.ts";

const SCORES = Array.from({ length: 200 }, (_, index) => (index * 37 % 200) / 200);
const weak = (score: number): RecentRequest => ({ score, isStrong: false });

Deno.test("computeBudget() puts the threshold where the share of recent scores lies above", () => {
  for (const share of [0, 0.05, 0.2, 0.5, 0.9, 1]) {
    const { threshold } = computeBudget({ share, recent: SCORES.map(weak), priorScores: [] });
    const above = SCORES.filter((score) => score > threshold).length;
    assert.equal(above, Math.round(share * SCORES.length), `share ${share}`);
  }
});

Deno.test("computeBudget() keeps equal scores below the threshold, so that they don't exceed the share", () => {
  const recent = Array.from({ length: 100 }, () => weak(0.4));
  const { threshold } = computeBudget({ share: 0.2, recent, priorScores: [] });
  assert.equal(threshold, 0.4);
});

Deno.test("computeBudget() takes the known quantiles while few requests have come", () => {
  const priorScores = Array.from({ length: 101 }, (_, index) => index / 100);
  const { threshold } = computeBudget({ share: 0.2, recent: [], priorScores });
  assert.ok(Math.abs(threshold - 0.8) < 0.03, String(threshold));
  const hard = Array.from({ length: 60 }, () => weak(0.95));
  assert.equal(computeBudget({ share: 0.2, recent: hard, priorScores }).threshold, 0.95);
});

Deno.test("computeBudget() is spent when the newest requests have had their share", () => {
  const used = (count: number) => [
    ...Array.from({ length: 100 - count }, () => weak(0.1)),
    ...Array.from({ length: count }, () => ({ score: 0.9, isStrong: true })),
  ];
  const isSpent = (count: number) =>
    computeBudget({ share: 0.2, recent: used(count), priorScores: [] }).isSpent;
  assert.deepEqual([isSpent(19), isSpent(20), isSpent(50)], [false, true, true]);
  assert.equal(computeBudget({ share: 0, recent: [], priorScores: [] }).isSpent, true);
});

Deno.test("isStrongTier() counts strong and premium", () => {
  const tiers = ["basic", "standard", "strong", "premium"] as const;
  assert.deepEqual(tiers.map(isStrongTier), [false, false, true, true]);
});

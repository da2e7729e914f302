import assert from "node:assert/strict";
import { computeBudget, isStrongTier, type RecentRequest } from "../../src/core/strong_budget.ts";

const SCORES = Array.from({ length: 200 }, (_, index) => (index * 37 % 200) / 200);
const weak = (score: number): RecentRequest => ({ score, isStrong: false });

Deno.test("computeBudget() puts the threshold where the share of recent scores lies above", () => {
  for (const share of [0, 0.05, 0.2, 0.5, 0.9, 1]) {
    const { threshold } = computeBudget({ share, recent: SCORES.map(weak), priorScores: [] });
    const above = SCORES.filter((score) => score >= threshold).length;
    assert.equal(above, Math.round(share * SCORES.length), `share ${share}`);
  }
});

Deno.test("computeBudget() lets equally hard requests use the share up, and no more", () => {
  const budget = (strong: number) =>
    computeBudget({
      share: 0.5,
      recent: Array.from({ length: 100 }, (_, index) => ({ score: 0.8, isStrong: index < strong })),
      priorScores: [],
    });
  assert.deepEqual(budget(20), { share: 0.5, threshold: 0.8, isSpent: false });
  assert.equal(budget(51).isSpent, true);
});

Deno.test("computeBudget() takes the known quantiles while few requests have come", () => {
  const priorScores = Array.from({ length: 101 }, (_, index) => index / 100);
  const { threshold } = computeBudget({ share: 0.2, recent: [], priorScores });
  assert.ok(Math.abs(threshold - 0.8) < 0.03, String(threshold));
  const hard = Array.from({ length: 60 }, () => weak(0.95));
  assert.equal(computeBudget({ share: 0.2, recent: hard, priorScores }).threshold, 0.95);
});

Deno.test("computeBudget() is spent when the newest requests have had their share", () => {
  const used = (count: number, of = 100) => [
    ...Array.from({ length: of - count }, () => weak(0.1)),
    ...Array.from({ length: count }, () => ({ score: 0.9, isStrong: true })),
  ];
  const isSpent = (count: number, of?: number, share = 0.2) =>
    computeBudget({ share, recent: used(count, of), priorScores: [] }).isSpent;
  assert.deepEqual([isSpent(20), isSpent(21), isSpent(50)], [false, true, true]);
  assert.deepEqual([isSpent(0, 0), isSpent(1, 1), isSpent(1, 5), isSpent(2, 6)], [
    false,
    true,
    false,
    true,
  ]);
  assert.deepEqual([isSpent(0, 0, 0), isSpent(0, 50, 0)], [true, true]);
  assert.deepEqual([isSpent(300, 300, 1), isSpent(0, 0, 1)], [false, false], "all may go there");
});

Deno.test("isStrongTier() counts strong and premium", () => {
  const tiers = ["basic", "standard", "strong", "premium"] as const;
  assert.deepEqual(tiers.map(isStrongTier), [false, false, true, true]);
});

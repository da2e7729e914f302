import assert from "node:assert/strict";
import { DENSE_COUNT } from "../../src/core/ask_features.ts";
import { BUCKET_COUNT } from "../../src/core/ask_ngrams.ts";
import {
  ADEQUACY_PRIORS,
  DENSE_WEIGHTS,
  INTERCEPT,
  NGRAM_SCALE,
  NGRAM_WEIGHTS,
  SCORE_MAP,
  SCORE_QUANTILES,
  WEIGHTS_SHA256,
} from "../../src/core/difficulty_weights.ts";
import { applyLogistic } from "../../src/core/linear_model.ts";

Deno.test("the weights are those that were trained", async () => {
  const text = JSON.stringify([NGRAM_WEIGHTS, NGRAM_SCALE, DENSE_WEIGHTS, INTERCEPT]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  assert.equal(new Uint8Array(digest).toHex(), WEIGHTS_SHA256);
});

Deno.test("the model has a weight for each feature and takes no more than 256 KB", () => {
  assert.equal(Uint8Array.fromBase64(NGRAM_WEIGHTS).length, BUCKET_COUNT);
  assert.equal(DENSE_WEIGHTS.length, DENSE_COUNT);
  assert.ok(BUCKET_COUNT + 8 * DENSE_COUNT <= 256 * 1024);
});

Deno.test("a greater sum is a greater score", () => {
  assert.ok(SCORE_MAP.slope > 0);
});

Deno.test("the quantiles rise from 0 to 1", () => {
  assert.equal(SCORE_QUANTILES.length, 101);
  assert.deepEqual(SCORE_QUANTILES, SCORE_QUANTILES.toSorted((a, b) => a - b));
  assert.ok((SCORE_QUANTILES[0] ?? -1) >= 0 && (SCORE_QUANTILES[100] ?? 2) <= 1);
});

Deno.test("a better tier is more likely adequate at every score, and less so for harder asks", () => {
  const { basic, standard, strong, premium } = ADEQUACY_PRIORS;
  const tiers = [basic, standard, strong, premium];
  assert.ok(tiers.every(({ slope }) => slope < 0));
  for (const score of [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98]) {
    const chances = tiers.map((tier) => applyLogistic(tier, Math.log(score / (1 - score))));
    assert.deepEqual(chances, chances.toSorted((a, b) => a - b), `score ${score}`);
  }
});

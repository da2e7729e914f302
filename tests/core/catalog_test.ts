import assert from "node:assert/strict";
import { costOf, type Price, rankOfQuality } from "../../src/core/catalog.ts";
import type { TokenUsage } from "../../src/core/usage.ts";

const USAGE: TokenUsage = {
  inputTokens: 1_000,
  cachedTokens: 200,
  cacheWriteTokens: 100,
  outputTokens: 500,
  reasoningTokens: 50,
  source: "provider",
};

const PRICE: Price = {
  inputUsdPerMTok: 3,
  outputUsdPerMTok: 15,
  cacheReadUsdPerMTok: 0.3,
  cacheWriteUsdPerMTok: 3.75,
  source: "config",
};

Deno.test("costOf() prices plain, cached, cache-written and output tokens apart", () => {
  const expected = (700 * 3 + 200 * 0.3 + 100 * 3.75 + 500 * 15) / 1e6;
  assert.equal(costOf(USAGE, PRICE), expected);
});

Deno.test("costOf() prices cached tokens as plain ones where there is no cache price", () => {
  const price: Price = { inputUsdPerMTok: 2, outputUsdPerMTok: 4, source: "config" };
  assert.equal(costOf(USAGE, price), (1_000 * 2 + 500 * 4) / 1e6);
});

Deno.test("costOf() prices what a cache keeps for an hour at twice the input price", () => {
  const usage = { ...USAGE, cacheWriteHourTokens: 60 };
  const expected = (700 * 3 + 200 * 0.3 + 40 * 3.75 + 60 * 2 * 3 + 500 * 15) / 1e6;
  assert.equal(costOf(usage, PRICE), expected);
});

Deno.test("costOf() prices no more of it than was written", () => {
  const usage = { ...USAGE, cacheWriteHourTokens: 5_000 };
  assert.equal(costOf(usage, PRICE), (700 * 3 + 200 * 0.3 + 100 * 2 * 3 + 500 * 15) / 1e6);
});

Deno.test("costOf() prices it as plain input where cache writes have no price", () => {
  const price: Price = { inputUsdPerMTok: 2, outputUsdPerMTok: 4, source: "config" };
  const usage = { ...USAGE, cacheWriteHourTokens: 60 };
  assert.equal(costOf(usage, price), costOf(USAGE, price));
});

Deno.test("costOf() is null for an unknown price, never 0", () => {
  assert.equal(costOf(USAGE, null), null);
});

Deno.test("costOf() never counts more cached tokens than there is input", () => {
  const usage = { ...USAGE, inputTokens: 100, cachedTokens: 500, cacheWriteTokens: 500 };
  assert.equal(costOf(usage, PRICE), (100 * 0.3 + 500 * 15) / 1e6);
});

Deno.test("costOf() prices a whole long request at the rates of its length", () => {
  const price: Price = {
    ...PRICE,
    longContext: [
      { aboveInputTokens: 200, inputUsdPerMTok: 6, outputUsdPerMTok: 22 },
      { aboveInputTokens: 2_000, inputUsdPerMTok: 60, outputUsdPerMTok: 220 },
    ],
  };
  assert.equal(costOf(USAGE, price), (1_000 * 6 + 500 * 22) / 1e6);
  assert.equal(
    costOf({ ...USAGE, inputTokens: 200 }, price),
    costOf({ ...USAGE, inputTokens: 200 }, PRICE),
  );
});

Deno.test("rankOfQuality() orders the tiers from basic to premium", () => {
  const ranks = (["basic", "standard", "strong", "premium"] as const).map(rankOfQuality);
  assert.deepEqual(ranks, [0, 1, 2, 3]);
});

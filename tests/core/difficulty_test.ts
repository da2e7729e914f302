import assert from "node:assert/strict";
import { estimateDifficulty } from "../../src/core/difficulty.ts";
import { DIFFICULTY_TIERS, isDifficultyTier, tierOf } from "../../src/core/difficulty_tier.ts";

const CASES: readonly (readonly [string, string])[] = [
  ["", "easy"],
  [" \n", "easy"],
  ["Say hi", "easy"],
  ["Thanks!", "easy"],
  ["What is the capital of France?", "easy"],
  ["Generate a concise title for this chat", "easy"],
  ["Write a commit message for this diff", "easy"],
  ["Write a TypeScript function that reads a CSV file", "easy"],
  ["Rewrite this so it's polite: send me the file today", "easy"],
  ["Traduce al inglés: ¿dónde está la estación?", "easy"],
  ["把下面的句子翻译成英文：明天下午三点开会。", "easy"],
  // Small models miss the count of syllables often enough.
  ["Write a haiku about the sea", "standard"],
  ["Implement a red-black tree in Rust with tests", "standard"],
  [
    "Implement a thread-safe LRU cache in Rust, analyze its complexity step by step and " +
    "debug the race condition in the code below. ".repeat(20),
    "hard",
  ],
  [
    "Prove that the algorithm is correct and design a distributed version; compare the trade-offs.",
    "hard",
  ],
  ["Write a lipogram without the letter e, exactly 50 words, in iambic metre", "hard"],
  [
    "Our Kafka consumer deadlocks only sometimes during a rolling deploy, and only under load. " +
    "Find the race from these goroutine dumps and design a fix that keeps exactly-once semantics.",
    "hard",
  ],
];

for (const [ask, tier] of CASES) {
  Deno.test(`estimateDifficulty() finds "${ask.slice(0, 40).trim()}" ${tier}`, () => {
    const estimate = estimateDifficulty(ask, null);
    assert.equal(estimate.tier, tier, `score ${estimate.score}`);
  });
}

Deno.test("estimateDifficulty() obeys a hint", () => {
  for (const tier of DIFFICULTY_TIERS) {
    assert.equal(estimateDifficulty("Say hi", tier).tier, tier);
  }
});

Deno.test("estimateDifficulty() gives a score within 0..1 and at least one reason", () => {
  for (const ask of ["", "\ud800", "translate this in one sentence", "prove ".repeat(10_000)]) {
    const { score, reasons } = estimateDifficulty(ask, null);
    assert.ok(score >= 0 && score <= 1);
    assert.ok(reasons.length > 0);
  }
});

Deno.test("estimateDifficulty() gives the same score every time, and different asks different ones", () => {
  const asks = CASES.map(([ask]) => ask).filter((ask) => ask.trim() !== "");
  const scores = asks.map((ask) => estimateDifficulty(ask, null).score);
  assert.deepEqual(asks.map((ask) => estimateDifficulty(ask, null).score), scores);
  assert.equal(new Set(scores).size, asks.length);
});

Deno.test("estimateDifficulty() names themes without a word of the ask", () => {
  const { reasons } = estimateDifficulty("Prove it with a sonnet about Zanzibar, Ludmila", null);
  assert.ok(reasons.includes("asks for a proof (harder)"), reasons.join("; "));
  assert.ok(reasons.includes("asks for metre or rhyme (harder)"), reasons.join("; "));
  assert.doesNotMatch(reasons.join(" "), /sonnet|zanzibar|ludmila/i);
});

Deno.test("estimateDifficulty() tells short asks from long ones, and code from text", () => {
  const reasonsOf = (ask: string) => estimateDifficulty(ask, null).reasons;
  assert.ok(reasonsOf("Say hi").includes("a very short ask"));
  assert.ok(reasonsOf("tell me more ".repeat(500)).includes("a very long ask"));
  assert.ok(reasonsOf("fix:\n```js\nlet a = 1;\n```").includes("a very short ask with code"));
});

Deno.test("tierOf() takes the program's thresholds, or those that it is given", () => {
  assert.deepEqual([0.29, 0.3, 0.54, 0.55].map((score) => tierOf(score)), [
    "easy",
    "standard",
    "standard",
    "hard",
  ]);
  assert.equal(tierOf(0.2, { standard: 0.1, hard: 0.2 }), "hard");
});

Deno.test("isDifficultyTier() knows the tiers only", () => {
  assert.ok(DIFFICULTY_TIERS.every(isDifficultyTier));
  assert.ok(!isDifficultyTier("toString"));
});

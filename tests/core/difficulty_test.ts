import assert from "node:assert/strict";
import { DIFFICULTY_TIERS, estimateDifficulty } from "../../src/core/difficulty.ts";

const CASES: readonly (readonly [string, string])[] = [
  ["Say hi", "easy"],
  ["What is the capital of France?", "easy"],
  ["Generate a concise title for this chat", "easy"],
  ["Implement a red-black tree in Rust with tests", "standard"],
  ["Debug this", "standard"],
  ["Write a TypeScript function that reads a CSV file", "standard"],
  ["Review this architecture and propose improvements", "standard"],
  ["Write a haiku about the sea", "easy"],
  ["Write a commit message for this diff", "easy"],
  [
    "Implement a thread-safe LRU cache in Rust, analyze its complexity step by step and " +
    "debug the race condition in the code below. ".repeat(20),
    "hard",
  ],
  [
    "Prove that the algorithm is correct and design a distributed version; compare the trade-offs.",
    "hard",
  ],
];

for (const [ask, tier] of CASES) {
  Deno.test(`estimateDifficulty() finds "${ask.slice(0, 40)}" ${tier}`, () => {
    assert.equal(estimateDifficulty(ask, null).tier, tier);
  });
}

Deno.test("estimateDifficulty() obeys a hint", () => {
  for (const tier of DIFFICULTY_TIERS) {
    assert.equal(estimateDifficulty(CASES[0]?.[0] ?? "", tier).tier, tier);
  }
});

Deno.test("estimateDifficulty() gives a score within 0..1 and at least one reason", () => {
  for (const ask of ["", "translate this in one sentence", "prove ".repeat(10_000)]) {
    const { score, reasons } = estimateDifficulty(ask, null);
    assert.ok(score >= 0 && score <= 1);
    assert.ok(reasons.length > 0);
  }
});

import assert from "node:assert/strict";
import type { DifficultyTier } from "../../src/core/difficulty_tier.ts";
import type { Answered, WorldAlias } from "../support/transcript_run.ts";
import { findFlaps, findSwitches, isBelow } from "./summary.ts";

const ALIASES: Readonly<Record<string, WorldAlias>> = { l: "local", m: "mini", s: "sonnet" };
const TIERS: Readonly<Record<string, DifficultyTier>> = { e: "easy", t: "standard", h: "hard" };

/** Turns from words such as `me sh`: mini for an easy one, sonnet for a hard one. */
function turnsOf(words: string): readonly Answered[] {
  return words.split(" ").map((word) => ({
    alias: ALIASES[word.charAt(0)] ?? "opus",
    difficulty: TIERS[word.charAt(1)] ?? "easy",
    score: 0,
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    reasons: [],
    reading: { input: 0, cached: 0, written: 0 },
  }));
}

const FLAPS: readonly (readonly [string, string, readonly number[]])[] = [
  ["me me me", "no switch", []],
  ["me se me", "there and back for nothing", [1]],
  ["me se se se me", "back after three turns", [1]],
  ["me se se se se me", "back after four turns", []],
  ["me sh me", "there for a hard turn", []],
  ["se me sh", "back for a hard turn", []],
  ["le mt le", "there for a standard turn", []],
  ["me se oe", "on to a third model", []],
  ["me se me se", "there and back, and there again", [1, 2]],
];

for (const [words, what, places] of FLAPS) {
  Deno.test(`findFlaps() finds ${places.length} in ${words}: ${what}`, () => {
    assert.deepEqual(findFlaps(turnsOf(words)), places);
  });
}

Deno.test("findSwitches() finds the turns that another model answers", () => {
  assert.deepEqual(findSwitches(turnsOf("le le me sh sh me")), [2, 3, 5]);
});

Deno.test("isBelow() compares the model's tier with that of the difficulty", () => {
  assert.ok(isBelow({ alias: "local" }, "standard"));
  assert.ok(!isBelow({ alias: "mini" }, "standard"));
  assert.ok(isBelow({ alias: "mini" }, "hard"));
  assert.ok(!isBelow({ alias: "opus" }, "hard"));
});

import assert from "node:assert/strict";
import { firstTokenLimitMs } from "../../src/core/pace.ts";

const MINUTE_MS = 60_000;

interface Case {
  readonly name: string;
  readonly count?: number;
  readonly ttftMs: number;
  readonly inputTokens?: number;
  readonly defaultMs?: number;
  readonly isLocal?: boolean;
  readonly expectedMs: number;
}

const CASES: readonly Case[] = [
  {
    name: "is the default where nothing is known",
    count: 0,
    ttftMs: 0,
    expectedMs: 10 * MINUTE_MS,
  },
  {
    name: "is the default while little is known",
    count: 15,
    ttftMs: 100,
    expectedMs: 10 * MINUTE_MS,
  },
  { name: "is three minutes at least", ttftMs: 100, expectedMs: 3 * MINUTE_MS },
  { name: "is twenty times the slowest", ttftMs: 20_000, expectedMs: 400_000 },
  { name: "is the default at most", ttftMs: 2 * MINUTE_MS, expectedMs: 10 * MINUTE_MS },
  {
    name: "grows beyond the default for a model that has needed nearly that",
    ttftMs: 9 * MINUTE_MS,
    expectedMs: 18 * MINUTE_MS,
  },
  {
    name: "grows after one slow answer already",
    count: 1,
    ttftMs: 9 * MINUTE_MS,
    expectedMs: 18 * MINUTE_MS,
  },
  { name: "is an hour at most", ttftMs: 50 * MINUTE_MS, expectedMs: 60 * MINUTE_MS },
  {
    name: "grows with an input that is longer than any before",
    ttftMs: 10_000,
    inputTokens: 200,
    expectedMs: 400_000,
  },
  {
    name: "does not shrink with a shorter input",
    ttftMs: 15_000,
    inputTokens: 1,
    expectedMs: 300_000,
  },
  {
    name: "leaves a local model that was always quick more than four minutes, and time to read",
    ttftMs: 100,
    inputTokens: 1_000,
    isLocal: true,
    expectedMs: 5 * MINUTE_MS + 50_000,
  },
  {
    name: "is the default for a local model with much to read, however quick it was",
    ttftMs: 100,
    inputTokens: 30_000,
    isLocal: true,
    expectedMs: 10 * MINUTE_MS,
  },
  {
    name: "never undercuts a default that is shorter than three minutes",
    ttftMs: 100,
    defaultMs: MINUTE_MS,
    expectedMs: MINUTE_MS,
  },
];

for (const { name, count = 16, ttftMs, expectedMs, ...rest } of CASES) {
  Deno.test(`firstTokenLimitMs() ${name}`, () => {
    const { inputTokens = 100, defaultMs = 10 * MINUTE_MS, isLocal = false } = rest;
    const samples = Array.from({ length: count }, (_, index) => ({
      ttftMs: index === 0 ? ttftMs : ttftMs / 2,
      inputTokens: 100,
    }));
    assert.equal(firstTokenLimitMs(samples, { inputTokens, defaultMs, isLocal }), expectedMs);
  });
}

Deno.test("firstTokenLimitMs() measures an input by the longest one before", () => {
  const samples = Array.from({ length: 16 }, (_, index) => ({
    ttftMs: 10_000,
    inputTokens: index === 8 ? 1_000 : 10,
  }));
  const options = { inputTokens: 1_000, defaultMs: 10 * MINUTE_MS, isLocal: false };
  assert.equal(firstTokenLimitMs(samples, options), 200_000);
});

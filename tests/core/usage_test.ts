import assert from "node:assert/strict";
import { readUsage, writeUsage } from "../../src/core/usage.ts";

Deno.test("readUsage() reads OpenAI's counts with their details", () => {
  const usage = readUsage({
    "prompt_tokens": 123,
    "completion_tokens": 45,
    "prompt_tokens_details": { "cached_tokens": 20, "cache_write_tokens": 3 },
    "completion_tokens_details": { "reasoning_tokens": 6 },
  });
  assert.deepEqual(usage, {
    inputTokens: 123,
    cachedTokens: 20,
    cacheWriteTokens: 3,
    outputTokens: 45,
    reasoningTokens: 6,
    source: "provider",
  });
});

Deno.test("readUsage() reads DeepSeek's cache hits", () => {
  const usage = readUsage({
    "prompt_tokens": 10,
    "completion_tokens": 1,
    "prompt_cache_hit_tokens": 7,
  });
  assert.equal(usage?.cachedTokens, 7);
});

for (const value of [undefined, null, {}, "12", [1], { "prompt_tokens": "12" }]) {
  Deno.test(`readUsage() finds no counts in ${JSON.stringify(value)}`, () => {
    assert.equal(readUsage(value), null);
  });
}

Deno.test("writeUsage() writes what readUsage() reads", () => {
  const usage = {
    inputTokens: 9,
    cachedTokens: 4,
    cacheWriteTokens: 2,
    outputTokens: 5,
    reasoningTokens: 1,
    source: "provider",
  } as const;
  const written = writeUsage(usage);
  assert.equal(written["total_tokens"], 14);
  assert.deepEqual(readUsage(written), usage);
});

import assert from "node:assert/strict";
import { type JsonObject, numberAt, objectAt } from "../../src/core/json.ts";
import { completeUsage, readUsage, writeUsage } from "../../src/core/usage.ts";

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

const COUNTS = { "prompt_tokens": 100, "completion_tokens": 10 };

/** How servers tell what came from a cache and went into it: [whose words, usage, read, written]. */
const CACHE_WORDS: readonly (readonly [string, JsonObject, number, number])[] = [
  ["OpenAI's", { "prompt_tokens_details": { "cached_tokens": 64 } }, 64, 0],
  ["Groq's", { "prompt_time": 0.1, "prompt_tokens_details": { "cached_tokens": 64 } }, 64, 0],
  [
    "OpenRouter's",
    { "cost": 0.1, "prompt_tokens_details": { "cached_tokens": 64, "cache_write_tokens": 32 } },
    64,
    32,
  ],
  ["DeepSeek's", { "prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36 }, 64, 0],
  ["Moonshot's", { "cached_tokens": 64 }, 64, 0],
  [
    "Alibaba's",
    { "prompt_tokens_details": { "cached_tokens": 0, "cache_creation_input_tokens": 32 } },
    0,
    32,
  ],
  ["vLLM's null", { "prompt_tokens_details": null }, 0, 0],
];

for (const [whose, words, cached, written] of CACHE_WORDS) {
  Deno.test(`readUsage() reads ${whose} words for cached tokens`, () => {
    const usage = readUsage({ ...COUNTS, ...words });
    assert.deepEqual([usage?.cachedTokens, usage?.cacheWriteTokens], [cached, written]);
  });

  Deno.test(`completeUsage() tells clients of ${whose} cached tokens in OpenAI's words`, () => {
    const usage = completeUsage({ ...COUNTS, ...words });
    const details = objectAt(usage, "prompt_tokens_details");
    const told = [numberAt(details, "cached_tokens"), numberAt(details, "cache_write_tokens")];
    assert.deepEqual(told.map((count) => count ?? 0), [cached, written]);
    assert.equal(usage?.["total_tokens"], 110);
  });
}

/** [what, total of 100 + 10, details of the completion, output] */
const TOTALS: readonly (readonly [string, number, JsonObject, number])[] = [
  ["OpenAI's total is the sum", 110, { "reasoning_tokens": 4 }, 10],
  ["xAI's total has reasoning beside both", 150, { "reasoning_tokens": 40 }, 50],
  ["Google's total has thinking that it does not name", 150, {}, 50],
  ["a total below the sum means nothing", 90, {}, 10],
];

for (const [what, total, details, output] of TOTALS) {
  Deno.test(`readUsage() counts reasoning as output: ${what}`, () => {
    const wire = { ...COUNTS, "total_tokens": total, "completion_tokens_details": details };
    assert.equal(readUsage(wire)?.outputTokens, output);
    assert.equal(completeUsage(wire)?.["completion_tokens"], output);
  });
}

Deno.test("readUsage() takes cached tokens beside the prompt for no output", () => {
  const wire = { ...COUNTS, "total_tokens": 174, "cached_tokens": 64 };
  assert.equal(readUsage(wire)?.outputTokens, 10);
});

Deno.test("completeUsage() keeps all that an upstream says, and leaves nulls out", () => {
  const wire = {
    ...COUNTS,
    "total_tokens": 110,
    "cost": 0.25,
    "prompt_tokens_details": { "cached_tokens": 5, "audio_tokens": null },
    "completion_tokens_details": null,
  };
  assert.deepEqual(JSON.parse(JSON.stringify(completeUsage(wire))), {
    ...COUNTS,
    "total_tokens": 110,
    "cost": 0.25,
    "prompt_tokens_details": { "cached_tokens": 5 },
  });
});

Deno.test("completeUsage() is null where nothing was counted", () => {
  assert.equal(completeUsage({}), null);
});

for (const value of [undefined, null, {}, "12", [1], { "prompt_tokens": "12" }]) {
  Deno.test(`readUsage() finds no counts in ${JSON.stringify(value)}`, () => {
    assert.equal(readUsage(value), null);
  });
}

Deno.test("writeUsage() writes what readUsage() reads, what stays for an hour too", () => {
  const usage = {
    inputTokens: 9,
    cachedTokens: 4,
    cacheWriteTokens: 2,
    cacheWriteHourTokens: 1,
    outputTokens: 5,
    reasoningTokens: 1,
    source: "provider",
  } as const;
  const written = writeUsage(usage);
  assert.equal(written["total_tokens"], 14);
  assert.deepEqual(readUsage(written), usage);
});

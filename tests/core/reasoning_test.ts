import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import {
  budgetOfLevel,
  levelOfBudget,
  readReasoning,
  REASONING_LEVELS,
  type ReasoningLevel,
} from "../../src/core/reasoning.ts";

type Expected = readonly [level: ReasoningLevel, budgetTokens: number | null, field: string] | null;

function read(fields: JsonObject): Expected {
  const wish = readReasoning({
    model: "m",
    messages: [{ role: "user", content: "Hi" }],
    ...fields,
  });
  return wish === null ? null : [wish.level, wish.budgetTokens, wish.field];
}

const ROWS: readonly (readonly [JsonObject, Expected])[] = [
  [{}, null],
  [{ "reasoning_effort": null }, null],
  [{ "reasoning_effort": "ultra" }, null],
  [{ "reasoning_effort": "none" }, ["none", null, "reasoning_effort"]],
  [{ "reasoning_effort": "xhigh" }, ["xhigh", null, "reasoning_effort"]],
  [{ reasoning: {} }, null],
  [{ reasoning: { exclude: true } }, null],
  [{ reasoning: { effort: "high", exclude: true } }, ["high", null, "reasoning"]],
  [{ reasoning: { effort: "ultra" } }, null],
  [{ reasoning: { "max_tokens": 9000 } }, ["medium", 9000, "reasoning"]],
  [{ reasoning: { enabled: true } }, ["medium", null, "reasoning"]],
  [{ reasoning: { enabled: false, effort: "high" } }, ["none", null, "reasoning"]],
  [{ thinking: { type: "enabled", "budget_tokens": 31_999 } }, ["high", 31_999, "thinking"]],
  [{ thinking: { type: "adaptive" } }, ["medium", null, "thinking"]],
  [{ thinking: { type: "disabled" } }, ["none", null, "thinking"]],
  [{ thinking: { type: "dreaming" } }, null],
  [{ think: true }, ["medium", null, "think"]],
  [{ think: false }, ["none", null, "think"]],
  [{ think: "low" }, ["low", null, "think"]],
  [{ think: "hard" }, null],
  [{ "enable_thinking": true }, ["medium", null, "enable_thinking"]],
  [{ "enable_thinking": true, "thinking_budget": 500 }, ["minimal", 500, "enable_thinking"]],
  [{ "enable_thinking": false, "thinking_budget": 500 }, ["none", null, "enable_thinking"]],
  [{ "thinking_budget": 0 }, ["none", 0, "thinking_budget"]],
  [{ "thinking_budget": -1 }, ["medium", null, "thinking_budget"]],
  [{ "chat_template_kwargs": { "enable_thinking": false } }, [
    "none",
    null,
    "chat_template_kwargs",
  ]],
  [{ "chat_template_kwargs": { other: 1 } }, null],
  [{ think: true, "reasoning_effort": "low" }, ["low", null, "reasoning_effort"]],
  [{ think: true, "reasoning_effort": "ultra" }, ["medium", null, "think"]],
  [{ thinking: { type: "disabled" }, reasoning: { effort: "max" } }, ["max", null, "reasoning"]],
];

for (const [fields, expected] of ROWS) {
  Deno.test(`readReasoning() reads ${JSON.stringify(fields)} as ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(read(fields), expected);
  });
}

Deno.test("readReasoning() names all fields that say one wish", () => {
  const wish = readReasoning({
    model: "m",
    messages: [],
    "enable_thinking": true,
    "thinking_budget": 9000,
  });
  assert.deepEqual(wish?.fields, ["enable_thinking", "thinking_budget"]);
});

Deno.test("levelOfBudget() is the inverse of budgetOfLevel(), but for two levels of one budget", () => {
  const levels = REASONING_LEVELS.map((level) => levelOfBudget(budgetOfLevel(level)));
  assert.deepEqual(levels, ["none", "minimal", "low", "medium", "high", "xhigh", "xhigh"]);
});

Deno.test("levelOfBudget() never exceeds the budget, but for the smallest one", () => {
  for (const tokens of [1, 1023, 1025, 2047, 8191, 8193, 20_000, 1_000_000]) {
    const granted = budgetOfLevel(levelOfBudget(tokens));
    assert.ok(granted <= Math.max(tokens, 1024), `${tokens}`);
  }
});

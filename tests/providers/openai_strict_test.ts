import assert from "node:assert/strict";
import type { JsonValue } from "../../src/core/json.ts";
import type { UpstreamCall } from "../../src/providers/adapter.ts";
import { callOf, modelOf, providerOf } from "../support/openai_call.ts";
import { encodeCall } from "../support/openai_encoded.ts";
import { type Row, testRows, tool, USER } from "../support/openai_strict_case.ts";

const REASONER: Partial<UpstreamCall> = { model: modelOf("gpt-5-mini") };

const FIELD_ROWS: readonly Row[] = [
  {
    name: "drops top-level fields that OpenAI does not name",
    fields: { "brand_new": { deep: [1] }, "top_k": null, "min_p": 0 },
    absent: ["brand_new", "top_k", "min_p"],
    dropped: ["brand_new", "min_p"],
  },
  {
    name: "leaves out nulls without a word",
    fields: { seed: null, stop: null, "reasoning_effort": null, "cache_prompt": null },
    absent: ["seed", "stop", "reasoning_effort", "cache_prompt"],
  },
  {
    name: "drops stream options that OpenAI does not name",
    fields: { "stream_options": { "include_usage": true, "continuous_usage_stats": true } },
    options: { stream: true },
    expected: { "stream_options": { "include_usage": true } },
    dropped: ["stream_options.continuous_usage_stats"],
  },
  {
    name: "sends the first four stop sequences",
    fields: { stop: ["a", "b", "c", "d", "e"] },
    expected: { stop: ["a", "b", "c", "d"] },
    dropped: ["stop"],
  },
  {
    name: "drops stop for reasoning models",
    fields: { stop: "END" },
    options: REASONER,
    absent: ["stop"],
    dropped: ["stop"],
  },
  {
    name: "drops parallel_tool_calls for models that refuse it",
    fields: { tools: [tool("f")], "parallel_tool_calls": false },
    options: { model: modelOf("o4-mini") },
    absent: ["parallel_tool_calls"],
    dropped: ["parallel_tool_calls"],
  },
];

const REASONING_ROWS: readonly Row[] = [
  {
    name: "translates Anthropic's thinking into reasoning_effort",
    fields: { thinking: { type: "enabled", "budget_tokens": 20_000 } },
    options: REASONER,
    expected: { "reasoning_effort": "high" },
    absent: ["thinking"],
  },
  {
    name: "translates think: false into reasoning_effort none",
    fields: { think: false },
    options: REASONER,
    expected: { "reasoning_effort": "none" },
    absent: ["think"],
  },
  {
    name: "translates Qwen's two fields at once",
    fields: { "enable_thinking": true, "thinking_budget": 2048 },
    options: REASONER,
    expected: { "reasoning_effort": "low" },
    absent: ["enable_thinking", "thinking_budget"],
  },
  {
    name: "reports a second wish beside reasoning_effort",
    fields: { "reasoning_effort": "low", think: true },
    options: REASONER,
    expected: { "reasoning_effort": "low" },
    dropped: ["think"],
  },
  {
    name: "drops a level that nobody knows",
    fields: { "reasoning_effort": "ultra" },
    options: REASONER,
    absent: ["reasoning_effort"],
    dropped: ["reasoning_effort"],
  },
  {
    name: "asks no model to reason that never does",
    fields: { thinking: { type: "adaptive" } },
    absent: ["reasoning_effort"],
    dropped: ["thinking"],
  },
  {
    name: "has nothing to say to such a model when it shall not reason",
    fields: { think: false },
    absent: ["reasoning_effort", "think"],
  },
  {
    name: "does not try again what the model has refused",
    fields: { think: true },
    options: { ...REASONER, refusedFields: new Set(["reasoning_effort"]) },
    absent: ["reasoning_effort"],
    dropped: ["think"],
  },
];

const TOOL_ROWS: readonly Row[] = [
  {
    name: "makes the names of tools valid",
    fields: {
      tools: [tool("fs.read"), tool("fs_read"), tool("x".repeat(70))],
      "tool_choice": { type: "function", function: { name: "fs.read" } },
    },
    expected: {
      tools: [tool("fs_read_2"), tool("fs_read"), tool("x".repeat(64))],
      "tool_choice": { type: "function", function: { name: "fs_read_2" } },
    },
  },
  {
    name: "makes the names of allowed tools valid, and drops those that are not there",
    fields: {
      tools: [tool("fs.read")],
      "tool_choice": {
        type: "allowed_tools",
        "allowed_tools": { mode: "required", tools: [tool("fs.read"), tool("g")] },
      },
    },
    expected: {
      "tool_choice": {
        type: "allowed_tools",
        "allowed_tools": { mode: "required", tools: [tool("fs_read")] },
      },
    },
    dropped: ["tool_choice"],
  },
  {
    name: "drops a choice of a tool that is not there",
    fields: { tools: [tool("f")], "tool_choice": { type: "function", function: { name: "g" } } },
    absent: ["tool_choice"],
    dropped: ["tool_choice"],
  },
  {
    name: "keeps the first of two tools with one name",
    fields: { tools: [tool("f", { description: "1" }), tool("f", { description: "2" })] },
    expected: { tools: [tool("f", { description: "1" })] },
    dropped: ["tools"],
  },
  {
    name: "drops what a tool holds beyond the reference, and types its parameters",
    fields: {
      tools: [
        {
          ...tool("f", { parameters: { properties: {} }, strict: null, x: 1 }),
          "cache_control": {},
        },
        { type: "web_search" },
      ],
    },
    expected: { tools: [tool("f", { parameters: { properties: {}, type: "object" } })] },
    dropped: ["tools.cache_control", "tools.x", "tools"],
  },
  {
    name: "keeps custom tools",
    fields: { tools: [{ type: "custom", custom: { name: "a b", format: { type: "text" } } }] },
    expected: { tools: [{ type: "custom", custom: { name: "a_b", format: { type: "text" } } }] },
  },
];

testRows([...FIELD_ROWS, ...REASONING_ROWS, ...TOOL_ROWS]);

const HISTORY: readonly JsonValue[] = [
  USER,
  {
    role: "assistant",
    content: "",
    "tool_calls": ["call_1", "abcdefgh1"].map((id) => ({ id, ...tool("g", { arguments: "{}" }) })),
  },
  { role: "tool", "tool_call_id": "call_1", content: "1" },
  { role: "tool", "tool_call_id": "abcdefgh1", content: "2" },
];

Deno.test("encodeRequest() gives Mistral ids of nine letters and digits", () => {
  const provider = providerOf("https://api.mistral.ai");
  const messages = [...HISTORY, ...HISTORY];
  const { body } = encodeCall(callOf({ messages }, { provider, model: modelOf("mistral-large") }));
  const text = JSON.stringify(body["messages"]);
  const made = [...text.matchAll(/"id":"([^"]*)"/g)].map((match) => match[1] ?? "");
  const answered = [...text.matchAll(/"tool_call_id":"([^"]*)"/g)].map((match) => match[1] ?? "");
  assert.deepEqual(made, answered);
  assert.equal(new Set(made).size, 4);
  assert.equal(made[1], "abcdefgh1");
  for (const id of made) assert.match(id, /^[A-Za-z0-9]{9}$/);
});

Deno.test("encodeRequest() calls Mistral's seed by its name", () => {
  const provider = providerOf("https://api.mistral.ai");
  const { body } = encodeCall(callOf({ seed: 7 }, { provider, model: modelOf("mistral-large") }));
  assert.deepEqual([body["seed"], body["random_seed"]], [undefined, 7]);
});

Deno.test("encodeRequest() sends Groq nothing that it refuses", () => {
  const provider = providerOf("https://api.groq.com/openai/v1");
  const messages = [{ ...USER, name: "Ann" }];
  const fields = { messages, logprobs: false, "top_logprobs": 2, "logit_bias": { "5": 1 } };
  const { body, dropped } = encodeCall(callOf(fields, { provider, model: modelOf("llama") }));
  assert.deepEqual(body, { messages: [USER], model: "llama", stream: false });
  assert.deepEqual(dropped, ["messages.name", "top_logprobs", "logit_bias"]);
});

Deno.test("encodeRequest() leaves reasoning to servers that may know the client's own field", () => {
  const provider = providerOf("http://127.0.0.1:8080");
  const fields = { thinking: { type: "adaptive" }, "chat_template_kwargs": { a: 1 } };
  const { body, dropped } = encodeCall(callOf(fields, { provider, model: modelOf("qwen") }));
  assert.deepEqual(body["thinking"], fields.thinking);
  assert.equal(body["reasoning_effort"], undefined);
  assert.deepEqual(dropped, []);
});

import assert from "node:assert/strict";
import type { ChatRequest } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { type CaseOptions, encode, NEWEST, userSays } from "../support/anthropic_case.ts";
import { assistantCalls, result } from "../support/anthropic_history.ts";

interface Case {
  readonly name: string;
  readonly request: Partial<ChatRequest>;
  readonly options?: CaseOptions;
  /** Fields of the body; undefined: absent. */
  readonly sent: Readonly<Record<string, JsonObject[string]>>;
  readonly dropped?: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: "gives an older model a thinking budget on top of the output limit",
    request: { "reasoning_effort": "medium", "max_tokens": 500, "temperature": 0.2 },
    sent: {
      "thinking": { "type": "enabled", "budget_tokens": 8192 },
      "max_tokens": 8692,
      "temperature": undefined,
    },
    dropped: ["temperature"],
  },
  {
    name: "leaves a limit that has room for the budget",
    request: { "reasoning_effort": "low" },
    options: { model: { maxOutputTokens: 64_000 } },
    sent: { "thinking": { "type": "enabled", "budget_tokens": 2048 }, "max_tokens": 64_000 },
  },
  {
    name: "shrinks the budget to a small model's limit",
    request: { "reasoning_effort": "high" },
    options: { model: { maxOutputTokens: 8192 } },
    sent: { "thinking": { "type": "enabled", "budget_tokens": 7168 }, "max_tokens": 8192 },
  },
  {
    name: "leaves thinking off where the limit has no room for the smallest budget",
    request: { "reasoning_effort": "high" },
    options: { model: { maxOutputTokens: 2000 } },
    sent: { "thinking": undefined, "max_tokens": 2000 },
    dropped: ["reasoning_effort"],
  },
  {
    name: "lets a newest model think as it sees fit",
    request: { "reasoning_effort": "xhigh", "max_tokens": 500 },
    options: { modelId: NEWEST },
    sent: {
      "thinking": { "type": "adaptive", "display": "summarized" },
      "output_config": { "effort": "xhigh" },
      "max_tokens": 500,
    },
  },
  {
    name: "sends the nearest lower effort that the model knows",
    request: { "reasoning_effort": "xhigh" },
    options: { modelId: "claude-sonnet-4-6" },
    sent: { "output_config": { "effort": "high" } },
  },
  {
    name: "maps minimal effort to low",
    request: { "reasoning_effort": "minimal" },
    options: { modelId: "claude-haiku-5-5" },
    sent: { "output_config": { "effort": "low" } },
  },
  {
    name: "stops the thinking of a newest model",
    request: { "reasoning_effort": "none" },
    options: { modelId: NEWEST },
    sent: { "thinking": { "type": "disabled" }, "output_config": undefined },
  },
  {
    name: "says that a model's thinking can't stop",
    request: { "reasoning_effort": "none" },
    options: { modelId: "claude-fable-5" },
    sent: { "thinking": undefined, "output_config": { "effort": "low" } },
    dropped: ["reasoning_effort"],
  },
  {
    name: "does not let an older model think when that is not wanted",
    request: { "reasoning_effort": "none" },
    sent: { "thinking": undefined },
  },
  {
    name: "reports the effort for a model that does not think",
    request: { "reasoning_effort": "high" },
    options: { modelId: "claude-3-5-haiku-20241022" },
    sent: { "thinking": undefined },
    dropped: ["reasoning_effort"],
  },
  {
    name: "does not think with a forced tool",
    request: {
      "reasoning_effort": "high",
      "tools": [{ "type": "function", "function": { "name": "f" } }],
      "tool_choice": "required",
    },
    sent: { "thinking": undefined, "tool_choice": { "type": "any" } },
    dropped: ["reasoning_effort"],
  },
  {
    name: "keeps the effort of a newest model with a forced tool",
    request: {
      "reasoning_effort": "high",
      "tools": [{ "type": "function", "function": { "name": "f" } }],
      "tool_choice": "required",
    },
    options: { modelId: NEWEST },
    sent: { "thinking": undefined, "output_config": { "effort": "high" } },
  },
  {
    name: "does not think within a tool turn whose thinking is not in the history",
    request: {
      "reasoning_effort": "high",
      "messages": [userSays("a"), {
        "role": "assistant",
        "content": null,
        "tool_calls": [
          { "id": "x", "type": "function", "function": { "name": "f", "arguments": "{}" } },
        ],
      }, { "role": "tool", "tool_call_id": "x", "content": "1" }],
    },
    sent: { "thinking": undefined },
    dropped: ["reasoning_effort"],
  },
  {
    name: "does not think within a turn whose first step was the model's own, without thinking",
    request: {
      "reasoning_effort": "high",
      "messages": [userSays("a"), assistantCalls(["x", "f", "{}"]), result("x", "1")],
      "tools": [{ "type": "function", "function": { "name": "f" } }],
    },
    options: { keepsakes: { 1: { "content": [{ "type": "tool_use" }] } } },
    sent: { "thinking": undefined },
    dropped: ["reasoning_effort"],
  },
  {
    name: "drops a client's own thinking with a forced tool, on a model that adapts it",
    request: {
      "thinking": { "type": "adaptive" },
      "tools": [{ "type": "function", "function": { "name": "f" } }],
      "tool_choice": "required",
    },
    options: { modelId: NEWEST },
    sent: { "thinking": undefined, "output_config": undefined },
    dropped: ["thinking"],
  },
  {
    name: "does not think with a prefilled answer",
    request: {
      "reasoning_effort": "high",
      "messages": [userSays("a"), { "role": "assistant", "content": "{" }],
    },
    sent: { "thinking": undefined },
    dropped: ["reasoning_effort"],
  },
  {
    name: "turns a client's thinking budget into what a newest model knows",
    request: { "thinking": { "type": "enabled", "budget_tokens": 4096 } },
    options: { modelId: NEWEST },
    sent: { "thinking": { "type": "adaptive", "display": "summarized" } },
  },
  {
    name: "gives a client's adaptive thinking to an older model as a budget",
    request: { "thinking": { "type": "adaptive" }, "max_tokens": 500 },
    sent: { "thinking": { "type": "enabled", "budget_tokens": 8192 }, "max_tokens": 8692 },
  },
  {
    name: "drops a client's thinking for a model that has none",
    request: { "thinking": { "type": "enabled", "budget_tokens": 4096 } },
    options: { modelId: "claude-3-5-haiku-latest" },
    sent: { "thinking": undefined },
    dropped: ["thinking"],
  },
  {
    name: "says that a client's thinking can't be switched off",
    request: { "thinking": { "type": "disabled" } },
    options: { modelId: "claude-fable-5" },
    sent: { "thinking": undefined, "output_config": { "effort": "low" } },
    dropped: ["thinking"],
  },
  {
    name: "switches nothing on for a thinking of no known type",
    request: { "thinking": {} },
    sent: { "thinking": undefined },
    dropped: ["thinking"],
  },
  {
    name: "passes the client's own thinking",
    request: { "thinking": { "type": "enabled", "budget_tokens": 3000 }, "max_tokens": 1000 },
    sent: { "thinking": { "type": "enabled", "budget_tokens": 3000 }, "max_tokens": 4000 },
  },
];

for (const { name, request, options = {}, sent, dropped = [] } of CASES) {
  Deno.test(`encodeRequest() ${name}`, () => {
    const encoded = encode(request, options);
    const found = Object.fromEntries(Object.keys(sent).map((key) => [key, encoded.body[key]]));
    assert.deepEqual(found, sent);
    assert.deepEqual(encoded.dropped, dropped);
  });
}

import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { openai } from "../../src/providers/openai.ts";
import { contextOf } from "../support/openai_call.ts";

const ANSWER = {
  "id": "chatcmpl-1",
  "object": "chat.completion",
  "created": 5,
  "model": "gpt-4.1-2025",
  "choices": [{
    "index": 0,
    "message": { "role": "assistant", "content": "Hi", "refusal": null, "annotations": [] },
    "logprobs": null,
    "finish_reason": "stop",
  }],
  "usage": { "prompt_tokens": 1, "completion_tokens": 2, "x_details": { "a": 1 } },
  "service_tier": "default",
  "provider": "MockCo",
};

const TOOLS = ["f", "g"].map((name) => ({ type: "function", function: { name } }));

function decode(body: JsonValue, tools: readonly JsonObject[] = TOOLS) {
  return openai.decodeAnswer(body, contextOf({ tools }));
}

/** The answer to a body with this choice. */
function choiceOf(choice: JsonObject, tools?: readonly JsonObject[]): JsonValue {
  const result = decode({ ...ANSWER, "choices": [choice] }, tools);
  if (result.type !== "answer") throw new Error(JSON.stringify(result.fault));
  return JSON.parse(JSON.stringify(result.answer.choices[0] ?? null));
}

Deno.test("decodeAnswer() keeps every field of a right answer", () => {
  assert.deepEqual(decode(ANSWER), { type: "answer", answer: ANSWER });
});

Deno.test("decodeAnswer() names what the upstream does not", () => {
  const result = decode({ "choices": [{ "message": { "content": "Hi" } }] });
  assert.deepEqual(result.type === "answer" && result.answer, {
    "id": "chatcmpl-r1",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "gpt-4.1",
    "choices": [{
      "index": 0,
      "message": { "role": "assistant", "content": "Hi" },
      "finish_reason": "stop",
    }],
    "usage": null,
  });
});

const MESSAGES: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ["reasoning, by any name", { "content": "a", "reasoning": "r" }, {
    "content": "a",
    "reasoning": "r",
    "reasoning_content": "r",
  }],
  ["reasoning that is null", { "content": "a", "reasoning_content": null }, { "content": "a" }],
  ["content in parts", {
    "content": [
      { "type": "thinking", "thinking": [{ "type": "text", "text": "r" }] },
      { "type": "text", "text": "a" },
    ],
  }, { "content": "a", "reasoning_content": "r" }],
  ["a refusal", { "content": null, "refusal": "no" }, { "content": null, "refusal": "no" }],
  ["empty tool calls", { "content": "a", "tool_calls": [] }, { "content": "a" }],
];

for (const [name, message, expected] of MESSAGES) {
  Deno.test(`decodeAnswer() reads ${name}`, () => {
    const choice = choiceOf({ "index": 0, "message": message, "finish_reason": "stop" });
    assert.deepEqual(choice, {
      "index": 0,
      "message": { ...expected, "role": "assistant" },
      "finish_reason": "stop",
    });
  });
}

const CALLS: readonly (readonly [string, JsonObject, JsonObject])[] = [
  [
    "a right call with what else it has",
    {
      "id": "c",
      "type": "function",
      "function": { "name": "f", "arguments": "{}" },
      "extra_content": { "s": 1 },
    },
    {
      "id": "c",
      "type": "function",
      "function": { "name": "f", "arguments": "{}" },
      "extra_content": { "s": 1 },
    },
  ],
  ["a call without id and type", { "function": { "name": "f", "arguments": "{}" } }, {
    "id": "call_r1_0",
    "type": "function",
    "function": { "name": "f", "arguments": "{}" },
  }],
  ["arguments that are an object", {
    "id": "c",
    "function": { "name": "f", "arguments": { "a": 1 } },
  }, {
    "id": "c",
    "type": "function",
    "function": { "name": "f", "arguments": '{"a":1}' },
  }],
  ["arguments that are empty", { "id": "c", "function": { "name": "f", "arguments": "" } }, {
    "id": "c",
    "type": "function",
    "function": { "name": "f", "arguments": "{}" },
  }],
];

for (const [name, call, expected] of CALLS) {
  Deno.test(`decodeAnswer() makes whole ${name}`, () => {
    const message = { "content": null, "tool_calls": [call] };
    const choice = choiceOf({ "index": 0, "message": message, "finish_reason": "stop" });
    assert.deepEqual(choice, {
      "index": 0,
      "message": { "role": "assistant", "content": null, "tool_calls": [expected] },
      "finish_reason": "tool_calls",
    });
  });
}

Deno.test("decodeAnswer() gives a call without a name that of the only tool", () => {
  const message = { "tool_calls": [{ "id": "c", "function": { "arguments": "{}" } }] };
  const choice = choiceOf({ "message": message, "finish_reason": "stop" }, TOOLS.slice(0, 1));
  assert.match(JSON.stringify(choice), /"name":"f"/);
});

const REASONS: readonly (readonly [JsonValue, string])[] = [
  ["stop", "stop"],
  ["length", "length"],
  ["content_filter", "content_filter"],
  ["MAX_TOKENS", "length"],
  ["SAFETY", "content_filter"],
  ["eos", "stop"],
  ["function_call", "tool_calls"],
  ["", "stop"],
  [null, "stop"],
];

for (const [reason, expected] of REASONS) {
  Deno.test(`decodeAnswer() reads the finish reason ${JSON.stringify(reason)} as ${expected}`, () => {
    const choice = choiceOf({ "message": { "content": "a" }, "finish_reason": reason });
    assert.match(JSON.stringify(choice), new RegExp(`"finish_reason":"${expected}"`));
  });
}

const FAULTS: readonly (readonly [string, JsonValue, string])[] = [
  ["null", null, "malformed"],
  ["text", "<html>", "malformed"],
  ["an array", [], "malformed"],
  ["an empty object", {}, "malformed"],
  ["no choices", { ...ANSWER, "choices": [] }, "malformed"],
  ["a choice without a message", { ...ANSWER, "choices": [{ "index": 0 }] }, "malformed"],
  ["an error", { "error": { "message": "no", "code": "insufficient_quota" } }, "quota"],
  ["an error text", { "error": "overloaded" }, "server_error"],
  ["an error without envelope", { "object": "error", "message": "no", "code": 429 }, "rate_limit"],
  ["an error in its choice", {
    ...ANSWER,
    "choices": [{ "message": { "content": "" }, "error": { "code": 503, "message": "down" } }],
  }, "overloaded"],
  ["empty content", { "choices": [{ "message": { "content": "" } }] }, "empty"],
  ["reasoning alone", {
    "choices": [{ "message": { "content": null, "reasoning_content": "r" } }],
  }, "empty"],
  ["content that was withheld", {
    "choices": [{ "message": { "content": null }, "finish_reason": "content_filter" }],
  }, "content_filter"],
  ["a call of no known tool", {
    "choices": [{ "message": { "tool_calls": [{ "function": { "arguments": "{}" } }] } }],
  }, "malformed"],
];

for (const [name, body, kind] of FAULTS) {
  Deno.test(`decodeAnswer() finds a ${kind} fault in ${name}`, () => {
    const result = decode(body);
    assert.equal(result.type === "fault" && result.fault.kind, kind);
    assert.equal(result.type === "fault" && result.fault.status, null);
  });
}

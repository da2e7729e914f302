import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { ollama } from "../../src/providers/ollama.ts";
import { contextOf } from "../support/ollama_case.ts";

const METRICS = { "prompt_eval_count": 26, "eval_count": 9 };

function bodyOf(message: JsonObject, rest: JsonObject = {}): JsonObject {
  return {
    "model": "qwen3:8b",
    "created_at": "2026-11-25T09:00:00Z",
    "message": { "role": "assistant", ...message },
    "done": true,
    "done_reason": "stop",
    ...METRICS,
    ...rest,
  };
}

Deno.test("decodeAnswer() of ollama reads a whole answer", () => {
  const read = ollama.decodeAnswer(bodyOf({ "content": "Hi", "thinking": "Hm" }), contextOf());
  assert.ok(read.type === "answer");
  assert.deepEqual(read.answer, {
    "id": "chatcmpl-req-1",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "qwen3:8b",
    "choices": [{
      "index": 0,
      "message": { "role": "assistant", "content": "Hi", "reasoning_content": "Hm" },
      "finish_reason": "stop",
    }],
    "usage": {
      "prompt_tokens": 26,
      "completion_tokens": 9,
      "total_tokens": 35,
      "prompt_tokens_details": { "cached_tokens": 0, "cache_write_tokens": 0 },
      "completion_tokens_details": { "reasoning_tokens": 0 },
    },
  });
});

Deno.test("decodeAnswer() of ollama reads calls, with null for the text that is not there", () => {
  const calls = [
    { "function": { "index": 0, "name": "f", "arguments": { "a": 1 } } },
    { "id": "call_z", "function": { "index": 0, "name": "g", "arguments": {} } },
  ];
  const read = ollama.decodeAnswer(bodyOf({ "content": "", "tool_calls": calls }), contextOf());
  assert.ok(read.type === "answer");
  assert.deepEqual(read.answer.choices[0], {
    "index": 0,
    "message": {
      "role": "assistant",
      "content": null,
      "tool_calls": [
        {
          "id": "call_req1_0",
          "type": "function",
          "function": { "name": "f", "arguments": '{"a":1}' },
        },
        { "id": "call_z", "type": "function", "function": { "name": "g", "arguments": "{}" } },
      ],
    },
    "finish_reason": "tool_calls",
  });
});

Deno.test("decodeAnswer() of ollama leaves usage out when the prompt's count is left out", () => {
  const body = bodyOf({ "content": "Hi" }, { "prompt_eval_count": undefined });
  const read = ollama.decodeAnswer(body, contextOf());
  assert.ok(read.type === "answer");
  assert.equal("usage" in read.answer, false);
});

Deno.test("decodeAnswer() of ollama keeps ids within what OpenAI takes back", () => {
  const body = bodyOf({ "tool_calls": [{ "function": { "name": "f", "arguments": {} } }] });
  const context = { ...contextOf(), requestId: crypto.randomUUID() };
  const read = ollama.decodeAnswer(body, context);
  assert.ok(read.type === "answer");
  assert.match(read.answer.choices[0]?.message.tool_calls?.[0]?.id ?? "", /^call_[a-z0-9_]{1,35}$/);
});

const FAULTS: readonly (readonly [string, JsonValue, string])[] = [
  ["null", null, "malformed"],
  ["a list", [], "malformed"],
  ["an object without done", { "message": { "content": "Hi" } }, "truncated"],
  ["done false", bodyOf({ "content": "Hi" }, { "done": false }), "truncated"],
  ["an error in a 200", { "error": "llama runner process has terminated" }, "server_error"],
  ["no text", bodyOf({ "content": "" }), "empty"],
  ["no message", { "done": true }, "empty"],
  ["reasoning alone", bodyOf({ "content": "", "thinking": "Hm" }), "empty"],
  ["a call without a name", bodyOf({ "tool_calls": [{ "function": {} }] }), "malformed"],
];

for (const [name, body, kind] of FAULTS) {
  Deno.test(`decodeAnswer() of ollama takes ${name} for ${kind}`, () => {
    const read = ollama.decodeAnswer(body, contextOf());
    assert.ok(read.type === "fault");
    assert.equal(read.fault.kind, kind);
    assert.equal(read.fault.status, null);
  });
}

Deno.test("decodeAnswer() of ollama keeps what the model thought", () => {
  const thought = ollama.decodeAnswer(bodyOf({ "content": "Hi", "thinking": "Hm" }), contextOf());
  assert.deepEqual(thought.type === "answer" && thought.keepsake, { "thinking": "Hm" });
  const plain = ollama.decodeAnswer(bodyOf({ "content": "Hi" }), contextOf());
  assert.equal(plain.type === "answer" && plain.keepsake, undefined);
});

Deno.test("decodeAnswer() of ollama reads how many tokens came from the cache", () => {
  const body = bodyOf({ "content": "Hi" }, { "prompt_eval_cached_count": 20 });
  const read = ollama.decodeAnswer(body, contextOf());
  assert.ok(read.type === "answer");
  const details = { "cached_tokens": 20, "cache_write_tokens": 0 };
  assert.deepEqual(read.answer.usage?.["prompt_tokens_details"], details);
});

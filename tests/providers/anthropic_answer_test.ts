import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { FaultKind } from "../../src/core/outcome.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import { CLASSIC, contextOf } from "../support/anthropic_case.ts";

const USAGE = {
  "input_tokens": 100,
  "cache_read_input_tokens": 20,
  "cache_creation_input_tokens": 3,
  "output_tokens": 45,
  "output_tokens_details": { "thinking_tokens": 6 },
};

function message(content: readonly JsonObject[], rest: JsonObject = {}): JsonObject {
  return {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-x",
    "content": content,
    "stop_reason": "end_turn",
    "usage": USAGE,
    ...rest,
  };
}

const TEXT = { "type": "text", "text": "Hello" };
const USE = { "type": "tool_use", "id": "toolu_1", "name": "f", "input": { "n": 1 } };

function choiceOf(body: JsonValue, context = contextOf()): JsonObject {
  const decoded = anthropic.decodeAnswer(body, context);
  assert.equal(decoded.type, "answer");
  if (decoded.type !== "answer") throw new Error("a fault");
  return decoded.answer.choices[0] ?? {};
}

Deno.test("decodeAnswer() reads text, reasoning and usage", () => {
  const thinking = { "type": "thinking", "thinking": "Hm.", "signature": "s" };
  const decoded = anthropic.decodeAnswer(message([thinking, TEXT, TEXT]), contextOf());
  assert.deepEqual(decoded, {
    type: "answer",
    keepsake: { "content": [thinking, TEXT, TEXT] },
    answer: {
      "id": "msg_1",
      "object": "chat.completion",
      "created": 1_700_000_000,
      "model": "claude-x",
      "choices": [{
        "index": 0,
        "message": { "role": "assistant", "content": "HelloHello", "reasoning_content": "Hm." },
        "finish_reason": "stop",
      }],
      "usage": {
        "prompt_tokens": 123,
        "completion_tokens": 45,
        "total_tokens": 168,
        "prompt_tokens_details": { "cached_tokens": 20, "cache_write_tokens": 3 },
        "completion_tokens_details": { "reasoning_tokens": 6 },
      },
    },
  });
});

Deno.test("decodeAnswer() reads tool calls, those without input as {}", () => {
  const bare = { "type": "tool_use", "id": "toolu_2", "name": "g", "input": {} };
  assert.deepEqual(choiceOf(message([USE, bare], { "stop_reason": "tool_use" })), {
    "index": 0,
    "message": {
      "role": "assistant",
      "content": null,
      "tool_calls": [
        {
          "id": "toolu_1",
          "type": "function",
          "function": { "name": "f", "arguments": '{"n":1}' },
        },
        { "id": "toolu_2", "type": "function", "function": { "name": "g", "arguments": "{}" } },
      ],
    },
    "finish_reason": "tool_calls",
  });
});

Deno.test("decodeAnswer() gives a tool the name that the client knows", () => {
  const tools = [{ "type": "function", "function": { "name": "fs.read" } }];
  const use = { ...USE, "name": "fs_read" };
  const choice = choiceOf(message([use]), contextOf({ tools }));
  assert.match(JSON.stringify(choice), /"name":"fs\.read"/);
});

Deno.test("decodeAnswer() passes over blocks of other types", () => {
  const other = { "type": "server_tool_use", "id": "s", "name": "web_search", "input": {} };
  const choice = choiceOf(message([other, TEXT]));
  assert.deepEqual(choice["message"], { "role": "assistant", "content": "Hello" });
});

const SCHEMA_REQUEST = {
  "response_format": {
    "type": "json_schema",
    "json_schema": { "name": "n", "schema": { "type": "object" } },
  },
} as const;

Deno.test("decodeAnswer() takes the answer's own tool as the content", () => {
  const use = { ...USE, "name": "json_answer" };
  const body = message([TEXT, use], { "stop_reason": "tool_use" });
  assert.deepEqual(choiceOf(body, contextOf(SCHEMA_REQUEST, { modelId: CLASSIC })), {
    "index": 0,
    "message": { "role": "assistant", "content": '{"n":1}' },
    "finish_reason": "stop",
  });
});

const FINISHES: readonly (readonly [stopReason: string | null, finish: string])[] = [
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["pause_turn", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["refusal", "content_filter"],
  ["a_new_reason", "stop"],
  [null, "stop"],
];

for (const [stopReason, finish] of FINISHES) {
  Deno.test(`decodeAnswer() maps stop reason ${stopReason} to ${finish}`, () => {
    assert.equal(choiceOf(message([TEXT], { "stop_reason": stopReason }))["finish_reason"], finish);
  });
}

Deno.test("decodeAnswer() says tool_calls when calls were made, unless the limit cut them", () => {
  const finish = (stopReason: string) =>
    choiceOf(message([USE], { "stop_reason": stopReason }))["finish_reason"];
  assert.equal(finish("end_turn"), "tool_calls");
  assert.equal(finish("max_tokens"), "length");
});

Deno.test("decodeAnswer() keeps an answer cut by the limit before its first word", () => {
  const choice = choiceOf(message([], { "stop_reason": "max_tokens" }));
  assert.equal(choice["finish_reason"], "length");
});

const FAULTS: readonly (readonly [name: string, body: JsonValue, kind: FaultKind])[] = [
  ["null", null, "malformed"],
  ["a string", "<html>", "malformed"],
  ["an object without content", { "id": "x" }, "malformed"],
  ["no content", message([]), "empty"],
  ["blank content", message([{ "type": "text", "text": " \n" }]), "empty"],
  ["reasoning alone", message([{ "type": "thinking", "thinking": "Hm." }]), "empty"],
  ["a refusal without a word", message([], { "stop_reason": "refusal" }), "content_filter"],
  [
    "an error",
    { "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } },
    "overloaded",
  ],
  ["an error without a type", { "error": { "message": "?" } }, "server_error"],
];

for (const [name, body, kind] of FAULTS) {
  Deno.test(`decodeAnswer() takes ${name} for a fault of kind ${kind}`, () => {
    const decoded = anthropic.decodeAnswer(body, contextOf());
    assert.equal(decoded.type === "fault" ? decoded.fault.kind : "none", kind);
  });
}

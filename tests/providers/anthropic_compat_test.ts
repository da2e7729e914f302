import assert from "node:assert/strict";
import type { ChatRequest } from "../../src/core/chat.ts";
import { arrayAt, type JsonObject } from "../../src/core/json.ts";
import type { CompatFlags } from "../../src/core/provider.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import { contextOf, encode, userSays } from "../support/anthropic_case.ts";
import { assistantSays } from "../support/anthropic_history.ts";

/** Flags of the config, and what they change for a model that nobody knows. */
const FLAGS: readonly (readonly [CompatFlags, Partial<ChatRequest>, JsonObject])[] = [
  [{ thinking: "none" }, { "reasoning_effort": "high" }, {}],
  [{ thinking: "adaptive" }, { "reasoning_effort": "high" }, {
    "thinking": { "type": "adaptive", "display": "summarized" },
  }],
  [{ sampling: "none" }, { "temperature": 0.5, "top_p": 0.5 }, {}],
  [{ sampling: "one" }, { "temperature": 0.5, "top_p": 0.5 }, { "temperature": 0.5 }],
  [{}, { "temperature": 0.5, "top_p": 0.5 }, { "temperature": 0.5, "top_p": 0.5 }],
];

for (const [compat, request, sent] of FLAGS) {
  Deno.test(`encodeRequest() heeds compat = ${JSON.stringify(compat)}`, () => {
    const { body } = encode(request, { modelId: "other-vendors-model", compat });
    const found = ["thinking", "temperature", "top_p"].flatMap((key) =>
      body[key] === undefined ? [] : [[key, body[key]]]
    );
    assert.deepEqual(Object.fromEntries(found), sent);
  });
}

Deno.test("compat.structured_output and compat.prefill decide for unknown models", () => {
  const schema = { "type": "object", "properties": {}, "additionalProperties": false };
  const format = { "type": "json_schema", "json_schema": { "name": "x", schema } };
  const options = { modelId: "other-vendors-model" };
  const asked = { "response_format": format };
  const compat = { structuredOutput: true };
  assert.ok(encode(asked, { ...options, compat }).body["output_config"] !== undefined);
  assert.ok(encode(asked, options).body["tools"] !== undefined);
  const whole = {
    "id": "m",
    "content": [{ "type": "text", "text": "One." }],
    "stop_reason": "end_turn",
  };
  const context = contextOf(asked, { ...options, compat });
  assert.equal(anthropic.decodeAnswer(whole, context).type, "answer");
  const started = { "messages": [userSays("a"), assistantSays("b")] };
  const rolesOf = (flags: CompatFlags) =>
    arrayAt(encode(started, { ...options, compat: flags }).body, "messages").length;
  assert.deepEqual([rolesOf({}), rolesOf({ prefill: false })], [2, 3]);
});

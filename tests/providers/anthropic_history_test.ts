import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChatMessage } from "../../src/core/chat.ts";
import { arrayAt, isJsonObject, type JsonValue, stringAt } from "../../src/core/json.ts";
import { CLASSIC, encode, NEWEST, STRUCTURED } from "../support/anthropic_case.ts";

const text = fc.oneof(
  fc.constantFrom("", " ", "\n\t"),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const id = fc.oneof(
  fc.constantFrom("a", "b", "a.b", "a:b", "a_b", "a_b_2", "", "__proto__"),
  fc.string({ maxLength: 4 }),
);
const name = fc.constantFrom("f", "g", "ns.f", "ns_f", "constructor");
const parts = fc.array(text.map((value) => ({ "type": "text", "text": value })), { maxLength: 3 });
const content = fc.oneof(text, parts, fc.constant(null));
const call = fc.record({ id, name, arguments: fc.oneof(text, fc.json({ maxDepth: 1 })) })
  .map((made) => ({
    "id": made.id,
    "type": "function" as const,
    "function": { "name": made.name, "arguments": made.arguments },
  }));

const message: fc.Arbitrary<ChatMessage> = fc.oneof(
  fc.record({ role: fc.constantFrom("system", "developer", "user", "assistant"), content }),
  fc.record({
    role: fc.constant("assistant"),
    content,
    calls: fc.array(call, { minLength: 1, maxLength: 3 }),
  }).map((made) => ({ "role": made.role, "content": made.content, "tool_calls": made.calls })),
  fc.record({ id, content }).map((made) => ({
    "role": "tool" as const,
    "tool_call_id": made.id,
    "content": made.content,
  })),
);

const request = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 10 }),
  tools: fc.option(fc.array(
    name.map((value) => ({ "type": "function", "function": { "name": value } })),
    { maxLength: 3 },
  )),
  effort: fc.option(fc.constantFrom("none", "low", "medium", "high", "max")),
  modelId: fc.constantFrom(CLASSIC, STRUCTURED, NEWEST, "claude-opus-4-6", "another-vendor"),
  limit: fc.option(fc.integer({ min: 1, max: 40_000 })),
});

/** Every text that the value shows to the model. */
function textsOf(value: JsonValue | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isJsonObject(value) ? [...textsOf(value["text"]), ...textsOf(value["content"])] : [];
}

function toolTexts(messages: readonly ChatMessage[]): readonly string[] {
  return messages.filter((sent) => sent.role === "tool").flatMap((sent) => textsOf(sent))
    .map((value) => value.trim()).filter((value) => value !== "");
}

Deno.test("encodeRequest() makes any tool history one that the vendor accepts", () => {
  fc.assert(
    fc.property(request, ({ messages, tools, effort, modelId, limit }) => {
      const sent = {
        messages,
        tools,
        "reasoning_effort": effort,
        "max_completion_tokens": limit,
        "temperature": 0.5,
        "top_p": 0.5,
      };
      const { body } = encode(sent, { modelId });
      assert.deepEqual(encode(sent, { modelId }).body, body);
      const found = textsOf(body["messages"]).map((value) => value.trim());
      for (const wanted of toolTexts(messages)) assert.ok(found.includes(wanted), wanted);
    }),
    { seed: 20_261_123, numRuns: 600 },
  );
});

Deno.test("encodeRequest() keeps the wire ids of a history that grows", () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 2, maxLength: 8 }), (messages) => {
      const shorter = JSON.stringify(idsOf(messages.slice(0, -1)));
      const longer = JSON.stringify(idsOf(messages));
      assert.ok(longer.startsWith(shorter.slice(0, -1)));
    }),
    { seed: 20_261_123, numRuns: 200 },
  );
});

function idsOf(messages: readonly ChatMessage[]): readonly JsonValue[] {
  return arrayAt(encode({ messages }).body, "messages").flatMap((turn) => arrayAt(turn, "content"))
    .flatMap((block) =>
      stringAt(block, "type") === "tool_use" ? [stringAt(block, "id") ?? ""] : []
    );
}

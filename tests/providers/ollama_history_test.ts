import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChatMessage, ContentPart } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { encode } from "../support/ollama_case.ts";
import { checkOllamaRequest } from "../support/ollama_validator.ts";

function image(url: string): ContentPart {
  return { "type": "image_url", "image_url": { "url": url, "detail": "high" } };
}

const text = fc.oneof(fc.string(), fc.constantFrom("", "{", '{"a":1}', "null", "\u{1f600}\n"));
const parts = fc.array(
  fc.oneof(
    text.map((value): ContentPart => ({ "type": "text", "text": value })),
    fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) =>
      image(`data:image/png;base64,${btoa(String.fromCharCode(...bytes)).replace(/=+$/, "")}`)
    ),
  ),
  { maxLength: 3 },
);
const content = fc.oneof(text, parts, fc.constant(null));
const toolCall = fc.record({
  "id": fc.constantFrom("call_1", "a.b:c", "x"),
  "type": fc.constant("function" as const),
  "function": fc.record({ "name": fc.constantFrom("f", "g"), "arguments": text }),
});
const message: fc.Arbitrary<ChatMessage> = fc.oneof(
  fc.record({ "role": fc.constantFrom("system", "developer", "user"), content }),
  fc.record({
    "role": fc.constant("assistant"),
    content,
    "reasoning_content": text,
    "tool_calls": fc.array(toolCall, { maxLength: 3 }),
  }),
  fc.record({
    "role": fc.constant("tool"),
    content,
    "tool_call_id": fc.constantFrom("call_1", "a.b:c", "unknown"),
  }),
);

Deno.test("encodeRequest() of ollama makes of any history what the strict server accepts", () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
      const { body } = encode({ "messages": messages });
      assert.deepEqual(checkOllamaRequest(JSON.parse(JSON.stringify(body))), []);
    }),
    { seed: 11, numRuns: 300 },
  );
});

const ASKED: readonly ChatMessage[] = [
  { "role": "user", "content": "1 + 1?" },
  { "role": "assistant", "content": "2" },
  { "role": "user", "content": "Sure?" },
];

const RECALLED: readonly (readonly [string, ChatMessage, JsonObject | null, string | undefined])[] =
  [
    ["puts back what a model thought", { "role": "assistant", "content": "2" }, {
      "thinking": "Hm.",
    }, "Hm."],
    [
      "keeps the reasoning that the client brings back",
      {
        "role": "assistant",
        "content": "2",
        "reasoning": "Mine.",
      },
      { "thinking": "Hm." },
      "Mine.",
    ],
    ["adds nothing that is not known", { "role": "assistant", "content": "2" }, null, undefined],
  ];

for (const [name, said, keepsake, thinking] of RECALLED) {
  Deno.test(`encodeRequest() of ollama ${name}`, () => {
    const messages = ASKED.map((message, index) => index === 1 ? said : message);
    const recall = (index: number) => index === 1 ? keepsake : null;
    const sent = Object(encode({ "messages": messages }, { recall }).body["messages"]);
    assert.deepEqual(sent[1], {
      "role": "assistant",
      "content": "2",
      ...(thinking === undefined ? {} : { "thinking": thinking }),
    });
  });
}

Deno.test("encodeRequest() of ollama changes nothing of what it sent when messages are added", () => {
  const prefix = (messages: readonly ChatMessage[]) =>
    JSON.stringify(encode({ "messages": messages }).body["messages"]).slice(0, -1);
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
      const later: ChatMessage = { "role": "user", "content": "And then?" };
      assert.ok(prefix([...messages, later]).startsWith(prefix(messages)));
    }),
    { seed: 12, numRuns: 200 },
  );
});

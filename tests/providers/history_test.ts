import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChatMessage } from "../../src/core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import { regulariseHistory } from "../../src/providers/history.ts";
import { MISSING_RESULT } from "../../src/providers/tool_pairing.ts";
import { requestOf } from "../support/openai_call.ts";
import { checkMessages } from "../support/openai_message_validator.ts";

const USER = { role: "user", content: "Hi" };
const IMAGE = { type: "image_url", "image_url": { url: "data:image/png;base64,AA==" } };

function text(words: string): JsonObject {
  return { type: "text", text: words };
}

function call(id: string): JsonObject {
  return { id, type: "function", function: { name: "f", arguments: "{}" } };
}

function calls(...ids: readonly string[]): JsonObject {
  return { role: "assistant", content: "", "tool_calls": ids.map(call) };
}

function result(id: string, content: JsonValue = `of ${id}`): JsonObject {
  return { role: "tool", "tool_call_id": id, content };
}

function read(messages: readonly JsonValue[]): readonly ChatMessage[] {
  return requestOf({ messages }).messages;
}

function regularise(messages: readonly JsonValue[]): readonly JsonValue[] {
  return JSON.parse(JSON.stringify(regulariseHistory(read(messages))));
}

type Row = readonly [string, readonly JsonValue[], readonly JsonValue[]];

const ROWS: readonly Row[] = [
  ["puts results in the order of their calls", [
    USER,
    calls("a", "b"),
    result("b"),
    result("a"),
  ], [USER, calls("a", "b"), result("a"), result("b")]],
  ["moves a late result next to its call", [USER, calls("a"), USER, result("a")], [
    USER,
    calls("a"),
    result("a"),
    USER,
  ]],
  ["makes a result without a call the user's words", [USER, result("a"), calls("b"), result("b")], [
    USER,
    { role: "user", content: '[Result of tool call "a"]\nof a' },
    calls("b"),
    result("b"),
  ]],
  ["keeps a result without a call and without a text", [
    USER,
    { role: "tool", "tool_call_id": "a", content: "" },
  ], [USER, { role: "user", content: '[Result of tool call "a"]\n' }]],
  ["gives the user's words no name of a tool", [
    USER,
    { role: "tool", "tool_call_id": "a", name: "f", content: "1" },
  ], [USER, { role: "user", content: '[Result of tool call "a"]\n1' }]],
  ["makes a second result the user's words, parts and all", [
    USER,
    calls("a"),
    result("a"),
    result("a", [text("more"), IMAGE]),
  ], [USER, calls("a"), result("a"), {
    role: "user",
    content: [text('[Result of tool call "a"]'), text("more"), IMAGE],
  }]],
  ["keeps an unanswered result without text", [USER, result("a", null)], [
    USER,
    { role: "user", content: '[Result of tool call "a"]\n' },
  ]],
  ["says that a call has no recorded result", [USER, calls("a", "b"), result("b"), USER], [
    USER,
    calls("a", "b"),
    result("a", MISSING_RESULT),
    result("b"),
    USER,
  ]],
  ["says so at the end, too", [USER, calls("a")], [USER, calls("a"), result("a", MISSING_RESULT)]],
  ["makes ids unique that a client gives again in every turn", [
    USER,
    calls("call_0"),
    result("call_0", "one"),
    calls("call_0"),
    result("call_0", "two"),
  ], [
    USER,
    calls("call_0"),
    result("call_0", "one"),
    calls("call_0_2"),
    result("call_0_2", "two"),
  ]],
  ["makes ids unique within one message", [
    USER,
    calls("a", "a"),
    result("a", "one"),
    result("a", "two"),
  ], [USER, calls("a", "a_2"), result("a", "one"), result("a_2", "two")]],
  ["moves images of results after the last of them", [
    USER,
    calls("a", "b"),
    result("a", [text("seen"), IMAGE]),
    result("b", [IMAGE]),
    USER,
  ], [
    USER,
    calls("a", "b"),
    result("a", [text("seen")]),
    result("b", "See the content that follows."),
    {
      role: "user",
      content: [
        text('[Result of tool call "a"]'),
        IMAGE,
        text('[Result of tool call "b"]'),
        IMAGE,
      ],
    },
    USER,
  ]],
  ["moves images of an answer after it, and after its results", [
    USER,
    { ...calls("a"), content: [text("look"), IMAGE] },
    result("a"),
  ], [
    USER,
    { ...calls("a"), content: [text("look")] },
    result("a"),
    { role: "user", content: [text("[Content of the assistant's message]"), IMAGE] },
  ]],
];

for (const [name, messages, expected] of ROWS) {
  Deno.test(`regulariseHistory() ${name}`, () => {
    assert.deepEqual(regularise(messages), expected);
  });
}

Deno.test("regulariseHistory() returns the array of a history that needs nothing", () => {
  const messages = read([
    { role: "system", content: "s" },
    { role: "user", content: [text("x"), IMAGE] },
    calls("a", "b"),
    result("a"),
    result("b", [text("x")]),
    { role: "assistant", content: [text("done"), { type: "thinking", thinking: "t" }] },
    { role: "function", name: "f", content: "x" },
  ]);
  assert.equal(regulariseHistory(messages), messages);
});

Deno.test("regulariseHistory() keeps the objects of messages that need nothing", () => {
  const messages = read([USER, calls("a"), result("a"), calls("b")]);
  const regular = regulariseHistory(messages);
  assert.deepEqual(messages.map((message, index) => message === regular[index]), [
    true,
    true,
    true,
    true,
  ]);
});

const anyId = fc.constantFrom("a", "b", "call.1");
const anyMessage: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant<JsonObject>(USER),
  fc.array(anyId, { minLength: 1, maxLength: 3 }).map((ids) => calls(...ids)),
  fc.record({ id: anyId, content: fc.constantFrom<JsonValue>("x", [IMAGE], [text("y"), IMAGE]) })
    .map(({ id, content }) => result(id, content)),
  fc.constant<JsonObject>({ role: "assistant", content: [text("z"), IMAGE] }),
);
const anyHistory = fc.array(anyMessage, { minLength: 1, maxLength: 12 });

Deno.test("regulariseHistory() makes of any history one that a strict server takes", () => {
  fc.assert(
    fc.property(anyHistory, (messages) => {
      const regular = regularise(messages);
      assert.equal(checkMessages(regular), null);
      assert.deepEqual(regularise(regular), regular);
    }),
    { seed: 4, numRuns: 2_000 },
  );
});

Deno.test("regulariseHistory() changes nothing of what came before a message that is no result", () => {
  fc.assert(
    fc.property(anyHistory, (messages) => {
      const before = regularise(messages);
      const after = regularise([...messages, USER, calls("a")]);
      assert.deepEqual(after.slice(0, before.length), before);
    }),
    { seed: 4, numRuns: 500 },
  );
});

Deno.test("regulariseHistory() takes time in proportion to the history", () => {
  const messages = read(Array.from({ length: 20_000 }, () => [calls("a"), result("a")]).flat());
  const regular = regulariseHistory(messages);
  const last = regular.at(-1);
  assert.equal(isJsonObject(last) && last["tool_call_id"], "a_20000");
});

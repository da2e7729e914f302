import assert from "node:assert/strict";
import type { ChatMessage } from "../../src/core/chat.ts";
import { arrayAt, valueAt } from "../../src/core/json.ts";
import { CLASSIC, encode, NEWEST, STRUCTURED, userSays } from "../support/anthropic_case.ts";
import {
  answered,
  assistantCalls,
  assistantSays,
  result,
  text,
  type TurnCase,
  use,
} from "../support/anthropic_history.ts";

const PNG = "data:image/png;base64,aGVsbG8=";

const CASES: readonly TurnCase[] = [
  {
    name: "encodes a call of a custom tool as one with its text as an argument",
    messages: [
      userSays("a"),
      {
        "role": "assistant",
        "content": null,
        "tool_calls": [{ "id": "c", "type": "custom", "custom": { "name": "sh", "input": "ls" } }],
      },
      { "role": "tool", "tool_call_id": "c", "content": "x" },
    ],
    turns: [["user", text("a")], ["assistant", use("c", "sh", { "input": "ls" })], [
      "user",
      answered("c", "x"),
    ]],
  },
  {
    name: "merges consecutive messages of one role",
    messages: [userSays("a"), userSays("b"), assistantSays("c"), assistantSays("d"), userSays("e")],
    turns: [["user", text("a"), text("b")], ["assistant", text("c"), text("d")], [
      "user",
      text("e"),
    ]],
  },
  {
    name: "makes the first system and developer messages the system prompt, in their order",
    messages: [
      { "role": "system", "content": "one" },
      { "role": "developer", "content": [{ "type": "text", "text": "two" }] },
      { "role": "system", "content": "" },
      userSays("a"),
    ],
    system: [text("one"), text("two")],
    turns: [["user", text("a")]],
  },
  {
    name: "leaves later system messages where they are, so that the system prompt stays the same",
    messages: [
      { "role": "system", "content": "one" },
      userSays("a"),
      assistantCalls(["x", "f", "{}"]),
      { "role": "developer", "content": "two" },
      result("x", "1"),
      { "role": "system", "content": " " },
      assistantSays("b"),
      { "role": "system", "content": [{ "type": "text", "text": "three" }] },
    ],
    system: [text("one")],
    turns: [
      ["user", text("a")],
      ["assistant", use("x", "f", {})],
      ["user", answered("x", "1"), text("<system>\ntwo\n</system>")],
      ["assistant", text("b")],
      ["user", text("<system>\nthree\n</system>")],
    ],
  },
  {
    name: "gives an image of the assistant's to the user's turn after it",
    messages: [
      userSays("draw"),
      {
        "role": "assistant",
        "content": [
          { "type": "text", "text": "Here:" },
          { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } },
        ],
      },
      userSays("thanks"),
    ],
    turns: [
      ["user", text("draw")],
      ["assistant", text("Here:")],
      [
        "user",
        text("[Shown by the assistant]"),
        {
          "type": "image",
          "source": { "type": "base64", "media_type": "image/png", "data": "AAAA" },
        },
        text("thanks"),
      ],
    ],
  },
  {
    name: "opens a conversation that starts with the assistant",
    messages: [assistantSays("hello"), userSays("a")],
    turns: [["user", text("(continued)")], ["assistant", text("hello")], ["user", text("a")]],
  },
  {
    name: "gives a conversation of system messages alone a turn",
    messages: [{ "role": "system", "content": "be brief" }],
    system: [text("be brief")],
    turns: [["user", text("(continued)")]],
  },
  {
    name: "keeps a prefill without its trailing white space",
    messages: [userSays("a"), assistantSays("{ \n")],
    turns: [["user", text("a")], ["assistant", text("{")]],
  },
  {
    name: "closes a prefill for a model that refuses it",
    modelId: NEWEST,
    messages: [userSays("a"), assistantSays("{")],
    turns: [["user", text("a")], ["assistant", text("{")], ["user", text("Continue.")]],
  },
  {
    name: "does not make a prefill of an assistant message before a blank last one",
    messages: [userSays("a"), assistantSays("b"), userSays(" ")],
    turns: [["user", text("a")], ["assistant", text("b")], ["user", text("Continue.")]],
  },
  {
    name: "drops blank texts and messages without content",
    messages: [
      userSays("a"),
      { "role": "assistant", "content": null },
      {
        "role": "user",
        "content": [{ "type": "text", "text": "" }, { "type": "text", "text": "b" }],
      },
      assistantSays("  "),
      userSays("c"),
    ],
    turns: [["user", text("a"), text("b"), text("c")]],
  },
  {
    name: "keeps a refusal as the assistant's text",
    messages: [
      userSays("a"),
      { "role": "assistant", "content": null, "refusal": "No." },
      userSays("b"),
    ],
    turns: [["user", text("a")], ["assistant", text("No.")], ["user", text("b")]],
  },
  {
    name: "keeps arguments that are no JSON object",
    messages: [
      userSays("a"),
      assistantCalls(["x", "f", '{"a": '], ["y", "f", "[1]"]),
      result("x", "1"),
      result("y", "2"),
    ],
    turns: [
      ["user", text("a")],
      ["assistant", use("x", "f", { "_raw": '{"a": ' }), use("y", "f", { "_raw": "[1]" })],
      ["user", answered("x", "1"), answered("y", "2")],
    ],
  },
  {
    name: "keeps images of tool results and sends an empty result without content",
    messages: [
      userSays("a"),
      assistantCalls(["x", "f", "{}"], ["y", "f", "{}"]),
      result("x", [{ "type": "text", "text": "see" }, {
        "type": "image_url",
        "image_url": { "url": PNG },
      }]),
      result("y", ""),
    ],
    turns: [
      ["user", text("a")],
      ["assistant", use("x", "f", {}), use("y", "f", {})],
      ["user", {
        "type": "tool_result",
        "tool_use_id": "x",
        "content": [text("see"), {
          "type": "image",
          "source": { "type": "base64", "media_type": "image/png", "data": "aGVsbG8=" },
        }],
      }, { "type": "tool_result", "tool_use_id": "y" }],
    ],
  },
  {
    name: "leaves out the reasoning of earlier turns",
    messages: [
      userSays("a"),
      { "role": "assistant", "content": "b", "reasoning_content": "hm", "reasoning": "hm" },
      userSays("c"),
    ],
    turns: [["user", text("a")], ["assistant", text("b")], ["user", text("c")]],
  },
  {
    name: "reads OpenAI's older function messages",
    messages: [
      userSays("a"),
      {
        "role": "assistant",
        "content": null,
        "function_call": { "name": "f", "arguments": '{"n":1}' },
      },
      { "role": "function", "name": "f", "content": "one" },
    ],
    turns: [
      ["user", text("a")],
      ["assistant", use("function_call_1", "f", { "n": 1 })],
      ["user", answered("function_call_1", "one")],
    ],
  },
];

for (const { name, messages, modelId = CLASSIC, turns, system } of CASES) {
  Deno.test(`encodeRequest() ${name}`, () => {
    const { body } = encode({ messages }, { modelId });
    assert.deepEqual(
      body["messages"],
      turns.map(([role, ...content]) => ({ "role": role, "content": content })),
    );
    assert.deepEqual(body["system"], system);
  });
}

Deno.test("encodeRequest() defines the tools of a history that comes without them", () => {
  for (const tools of [undefined, null, []]) {
    const { body } = encode({
      messages: [
        userSays("a"),
        assistantCalls(["x", "f", "{}"], ["y", "f", "{}"]),
        result("x", "1"),
      ],
      ...(tools === undefined ? {} : { tools }),
    });
    assert.deepEqual(body["tools"], [{
      "name": "f",
      "description": "A tool of an earlier turn; it can't be called any more.",
      "input_schema": { "type": "object" },
    }]);
    assert.deepEqual(body["tool_choice"], { "type": "none" });
  }
});

Deno.test("encodeRequest() names what of messages has no word, and says that a tool failed", () => {
  const messages: readonly ChatMessage[] = [
    { ...userSays("a"), "weird": 1, "nothing": null, "none": [] },
    { ...assistantCalls(["x", "f", "{}"]), "reasoning_content": "Hm.", "annotations": [] },
    { ...result("x", "broken"), "is_error": true, "name": "f" },
    { "role": "assistant", "content": [{ "type": "thinking", "thinking": "Hm." }], "prefix": true },
    userSays("b"),
  ];
  const { body, dropped } = encode({ messages });
  assert.deepEqual(dropped, [
    "messages.weird",
    "messages.reasoning_content",
    "messages.prefix",
    "messages.content.thinking",
  ]);
  const results = arrayAt(arrayAt(body, "messages")[2], "content");
  assert.equal(valueAt(results[0], "is_error"), true);
  const recalled = { "content": [{ "type": "tool_use" }] };
  assert.ok(
    !encode({ messages }, { keepsakes: { 1: recalled } }).dropped.includes(
      "messages.reasoning_content",
    ),
  );
});

Deno.test("encodeRequest() names once what it leaves out of messages", () => {
  const { dropped } = encode({
    messages: [
      { ...userSays("a"), "name": "ann" },
      { ...userSays("b"), "name": "bob" },
      { ...assistantSays("c"), "audio": { "id": "1" } },
      {
        "role": "user",
        "content": [{
          "type": "image_url",
          "image_url": { "url": "https://example.com/a.png", "detail": "low" },
        }],
      },
    ],
  }, { modelId: STRUCTURED });
  assert.deepEqual(dropped, [
    "messages.name",
    "messages.audio",
    "messages.content.image_url.detail",
  ]);
});

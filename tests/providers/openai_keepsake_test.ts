import assert from "node:assert/strict";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import type { UpstreamCall } from "../../src/providers/adapter.ts";
import { openai } from "../../src/providers/openai.ts";
import { callOf, contextOf, modelOf, providerOf } from "../support/openai_call.ts";
import { encodeCall } from "../support/openai_encoded.ts";
import { calls, chunk, first, more, ROLE, run, STOP, TOOLS } from "../support/openai_stream.ts";

const SIGNED = { "google": { "thought_signature": "s1" } };
const DETAIL = { "type": "reasoning.text", "text": "why", "signature": "s", "index": 0 };
const USER = { "role": "user", "content": "Hi" };

function call(id: string, fields: JsonObject = {}): JsonObject {
  return {
    "id": id,
    "type": "function",
    "function": { "name": "f", "arguments": "{}" },
    ...fields,
  };
}

/** The keepsake of a whole answer with this message. */
function keepsakeOfWhole(message: JsonObject): JsonValue {
  const body = { "choices": [{ "message": message, "finish_reason": "stop" }] };
  const result = openai.decodeAnswer(body, contextOf({ tools: TOOLS }));
  if (result.type !== "answer") throw new Error(result.fault.message);
  return result.keepsake ?? null;
}

/** The keepsake of an answer streamed in these frames. */
function keepsakeOfStream(...frames: readonly JsonObject[]): JsonValue {
  const end = run([ROLE, ...frames, STOP]).at(-1);
  if (end?.type !== "done") throw new Error("no end");
  return end.keepsake ?? null;
}

const WHOLE: readonly (readonly [string, JsonObject, JsonValue])[] = [
  ["nothing of plain text", { "content": "Hi", "reasoning": "" }, null],
  ["reasoning, by its own name", { "content": "Hi", "reasoning": "r" }, {
    "message": { "reasoning": "r" },
    "calls": {},
  }],
  ["details", { "content": "Hi", "reasoning_content": "r", "reasoning_details": [DETAIL] }, {
    "message": { "reasoning_content": "r", "reasoning_details": [DETAIL] },
    "calls": {},
  }],
  ["what signs a call", { "tool_calls": [call("c1", { "extra_content": SIGNED }), call("c2")] }, {
    "message": {},
    "calls": { "c1": { "extra_content": SIGNED } },
  }],
  ["it by the id that the client sees", { "tool_calls": [call("", { "extra_content": SIGNED })] }, {
    "message": {},
    "calls": { "call_r1_0": { "extra_content": SIGNED } },
  }],
];

for (const [name, message, expected] of WHOLE) {
  Deno.test(`decodeAnswer() keeps ${name}`, () => {
    assert.deepEqual(keepsakeOfWhole(message), expected);
  });
}

function details(...pieces: readonly JsonObject[]): JsonObject {
  return chunk({ "reasoning_details": pieces });
}

const STREAMED: readonly (readonly [string, readonly JsonObject[], JsonValue])[] = [
  ["nothing of plain text", [chunk({ "content": "Hi" })], null],
  ["reasoning in pieces", [
    chunk({ "reasoning_content": "a" }),
    chunk({ "reasoning_content": "b" }),
    chunk({ "content": "Hi" }),
  ], { "message": { "reasoning_content": "ab" }, "calls": {} }],
  ["pieces of one block together, and a signature with it", [
    details({ "type": "reasoning.text", "text": "wh", "index": 0, "format": "f", "id": null }),
    details({ "type": "reasoning.text", "text": "y", "index": 0 }),
    details({ "type": "reasoning.text", "signature": "s", "index": 0 }),
    chunk({ "content": "Hi" }),
  ], {
    "message": {
      "reasoning_details": [
        {
          "type": "reasoning.text",
          "text": "why",
          "index": 0,
          "format": "f",
          "id": null,
          "signature": "s",
        },
      ],
    },
    "calls": {},
  }],
  ["blocks of other indices and types apart", [
    details({ "type": "reasoning.summary", "summary": "a", "index": 0 }),
    details({ "type": "reasoning.encrypted", "data": "x", "index": 0 }),
    details({ "type": "reasoning.summary", "summary": "b", "index": 0 }),
    details({ "type": "reasoning.encrypted", "data": "y", "index": 0 }),
    details({ "type": "reasoning.summary", "summary": "c", "index": 1 }),
    chunk({ "content": "Hi" }),
  ], {
    "message": {
      "reasoning_details": [
        { "type": "reasoning.summary", "summary": "ab", "index": 0 },
        { "type": "reasoning.encrypted", "data": "x", "index": 0 },
        { "type": "reasoning.encrypted", "data": "y", "index": 0 },
        { "type": "reasoning.summary", "summary": "c", "index": 1 },
      ],
    },
    "calls": {},
  }],
  ["a block after a signed one apart", [
    details(DETAIL),
    details({ "type": "reasoning.text", "text": "more", "index": 0 }),
    chunk({ "content": "Hi" }),
  ], {
    "message": {
      "reasoning_details": [DETAIL, { "type": "reasoning.text", "text": "more", "index": 0 }],
    },
    "calls": {},
  }],
  ["what signs a call, in its first piece or later", [
    calls({ ...first(0, "a", "f"), "extra_content": SIGNED }),
    calls(first(1, "b", "g")),
    calls({ ...more(1, "{}"), "extra_content": SIGNED }),
  ], {
    "message": {},
    "calls": { "a": { "extra_content": SIGNED }, "b": { "extra_content": SIGNED } },
  }],
];

for (const [name, frames, expected] of STREAMED) {
  Deno.test(`decode() keeps ${name}`, () => {
    assert.deepEqual(keepsakeOfStream(...frames), expected);
  });
}

const KEEPSAKE: JsonObject = {
  "message": { "reasoning_content": "r" },
  "calls": { "c1": { "extra_content": SIGNED } },
};
const WITH_DETAILS: JsonObject = {
  "message": { "reasoning": "why", "reasoning_details": [DETAIL] },
  "calls": {},
};
const ANSWER = { "role": "assistant", "content": "", "tool_calls": [call("c1"), call("c2")] };
const RESULTS = ["c1", "c2"].map((id) => ({
  "role": "tool",
  "tool_call_id": id,
  "content": "ok",
}));
const SIGNED_ANSWER = {
  ...ANSWER,
  "tool_calls": [call("c1", { "extra_content": SIGNED }), call("c2")],
};

function at(baseUrl: string, compat: UpstreamCall["provider"]["compat"] = {}) {
  return { provider: providerOf(baseUrl, { compat }), model: modelOf("m") };
}

interface Row {
  readonly name: string;
  readonly options: Partial<UpstreamCall>;
  readonly keepsake: JsonObject | null;
  /** The client's message, and what the server gets of it. */
  readonly message: JsonObject;
  readonly expected: JsonObject;
  readonly dropped?: readonly string[];
}

const LOCAL = at("http://127.0.0.1:8080");
const ROWS: readonly Row[] = [
  {
    name: "puts back what signs a call, and no reasoning that was not asked for",
    options: LOCAL,
    keepsake: KEEPSAKE,
    message: ANSWER,
    expected: SIGNED_ANSWER,
  },
  {
    name: "keeps what the client brought back itself",
    options: LOCAL,
    keepsake: { "message": {}, "calls": { "c1": { "extra_content": { "other": 1 } } } },
    message: SIGNED_ANSWER,
    expected: SIGNED_ANSWER,
  },
  {
    name: "puts reasoning back where compat wants it",
    options: at("http://127.0.0.1:8080", { reasoningHistory: true }),
    keepsake: KEEPSAKE,
    message: ANSWER,
    expected: { ...SIGNED_ANSWER, "reasoning_content": "r" },
  },
  {
    name: "puts reasoning back for DeepSeek",
    options: at("https://api.deepseek.com"),
    keepsake: KEEPSAKE,
    message: ANSWER,
    expected: { ...SIGNED_ANSWER, "reasoning_content": "r" },
  },
  {
    name: "puts reasoning details back wherever they came from",
    options: at("https://openrouter.ai/api/v1"),
    keepsake: WITH_DETAILS,
    message: ANSWER,
    expected: { ...ANSWER, "reasoning": "why", "reasoning_details": [DETAIL] },
  },
  {
    name: "sends no reasoning of another model",
    options: LOCAL,
    keepsake: null,
    message: { ...ANSWER, "reasoning_content": "r" },
    expected: ANSWER,
    dropped: ["messages.reasoning_content"],
  },
  {
    name: "sends nothing of it to a strict server",
    options: { provider: providerOf("https://api.openai.com") },
    keepsake: { ...WITH_DETAILS, ...KEEPSAKE },
    message: ANSWER,
    expected: ANSWER,
  },
  {
    name: "tells Google which calls another model made",
    options: at("https://generativelanguage.googleapis.com/v1beta/openai"),
    keepsake: null,
    message: ANSWER,
    expected: {
      ...ANSWER,
      "tool_calls": [
        call("c1", {
          "extra_content": {
            "google": { "thought_signature": "skip_thought_signature_validator" },
          },
        }),
        call("c2"),
      ],
    },
  },
  {
    name: "tells Google nothing of its own calls but what it gave",
    options: at("https://generativelanguage.googleapis.com/v1beta/openai"),
    keepsake: KEEPSAKE,
    message: ANSWER,
    expected: SIGNED_ANSWER,
  },
];

for (const { name, options, keepsake, message, expected, dropped = [] } of ROWS) {
  Deno.test(`encodeRequest() ${name}`, () => {
    const messages = [{ "role": "tool", "tool_call_id": "x", "content": "?" }, message, ...RESULTS];
    const asked: number[] = [];
    const recall = (index: number): JsonObject | null => {
      asked.push(index);
      return index === 1 ? keepsake : null;
    };
    const sent = encodeCall(callOf({ messages }, { ...options, recall }));
    assert.deepEqual(sent.body["messages"], [
      { "role": "user", "content": '[Result of tool call "x"]\n?' },
      expected,
      ...RESULTS,
    ]);
    assert.deepEqual(sent.dropped, dropped);
    const isStrict = options.provider?.baseUrl === "https://api.openai.com";
    assert.deepEqual(asked, isStrict ? [] : [1]);
  });
}

Deno.test("encodeRequest() finds a message by its place in the client's request", () => {
  const late = [USER, ANSWER, USER, ...RESULTS, { ...ANSWER, "tool_calls": [call("c3")] }];
  const kept = { "message": {}, "calls": { "c3": { "extra_content": SIGNED } } };
  const recall = (index: number): JsonObject | null => index === 5 ? kept : null;
  const { body } = encodeCall(callOf({ messages: late }, { ...LOCAL, recall }));
  assert.match(
    JSON.stringify(body["messages"]),
    /"c3","type":"function",[^\]]*"thought_signature"/,
  );
});

Deno.test("encodeRequest() and decodeAnswer() give a vendor back its own answer", () => {
  const said = {
    "role": "assistant",
    "content": null,
    "reasoning_content": "r",
    "tool_calls": [call("c1", { "extra_content": SIGNED })],
  };
  const keepsake = keepsakeOfWhole(said);
  const client = { "role": "assistant", "content": null, "tool_calls": [call("c1")] };
  const recall = () => isJsonObject(keepsake) ? keepsake : null;
  const { body } = encodeCall(callOf(
    { messages: [USER, client, ...RESULTS.slice(0, 1)] },
    { ...at("https://api.deepseek.com"), recall },
  ));
  assert.deepEqual(keepsake, KEEPSAKE);
  assert.deepEqual(body["messages"], [USER, said, ...RESULTS.slice(0, 1)]);
});

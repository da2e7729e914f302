import assert from "node:assert/strict";
import { isJsonObject, type JsonObject } from "../../src/core/json.ts";
import type { UpstreamCall } from "../../src/providers/adapter.ts";
import { callOf, modelOf, providerOf } from "../support/openai_call.ts";
import { encodeCall } from "../support/openai_encoded.ts";
import { call, DETAIL, keepsakeOfWhole, SIGNED } from "../support/openai_keepsake.ts";

const USER = { "role": "user", "content": "Hi" };
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
    name: "puts back what signs a call, and the reasoning beside it",
    options: LOCAL,
    keepsake: KEEPSAKE,
    message: ANSWER,
    expected: { ...SIGNED_ANSWER, "reasoning_content": "r" },
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
    name: "puts back no reasoning where compat wants none",
    options: at("http://127.0.0.1:8080", { reasoningHistory: false }),
    keepsake: KEEPSAKE,
    message: ANSWER,
    expected: SIGNED_ANSWER,
  },
  {
    name: "keeps the reasoning of the model's own that the client brought back",
    options: LOCAL,
    keepsake: KEEPSAKE,
    message: { ...ANSWER, "reasoning_content": "r of the client" },
    expected: { ...SIGNED_ANSWER, "reasoning_content": "r of the client" },
  },
  {
    name: "puts back no reasoning of an answer without calls",
    options: LOCAL,
    keepsake: { "message": { "reasoning_content": "r" }, "calls": {} },
    message: { "role": "assistant", "content": "Hello" },
    expected: { "role": "assistant", "content": "Hello" },
  },
  {
    name: "sends no reasoning to a server that refuses unknown keys",
    options: at("https://api.groq.com/openai/v1"),
    keepsake: { "message": { "reasoning_content": "r" }, "calls": {} },
    message: ANSWER,
    expected: ANSWER,
  },
  {
    name: "sends no signature of another vendor's",
    options: LOCAL,
    keepsake: null,
    message: SIGNED_ANSWER,
    expected: ANSWER,
  },
  {
    name: "sends Google's signature to Google's models, wherever they are",
    options: { ...LOCAL, model: modelOf("gemini-3-pro") },
    keepsake: null,
    message: SIGNED_ANSWER,
    expected: SIGNED_ANSWER,
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
    const results = message["tool_calls"] === undefined ? [] : RESULTS;
    const messages = [{ "role": "tool", "tool_call_id": "x", "content": "?" }, message, ...results];
    const asked: number[] = [];
    const recall = (index: number): JsonObject | null => {
      asked.push(index);
      return index === 1 ? keepsake : null;
    };
    const sent = encodeCall(callOf({ messages }, { ...options, recall }));
    assert.deepEqual(sent.body["messages"], [
      { "role": "user", "content": '[Result of tool call "x"]\n?' },
      expected,
      ...results,
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

import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import type { CompatFlags } from "../../src/core/provider.ts";
import type { UpstreamCall } from "../../src/providers/adapter.ts";
import { openai } from "../../src/providers/openai.ts";
import { callOf, modelOf, providerOf } from "../support/openai_call.ts";

const TOOL = { type: "function", function: { name: "f", parameters: { type: "object" } } };
const CALL = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
const USER = { role: "user", content: "Hi" };

function encode(call: UpstreamCall) {
  const result = openai.encodeRequest(call);
  assert.equal(result.type, "request");
  if (result.type !== "request") throw new Error("refused");
  const body: JsonObject = JSON.parse(JSON.stringify(result.body));
  return { ...result, body };
}

function elsewhere(compat: CompatFlags = {}): Partial<UpstreamCall> {
  return { provider: providerOf("http://127.0.0.1:8080", { compat }), model: modelOf("llama") };
}

Deno.test("encodeRequest() posts to the endpoint with the key and explicit stream", () => {
  const { url, headers, body } = encode(callOf({}));
  assert.equal(url, "https://api.openai.com/v1/chat/completions");
  assert.deepEqual(headers, {
    "content-type": "application/json",
    "accept": "application/json",
    "authorization": "Bearer sk-test-key",
  });
  assert.deepEqual(body, { "messages": [USER], "model": "gpt-4.1", "stream": false });
});

Deno.test("encodeRequest() sends no authorization without a key, and keeps a base path", () => {
  const provider = providerOf("https://openrouter.ai/api/v1", { apiKey: null });
  const { url, headers } = encode(callOf({}, { provider, stream: true }));
  assert.equal(url, "https://openrouter.ai/api/v1/chat/completions");
  assert.deepEqual(headers, { "content-type": "application/json", "accept": "text/event-stream" });
});

Deno.test("encodeRequest() keeps everything the client said, in its order", () => {
  const fields = {
    temperature: 0.2,
    seed: 7,
    tools: [TOOL],
    "tool_choice": "required",
    "parallel_tool_calls": false,
    "response_format": { type: "json_schema", "json_schema": { name: "x", schema: {} } },
    stop: ["a"],
    "logit_bias": { "5": 1 },
    user: "u",
    metadata: { a: "b" },
    "reasoning_effort": "low",
    store: false,
    "service_tier": "flex",
    "prediction": { type: "content", content: "x" },
  };
  const { body, dropped } = encode(callOf(fields));
  const expected = { messages: [USER], ...fields, model: "gpt-4.1", stream: false };
  assert.equal(JSON.stringify(body), JSON.stringify(expected));
  assert.deepEqual(dropped, []);
});

const LONG_ID = "toolu_".padEnd(64, "x");

interface Row {
  readonly name: string;
  readonly fields: JsonObject;
  readonly options?: Partial<UpstreamCall>;
  readonly expected: JsonObject;
  readonly absent?: readonly string[];
  readonly dropped?: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    name: "asks a stream for its usage",
    fields: { stream: true, "stream_options": { "include_obfuscation": false } },
    options: { stream: true },
    expected: {
      stream: true,
      "stream_options": { "include_obfuscation": false, "include_usage": true },
    },
  },
  {
    name: "sends no stream_options without a stream",
    fields: { stream: true, "stream_options": { "include_usage": true } },
    expected: { stream: false },
    absent: ["stream_options"],
  },
  {
    name: "sends no stream_options to servers that refuse them",
    fields: { "stream_options": { "include_usage": true } },
    options: { ...elsewhere({ streamUsage: false }), stream: true },
    expected: { stream: true },
    absent: ["stream_options"],
  },
  {
    name: "drops empty tools and how to use them",
    fields: { tools: [], "tool_choice": "auto", "parallel_tool_calls": null },
    expected: {},
    absent: ["tools", "tool_choice", "parallel_tool_calls"],
    dropped: ["tool_choice"],
  },
  {
    name: "sends max_completion_tokens to OpenAI",
    fields: { "max_tokens": 5 },
    expected: { "max_completion_tokens": 5 },
    absent: ["max_tokens"],
  },
  {
    name: "sends the output limit elsewhere as the client did",
    fields: { "max_tokens": 5 },
    options: elsewhere(),
    expected: { "max_tokens": 5 },
    absent: ["max_completion_tokens"],
  },
  {
    name: "sends one output limit of two",
    fields: { "max_tokens": 5, "max_completion_tokens": 6 },
    options: elsewhere(),
    expected: { "max_completion_tokens": 6 },
    absent: ["max_tokens"],
  },
  {
    name: "sends the output limit by the name that compat gives",
    fields: { "max_completion_tokens": 6 },
    options: elsewhere({ maxTokensField: "max_tokens" }),
    expected: { "max_tokens": 6 },
    absent: ["max_completion_tokens"],
  },
  {
    name: "sends max_tokens to DeepSeek",
    fields: { "max_completion_tokens": 6 },
    options: { provider: providerOf("https://api.deepseek.com") },
    expected: { "max_tokens": 6 },
    absent: ["max_completion_tokens"],
  },
  {
    name: "sends reasoning models what they take, wherever they are",
    fields: { "max_tokens": 5, temperature: 0, "top_p": 1 },
    options: { ...elsewhere(), model: modelOf("openai/gpt-5-mini") },
    expected: { "max_completion_tokens": 5 },
    absent: ["max_tokens", "temperature", "top_p"],
    dropped: ["temperature"],
  },
  {
    name: "keeps the temperature of gpt-5-chat",
    fields: { temperature: 0 },
    options: { model: modelOf("gpt-5-chat-latest") },
    expected: { temperature: 0 },
  },
  {
    name: "keeps developer messages for OpenAI",
    fields: { messages: [{ role: "developer", content: "x" }, USER] },
    expected: { messages: [{ role: "developer", content: "x" }, USER] },
  },
  {
    name: "sends developer messages elsewhere as system",
    fields: { messages: [{ role: "developer", content: "x" }, USER] },
    options: elsewhere(),
    expected: { messages: [{ role: "system", content: "x" }, USER] },
  },
  {
    name: "sends developer messages where compat says so",
    fields: { messages: [{ role: "developer", content: "x" }, USER] },
    options: elsewhere({ developerRole: true }),
    expected: { messages: [{ role: "developer", content: "x" }, USER] },
  },
  {
    name: "strips what answers and other vendors add to messages",
    fields: {
      messages: [
        { role: "user", content: [{ type: "text", text: "x", "cache_control": { type: "e" } }] },
        {
          role: "assistant",
          content: "y",
          "reasoning_content": "r",
          reasoning: null,
          annotations: [],
          prefix: true,
          "tool_calls": [],
        },
        USER,
      ],
    },
    expected: {
      messages: [
        { role: "user", content: [{ type: "text", text: "x" }] },
        { role: "assistant", content: "y" },
        USER,
      ],
    },
    dropped: [
      "messages.cache_control",
      "messages.reasoning_content",
      "messages.prefix",
    ],
  },
  {
    name: "sends reasoning back where compat wants it",
    fields: { messages: [USER, { role: "assistant", content: "y", "reasoning_content": "r" }] },
    options: elsewhere({ reasoningHistory: true }),
    expected: { messages: [USER, { role: "assistant", content: "y", "reasoning_content": "r" }] },
  },
  {
    name: "drops the mark of a prefilled answer where servers don't know it",
    fields: { messages: [USER, { role: "assistant", content: "y", prefix: true }] },
    options: elsewhere(),
    expected: { messages: [USER, { role: "assistant", content: "y" }] },
    dropped: ["messages.prefix"],
  },
  {
    name: "keeps the mark of a prefilled answer for Mistral",
    fields: { messages: [USER, { role: "assistant", content: "y", prefix: true }] },
    options: { provider: providerOf("https://api.mistral.ai/v1") },
    expected: { messages: [USER, { role: "assistant", content: "y", prefix: true }] },
  },
  {
    name: "keeps cache_control for OpenRouter",
    fields: { messages: [{ role: "user", content: "x", "cache_control": { type: "e" } }] },
    options: { provider: providerOf("https://openrouter.ai/api/v1") },
    expected: { messages: [{ role: "user", content: "x", "cache_control": { type: "e" } }] },
  },
  {
    name: "drops parameters that OpenAI refuses",
    fields: { "top_k": 5, "min_p": null, think: true },
    expected: {},
    absent: ["top_k", "min_p", "think"],
    dropped: ["top_k", "think"],
  },
  {
    name: "keeps parameters of other servers elsewhere",
    fields: { "top_k": 5, think: true },
    options: elsewhere(),
    expected: { "top_k": 5, think: true },
  },
  {
    name: "never sends fields that could redirect the request",
    fields: {
      "api_base": "http://evil",
      "baseURL": "http://evil",
      "x_extra": { "api-key": "k", list: [{ "base_url": "u", keep: 1 }] },
      metadata: { "api_key": "a label" },
      tools: [{ type: "function", function: { name: "f", parameters: { "api_key": {} } } }],
    },
    options: elsewhere(),
    expected: {
      "x_extra": { list: [{ keep: 1 }] },
      metadata: { "api_key": "a label" },
      tools: [{ type: "function", function: { name: "f", parameters: { "api_key": {} } } }],
    },
    absent: ["api_base", "baseURL"],
    dropped: ["api_base", "baseURL", "x_extra.api-key", "x_extra.list[0].base_url"],
  },
  {
    name: "gives calls without text null content",
    fields: {
      messages: [USER, { role: "assistant", content: [], "tool_calls": [CALL] }, {
        role: "tool",
        content: "ok",
        "tool_call_id": "c1",
      }],
    },
    expected: {
      messages: [USER, { role: "assistant", content: null, "tool_calls": [CALL] }, {
        role: "tool",
        content: "ok",
        "tool_call_id": "c1",
      }],
    },
  },
  {
    name: "keeps long ids of calls elsewhere",
    fields: {
      messages: [USER, {
        role: "assistant",
        content: null,
        "tool_calls": [{ ...CALL, id: LONG_ID }],
      }, { role: "tool", content: "ok", "tool_call_id": LONG_ID }],
    },
    options: elsewhere(),
    expected: {
      messages: [USER, {
        role: "assistant",
        content: null,
        "tool_calls": [{ ...CALL, id: LONG_ID }],
      }, { role: "tool", content: "ok", "tool_call_id": LONG_ID }],
    },
  },
];

for (const { name, fields, options, expected, absent = [], dropped = [] } of ROWS) {
  Deno.test(`encodeRequest() ${name}`, () => {
    const result = encode(callOf(fields, options));
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(result.body[key], value);
    for (const key of absent) assert.equal(Object.hasOwn(result.body, key), false, key);
    assert.deepEqual(result.dropped, dropped);
  });
}

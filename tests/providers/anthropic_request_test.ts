import assert from "node:assert/strict";
import type { ChatRequest } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import {
  callOf,
  type CaseOptions,
  CLASSIC,
  encode,
  NEWEST,
  STRUCTURED,
} from "../support/anthropic_case.ts";

Deno.test("encodeRequest() addresses the Messages API with the provider's key", () => {
  const encoded = anthropic.encodeRequest(callOf({}, { stream: true }));
  assert.deepEqual(encoded, {
    type: "request",
    url: "https://api.anthropic.com/v1/messages",
    headers: {
      "content-type": "application/json",
      "anthropic-version": "2023-06-01",
      "x-api-key": "sk-test",
    },
    body: {
      "model": CLASSIC,
      "max_tokens": 8192,
      "stream": true,
      "messages": [{ "role": "user", "content": [{ "type": "text", "text": "Hi" }] }],
    },
    dropped: [],
  });
});

Deno.test("encodeRequest() keeps a base URL's own path and sends no key where there is none", () => {
  const options = { baseUrl: "http://127.0.0.1:9/anthropic/v1", apiKey: null };
  const encoded = anthropic.encodeRequest(callOf({}, options));
  assert.equal(encoded.type, "request");
  if (encoded.type !== "request") return;
  assert.equal(encoded.url, "http://127.0.0.1:9/anthropic/v1/messages");
  assert.equal(Object.hasOwn(encoded.headers, "x-api-key"), false);
});

Deno.test("encodeRequest() refuses more than one answer", () => {
  const encoded = anthropic.encodeRequest(callOf({ "n": 2 }));
  assert.equal(encoded.type, "refused");
  if (encoded.type !== "refused") return;
  assert.equal(encoded.fault.kind, "unsupported");
  assert.equal(encoded.fault.param, "n");
});

interface Case {
  readonly name: string;
  readonly request: Partial<ChatRequest>;
  readonly options?: CaseOptions;
  /** Fields of the body; undefined: absent. */
  readonly sent: Readonly<Record<string, JsonObject[string]>>;
  readonly dropped?: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: "takes the client's max_tokens",
    request: { "max_tokens": 5 },
    sent: { "max_tokens": 5 },
  },
  {
    name: "prefers max_completion_tokens",
    request: { "max_tokens": 5, "max_completion_tokens": 7 },
    sent: { "max_tokens": 7 },
  },
  {
    name: "caps the client's limit at the model's",
    request: { "max_tokens": 100_000 },
    options: { model: { maxOutputTokens: 4096 } },
    sent: { "max_tokens": 4096 },
  },
  {
    name: "takes the model's output limit where the client has none",
    request: { "max_tokens": null },
    options: { model: { maxOutputTokens: 64_000 } },
    sent: { "max_tokens": 64_000 },
  },
  {
    name: "makes a default limit small enough for the context window",
    request: {},
    options: { model: { maxOutputTokens: 64_000, contextWindow: 200_000 }, inputTokens: 150_000 },
    sent: { "max_tokens": 12_500 },
  },
  {
    name: "clamps the temperature to Anthropic's range",
    request: { "temperature": 1.5, "top_p": 0.5 },
    sent: { "temperature": 1, "top_p": 0.5 },
    dropped: ["temperature>1"],
  },
  {
    name: "drops top_p beside a temperature where the model takes only one",
    request: { "temperature": 0, "top_p": 0.5 },
    options: { modelId: STRUCTURED },
    sent: { "temperature": 0, "top_p": undefined },
    dropped: ["top_p"],
  },
  {
    name: "sends top_p alone to a model that takes only one",
    request: { "top_p": 0.5 },
    options: { modelId: STRUCTURED },
    sent: { "temperature": undefined, "top_p": 0.5 },
  },
  {
    name: "drops sampling parameters of the newest models",
    request: { "temperature": 0, "top_p": 0.5, "top_k": 3 },
    options: { modelId: NEWEST },
    sent: { "temperature": undefined, "top_p": undefined, "top_k": undefined },
    dropped: ["temperature", "top_p", "top_k"],
  },
  {
    name: "does not report sampling parameters at their default",
    request: { "temperature": 1, "top_p": 1 },
    options: { modelId: NEWEST },
    sent: { "temperature": undefined, "top_p": undefined },
  },
  {
    name: "passes top_k",
    request: { "top_k": 3 },
    sent: { "top_k": 3 },
  },
  {
    name: "sends one stop sequence as a list",
    request: { "stop": "END" },
    sent: { "stop_sequences": ["END"] },
  },
  {
    name: "drops blank stop sequences",
    request: { "stop": ["\n", "END"] },
    sent: { "stop_sequences": ["END"] },
    dropped: ["stop"],
  },
  {
    name: "sends the user's id",
    request: { "user": "u-1" },
    sent: { "metadata": { "user_id": "u-1" } },
  },
  {
    name: "prefers metadata.user_id and reports other metadata",
    request: { "user": "u-1", "metadata": { "user_id": "u-2", "team": "x" } },
    sent: { "metadata": { "user_id": "u-2" } },
    dropped: ["metadata"],
  },
  {
    name: "reports what the dialect has no word for",
    request: {
      "seed": 1,
      "logprobs": true,
      "frequency_penalty": 0.5,
      "logit_bias": { "1": 2 },
      "service_tier": "flex",
      "x_unknown": 1,
    },
    sent: { "seed": undefined, "x_unknown": undefined },
    dropped: ["seed", "logprobs", "frequency_penalty", "logit_bias", "service_tier", "x_unknown"],
  },
  {
    name: "does not report what asks for nothing",
    request: {
      "n": 1,
      "store": false,
      "logprobs": false,
      "top_logprobs": 0,
      "frequency_penalty": 0,
      "presence_penalty": 0,
      "logit_bias": {},
      "modalities": ["text"],
      "seed": null,
      "stream": true,
      "stream_options": { "include_usage": true },
      "response_format": { "type": "text" },
    },
    sent: { "store": undefined, "stream_options": undefined },
  },
  {
    name: "reports a tool_choice without tools",
    request: { "tools": [], "tool_choice": "required" },
    sent: { "tools": undefined, "tool_choice": undefined },
    dropped: ["tool_choice"],
  },
  {
    name: "passes the request's own cache mark",
    request: { "cache_control": { "type": "ephemeral" } },
    sent: { "cache_control": { "type": "ephemeral" } },
  },
];

for (const { name, request, options = {}, sent, dropped = [] } of CASES) {
  Deno.test(`encodeRequest() ${name}`, () => {
    const encoded = encode(request, options);
    const found = Object.fromEntries(Object.keys(sent).map((key) => [key, encoded.body[key]]));
    assert.deepEqual(found, sent);
    assert.deepEqual(encoded.dropped, dropped);
  });
}

import assert from "node:assert/strict";
import type { ChatMessage } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { encode } from "../support/ollama_case.ts";
import {
  CLOCK,
  type RequestCase,
  SCHEMA,
  SENT_CLOCK,
  testRequest,
} from "../support/ollama_request.ts";
import { checkOllamaRequest } from "../support/ollama_validator.ts";

const REQUESTS: readonly RequestCase[] = [
  {
    name: "a JSON schema without its description, and reports that",
    fields: {
      "response_format": {
        "type": "json_schema",
        "json_schema": { "name": "answer", "description": "An answer", "schema": SCHEMA },
        "mode": "x",
      },
    },
    sent: { "format": SCHEMA },
    dropped: ["response_format.json_schema.description", "response_format.mode"],
  },
  {
    name: "tools without fields that it does not know, and reports them",
    fields: {
      "tools": [
        { ...CLOCK, "cache_control": { "type": "ephemeral" }, "extra": 1, "defer": null },
        { ...CLOCK, "function": { "name": "clock", "examples": ["now"] }, "extra": 2 },
      ],
    },
    sent: { "tools": [SENT_CLOCK, SENT_CLOCK] },
    dropped: ["tools.extra", "tools.function.examples"],
  },
  {
    name: "values that no option can have as reported",
    fields: { "top_k": "40", "min_p": "0.1", "repeat_penalty": null, "options": "x" },
    dropped: ["top_k", "min_p", "options"],
  },
  {
    name: "a keep_alive that is no time as reported",
    fields: { "keep_alive": true },
    dropped: ["keep_alive"],
  },
  {
    name: "top_logprobs without logprobs as reported",
    fields: { "logprobs": false, "top_logprobs": 3 },
    dropped: ["top_logprobs"],
  },
  { name: "no top_logprobs as nothing", fields: { "logprobs": false, "top_logprobs": 0 } },
  {
    name: "what it has no word for as reported, unless it is what Ollama does anyway",
    fields: {
      "user": "u",
      "metadata": { "a": 1 },
      "logit_bias": { "5": 1 },
      "verbosity": "low",
      "parallel_tool_calls": false,
      "store": false,
      "service_tier": "auto",
      "prediction": null,
      "n": 1,
      "stream_options": { "include_usage": true },
      "base_url": "http://elsewhere",
    },
    dropped: ["user", "metadata", "logit_bias", "verbosity", "parallel_tool_calls", "base_url"],
  },
  {
    name: "parallel_tool_calls true as nothing",
    fields: { "parallel_tool_calls": true, "metadata": {}, "logit_bias": {} },
  },
];

for (const row of REQUESTS) testRequest(row);

interface MessageCase {
  readonly name: string;
  readonly messages: readonly ChatMessage[];
  readonly sent: readonly JsonObject[];
  readonly dropped: readonly string[];
}

const MESSAGES: readonly MessageCase[] = [
  {
    name: "parts without fields that it does not know, and reports them",
    messages: [{
      "role": "user",
      "content": [
        { "type": "text", "text": "x", "cache_control": { "type": "ephemeral" }, "citations": [] },
        {
          "type": "image_url",
          "image_url": { "url": "data:image/png;base64,aGk=", "detail": "auto", "width": 9 },
        },
        {
          "type": "image_url",
          "image_url": { "url": "data:image/png;base64,aGk=", "detail": "low" },
        },
      ],
    }],
    sent: [{ "role": "user", "content": "x", "images": ["aGk=", "aGk="] }],
    dropped: [
      "messages.content.citations",
      "messages.content.image_url.width",
      "messages.content.image_url.detail",
    ],
  },
  {
    name: "calls without fields that it does not know, and reports them",
    messages: [
      {
        "role": "assistant",
        "content": null,
        "tool_calls": [{
          "id": "a",
          "index": 0,
          "type": "function",
          "function": { "name": "f", "arguments": "{}", "output": "1" },
          "extra_content": { "google": { "thought_signature": "s" } },
        }],
      },
      { "role": "tool", "tool_call_id": "a", "content": "1" },
    ],
    sent: [
      {
        "role": "assistant",
        "content": "",
        "tool_calls": [{ "id": "a", "function": { "name": "f", "arguments": {} } }],
      },
      { "role": "tool", "content": "1", "tool_name": "f", "tool_call_id": "a" },
    ],
    dropped: ["messages.tool_calls.function.output"],
  },
];

for (const { name, messages, sent, dropped } of MESSAGES) {
  Deno.test(`encodeRequest() of ollama sends ${name}`, () => {
    const request = encode({ "messages": messages });
    assert.deepEqual(request.body["messages"], sent);
    assert.deepEqual(request.dropped, dropped);
    assert.deepEqual(checkOllamaRequest(request.body), []);
  });
}

import assert from "node:assert/strict";
import { ollama } from "../../src/providers/ollama.ts";
import { Secret } from "../../src/redact.ts";
import { callOf, encode, PROVIDER } from "../support/ollama_case.ts";
import {
  CLOCK,
  type RequestCase,
  SCHEMA,
  SENT_CLOCK,
  testRequest,
} from "../support/ollama_request.ts";

const WEATHER = {
  "type": "function",
  "function": {
    "name": "weather",
    "description": "Weather of a city",
    "parameters": {
      "type": "object",
      "properties": { "city": { "type": "string" } },
      "required": ["city"],
    },
  },
} as const;
const CASES: readonly RequestCase[] = [
  { name: "a plain request", fields: {} },
  {
    name: "all tools where the chosen one is not there",
    fields: {
      "tools": [CLOCK],
      "tool_choice": { "type": "function", "function": { "name": "zz" } },
    },
    sent: { "tools": [SENT_CLOCK] },
    dropped: ["tool_choice"],
  },
  {
    name: "a window of the client's at the top too",
    fields: { "num_ctx": 2048 },
    sent: { "options": { "num_ctx": 2048 } },
  },
  {
    name: "no window that is made for a limit which every request has",
    fields: { "max_tokens": 100_000 },
    sent: { "options": { "num_ctx": 16_384, "num_predict": 100_000 } },
  },
  {
    name: "the older functions as tools",
    fields: { "functions": [{ "name": "clock" }], "function_call": "auto" },
    sent: { "tools": [SENT_CLOCK] },
  },
  {
    name: "sampling parameters as options",
    fields: {
      "temperature": 0,
      "top_p": 0.9,
      "top_k": 40,
      "min_p": 0.05,
      "seed": 7,
      "frequency_penalty": 0.1,
      "presence_penalty": 0.2,
      "repeat_penalty": 1.1,
      "stop": "END",
      "max_tokens": 100,
    },
    sent: {
      "options": {
        "num_ctx": 4096,
        "num_predict": 100,
        "temperature": 0,
        "top_p": 0.9,
        "top_k": 40,
        "min_p": 0.05,
        "seed": 7,
        "frequency_penalty": 0.1,
        "presence_penalty": 0.2,
        "repeat_penalty": 1.1,
        "stop": ["END"],
      },
    },
  },
  {
    name: "max_completion_tokens and a list of stops",
    fields: { "max_completion_tokens": 50, "stop": ["a", "b"] },
    sent: { "options": { "num_ctx": 4096, "num_predict": 50, "stop": ["a", "b"] } },
  },
  {
    name: "no null among the client's own options over its others",
    fields: { "temperature": 1, "options": { "temperature": null } },
    sent: { "options": { "num_ctx": 8192, "temperature": 1 } },
  },
  {
    name: "the client's own options over its others",
    fields: { "temperature": 1, "options": { "temperature": 0.5, "num_ctx": 2048, "mirostat": 1 } },
    sent: { "options": { "num_ctx": 2048, "temperature": 0.5 } },
    dropped: ["options.mirostat"],
  },
  {
    name: "keep_alive",
    fields: { "keep_alive": "10m" },
    sent: { "keep_alive": "10m" },
  },
  {
    name: "json_object as format json",
    fields: { "response_format": { "type": "json_object" } },
    sent: { "format": "json" },
  },
  {
    name: "a JSON schema as format",
    fields: {
      "response_format": {
        "type": "json_schema",
        "json_schema": { "name": "answer", "strict": true, "schema": SCHEMA },
      },
    },
    sent: { "format": SCHEMA },
  },
  { name: "response_format text as nothing", fields: { "response_format": { "type": "text" } } },
  { name: "effort none", fields: { "reasoning_effort": "none" }, sent: { "think": false } },
  { name: "effort minimal", fields: { "reasoning_effort": "minimal" }, sent: { "think": "low" } },
  { name: "effort low", fields: { "reasoning_effort": "low" }, sent: { "think": "low" } },
  { name: "effort medium", fields: { "reasoning_effort": "medium" }, sent: { "think": "medium" } },
  { name: "effort high", fields: { "reasoning_effort": "high" }, sent: { "think": "high" } },
  { name: "effort xhigh", fields: { "reasoning_effort": "xhigh" }, sent: { "think": "high" } },
  { name: "effort max", fields: { "reasoning_effort": "max" }, sent: { "think": "max" } },
  {
    name: "an unknown effort and an unknown format as reported",
    fields: { "reasoning_effort": "turbo", "response_format": { "type": "grammar" } },
    dropped: ["reasoning_effort", "response_format"],
  },
  { name: "the client's own think", fields: { "think": true }, sent: { "think": true } },
  { name: "its own level", fields: { "think": "high" }, sent: { "think": "high" } },
  {
    name: "Anthropic's budget as a level",
    fields: { "thinking": { "type": "enabled", "budget_tokens": 16_384 } },
    sent: { "think": "high" },
  },
  {
    name: "Anthropic's switch as one",
    fields: { "thinking": { "type": "adaptive" } },
    sent: { "think": true },
  },
  {
    name: "Anthropic's switch that is off as one",
    fields: { "thinking": { "type": "disabled" } },
    sent: { "think": false },
  },
  {
    name: "OpenRouter's effort as a level",
    fields: { "reasoning": { "effort": "low" } },
    sent: { "think": "low" },
  },
  {
    name: "OpenRouter's switch as one",
    fields: { "reasoning": { "enabled": true } },
    sent: { "think": true },
  },
  { name: "Qwen's switch as one", fields: { "enable_thinking": false }, sent: { "think": false } },
  {
    name: "Qwen's switch and budget as a level",
    fields: { "enable_thinking": true, "thinking_budget": 2048 },
    sent: { "think": "low" },
  },
  {
    name: "vLLM's switch as one",
    fields: { "chat_template_kwargs": { "enable_thinking": true } },
    sent: { "think": true },
  },
  {
    name: "the first of two wishes, and reports the other",
    fields: { "reasoning_effort": "low", "thinking": { "type": "disabled" } },
    sent: { "think": "low" },
    dropped: ["thinking"],
  },
  {
    name: "tools, with the parameters that Ollama's types need",
    fields: { "tools": [WEATHER, CLOCK], "tool_choice": "auto" },
    sent: { "tools": [WEATHER, SENT_CLOCK] },
  },
  { name: "tool_choice none as no tools", fields: { "tools": [WEATHER], "tool_choice": "none" } },
  { name: "an empty list of tools as none", fields: { "tools": [] } },
  {
    name: "a named tool as the only one",
    fields: {
      "tools": [WEATHER, CLOCK],
      "tool_choice": { "type": "function", "function": { "name": "clock" } },
    },
    sent: { "tools": [SENT_CLOCK] },
    dropped: ["tool_choice"],
  },
  {
    name: "tool_choice required as reported",
    fields: { "tools": [WEATHER], "tool_choice": "required" },
    sent: { "tools": [WEATHER] },
    dropped: ["tool_choice"],
  },
  {
    name: "allowed tools as the only ones",
    fields: {
      "tools": [WEATHER, CLOCK],
      "tool_choice": {
        "type": "allowed_tools",
        "allowed_tools": {
          "mode": "auto",
          "tools": [{ "type": "function", "function": { "name": "weather" } }],
        },
      },
    },
    sent: { "tools": [WEATHER] },
  },
  {
    name: "custom and strict tools as reported",
    fields: {
      "tools": [
        { "type": "custom", "custom": { "name": "grep" } },
        { ...CLOCK, "function": { "name": "clock", "strict": true } },
      ],
    },
    sent: { "tools": [SENT_CLOCK] },
    dropped: ["tools", "tools.function.strict"],
  },
  {
    name: "parameter schemas that Go can't read in a form it can",
    fields: {
      "tools": [{
        "type": "function",
        "function": {
          "name": "any",
          "parameters": {
            "type": ["object", "null"],
            "properties": { "a": true, "b": { "properties": { "c": true } } },
          },
        },
      }],
    },
    sent: {
      "tools": [{
        "type": "function",
        "function": {
          "name": "any",
          "parameters": {
            "type": "object",
            "properties": { "a": {}, "b": { "properties": { "c": {} } } },
          },
        },
      }],
    },
  },
  {
    name: "logprobs",
    fields: { "logprobs": true, "top_logprobs": 2 },
    sent: { "logprobs": true, "top_logprobs": 2 },
  },
];

for (const row of CASES) testRequest(row);

Deno.test("encodeRequest() of ollama reports the reasoning that a model has refused", () => {
  const refusedFields = new Set(["think"]);
  const request = encode({ "thinking": { "type": "enabled" } }, { refusedFields });
  assert.equal(request.body["think"], undefined);
  assert.deepEqual(request.dropped, ["thinking"]);
});

Deno.test("encodeRequest() of ollama posts to the native chat endpoint without a key", () => {
  const request = encode({});
  assert.equal(request.url, "http://127.0.0.1:11434/api/chat");
  assert.deepEqual(request.headers, {
    "content-type": "application/json",
    "accept": "application/json",
  });
});

Deno.test("encodeRequest() of ollama sends the provider's key and asks for a stream", () => {
  const provider = { ...PROVIDER, baseUrl: "https://ollama.com/api", apiKey: new Secret("k-123") };
  const request = encode({}, { provider, stream: true });
  assert.equal(request.url, "https://ollama.com/api/chat");
  assert.equal(request.headers["authorization"], "Bearer k-123");
  assert.equal(request.headers["accept"], "application/x-ndjson");
  assert.equal(request.body["stream"], true);
});

Deno.test("encodeRequest() of ollama refuses several answers and names n", () => {
  const encoded = ollama.encodeRequest(callOf({ "n": 2 }));
  assert.ok(encoded.type === "refused");
  assert.equal(encoded.fault.kind, "unsupported");
  assert.equal(encoded.fault.param, "n");
});

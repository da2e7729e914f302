/** A request for each row of the README's tables of fields. */

import type { JsonObject } from "../../src/core/json.ts";

/** What is asked for, and what of it is watched. */
export interface FieldSample {
  /** The row that says what becomes of it: its first cell, without backquotes. */
  readonly row: string;
  /** The field that is watched; for messages, all that begins with `messages`. */
  readonly field: string;
  readonly fields: JsonObject;
}

const PARAMETERS = { "type": "object", "properties": { "city": { "type": "string" } } };
const WEATHER = { "name": "weather", "description": "d", "parameters": PARAMETERS };
const TOOLS = { "tools": [{ "type": "function", "function": WEATHER }] };
const CUSTOM_TOOLS = { "tools": [{ "type": "custom", "custom": { "name": "shell" } }] };
const NAMED = { "type": "function", "function": { "name": "weather" } };
const SCHEMA = { "name": "answer", "schema": { "type": "object", "properties": {} } };

function sample(row: string, field: string, fields: JsonObject): FieldSample {
  return { row, field, fields };
}

/** Rows that name one field, with a value that asks for something. */
const PLAIN: Readonly<Record<string, JsonObject[string]>> = {
  "model": "auto",
  "logit_bias": { "50256": -100 },
  "seed": 7,
  "store": true,
  "moderation": { "model": "omni-moderation-latest" },
  "web_search_options": {},
  "prediction": { "type": "content", "content": "It is" },
  "service_tier": "flex",
  "verbosity": "low",
  "metadata": { "team": "a" },
};

/** Rows that name several fields. */
const GROUPS: Readonly<Record<string, JsonObject>> = {
  "max_tokens, max_completion_tokens": { "max_tokens": 50, "max_completion_tokens": 50 },
  "temperature, top_p": { "temperature": 0.5, "top_p": 0.9 },
  "frequency_penalty, presence_penalty": { "frequency_penalty": 0.5, "presence_penalty": 0.5 },
  "logprobs, top_logprobs": { "logprobs": true, "top_logprobs": 2 },
  "user, safety_identifier": { "user": "u1", "safety_identifier": "u1" },
  "prompt_cache_key, prompt_cache_retention, prompt_cache_options": {
    "prompt_cache_key": "k",
    "prompt_cache_retention": "24h",
    "prompt_cache_options": { "mode": "explicit" },
  },
  "modalities, audio": {
    "modalities": ["text", "audio"],
    "audio": { "voice": "alloy", "format": "mp3" },
  },
};

/** What depends on the value, or on other fields. */
const SPECIAL: readonly FieldSample[] = [
  sample("messages", "messages", {}),
  sample("stream, stream_options", "stream", { "stream": true }),
  sample("stream, stream_options", "stream_options", {
    "stream": true,
    "stream_options": { "include_usage": true },
  }),
  sample("stop", "stop", { "stop": ["END"] }),
  sample("n above 1", "n", { "n": 2 }),
  sample("tools: functions", "tools", TOOLS),
  sample("tools: custom", "tools", CUSTOM_TOOLS),
  sample("tool_choice: auto, none", "tool_choice", { ...TOOLS, "tool_choice": "none" }),
  sample("tool_choice: required, one tool", "tool_choice", { ...TOOLS, "tool_choice": "required" }),
  sample("tool_choice: required, one tool", "tool_choice", { ...TOOLS, "tool_choice": NAMED }),
  sample("parallel_tool_calls: false", "parallel_tool_calls", {
    ...TOOLS,
    "parallel_tool_calls": false,
  }),
  sample("functions, function_call", "functions", { "functions": [WEATHER] }),
  sample("functions, function_call", "function_call", {
    "functions": [WEATHER],
    "function_call": "auto",
  }),
  sample("response_format: json_schema", "response_format", {
    "response_format": { "type": "json_schema", "json_schema": SCHEMA },
  }),
  sample("response_format: json_object", "response_format", {
    "response_format": { "type": "json_object" },
  }),
  sample("reasoning_effort", "reasoning_effort", { "reasoning_effort": "high" }),
  sample("top_k", "top_k", { "top_k": 40 }),
  sample("min_p, repeat_penalty, …", "min_p", { "min_p": 0.1 }),
  sample("options (num_ctx, …)", "options", { "options": { "num_ctx": 8192 } }),
  sample("think", "think", { "think": true }),
  sample("thinking", "thinking", { "thinking": { "type": "enabled", "budget_tokens": 2_000 } }),
  sample("keep_alive", "keep_alive", { "keep_alive": "5m" }),
  sample("cache_control", "cache_control", { "cache_control": { "type": "ephemeral" } }),
  sample("any other field", "provider", { "provider": { "sort": "price" } }),
  sample("api_base, base_url, api_key, also nested", "api_base", { "api_base": "http://x" }),
];

/** Samples of the request's own fields. */
export const FIELD_SAMPLES: readonly FieldSample[] = [
  ...Object.entries(PLAIN).map(([name, value]) => sample(name, name, { [name]: value })),
  ...Object.entries(GROUPS).flatMap(([row, fields]) =>
    Object.keys(fields).map((name) => sample(row, name, dependent(name, fields)))
  ),
  ...SPECIAL,
];

/** A field of a group alone, with those that it does not go without. */
function dependent(name: string, fields: JsonObject): JsonObject {
  const with_ = name === "top_logprobs" ? { "logprobs": true } : {};
  return { ...with_, [name]: fields[name] };
}

const USER = { "role": "user", "content": "Hi" };
const PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4" +
  "nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==";
const IMAGE = { "type": "image_url", "image_url": { "url": PNG } };

function part(type: string, value: JsonObject): JsonObject {
  return { "role": "user", "content": [{ type, [type]: value }] };
}

function talk(row: string, messages: readonly JsonObject[], fields: JsonObject = {}): FieldSample {
  return sample(row, "messages", { "messages": messages, ...fields });
}

function call(id: string): JsonObject {
  return { id, "type": "function", "function": { "name": "weather", "arguments": "{}" } };
}

function calling(id: string): JsonObject {
  return { "role": "assistant", "content": null, "tool_calls": [call(id)] };
}

function result(id: string, content: JsonObject[string] = "12 degrees"): JsonObject {
  return { "role": "tool", "tool_call_id": id, content };
}

/** Samples of what messages hold. */
export const MESSAGE_SAMPLES: readonly FieldSample[] = [
  talk("system, developer at the start", [
    { "role": "system", "content": "Be brief." },
    { "role": "developer", "content": "Be kind." },
    USER,
  ]),
  talk("system, developer later", [USER, { "role": "system", "content": "Be brief." }, USER]),
  talk("roles that do not alternate", [USER, USER]),
  talk("content that is empty or null", [
    USER,
    { "role": "assistant", "content": null },
    { "role": "user", "content": "" },
    USER,
  ]),
  talk("an answer begun by the client", [USER, { "role": "assistant", "content": "It is" }]),
  talk("name", [{ ...USER, "name": "alice" }]),
  talk("tool_calls, tool", [USER, calling("call_1"), result("call_1")], TOOLS),
  talk("a result without its call", [USER, result("call_1")], TOOLS),
  talk("a call without its result", [USER, calling("call_1"), USER], TOOLS),
  talk("an image in a result", [USER, calling("c"), result("c", [IMAGE])], TOOLS),
  talk("text parts", [{ "role": "user", "content": [{ "type": "text", "text": "Hi" }] }]),
  talk("image_url: data URI", [{ "role": "user", "content": [IMAGE] }]),
  talk("image_url: http(s)", [part("image_url", { "url": "https://example.org/a.png" })]),
  talk("file: a PDF", [
    part("file", { "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0=" }),
  ]),
  talk("input_audio", [part("input_audio", { "data": "AAAA", "format": "wav" })]),
  talk("refusal", [USER, { "role": "assistant", "content": null, "refusal": "No." }, USER]),
  talk("reasoning_content, reasoning", [
    USER,
    { "role": "assistant", "content": "Hi", "reasoning_content": "hm" },
    USER,
  ]),
  talk("cache_control of a message", [{ ...USER, "cache_control": { "type": "ephemeral" } }]),
];

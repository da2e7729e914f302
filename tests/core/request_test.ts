import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { parseChatRequest } from "../../src/core/request.ts";

const USER = { role: "user", content: "Hi" };

function withBody(fields: JsonObject): JsonObject {
  return { model: "auto", messages: [USER], ...fields };
}

function withMessage(...messages: readonly JsonValue[]): JsonObject {
  return { model: "auto", messages };
}

function call(fields: JsonObject = {}): JsonObject {
  return { id: "c1", type: "function", function: { name: "f", arguments: "{}" }, ...fields };
}

const IMAGE = { type: "image_url", "image_url": { url: "data:image/png;base64,aGk=" } };

const ACCEPTED: readonly (readonly [string, JsonObject])[] = [
  ["a minimal request", withBody({})],
  [
    "every message role",
    withMessage(
      { role: "system", content: "a" },
      { role: "developer", content: [{ type: "text", text: "b" }] },
      { role: "user", content: [{ type: "text", text: "c" }, IMAGE], name: "Ann" },
      { role: "assistant", content: null, "tool_calls": [call()] },
      { role: "tool", content: "d", "tool_call_id": "c1", name: "f" },
      { role: "function", content: null, name: "f" },
    ),
  ],
  [
    "an assistant without content",
    withMessage(USER, { role: "assistant", "tool_calls": [call()] }),
  ],
  [
    "nulls of optional fields",
    withBody({
      tools: null,
      "tool_choice": null,
      stop: null,
      stream: null,
      "stream_options": null,
      "max_tokens": null,
      temperature: null,
      "response_format": null,
      metadata: null,
    }),
  ],
  ["empty tools", withBody({ tools: [] })],
  ["tools of other types", withBody({ tools: [{ type: "custom", custom: { name: "x" } }] })],
  ["unknown fields", withBody({ "top_k": 5, plugins: [{ id: "web" }] })],
  ["legacy functions", withBody({ functions: [{ name: "f" }], "function_call": "auto" })],
  [
    "parts of other types",
    withMessage({
      role: "user",
      content: [{ type: "input_audio", "input_audio": { data: "x", format: "wav" } }],
    }),
  ],
  [
    "__proto__ and constructor as keys",
    JSON.parse(
      '{"model":"auto","messages":[{"role":"user","content":"x","__proto__":1}],"__proto__":{"a":1},"constructor":2,"toString":3}',
    ),
  ],
];

for (const [name, body] of ACCEPTED) {
  Deno.test(`parseChatRequest() returns the same object for ${name}`, () => {
    const result = parseChatRequest(body);
    assert.deepEqual(result, { ok: true, value: body });
    assert.equal(result.ok && result.value, body);
  });
}

const REFUSED: readonly (readonly [string, JsonValue, RegExp])[] = [
  ["", [], /must be a JSON object/],
  ["", null, /must be a JSON object/],
  ["model", withBody({ model: 5 }), /must be a string/],
  ["messages", { model: "auto" }, /is required/],
  ["messages", { model: "auto", messages: [] }, /must be a non-empty array/],
  ["messages", { model: "auto", messages: { "0": USER } }, /must be a non-empty array/],
  ["messages[0]", withMessage("Hi"), /must be an object/],
  ["messages[0].role", withMessage({ content: "Hi" }), /is required/],
  ["messages[1].role", withMessage(USER, { role: "bot", content: "" }), /must be one of "system"/],
  ["messages[0].role", withMessage({ role: "constructor", content: "" }), /must be one of/],
  ["messages[0].content", withMessage({ role: "user" }), /is required/],
  ["messages[0].content", withMessage({ role: "user", content: null }), /must be a string or/],
  ["messages[0].content", withMessage({ role: "user", content: [] }), /non-empty/],
  [
    "messages[0].content",
    withMessage({ role: "assistant", content: 5 }),
    /must be a string, parts/,
  ],
  ["messages[0].content[0]", withMessage({ role: "user", content: ["Hi"] }), /must be an object/],
  ["messages[0].content[0].type", withMessage({ role: "user", content: [{}] }), /is required/],
  [
    "messages[0].content[0].text",
    withMessage({ role: "user", content: [{ type: "text", text: 5 }] }),
    /must be a string/,
  ],
  [
    "messages[0].content[1].image_url",
    withMessage({ role: "user", content: [IMAGE, { type: "image_url", "image_url": "data:x" }] }),
    /must be an object/,
  ],
  [
    "messages[0].content[0].image_url.url",
    withMessage({
      role: "user",
      content: [{ type: "image_url", "image_url": { url: "file:///etc/passwd" } }],
    }),
    /must be a data URI or an http\(s\) URL/,
  ],
  ["messages[0].name", withMessage({ ...USER, name: 5 }), /must be a string/],
  [
    "messages[0].tool_calls",
    withMessage({ role: "assistant", "tool_calls": {} }),
    /must be an array/,
  ],
  [
    "messages[0].tool_calls[0].id",
    withMessage({ role: "assistant", "tool_calls": [call({ id: "" })] }),
    /must be a name/,
  ],
  [
    "messages[0].tool_calls[0].type",
    withMessage({ role: "assistant", "tool_calls": [call({ type: "shell" })] }),
    /must be one of "function"/,
  ],
  [
    "messages[0].tool_calls[0].custom",
    withMessage({ role: "assistant", "tool_calls": [call({ type: "custom" })] }),
    /is required/,
  ],
  [
    "messages[0].tool_calls[0].function.arguments",
    withMessage({
      role: "assistant",
      "tool_calls": [call({ function: { name: "f", arguments: {} } })],
    }),
    /must be a string/,
  ],
  [
    "messages[0].tool_call_id",
    withMessage({ role: "tool", content: "", "tool_call_id": null }),
    /is required/,
  ],
  ["stream", withBody({ stream: "true" }), /must be true or false/],
  ["stream_options", withBody({ "stream_options": [] }), /must be an object/],
  [
    "stream_options.include_usage",
    withBody({ "stream_options": { "include_usage": 1 } }),
    /must be true or false/,
  ],
  ["tools", withBody({ tools: {} }), /must be an array/],
  ["tools[0]", withBody({ tools: ["f"] }), /must be an object/],
  ["tools[0].type", withBody({ tools: [{ function: { name: "f" } }] }), /is required/],
  ["tools[0].function", withBody({ tools: [{ type: "function" }] }), /is required/],
  [
    "tools[0].function.name",
    withBody({ tools: [{ type: "function", function: {} }] }),
    /is required/,
  ],
  [
    "tools[0].function.parameters",
    withBody({ tools: [{ type: "function", function: { name: "f", parameters: [] } }] }),
    /must be an object/,
  ],
  ["tool_choice", withBody({ "tool_choice": "any" }), /must be "none", "auto", "required" or/],
  ["response_format", withBody({ "response_format": "json" }), /must be an object/],
  ["response_format.type", withBody({ "response_format": {} }), /is required/],
  [
    "response_format.json_schema",
    withBody({ "response_format": { type: "json_schema" } }),
    /is required/,
  ],
  ["max_tokens", withBody({ "max_tokens": 0 }), /must be an integer of at least 1/],
  ["max_tokens", withBody({ "max_tokens": 1.5 }), /must be an integer/],
  ["max_completion_tokens", withBody({ "max_completion_tokens": "5" }), /must be an integer/],
  ["temperature", withBody({ temperature: Infinity }), /must be a number of at least 0/],
  ["temperature", withBody({ temperature: "0" }), /must be a number/],
  ["top_p", withBody({ "top_p": 1.1 }), /must be a number from 0 to 1/],
  ["stop", withBody({ stop: [1] }), /must be a string or an array of strings/],
  ["stop", withBody({ stop: 5 }), /must be a string or an array of strings/],
  ["seed", withBody({ seed: 0.5 }), /must be an integer/],
  ["n", withBody({ n: 0 }), /must be an integer of at least 1/],
  ["frequency_penalty", withBody({ "frequency_penalty": "x" }), /^must be a number$/],
  ["top_logprobs", withBody({ "top_logprobs": -1 }), /must be an integer of at least 0/],
  ["reasoning_effort", withBody({ "reasoning_effort": 1 }), /must be a string/],
  ["metadata", withBody({ metadata: "x" }), /must be an object/],
];

for (const [path, body, message] of REFUSED) {
  const shown = JSON.stringify(body).slice(0, 70);
  Deno.test(`parseChatRequest() names ${path || "the body"} in ${shown}`, () => {
    const result = parseChatRequest(body);
    assert.equal(result.ok, false);
    const [issue, ...others] = result.ok ? [] : result.issues;
    assert.equal(issue?.path, path);
    assert.match(issue?.message ?? "", message);
    assert.deepEqual(others, []);
  });
}

for (const model of [undefined, null, ""]) {
  Deno.test(`parseChatRequest() takes the model ${JSON.stringify(model)} as "auto"`, () => {
    const body = model === undefined ? { messages: [USER] } : { model, messages: [USER] };
    const result = parseChatRequest(body);
    assert.deepEqual(result, { ok: true, value: { model: "auto", messages: [USER] } });
  });
}

Deno.test("parseChatRequest() leaves out nulls where the type has none", () => {
  const spec = { name: "f", description: null, parameters: null, strict: null };
  const result = parseChatRequest({
    model: "auto",
    messages: [{ ...USER, name: null, "tool_call_id": null, "tool_calls": null }, USER],
    tools: [{ type: "function", function: spec }],
  });
  assert.deepEqual(result.ok && result.value, {
    model: "auto",
    messages: [{ ...USER, "tool_calls": null }, USER],
    tools: [{ type: "function", function: { name: "f", strict: null } }],
  });
});

Deno.test("parseChatRequest() reports at most 20 issues, each with its path", () => {
  const body = { messages: Array.from({ length: 100_000 }, () => ({ role: "user" })), n: 0 };
  const result = parseChatRequest(body);
  assert.equal(!result.ok && result.issues.length, 20);
  assert.equal(!result.ok && result.issues[19]?.path, "messages[19].content");
});

Deno.test("parseChatRequest() never throws on any JSON", () => {
  const fields = fc.record(
    {
      messages: fc.array(fc.jsonValue()),
      tools: fc.jsonValue(),
      stop: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fields, (body) => typeof parseChatRequest(body).ok === "boolean"),
    { seed: 5, numRuns: 300 },
  );
});

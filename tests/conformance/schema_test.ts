import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import {
  conformanceTest,
  findSchemaFaults,
  listProperties,
  rewriteNullable,
  type SchemaName,
} from "../support/schema.ts";

/** [what, schema of OpenAPI 3.0, JSON Schema] */
const REWRITES: readonly (readonly [string, JsonValue, JsonValue])[] = [
  ["a type", { "type": "string", "nullable": true }, { "type": ["string", "null"] }],
  [
    "an enum",
    { "type": "string", "enum": ["a"], "nullable": true },
    { "type": ["string", "null"], "enum": ["a", null] },
  ],
  [
    "a reference",
    { "$ref": "#/a", "nullable": true, "description": "d" },
    { "anyOf": [{ "$ref": "#/a", "description": "d" }, { "type": "null" }] },
  ],
  [
    "a choice",
    { "oneOf": [{ "type": "string", "nullable": true }], "nullable": true },
    { "anyOf": [{ "oneOf": [{ "type": ["string", "null"] }] }, { "type": "null" }] },
  ],
  [
    "a property within",
    { "type": "object", "properties": { "a": { "type": "array", "nullable": true } } },
    { "type": "object", "properties": { "a": { "type": ["array", "null"] } } },
  ],
  ["what is not nullable", { "type": "string", "enum": ["a"] }, {
    "type": "string",
    "enum": ["a"],
  }],
];

for (const [what, schema, expected] of REWRITES) {
  Deno.test(`rewriteNullable() rewrites ${what}`, () => {
    assert.deepEqual(rewriteNullable(schema), expected);
  });
}

const CHOICE = {
  "index": 0,
  "message": { "role": "assistant", "content": "Hi", "refusal": null },
  "logprobs": null,
  "finish_reason": "stop",
};
const ANSWER = {
  "id": "a",
  "object": "chat.completion",
  "created": 5,
  "model": "m",
  "choices": [CHOICE],
};
const { logprobs: _logprobs, ...NO_LOGPROBS } = CHOICE;
const CHUNK = {
  ...ANSWER,
  "object": "chat.completion.chunk",
  "choices": [{ "index": 0, "delta": { "content": "Hi" }, "finish_reason": null }],
};

/** What the validators must take, and must not. */
const VALUES: readonly (readonly [string, SchemaName, JsonObject, boolean])[] = [
  ["an answer", "CreateChatCompletionResponse", ANSWER, true],
  [
    "an answer without logprobs",
    "CreateChatCompletionResponse",
    { ...ANSWER, "choices": [NO_LOGPROBS] },
    false,
  ],
  [
    "an answer whose usage is null",
    "CreateChatCompletionResponse",
    { ...ANSWER, "usage": null },
    false,
  ],
  [
    "an answer of an unknown tier",
    "CreateChatCompletionResponse",
    { ...ANSWER, "service_tier": "on_demand" },
    false,
  ],
  ["a chunk", "CreateChatCompletionStreamResponse", CHUNK, true],
  [
    "a chunk whose usage is null",
    "CreateChatCompletionStreamResponse",
    { ...CHUNK, "usage": null },
    true,
  ],
  [
    "a chunk with another finish reason",
    "CreateChatCompletionStreamResponse",
    { ...CHUNK, "choices": [{ "index": 0, "delta": {}, "finish_reason": "eos" }] },
    false,
  ],
  ["an error without a param", "ErrorResponse", {
    "error": { "message": "m", "type": "t", "code": null },
  }, false],
];

for (const [what, name, value, isValid] of VALUES) {
  conformanceTest(`the schema ${isValid ? "takes" : "refuses"} ${what}`, () => {
    assert.equal(findSchemaFaults(name, value).length === 0, isValid);
  });
}

conformanceTest("the fields of a request are those of all its parts", () => {
  const fields = listProperties("CreateChatCompletionRequest");
  for (const name of ["messages", "temperature", "prompt_cache_options"]) {
    assert.ok(fields.includes(name), name);
  }
});

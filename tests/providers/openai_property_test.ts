import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { openai } from "../../src/providers/openai.ts";
import { callOf, modelOf } from "../support/openai_call.ts";
import { findProblem } from "../support/openai_validator.ts";

const TOOL = { type: "function", function: { name: "f", parameters: { type: "object" } } };
const CALL = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
const USER = { role: "user", content: "Hi" };

/** Requests as clients send them: mixed vendors' fields, histories with calls, empty lists. */
const turn = fc.oneof(
  fc.constantFrom<readonly JsonValue[]>(
    [USER],
    [{ role: "system", content: "s" }],
    [{ role: "developer", content: [{ type: "text", text: "d" }] }],
    [{ role: "user", content: [{ type: "text", text: "x", "cache_control": { type: "e" } }] }],
    [{ role: "assistant", content: "a", "reasoning_content": "r", "tool_calls": [] }],
    [{ role: "assistant", content: "", reasoning: "r", prefix: true, annotations: [] }],
    [{ role: "assistant", content: [], "tool_calls": null }],
  ),
  fc.uniqueArray(fc.string({ minLength: 1, maxLength: 90 }), { minLength: 1, maxLength: 3 })
    .map((ids): readonly JsonValue[] => [
      {
        role: "assistant",
        content: null,
        "reasoning_details": [],
        "tool_calls": ids.map((id, index) => ({ ...CALL, id, index })),
      },
      ...ids.map((id) => ({ role: "tool", content: "ok", "tool_call_id": id, name: "f" })),
    ]),
);

const clientRequest: fc.Arbitrary<JsonObject> = fc.record({
  messages: fc.array(turn, { minLength: 1, maxLength: 5 }).map((turns) => turns.flat()),
  tools: fc.constantFrom(null, [], [TOOL]),
  "tool_choice": fc.constantFrom(null, "auto", "none", "required"),
  "parallel_tool_calls": fc.constantFrom(null, true),
  "max_tokens": fc.constantFrom(null, 5),
  "max_completion_tokens": fc.constantFrom(null, 6),
  temperature: fc.constantFrom(null, 0, 1),
  "stream_options": fc.constantFrom(null, { "include_usage": false }),
  "top_k": fc.constantFrom(null, 5),
  "repetition_penalty": fc.constant(1.1),
  "extra_body": fc.constant({ "api_base": "http://evil" }),
  "api_key": fc.constant("k"),
}, { requiredKeys: ["messages"] });

Deno.test("encodeRequest() makes of any client's request one that OpenAI accepts", () => {
  const models = fc.constantFrom("gpt-4.1", "gpt-5-mini", "o3");
  fc.assert(
    fc.property(clientRequest, models, fc.boolean(), (fields, modelId, stream) => {
      const call = callOf(fields, { model: modelOf(modelId), stream });
      const result = openai.encodeRequest(call);
      assert.equal(result.type, "request");
      const sent = JSON.stringify(result.type === "request" ? result.body : null);
      assert.equal(findProblem(JSON.parse(sent)), null);
    }),
    { seed: 6, numRuns: 500 },
  );
});

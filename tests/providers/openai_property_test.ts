import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { openai } from "../../src/providers/openai.ts";
import { callOf, modelOf } from "../support/openai_call.ts";
import { encodeCall } from "../support/openai_encoded.ts";
import { findProblem } from "../support/openai_validator.ts";

const TOOL = { type: "function", function: { name: "f", parameters: { type: "object" } } };
const CALL = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
const NAMED_TOOL = { type: "function", function: { name: "fs.read file" }, "cache_control": {} };
const NAMED_CALL = {
  id: "c1",
  type: "function",
  function: { name: "fs.read file", arguments: "" },
};
const IMAGE = { type: "image_url", "image_url": { url: "data:image/png;base64,AA==", x: 1 } };
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
    [{ role: "user", name: "Ann <x> Lee", content: [IMAGE, { type: "video_url", x: 1 }] }],
    [{ role: "assistant", content: [{ type: "text", text: "y" }, IMAGE], refusal: null }],
    [{ role: "tool", content: [IMAGE], "tool_call_id": "c1" }],
    [{ role: "assistant", content: null, "tool_calls": [CALL, NAMED_CALL] }],
    [{ role: "assistant", content: null, "function_call": { name: "f", arguments: "{}" } }],
    [{ role: "function", name: "f", content: null }],
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
  tools: fc.constantFrom(null, [], [TOOL], [TOOL, NAMED_TOOL, TOOL, { type: "web_search" }]),
  "tool_choice": fc.constantFrom<JsonValue>(null, "auto", "none", "required", NAMED_TOOL),
  "response_format": fc.constantFrom<JsonValue>(null, { type: "json_object" }, { type: "odd" }),
  stop: fc.constantFrom<JsonValue>(null, "a", ["a", "b", "c", "d", "e"]),
  thinking: fc.constantFrom<JsonValue>(null, { type: "adaptive" }, { type: "enabled" }),
  "reasoning_effort": fc.constantFrom(null, "low", "ultra"),
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
    { seed: 6, numRuns: 2_000 },
  );
});

Deno.test("encodeRequest() gives the same start to a conversation that goes on", () => {
  const fields = { tools: [NAMED_TOOL, TOOL], "response_format": { type: "json_object" } };
  const more = [{ role: "user", content: "JSON" }, {
    role: "assistant",
    "tool_calls": [NAMED_CALL],
  }];
  const turns = fc.array(turn, { minLength: 1, maxLength: 5 }).map((parts) => parts.flat());
  fc.assert(
    fc.property(turns, (messages) => {
      const [before, after] = [[USER, ...messages], [USER, ...messages, ...more]]
        .map((sent) => encodeCall(callOf({ ...fields, messages: sent })).body["messages"]);
      assert.ok(Array.isArray(before) && Array.isArray(after));
      assert.equal(
        JSON.stringify(after.slice(0, before.length)),
        JSON.stringify(before),
      );
    }),
    { seed: 6, numRuns: 500 },
  );
});

import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { openai } from "../../src/providers/openai.ts";
import { callOf } from "../support/openai_call.ts";
import { findProblem } from "../support/openai_validator.ts";

const USER = { role: "user", content: "Hi" };
const CALL = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
const LONG_ID = "toolu_".padEnd(64, "x");
const SHORT_ID = /^toolu_x{17}_[0-9a-f]{16}$/;

Deno.test("encodeRequest() shortens ids beyond 40 characters alike in calls and results", () => {
  const other = LONG_ID + "y";
  const ids = [LONG_ID, other];
  const result = openai.encodeRequest(callOf({
    messages: [
      USER,
      { role: "assistant", content: null, "tool_calls": ids.map((id) => ({ ...CALL, id })) },
      ...ids.map((id) => ({ role: "tool", content: "ok", "tool_call_id": id })),
    ],
  }));
  const body: JsonObject = result.type === "request" ? result.body : {};
  assert.equal(findProblem(JSON.parse(JSON.stringify(body))), null);
  const sent = JSON.stringify(body).match(/toolu_\w+/g) ?? [];
  assert.deepEqual(sent.slice(0, 2), sent.slice(2));
  assert.equal(new Set(sent).size, 2);
  for (const id of sent) assert.match(id, SHORT_ID);
});

Deno.test("encodeRequest() copies no message that needs no change", () => {
  const call = callOf({ messages: [USER, { role: "assistant", content: "x" }, USER] });
  const result = openai.encodeRequest(call);
  const sent = result.type === "request" ? result.body["messages"] : [];
  assert.equal(Array.isArray(sent) && sent.every((m, i) => m === call.request.messages[i]), true);
});

import assert from "node:assert/strict";
import { arrayAt, type JsonObject, type JsonValue, stringAt } from "../../src/core/json.ts";
import { callOf, modelOf, providerOf } from "../support/openai_call.ts";
import { encodeCall } from "../support/openai_encoded.ts";
import { sampleRequests } from "../support/random_request.ts";

/** Which roles may follow one another: https://github.com/mistralai/mistral-common, its validator. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  system: ["user", "assistant", "system"],
  user: ["assistant", "system", "user"],
  assistant: ["assistant", "user", "tool"],
  tool: ["assistant", "tool"],
};

const KEYS = ["role", "content", "name", "tool_calls", "tool_call_id", "prefix"];

function encode(fields: JsonObject): readonly JsonValue[] {
  const provider = providerOf("https://api.mistral.ai/v1");
  return arrayAt(encodeCall(callOf(fields, { provider, model: modelOf("m") })).body, "messages");
}

function findFault(messages: readonly JsonValue[]): string | null {
  for (const [index, message] of messages.entries()) {
    const [role, next] = [message, messages[index + 1] ?? null].map((m) =>
      stringAt(m, "role") ?? ""
    );
    const unknown = Object.keys(message ?? {}).find((key) => !KEYS.includes(key));
    if (unknown !== undefined) return `the key ${unknown}`;
    if (next !== "" && !NEXT[role ?? ""]?.includes(next ?? "")) return `${next} after ${role}`;
  }
  return null;
}

/** A client of the older functions keeps them, and Mistral does not know them. */
const REQUESTS = sampleRequests(1000).filter((request) => request["functions"] === undefined);

Deno.test("encodeRequest() gives Mistral the order of roles and the keys that it demands", () => {
  for (const request of REQUESTS) assert.equal(findFault(encode(request)), null);
});

Deno.test("encodeRequest() gives Mistral the same start when the conversation goes on", () => {
  for (const request of REQUESTS) {
    const messages = arrayAt(request, "messages");
    const last = stringAt(messages.at(-1) ?? null, "role");
    if (last !== "user" && last !== "tool") continue;
    const before = encode(request);
    const more = { ...request, "messages": [...messages, { "role": "assistant", "content": "x" }] };
    assert.deepEqual(encode(more).slice(0, before.length), before);
  }
});

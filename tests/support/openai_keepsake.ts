/** Answers of servers that keep something beside the text, and what is kept of them. */

import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { openai } from "../../src/providers/openai.ts";
import { contextOf } from "./openai_call.ts";
import { TOOLS } from "./openai_stream.ts";

/** What Google signs a call with. */
export const SIGNED = { "google": { "thought_signature": "s1" } };
/** A piece of reasoning in OpenRouter's form. */
export const DETAIL = { "type": "reasoning.text", "text": "why", "signature": "s", "index": 0 };

/** A tool call with further fields. */
export function call(id: string, fields: JsonObject = {}): JsonObject {
  return {
    "id": id,
    "type": "function",
    "function": { "name": "f", "arguments": "{}" },
    ...fields,
  };
}

/** The keepsake of a whole answer with this message. */
export function keepsakeOfWhole(message: JsonObject): JsonValue {
  const body = { "choices": [{ "message": message, "finish_reason": "stop" }] };
  const result = openai.decodeAnswer(body, contextOf({ tools: TOOLS }));
  if (result.type !== "answer") throw new Error(result.fault.message);
  return result.keepsake ?? null;
}

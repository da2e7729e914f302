/** Requests in the Ollama dialect, and what becomes of them. */

import assert from "node:assert/strict";
import type { ChatRequest } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { encode } from "./ollama_case.ts";
import { checkOllamaRequest } from "./ollama_validator.ts";

/** A tool without parameters. */
export const CLOCK = { "type": "function", "function": { "name": "clock" } } as const;
/** The same as Ollama gets it. */
export const SENT_CLOCK = {
  "type": "function",
  "function": { "name": "clock", "parameters": { "type": "object", "properties": {} } },
} as const;
/** A schema of answers. */
export const SCHEMA = { "type": "object", "properties": { "ok": { "type": "boolean" } } } as const;

/** Fields of a client, and what the server gets of them. */
export interface RequestCase {
  readonly name: string;
  readonly fields: Partial<ChatRequest>;
  /** What the body has over BASE. */
  readonly sent?: JsonObject;
  readonly dropped?: readonly string[];
}

/** The body of a request that only says hello. */
const BASE: JsonObject = {
  "model": "qwen3:8b",
  "messages": [{ "role": "user", "content": "Hello" }],
  "stream": false,
  "options": { "num_ctx": 8192 },
  "truncate": false,
  "shift": false,
};

/** Tests that this is sent, that the rest is named, and that Ollama takes it. */
export function testRequest({ name, fields, sent = {}, dropped = [] }: RequestCase): void {
  Deno.test(`encodeRequest() of ollama sends ${name}`, () => {
    const request = encode(fields);
    assert.deepEqual(request.body, { ...BASE, ...sent });
    assert.deepEqual([...request.dropped].sort(), [...dropped].sort());
    assert.deepEqual(checkOllamaRequest(request.body), []);
  });
}

/** Requests to servers of the OpenAI dialect, and what is sent of them. */

import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import type { UpstreamCall } from "../../src/providers/adapter.ts";
import { callOf } from "./openai_call.ts";
import { encodeCall } from "./openai_encoded.ts";
import { findProblem } from "./openai_validator.ts";

/** A plain question. */
export const USER = { role: "user", content: "Hi" };

/** A definition of a tool. */
export function tool(name: string, fields: JsonObject = {}): JsonObject {
  return { type: "function", function: { name, ...fields } };
}

/** A request, and what must be sent. */
export interface Row {
  readonly name: string;
  readonly fields: JsonObject;
  readonly options?: Partial<UpstreamCall>;
  readonly expected?: JsonObject;
  readonly absent?: readonly string[];
  readonly dropped?: readonly string[];
}

/** Declares a test for each row: the vendor, too, must accept what is sent. */
export function testRows(rows: readonly Row[]): void {
  for (const { name, fields, options, expected = {}, absent = [], dropped = [] } of rows) {
    Deno.test(`encodeRequest() ${name}`, () => {
      const sent = encodeCall(callOf(fields, options));
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(sent.body[key], value);
      for (const key of absent) assert.equal(Object.hasOwn(sent.body, key), false, key);
      assert.deepEqual(sent.dropped, dropped);
      assert.equal(findProblem(sent.body), null);
    });
  }
}

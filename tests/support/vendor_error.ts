/** Errors of the OpenAI dialect as its vendors send them, and what they must be read as. */

import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { FaultKind } from "../../src/core/outcome.ts";
import { openai } from "../../src/providers/openai.ts";

/** One error of a vendor. */
export interface VendorError {
  readonly status: number;
  readonly body: JsonValue;
  readonly kind: FaultKind;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null when left out. */
  readonly retryAfterMs?: number;
}

/** An error object with this message, in its envelope. */
export function said(message: string, fields: JsonObject = {}): JsonObject {
  return { "error": { "message": message, ...fields } };
}

/** Declares a test for each error of each vendor. */
export function testVendorErrors(
  vendors: Readonly<Record<string, readonly VendorError[]>>,
): void {
  for (const [vendor, errors] of Object.entries(vendors)) {
    for (const { status, body, headers = {}, kind, retryAfterMs = null } of errors) {
      const text = JSON.stringify(body).slice(0, 160);
      Deno.test(`decodeError() reads ${vendor}'s ${status} ${text} as ${kind}`, () => {
        const fault = openai.decodeError({ status, body, headers: new Headers(headers) });
        assert.equal(fault.kind, kind);
        assert.equal(fault.status, status);
        assert.equal(fault.retryAfterMs, retryAfterMs);
      });
    }
  }
}

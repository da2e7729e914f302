import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { openai } from "../../src/providers/openai.ts";
import { said, testVendorErrors } from "../support/vendor_error.ts";

/** Google's, which wraps it in an array. */
function google(status: number, word: string, details: readonly JsonObject[] = []): JsonValue {
  const message = "You exceeded your current quota, please check your plan and billing details.";
  return [{ "error": { "code": status, "message": message, "status": word, "details": details } }];
}

const RETRY_INFO = { "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s" };

function quotaFailure(...quotaIds: readonly string[]): JsonObject {
  const violations = quotaIds.map((quotaId) => ({ "quotaId": quotaId }));
  return { "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations };
}

function reason(name: string): JsonObject {
  return { "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": name };
}

testVendorErrors({
  "Gemini": [
    {
      status: 429,
      body: google(429, "RESOURCE_EXHAUSTED", [
        quotaFailure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
        RETRY_INFO,
      ]),
      kind: "rate_limit",
      retryAfterMs: 34_500,
    },
    {
      status: 429,
      body: google(429, "RESOURCE_EXHAUSTED", [
        quotaFailure(
          "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
          "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        ),
        RETRY_INFO,
      ]),
      kind: "quota",
      retryAfterMs: 34_500,
    },
    {
      status: 429,
      body: google(429, "RESOURCE_EXHAUSTED", [reason("RATE_LIMIT_EXCEEDED")]),
      kind: "rate_limit",
    },
    { status: 402, body: google(402, "RESOURCE_EXHAUSTED"), kind: "quota" },
    {
      status: 400,
      body: google(400, "INVALID_ARGUMENT", [reason("API_KEY_INVALID")]),
      kind: "auth",
    },
    { status: 400, body: google(400, "INVALID_ARGUMENT"), kind: "bad_request" },
    { status: 400, body: google(400, "FAILED_PRECONDITION"), kind: "permission" },
    { status: 401, body: google(401, "UNAUTHENTICATED"), kind: "auth" },
    { status: 403, body: google(403, "PERMISSION_DENIED"), kind: "permission" },
    {
      status: 403,
      body: google(403, "PERMISSION_DENIED", [reason("BILLING_DISABLED")]),
      kind: "quota",
    },
    { status: 404, body: google(404, "NOT_FOUND"), kind: "not_found" },
    { status: 500, body: google(500, "INTERNAL"), kind: "server_error" },
    { status: 503, body: google(503, "UNAVAILABLE"), kind: "overloaded" },
    { status: 504, body: google(504, "DEADLINE_EXCEEDED"), kind: "server_error" },
    {
      status: 400,
      body: [said("The input token count (9001) exceeds the maximum number of tokens allowed.", {
        "code": 400,
        "status": "INVALID_ARGUMENT",
      })],
      kind: "context_overflow",
    },
  ],
});

Deno.test("decodeError() prefers the header's wait to the body's", () => {
  const headers = new Headers({ "retry-after": "2" });
  const body = google(429, "RESOURCE_EXHAUSTED", [RETRY_INFO]);
  assert.equal(openai.decodeError({ status: 429, body, headers }).retryAfterMs, 2_000);
});

const NO_DELAYS: readonly JsonValue[] = ["-1s", "soon", "1e9s", 5, null];

Deno.test("decodeError() takes no wait from a delay that is none", () => {
  for (const delay of NO_DELAYS) {
    const body = google(429, "RESOURCE_EXHAUSTED", [{ "retryDelay": delay }]);
    const fault = openai.decodeError({ status: 429, body, headers: new Headers() });
    assert.equal(fault.retryAfterMs, null);
  }
});

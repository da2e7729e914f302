import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { openai } from "../../src/providers/openai.ts";
import { said, testVendorErrors } from "../support/vendor_error.ts";

/** OpenRouter's. */
function openrouter(status: number, message: string, metadata: JsonObject = {}): JsonObject {
  return said(message, { "code": status, "metadata": metadata });
}

testVendorErrors({
  "OpenRouter": [
    { status: 401, body: openrouter(401, "No auth credentials found"), kind: "auth" },
    { status: 402, body: openrouter(402, "Insufficient credits"), kind: "quota" },
    {
      status: 402,
      body: openrouter(402, "Try again soon", { "limit_source": "openrouter_in_flight_budget" }),
      headers: { "retry-after": "3" },
      kind: "rate_limit",
      retryAfterMs: 3_000,
    },
    {
      status: 403,
      body: openrouter(403, "Key limit exceeded", { "limit_source": "openrouter_key_limit" }),
      kind: "quota",
    },
    {
      status: 403,
      body: openrouter(403, "Your input was flagged", {
        "reasons": ["violence"],
        "flagged_input": "…",
        "provider_name": "OpenAI",
      }),
      kind: "content_filter",
    },
    {
      status: 403,
      body: openrouter(403, "Request blocked", {
        "patterns": ["ignore all"],
        "error_type": "permission_denied",
      }),
      kind: "content_filter",
    },
    { status: 403, body: openrouter(403, "Forbidden"), kind: "permission" },
    { status: 408, body: openrouter(408, "Timed out"), kind: "server_error" },
    {
      status: 429,
      body: openrouter(429, "Rate limit exceeded", { "error_type": "rate_limit_exceeded" }),
      headers: { "retry-after": "60" },
      kind: "rate_limit",
      retryAfterMs: 60_000,
    },
    { status: 502, body: openrouter(502, "Provider returned error"), kind: "server_error" },
    { status: 503, body: openrouter(503, "No provider available"), kind: "overloaded" },
    {
      status: 400,
      body: openrouter(400, "Too long", { "error_type": "context_length_exceeded" }),
      kind: "context_overflow",
    },
    {
      status: 400,
      body: openrouter(400, "A message has an unsupported role", {
        "error_type": "invalid_prompt",
      }),
      kind: "bad_request",
    },
    {
      status: 400,
      body: openrouter(400, "Provider returned error", {
        "provider_name": "OpenAI",
        "raw": JSON.stringify(said("Too many.", { "code": "context_length_exceeded" })),
      }),
      kind: "context_overflow",
    },
    {
      status: 400,
      body: openrouter(400, "Provider returned error", { "raw": "prompt is too long: 9 > 8" }),
      kind: "context_overflow",
    },
    {
      status: 404,
      body: openrouter(404, "No endpoints found that support tool use."),
      kind: "unsupported",
    },
    { status: 404, body: openrouter(404, "No endpoints found for nope/nope."), kind: "not_found" },
  ],
  "LiteLLM": [
    {
      status: 400,
      body: said("litellm.BadRequestError: litellm.ContentPolicyViolationError: …", {
        "type": null,
        "code": "400",
        "provider_specific_fields": { "innererror": { "code": "ResponsibleAIPolicyViolation" } },
      }),
      kind: "content_filter",
    },
    {
      status: 400,
      body: said("litellm.ContextWindowExceededError: OpenAIException - …", {
        "type": "None",
        "param": "None",
        "code": "400",
      }),
      kind: "context_overflow",
    },
    {
      status: 429,
      body: said("exceeded budget for model=m", { "type": "budget_exceeded", "code": "429" }),
      kind: "quota",
    },
    {
      status: 400,
      body: said("Budget has been exceeded! Current cost: 2, Max budget: 1", { "code": "400" }),
      kind: "quota",
    },
    {
      status: 429,
      body: said("No deployments available", { "type": "throttling_error", "code": "429" }),
      kind: "rate_limit",
    },
    { status: 401, body: said("No key", { "type": "auth_error", "code": "401" }), kind: "auth" },
  ],
});

Deno.test("decodeError() tells what the vendor behind OpenRouter said", () => {
  const raw = JSON.stringify(said("temperature: at most 1"));
  const body = openrouter(400, "Provider returned error", { "raw": raw });
  const { message } = openai.decodeError({ status: 400, body, headers: new Headers() });
  assert.equal(message, "Provider returned error: temperature: at most 1");
});

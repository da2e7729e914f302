import assert from "node:assert/strict";
import { openai } from "../../src/providers/openai.ts";
import { said, testVendorErrors, type VendorError } from "../support/vendor_error.ts";

const TOO_LARGE_A_MINUTE = "Request too large for gpt-4o in organization org-1 on tokens per min " +
  "(TPM): Limit 30000, Requested 30601. The input or output tokens must be reduced.";
const AZURE_FILTER = "The response was filtered due to the prompt triggering Azure OpenAI's " +
  "content management policy. Please modify your prompt and retry.";

testVendorErrors({
  "OpenAI": [
    {
      status: 429,
      body: said("Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3.", {
        "type": "requests",
        "code": "rate_limit_exceeded",
      }),
      headers: { "retry-after-ms": "1250", "retry-after": "2" },
      kind: "rate_limit",
      retryAfterMs: 1_250,
    },
    {
      status: 429,
      body: said("Rate limit reached on tokens per min (TPM).", {
        "type": "tokens",
        "code": "rate_limit_exceeded",
      }),
      headers: { "retry-after": "6" },
      kind: "rate_limit",
      retryAfterMs: 6_000,
    },
    {
      status: 429,
      body: said(TOO_LARGE_A_MINUTE, { "type": "tokens", "code": "rate_limit_exceeded" }),
      kind: "too_large",
    },
    {
      status: 429,
      body: said("Slow down.", { "type": "rate_limit_error", "code": "slow_down" }),
      kind: "rate_limit",
    },
    ...[
      "insufficient_quota",
      "credit_balance_exhausted",
      "organization_spend_limit_exceeded",
      "project_spend_limit_exceeded",
      "organization_usage_limit_exceeded",
      "a_code_of_next_year",
    ].map((code): VendorError => ({
      status: 429,
      body: said("You exceeded your current quota.", { "type": "insufficient_quota", code }),
      kind: "quota",
    })),
    {
      status: 400,
      body: said("Billing hard limit has been reached", {
        "type": "invalid_request_error",
        "code": "billing_hard_limit_reached",
      }),
      kind: "quota",
    },
    {
      status: 401,
      body: said("Incorrect API key provided.", {
        "type": "invalid_request_error",
        "code": "invalid_api_key",
      }),
      kind: "auth",
    },
    {
      status: 403,
      body: said("Country, region, or territory not supported", {
        "type": "request_forbidden",
        "code": "unsupported_country_region_territory",
      }),
      kind: "permission",
    },
    {
      status: 404,
      body: said("The model `nope` does not exist.", {
        "type": "invalid_request_error",
        "code": "model_not_found",
      }),
      kind: "not_found",
    },
    {
      status: 400,
      body: said("This model's maximum context length is 8192 tokens.", {
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
      }),
      kind: "context_overflow",
    },
    {
      status: 400,
      body: said("Invalid prompt: flagged as potentially violating our usage policy.", {
        "type": "invalid_request_error",
        "code": "invalid_prompt",
      }),
      kind: "content_filter",
    },
    {
      status: 503,
      body: said("Overloaded.", {
        "type": "service_unavailable_error",
        "code": "server_is_overloaded",
      }),
      kind: "overloaded",
    },
    {
      status: 500,
      body: said("The server had an error.", { "type": "server_error" }),
      kind: "server_error",
    },
    { status: 409, body: said("Conflict."), kind: "server_error" },
  ],
  "Azure": [
    {
      status: 400,
      body: said(AZURE_FILTER, {
        "type": null,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": { "code": "ResponsibleAIPolicyViolation" },
      }),
      kind: "content_filter",
    },
    {
      status: 404,
      body: said("The API deployment for this resource does not exist.", {
        "code": "DeploymentNotFound",
      }),
      kind: "not_found",
    },
    {
      status: 429,
      body: said("Requests have exceeded token rate limit of your current pricing tier.", {
        "code": "429",
      }),
      headers: { "retry-after": "23" },
      kind: "rate_limit",
      retryAfterMs: 23_000,
    },
    {
      status: 429,
      body: said("The system is currently experiencing high demand.", { "code": "NoCapacity" }),
      kind: "overloaded",
    },
    {
      status: 401,
      body: said("Access denied due to invalid subscription key.", { "code": "401" }),
      kind: "auth",
    },
  ],
});

Deno.test("decodeError() does not let a sentence overrule a code", () => {
  const text = "insufficient balance, prompt is too long, content management policy";
  const body = said(text, { "code": "model_not_found" });
  const fault = openai.decodeError({ status: 404, body, headers: new Headers() });
  assert.equal(fault.kind, "not_found");
});

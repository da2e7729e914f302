import { said, testVendorErrors } from "../support/vendor_error.ts";

const XAI_CREDITS = "Your team has either used all available credits or reached its monthly " +
  "spending limit.";

testVendorErrors({
  "Groq": [
    {
      status: 413,
      body: said("Request too large for model `m` on tokens per minute (TPM): Limit 6000", {
        "type": "tokens",
        "code": "rate_limit_exceeded",
      }),
      kind: "too_large",
    },
    {
      status: 429,
      body: said("Rate limit reached for model `m` on tokens per day (TPD)", {
        "type": "tokens",
        "code": "rate_limit_exceeded",
      }),
      headers: { "retry-after": "578" },
      kind: "rate_limit",
      retryAfterMs: 578_000,
    },
    {
      status: 413,
      body: said("Please reduce your message size.", { "code": "rate_limit_exceeded" }),
      kind: "too_large",
    },
    { status: 498, body: said("Flex tier capacity exceeded"), kind: "overloaded" },
  ],
  "Mistral": [
    {
      status: 429,
      body: {
        "object": "error",
        "message": "Rate limit exceeded",
        "type": "rate_limited",
        "code": "1300",
      },
      kind: "rate_limit",
    },
    {
      status: 429,
      body: {
        "object": "error",
        "message": "Service tier capacity exceeded for this model.",
        "type": "service_tier_capacity_exceeded",
        "code": "3505",
      },
      kind: "overloaded",
    },
    {
      status: 400,
      body: {
        "object": "error",
        "message":
          "Prompt contains 9001 tokens, too large for model with 8192 maximum context length",
        "type": "invalid_request_prompt",
        "code": "3051",
      },
      kind: "context_overflow",
    },
    {
      status: 422,
      body: { "detail": [{ "loc": ["body", "n"], "msg": "Input should be an integer" }] },
      kind: "bad_request",
    },
  ],
  "DeepSeek": [
    {
      status: 402,
      body: said("Insufficient Balance", {
        "type": "unknown_error",
        "code": "invalid_request_error",
      }),
      kind: "quota",
    },
    {
      status: 400,
      body: said("This model's maximum context length is 131072 tokens.", {
        "type": "invalid_request_error",
        "code": "invalid_request_error",
      }),
      kind: "context_overflow",
    },
    { status: 422, body: said("Invalid parameters"), kind: "bad_request" },
    { status: 503, body: said("Server overloaded"), kind: "overloaded" },
  ],
  "xAI": [
    {
      status: 429,
      body: { "code": "Some resource has been exhausted", "error": XAI_CREDITS },
      kind: "quota",
    },
    { status: 403, body: { "code": "permission-denied", "error": XAI_CREDITS }, kind: "quota" },
    { status: 403, body: { "code": "permission-denied", "error": "No." }, kind: "permission" },
    { status: 429, body: { "error": "Too many requests" }, kind: "rate_limit" },
    {
      status: 400,
      body: {
        "code": "Client specified an invalid argument",
        "error": "This model's maximum prompt length is 8192 but the request contains 9001 tokens.",
      },
      kind: "context_overflow",
    },
  ],
  "Together": [
    {
      status: 403,
      body: said("Input token count + max_tokens exceeds the model's maximum context length"),
      kind: "context_overflow",
    },
    {
      status: 422,
      body: said("Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097."),
      kind: "context_overflow",
    },
    { status: 402, body: said("Spending limit reached"), kind: "quota" },
    {
      status: 503,
      body: said("Overloaded", { "code": "model_not_available" }),
      kind: "overloaded",
    },
  ],
  "Fireworks": [
    {
      status: 429,
      body: {
        "error": "Too Many Requests",
        "message": "You have exceeded your usage limits. Please try again later.",
      },
      kind: "rate_limit",
    },
    {
      status: 412,
      body: said("Account a is suspended, possibly due to reaching the monthly spending limit", {
        "code": "PRECONDITION_FAILED",
      }),
      kind: "quota",
    },
    {
      status: 400,
      body: said("The prompt is too long: 9001, model maximum context length: 8191", {
        "code": "invalid_request_error",
      }),
      kind: "context_overflow",
    },
  ],
});

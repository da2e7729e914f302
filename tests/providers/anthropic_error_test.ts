import assert from "node:assert/strict";
import type { JsonValue } from "../../src/core/json.ts";
import type { FaultKind } from "../../src/core/outcome.ts";
import { anthropic } from "../../src/providers/anthropic.ts";

function errorBody(type: string, message: string): JsonValue {
  return { "type": "error", "error": { "type": type, "message": message }, "request_id": "r" };
}

const CASES: readonly (readonly [status: number, type: string, text: string, kind: FaultKind])[] = [
  [400, "invalid_request_error", "temperature: too high", "bad_request"],
  [400, "invalid_request_error", "Your credit balance is too low to access the API.", "quota"],
  [
    400,
    "invalid_request_error",
    "prompt is too long: 208310 tokens > 200000 maximum",
    "context_overflow",
  ],
  [401, "authentication_error", "invalid x-api-key", "auth"],
  [402, "billing_error", "There is an issue with your billing.", "quota"],
  [403, "permission_error", "No access.", "permission"],
  [404, "not_found_error", "model: nope", "not_found"],
  [413, "request_too_large", "Request exceeds the maximum size", "too_large"],
  [413, "invalid_request_error", "Request exceeds the maximum size", "too_large"],
  [429, "rate_limit_error", "Too many requests.", "rate_limit"],
  [429, "rate_limit_error", "You exceeded your current quota, please check your plan.", "quota"],
  [500, "api_error", "Internal server error", "server_error"],
  [500, "overloaded_error", "Overloaded", "overloaded"],
  [503, "overloaded_error", "Overloaded", "overloaded"],
  [504, "timeout_error", "Gateway timeout", "server_error"],
  [409, "conflict_error", "Conflict", "server_error"],
  [500, "api_error", "Overloaded behind a gateway", "server_error"],
  [529, "api_error", "Overloaded", "overloaded"],
  [500, "invalid_request_error", "Something of the server's own", "server_error"],
  [401, "invalid_request_error", "invalid bearer token", "auth"],
  [400, "authentication_error", "invalid x-api-key", "auth"],
  [429, "billing_error", "Your balance is used up.", "quota"],
  [400, "invalid_request_error", "You have reached your specified API usage limits.", "quota"],
  [
    400,
    "invalid_request_error",
    "You have reached your specified workspace API usage limits.",
    "quota",
  ],
  [400, "invalid_request_error", "Output blocked by content filtering policy", "content_filter"],
  [529, "overloaded_error", "Overloaded", "overloaded"],
];

for (const [status, type, text, kind] of CASES) {
  Deno.test(`decodeError() maps ${status} ${type} "${text}" to ${kind}`, () => {
    const reply = { status, headers: new Headers(), body: errorBody(type, text) };
    const fault = anthropic.decodeError(reply);
    assert.equal(fault.kind, kind);
    assert.equal(fault.status, status);
    assert.equal(fault.type, type);
    assert.ok(fault.message.includes(text));
  });
}

const OVERFLOWS: readonly (readonly [text: string, sentence: string])[] = [
  [
    "prompt is too long: 208310 tokens > 200000 maximum",
    "This model's maximum context length is 200000 tokens. However, your messages resulted in " +
    "208310 tokens. Please reduce the length of the messages. " +
    "(prompt is too long: 208310 tokens > 200000 maximum)",
  ],
  [
    "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000, decrease them",
    "This model's maximum context length is 200000 tokens. However, you requested 207192 tokens " +
    "(199000 in the messages, 8192 in the completion). Please reduce the length of the messages. " +
    "(input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000, decrease them)",
  ],
  [
    "prompt is too long",
    "Your messages exceed this model's maximum context length. " +
    "Please reduce the length of the messages. (prompt is too long)",
  ],
];

for (const [text, sentence] of OVERFLOWS) {
  Deno.test(`decodeError() says "${text}" in OpenAI's words`, () => {
    const body = errorBody("invalid_request_error", text);
    const fault = anthropic.decodeError({ status: 400, headers: new Headers(), body });
    assert.equal(fault.kind, "context_overflow");
    assert.equal(fault.code, "context_length_exceeded");
    assert.equal(fault.message, sentence);
  });
}

Deno.test("decodeError() knows a spend limit by its code", () => {
  const details = { "error_code": "enforced_spend_limit_reached" };
  const error = { "type": "rate_limit_error", "message": "Limit reached.", "details": details };
  const reply = { status: 429, headers: new Headers(), body: { "type": "error", "error": error } };
  const fault = anthropic.decodeError(reply);
  assert.equal(fault.kind, "quota");
  assert.equal(fault.code, "enforced_spend_limit_reached");
});

const GATEWAY_TYPES: readonly (readonly [code: string, kind: FaultKind])[] = [
  ["context_length_exceeded", "context_overflow"],
  ["content_policy_violation", "content_filter"],
];

for (const [code, kind] of GATEWAY_TYPES) {
  Deno.test(`decodeError() reads OpenRouter's error_type ${code} as ${kind}`, () => {
    const error = { "type": "invalid_request_error", "message": "No.", "error_type": code };
    const reply = {
      status: 400,
      headers: new Headers(),
      body: { "type": "error", "error": error },
    };
    const fault = anthropic.decodeError(reply);
    assert.equal(fault.kind, kind);
    assert.match(fault.message, /No\./);
  });
}

Deno.test("decodeError() judges a body that is not JSON by its status", () => {
  const fault = anthropic.decodeError({ status: 502, headers: new Headers(), body: null });
  assert.equal(fault.kind, "server_error");
  assert.equal(fault.message, "The upstream answered with HTTP status 502.");
});

Deno.test("decodeError() reads how long to wait", () => {
  const body = errorBody("rate_limit_error", "slow down");
  const headers = new Headers({ "retry-after": "2" });
  const fault = anthropic.decodeError({ status: 429, headers, body });
  assert.equal(fault.retryAfterMs, 2000);
});

const DATE = "Wed, 25 Nov 2026 12:00:00 GMT";
const USED_UP = { "date": DATE, "anthropic-ratelimit-tokens-remaining": "0" };

const RESETS:
  readonly (readonly [what: string, headers: Record<string, string>, ms: number | null])[] = [
    [
      "the reset of a limit that is used up",
      { ...USED_UP, "anthropic-ratelimit-tokens-reset": "2026-11-25T12:00:07Z" },
      7_000,
    ],
    [
      "a reset with a time zone and a fraction",
      { ...USED_UP, "anthropic-ratelimit-tokens-reset": "2026-11-25T13:00:07.5+01:00" },
      7_500,
    ],
    [
      "the latest of several",
      {
        ...USED_UP,
        "anthropic-ratelimit-tokens-reset": "2026-11-25T12:00:07Z",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-11-25T12:00:30Z",
      },
      30_000,
    ],
    [
      "no reset of a limit that is not used up",
      {
        "date": DATE,
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "2026-11-25T12:00:30Z",
      },
      null,
    ],
    [
      "Retry-After first",
      {
        ...USED_UP,
        "retry-after": "3",
        "anthropic-ratelimit-tokens-reset": "2026-11-25T12:00:07Z",
      },
      3_000,
    ],
    [
      "a reset that has passed",
      { ...USED_UP, "anthropic-ratelimit-tokens-reset": "2026-11-25T11:00:00Z" },
      0,
    ],
    ["garbage", { ...USED_UP, "anthropic-ratelimit-tokens-reset": "12:00" }, null],
    [
      "no date to count from",
      {
        "anthropic-ratelimit-tokens-remaining": "0",
        "anthropic-ratelimit-tokens-reset": "2026-11-25T12:00:07Z",
      },
      null,
    ],
  ];

for (const [what, headers, ms] of RESETS) {
  Deno.test(`decodeError() waits by ${what}`, () => {
    const body = errorBody("rate_limit_error", "slow down");
    const fault = anthropic.decodeError({ status: 429, headers: new Headers(headers), body });
    assert.equal(fault.retryAfterMs, ms);
  });
}

Deno.test("decodeError() takes no reset for the wait of what is no rate limit", () => {
  const reset = { ...USED_UP, "anthropic-ratelimit-tokens-reset": "2026-11-25T12:00:07Z" };
  const body = errorBody("overloaded_error", "Overloaded");
  const fault = anthropic.decodeError({ status: 529, headers: new Headers(reset), body });
  assert.equal(fault.retryAfterMs, null);
});

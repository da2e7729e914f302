import assert from "node:assert/strict";
import {
  errorBody,
  errorOfAttempts,
  errorOfFault,
  errorOfStream,
  ROUTER_ERRORS,
  type RouterError,
} from "../../src/core/errors.ts";
import { FAULT_KINDS, type FaultKind, type UpstreamFault } from "../../src/core/outcome.ts";

function fault(kind: FaultKind, fields: Partial<UpstreamFault> = {}): UpstreamFault {
  return { kind, status: null, message: "it broke", ...fields };
}

function attempt(alias: string, given: UpstreamFault) {
  return { alias, provider: `${alias}-host`, fault: given };
}

const OWN: readonly (readonly [RouterError, number, string, string | null])[] = [
  [ROUTER_ERRORS.invalidJson("is empty"), 400, "invalid_json", null],
  [
    ROUTER_ERRORS.invalidRequest({ path: "n", message: "must be an integer" }),
    400,
    "invalid_value",
    "n",
  ],
  [ROUTER_ERRORS.invalidRequest({ path: "", message: "must be x" }), 400, "invalid_value", null],
  [ROUTER_ERRORS.bodyTooLarge(10), 413, "request_too_large", null],
  [ROUTER_ERRORS.unsupportedMediaType("gzip"), 415, "unsupported_media_type", null],
  [ROUTER_ERRORS.bodyTimeout(10), 408, "body_timeout", null],
  [ROUTER_ERRORS.notFound("/x", ["GET /v1/models"]), 404, "not_found", null],
  [ROUTER_ERRORS.methodNotAllowed("/x", ["GET"]), 405, "method_not_allowed", null],
  [ROUTER_ERRORS.unknownModel("x", ["fast"]), 404, "model_not_found", "model"],
  [
    ROUTER_ERRORS.unknownAlias("x-pirouter-route", "x", ["fast"]),
    400,
    "unknown_alias",
    "x-pirouter-route",
  ],
  [ROUTER_ERRORS.noCandidate(["fast has no tools"]), 400, "no_candidate", null],
  [ROUTER_ERRORS.notForChat("embed", ["fast"]), 400, "wrong_model_type", "model"],
  [
    ROUTER_ERRORS.wrongType("fast", { endpoint: "embeddings", known: [] }),
    400,
    "wrong_model_type",
    "model",
  ],
  [
    ROUTER_ERRORS.noEndpoint("opus", { endpoint: "completions", provider: "a", known: ["fast"] }),
    400,
    "unsupported_endpoint",
    "model",
  ],
  [ROUTER_ERRORS.noPassage("embeddings", []), 400, "no_candidate", null],
  [ROUTER_ERRORS.forbiddenHost("evil"), 403, "forbidden_host", null],
  [ROUTER_ERRORS.forbiddenOrigin("evil"), 403, "forbidden_origin", null],
  [ROUTER_ERRORS.internal("r1"), 500, "internal_error", null],
];

for (const [error, status, code, param] of OWN) {
  Deno.test(`ROUTER_ERRORS has status ${status} for ${code}${param === null ? "" : ` at ${param}`}`, () => {
    assert.equal(error.status, status);
    assert.equal(error.code, code);
    assert.equal(error.param, param);
    assert.equal(error.shouldRetry, status === 500 ? undefined : false);
    assert.match(error.message, /\S\.$/);
  });
}

Deno.test("errorBody() always has all four fields of OpenAI's envelope, and no others", () => {
  const error = ROUTER_ERRORS.methodNotAllowed("/v1/models", ["GET", "HEAD"]);
  assert.deepEqual(errorBody(error), {
    "error": {
      "message": "/v1/models takes GET or HEAD only.",
      "type": "invalid_request_error",
      "param": null,
      "code": "method_not_allowed",
    },
  });
});

Deno.test("ROUTER_ERRORS.unknownAlias() suggests the nearest and lists all", () => {
  const { message } = ROUTER_ERRORS.unknownAlias("x-pirouter-route", "fasst", ["fast", "strong"]);
  assert.equal(
    message,
    'The header x-pirouter-route names "fasst", which is no model alias. ' +
      'Did you mean "fast"? Known aliases: fast, strong.',
  );
});

Deno.test("ROUTER_ERRORS shows outside names on one escaped, short line", () => {
  const { message } = ROUTER_ERRORS.unknownModel("\u202e\n" + "x".repeat(10_000), []);
  assert.doesNotMatch(message, /[\u202e\n]/);
  assert.ok(message.length < 300);
});

const FAULTS: readonly (readonly [UpstreamFault, Partial<RouterError>])[] = [
  [fault("connect"), { status: 502, type: "server_error", code: "upstream_connect" }],
  [fault("timeout"), { status: 504, code: "upstream_timeout" }],
  [fault("overloaded", { status: 529 }), { status: 503, code: "upstream_overloaded" }],
  [fault("server_error", { status: 500 }), { status: 502, code: "upstream_server_error" }],
  [fault("malformed"), { status: 502 }],
  [fault("truncated"), { status: 502 }],
  [fault("empty"), { status: 502 }],
  [fault("rate_limit", { status: 429, retryAfterMs: 1_500 }), { status: 429, retryAfterMs: 1_500 }],
  [fault("rate_limit", { status: 429 }), { status: 429, retryAfterMs: 5_000 }],
  [fault("quota", { status: 402 }), {
    status: 429,
    type: "insufficient_quota",
    code: "insufficient_quota",
    retryAfterMs: 60_000,
    shouldRetry: false,
  }],
  [
    fault("bad_request", { status: 422, type: "t", code: "c", param: "temperature" }),
    { status: 422, type: "t", code: "c", param: "temperature", shouldRetry: false },
  ],
  [
    fault("bad_request", { status: 418 }),
    { status: 400, type: "invalid_request_error", code: "upstream_bad_request" },
  ],
  [fault("auth", { status: 401, code: "invalid_api_key" }), {
    status: 401,
    code: "invalid_api_key",
  }],
  [fault("permission", { status: 403 }), { status: 403, shouldRetry: false }],
  [fault("not_found", { status: 404 }), { status: 404 }],
  [fault("too_large", { status: 413 }), { status: 413 }],
  [fault("content_filter", { status: 400, code: "content_policy_violation" }), {
    status: 400,
    code: "content_policy_violation",
  }],
  [fault("context_overflow", { status: 400, code: "x" }), {
    status: 400,
    type: "invalid_request_error",
    code: "context_length_exceeded",
  }],
  [fault("unsupported"), { status: 400, code: "unsupported" }],
  [fault("deadline"), { status: 504, code: "request_deadline", shouldRetry: false }],
];

for (const [given, expected] of FAULTS) {
  Deno.test(`errorOfFault() turns ${given.kind} with ${given.status} into ${expected.status}`, () => {
    const error = errorOfFault(given);
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(Reflect.get(error, key), value, key);
    }
    assert.match(error.message, /it broke/);
  });
}

Deno.test("errorOfFault() knows every kind of fault", () => {
  assert.deepEqual(new Set(FAULTS.map(([given]) => given.kind)), new Set(FAULT_KINDS));
});

const OVERFLOWS: readonly (readonly [string, object, string])[] = [
  [
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 150012 tokens.",
    {},
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 150012 tokens.",
  ],
  [
    "prompt is too long: 208310 tokens > 200000 maximum",
    {},
    "This model's maximum context length is 200000 tokens. However, your messages resulted in " +
    "208310 tokens. Please reduce the length of the messages. " +
    "(prompt is too long: 208310 tokens > 200000 maximum)",
  ],
  [
    "too long",
    { inputTokens: 9_000, contextWindow: 8_192 },
    "This model's maximum context length is 8192 tokens. However, your messages resulted in " +
    "9000 tokens. Please reduce the length of the messages. (too long)",
  ],
  [
    "too long",
    {},
    "This model's maximum context length is exceeded. However, your messages are longer. " +
    "Please reduce the length of the messages. (too long)",
  ],
];

const OVERFLOW_NUMBERS: readonly (readonly [vendor: string, message: string])[] = [
  ["Anthropic", "prompt is too long: 9001 tokens > 8192 maximum"],
  [
    "Gemini",
    "The input token count (9001) exceeds the maximum number of tokens allowed (8192).",
  ],
  [
    "llama.cpp",
    "request (9001 tokens) exceeds the available context size (8192 tokens), try increasing it",
  ],
  ["xAI", "This model's maximum prompt length is 8192 but the request contains 9001 tokens."],
  [
    "LM Studio",
    "Trying to keep the first 9001 tokens when context the overflows. However, the model is " +
    "loaded with context length of only 8192 tokens, which is not enough.",
  ],
  [
    "LM Studio",
    "The number of tokens to keep from the initial prompt is greater than the context length " +
    "(n_keep: 9001>= n_ctx: 8192). Provide a shorter input.",
  ],
  [
    "Mistral",
    "Prompt contains 9001 tokens and 0 draft tokens, too large for model with 8192 maximum " +
    "context length",
  ],
  ["vLLM", "The decoder prompt (length 9001) is longer than the maximum model length of 8192."],
];

for (const [vendor, message] of OVERFLOW_NUMBERS) {
  Deno.test(`errorOfFault() finds ${vendor}'s numbers in "${message}"`, () => {
    const facts = { inputTokens: 1, contextWindow: 2 };
    const said = errorOfFault(fault("context_overflow", { message }), facts).message;
    assert.ok(said.startsWith("This model's maximum context length is 8192 tokens. "), said);
    assert.match(said, /However, your messages resulted in 9001 tokens\. Please reduce the length/);
    assert.ok(said.endsWith(`(${message})`));
  });
}

for (const [message, facts, expected] of OVERFLOWS) {
  Deno.test(`errorOfFault() says "${message}" in OpenAI's words`, () => {
    assert.equal(errorOfFault(fault("context_overflow", { message }), facts).message, expected);
  });
}

Deno.test("errorOfFault() lets no client take a spent quota for a passing fault", () => {
  const message = "Error 429: quota exceeded (500 requests, HTTP 503)";
  const error = errorOfFault(fault("quota", { message }));
  assert.doesNotMatch(error.message, /429|500|503/);
  assert.match(error.message, /insufficient_quota/);
});

Deno.test("errorOfAttempts() names every attempt and keeps the most informative status", () => {
  const error = errorOfAttempts([
    attempt("local", fault("connect")),
    attempt("fast", fault("rate_limit", { status: 429, retryAfterMs: 2_000 })),
    attempt("strong", fault("server_error", { status: 500 })),
  ]);
  assert.equal(error.status, 429);
  assert.equal(error.retryAfterMs, 2_000);
  assert.equal(error.shouldRetry, false);
  assert.match(
    error.message,
    /\(3 attempts: local at local-host: connect; fast at fast-host: rate_limit; strong at strong-host: server_error\)$/,
  );
});

const PAIRS: readonly (readonly [FaultKind, FaultKind, FaultKind])[] = [
  ["context_overflow", "rate_limit", "context_overflow"],
  ["rate_limit", "bad_request", "bad_request"],
  ["overloaded", "connect", "overloaded"],
  ["server_error", "auth", "server_error"],
  ["quota", "connect", "quota"],
  ["auth", "unsupported", "auth"],
  ["timeout", "server_error", "server_error"],
];

for (const [first, second, chosen] of PAIRS) {
  Deno.test(`errorOfAttempts() prefers ${chosen} of ${first} and ${second}`, () => {
    const error = errorOfAttempts([attempt("a", fault(first)), attempt("b", fault(second))]);
    assert.equal(error.code, errorOfFault(fault(chosen)).code);
  });
}

Deno.test("errorOfAttempts() tells clients not to repeat a fail-over that was done", () => {
  const failures = [attempt("a", fault("server_error")), attempt("b", fault("connect"))];
  assert.equal(errorOfAttempts(failures).shouldRetry, false);
  assert.equal(errorOfAttempts(failures.slice(0, 1)).shouldRetry, undefined);
});

Deno.test("errorOfAttempts() of nothing is an error still", () => {
  assert.equal(errorOfAttempts([]).status, 502);
});

Deno.test("errorOfStream() asks for a retry when the fault may pass", () => {
  assert.match(
    errorOfStream(fault("truncated")).message,
    /^Upstream connection lost \(server_error\); please retry your request/,
  );
});

Deno.test("errorOfStream() asks for none when it can't", () => {
  for (const kind of ["quota", "content_filter", "context_overflow"] as const) {
    assert.doesNotMatch(errorOfStream(fault(kind)).message, /retry|server_error/);
  }
});

Deno.test("errorOfAttempts() blames an overflow on no estimate that would fit", () => {
  const fault: UpstreamFault = {
    kind: "context_overflow",
    status: 400,
    message: "too long",
  };
  const failure = { alias: "a", provider: "p", contextWindow: 8_192, fault };
  const { message } = errorOfAttempts([failure], { inputTokens: 12 });
  assert.match(message, /context length is 8192 tokens\. However, your messages are longer\./);
  assert.doesNotMatch(message, /12 tokens/);
  const longer = errorOfAttempts([failure], { inputTokens: 9_000 }).message;
  assert.match(longer, /your messages resulted in 9000 tokens/);
});

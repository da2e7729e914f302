import assert from "node:assert/strict";
import type { JsonValue } from "../../src/core/json.ts";
import type { FaultKind } from "../../src/core/outcome.ts";
import { openai } from "../../src/providers/openai.ts";

function decode(status: number, body: JsonValue, headers: Record<string, string> = {}) {
  return openai.decodeError({ status, body, headers: new Headers(headers) });
}

function error(message: string, fields: Record<string, JsonValue> = {}): JsonValue {
  return { "error": { "message": message, "type": "invalid_request_error", ...fields } };
}

const ROWS: readonly (readonly [number, JsonValue, FaultKind])[] = [
  [400, error("bad", { "code": "invalid_value", "param": "n" }), "bad_request"],
  [422, error("bad"), "bad_request"],
  [401, error("Incorrect API key", { "code": "invalid_api_key" }), "auth"],
  [403, error("no access", { "code": "model_not_available" }), "permission"],
  [404, error("no model", { "code": "model_not_found" }), "not_found"],
  [400, error("no model", { "code": "model_not_found" }), "not_found"],
  [413, error("large", { "code": "request_too_large" }), "too_large"],
  [429, error("slow", { "type": "requests", "code": "rate_limit_exceeded" }), "rate_limit"],
  [429, error("quota", { "type": "insufficient_quota" }), "quota"],
  [429, error("quota", { "code": "insufficient_quota" }), "quota"],
  [402, error("Insufficient Balance"), "quota"],
  [408, error("slow"), "server_error"],
  [500, error("oops", { "type": "server_error" }), "server_error"],
  [502, null, "server_error"],
  [503, error("busy", { "type": "server_error" }), "overloaded"],
  [529, error("busy"), "overloaded"],
  [400, error("x", { "code": "context_length_exceeded" }), "context_overflow"],
  [400, error("x", { "type": "exceed_context_size_error", "code": 400 }), "context_overflow"],
  [
    400,
    {
      "object": "error",
      "message": "This model's maximum context length is 8 tokens.",
      "code": 400,
    },
    "context_overflow",
  ],
  [
    400,
    { "error": "Trying to keep the first 9 tokens when context the overflows." },
    "context_overflow",
  ],
  [500, error("the request exceeds the available context size"), "context_overflow"],
  [429, error("tokens per minute; the maximum context length is fine"), "rate_limit"],
  [400, error("flagged", { "code": "content_policy_violation" }), "content_filter"],
  [400, error("flagged", { "code": "content_filter" }), "content_filter"],
  [400, [{ "error": { "code": 400, "message": "in a list", "status": "INVALID" } }], "bad_request"],
];

for (const [status, body, kind] of ROWS) {
  Deno.test(`decodeError() reads ${status} ${JSON.stringify(body)} as ${kind}`, () => {
    const fault = decode(status, body);
    assert.equal(fault.kind, kind);
    assert.equal(fault.status, status);
  });
}

const TEXTS: readonly (readonly [JsonValue, string])[] = [
  [error("A sentence."), "A sentence."],
  [{ "error": "A sentence." }, "A sentence."],
  [{ "message": "A sentence." }, "A sentence."],
  [{ "detail": "A sentence." }, "A sentence."],
  [{ "detail": [{ "loc": ["n"], "msg": "A sentence." }] }, "A sentence."],
  [null, "the upstream answered with HTTP 400 and no error message"],
  ["<html>500</html>", "the upstream answered with HTTP 400 and no error message"],
];

for (const [body, message] of TEXTS) {
  Deno.test(`decodeError() says "${message}" for ${JSON.stringify(body)}`, () => {
    assert.equal(decode(400, body).message, message);
  });
}

Deno.test("decodeError() keeps type, code and param", () => {
  const fault = decode(400, error("bad", { "code": "c", "param": "n" }));
  assert.deepEqual(fault, {
    kind: "bad_request",
    status: 400,
    message: "bad",
    type: "invalid_request_error",
    code: "c",
    param: "n",
    retryAfterMs: null,
  });
});

Deno.test("decodeError() reads how long to wait", () => {
  assert.equal(decode(429, error("slow"), { "retry-after": "2" }).retryAfterMs, 2_000);
  assert.equal(decode(429, error("slow"), { "retry-after-ms": "20" }).retryAfterMs, 20);
});

Deno.test("decodeError() names an optional field that the model refuses, and no other", () => {
  const refused = (code: string, param: string) =>
    decode(400, error("no", { code, param })).refusedField;
  assert.equal(refused("unsupported_parameter", "reasoning_effort"), "reasoning_effort");
  assert.equal(refused("unsupported_value", "temperature"), "temperature");
  assert.equal(refused("unsupported_parameter", "tools"), undefined);
  assert.equal(refused("invalid_value", "temperature"), undefined);
  const words = error("Unrecognized request argument supplied: reasoning_effort");
  assert.equal(decode(400, words).refusedField, "reasoning_effort");
});

Deno.test("decodeError() names a field of other servers that this one does not know", () => {
  const refused = (param: string, code = "unknown_parameter") =>
    decode(400, error("no", { code, param })).refusedField;
  assert.equal(refused("top_k"), "top_k");
  assert.equal(refused("x_custom"), "x_custom");
  assert.equal(refused("messages[0].prefix"), undefined);
  assert.equal(refused("response_format"), undefined);
  assert.equal(refused("top_k", "invalid_value"), undefined);
});

/** How servers refuse the reasoning of earlier turns, and what only sounds like it. */
const REASONING_ERRORS: readonly (readonly [number, JsonValue, boolean])[] = [
  [400, error("'messages.1' : property 'reasoning_content' is unsupported"), true],
  [
    400,
    error("no", { "code": "unknown_parameter", "param": "messages[1].reasoning_content" }),
    false,
  ],
  [
    400,
    error("Unknown parameter: 'messages[1].reasoning_content'.", {
      "code": "unknown_parameter",
      "param": "messages[1].reasoning_content",
    }),
    true,
  ],
  [
    422,
    {
      "detail": [{
        "type": "extra_forbidden",
        "loc": ["body", "messages", 1, "assistant", "reasoning_content"],
      }],
    },
    true,
  ],
  [400, error("Missing `reasoning_content` field in the assistant message"), false],
  [400, error("Unsupported parameter: 'reasoning_effort'"), false],
];

for (const [status, body, isRefused] of REASONING_ERRORS) {
  const verb = isRefused ? "leaves" : "does not leave";
  Deno.test(`decodeError() ${verb} reasoning out after ${JSON.stringify(body)}`, () => {
    const field = isRefused ? "reasoning_content" : undefined;
    assert.equal(decode(status, body).refusedField, field);
  });
}

Deno.test("decodeError() names a field that a server built on FastAPI does not know", () => {
  const detail = (loc: readonly string[], type = "extra_forbidden") => [{ type, loc, "msg": "no" }];
  const refused = (body: JsonValue) => decode(422, body).refusedField;
  assert.equal(refused({ "detail": detail(["body", "top_k"]) }), "top_k");
  const wrapped = { "object": "error", "message": { "detail": detail(["body", "seed"]) } };
  assert.equal(refused(wrapped), "seed");
  assert.equal(refused({ "detail": detail(["body", "messages", "0"]) }), undefined);
  assert.equal(refused({ "detail": detail(["body", "tools"]) }), undefined);
  assert.equal(refused({ "detail": detail(["body", "stream_options", "x"]) }), undefined);
  assert.equal(refused({ "detail": detail(["body", "top_k"], "missing") }), undefined);
});

const HINT = /; is base_url right, does it need \/v1\?$/;

for (const body of [null, { "detail": "Not Found" }, { "message": "no Route matched" }]) {
  Deno.test(`decodeError() asks about base_url for 404 ${JSON.stringify(body)}`, () => {
    assert.match(decode(404, body).message, HINT);
    assert.doesNotMatch(decode(400, body).message, HINT);
  });
}

Deno.test("decodeError() does not ask about base_url where the server speaks the dialect", () => {
  const own = { "message": "The model does not exist.", "code": "model_not_found" };
  for (const body of [{ "error": own }, own, { "error": "model not found" }]) {
    assert.doesNotMatch(decode(404, body).message, HINT);
  }
});

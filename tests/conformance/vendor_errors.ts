/** How vendors refuse, by dialect. */

import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";

/** One HTTP error of an upstream. */
export interface VendorError {
  readonly what: string;
  readonly kind: ProviderKind;
  readonly status: number;
  readonly body: JsonObject | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The status that the client gets. */
  readonly expected: number;
}

type Row = readonly [string, number, JsonObject | string, number];

function openai(type: string, code: JsonObject[string], message: string): JsonObject {
  return { "error": { message, type, "param": null, code } };
}

function anthropic(type: string, message: string): JsonObject {
  return { "type": "error", "error": { type, message }, "request_id": "req_1" };
}

const TOO_LONG = "This model's maximum context length is 8192 tokens. However, your messages " +
  "resulted in 9000 tokens. Please reduce the length of the messages.";

/** [what, status, body, the client's status] */
const OPENAI: readonly Row[] = [
  ["a refused field", 400, openai("invalid_request_error", "bad_value", "No such thing"), 400],
  ["an overflow", 400, openai("invalid_request_error", "context_length_exceeded", TOO_LONG), 400],
  ["a wrong key", 401, openai("invalid_request_error", "invalid_api_key", "Wrong key"), 401],
  ["an unknown model", 404, openai("invalid_request_error", "model_not_found", "No model"), 404],
  ["a rate limit", 429, openai("requests", "rate_limit_exceeded", "Slow down"), 429],
  ["a used up quota", 429, openai("insufficient_quota", "insufficient_quota", "No money"), 429],
  ["a failure", 500, openai("server_error", null, "The server had an error"), 502],
  ["a code that is a number", 400, openai("BadRequestError", 400, "No such thing"), 400],
  ["a field that is a path", 422, {
    "detail": [{ "loc": ["body", "messages", 0], "msg": "field required", "type": "missing" }],
  }, 422],
  ["a failure that is a page", 502, "<html>Bad gateway</html>", 502],
];

const ANTHROPIC: readonly Row[] = [
  ["a refused field", 400, anthropic("invalid_request_error", "max_tokens: wrong"), 400],
  [
    "an overflow",
    400,
    anthropic("invalid_request_error", "prompt is too long: 209999 tokens > 200000 maximum"),
    400,
  ],
  ["a wrong key", 401, anthropic("authentication_error", "invalid x-api-key"), 401],
  ["an unknown model", 404, anthropic("not_found_error", "model: nothing"), 404],
  ["a rate limit", 429, anthropic("rate_limit_error", "Too many tokens"), 429],
  ["a failure", 500, anthropic("api_error", "Internal server error"), 502],
  ["an overload", 529, anthropic("overloaded_error", "Overloaded"), 503],
];

const OLLAMA: readonly Row[] = [
  ["a refused field", 400, { "error": "invalid think value" }, 400],
  ["an overflow", 400, { "error": "the input length exceeds the context length" }, 400],
  ["a wrong key", 401, { "error": "unauthorized" }, 401],
  ["an unknown model", 404, { "error": "model 'x' not found" }, 404],
  ["a rate limit", 429, { "error": "too many requests" }, 429],
  ["a failure", 500, { "error": "llama runner process has terminated" }, 502],
  ["an overload", 503, { "error": "server busy, please try again" }, 503],
];

function rowsOf(kind: ProviderKind, rows: readonly Row[]): readonly VendorError[] {
  return rows.map(([what, status, body, expected]) => ({
    what,
    kind,
    status,
    body,
    expected,
    ...(typeof body === "string" ? { headers: { "content-type": "text/html" } } : {}),
  }));
}

/** THE TABLE of errors. */
export const VENDOR_ERRORS: readonly VendorError[] = [
  ...rowsOf("openai", OPENAI),
  ...rowsOf("anthropic", ANTHROPIC),
  ...rowsOf("ollama", OLLAMA),
];

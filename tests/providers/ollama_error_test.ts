import assert from "node:assert/strict";
import type { JsonValue } from "../../src/core/json.ts";
import type { FaultKind } from "../../src/core/outcome.ts";
import { ollama } from "../../src/providers/ollama.ts";

interface ErrorCase {
  readonly status: number;
  readonly body: JsonValue;
  readonly kind: FaultKind;
  readonly message?: RegExp;
  readonly code?: string;
}

const RUNNER_OVERFLOW = JSON.stringify({
  "error": {
    "code": 400,
    "message":
      "request (8889 tokens) exceeds the available context size (4096 tokens), try increasing it",
    "type": "exceed_context_size_error",
    "n_prompt_tokens": 8889,
    "n_ctx": 4096,
  },
});
const KNOWN_OVERFLOW =
  /^This model's maximum context length is 4096 tokens\. However, your messages resulted in 8889 tokens\. Please reduce/;

const CASES: readonly ErrorCase[] = [
  {
    status: 404,
    body: { "error": "model 'qwen3:8b' not found" },
    kind: "not_found",
    message: /ollama pull qwen3:8b$/,
    code: "model_not_found",
  },
  {
    status: 404,
    body: { "error": 'model "llama3" not found, try pulling it first' },
    kind: "not_found",
    message: /ollama pull llama3$/,
    code: "model_not_found",
  },
  { status: 404, body: null, kind: "not_found", message: /answered with status 404/ },
  {
    status: 400,
    body: { "error": "registry.ollama.ai/library/gemma:2b does not support tools" },
    kind: "unsupported",
    message: /does not support tools/,
  },
  { status: 400, body: { "error": '"gemma" does not support thinking' }, kind: "unsupported" },
  {
    status: 400,
    body: { "error": 'think value "high" is not supported for this model' },
    kind: "unsupported",
  },
  {
    status: 400,
    body: { "error": "the input length exceeds the context length" },
    kind: "context_overflow",
    message: /^This model's maximum context length is exceeded.*\(Ollama: the input length/,
    code: "context_length_exceeded",
  },
  {
    status: 400,
    body: {
      "error": "the prompt is longer than the context length currently available to the model",
    },
    kind: "context_overflow",
    code: "context_length_exceeded",
  },
  {
    status: 400,
    body: { "error": "request (8889 tokens) exceeds the available context size (4096 tokens)" },
    kind: "context_overflow",
    message: KNOWN_OVERFLOW,
    code: "context_length_exceeded",
  },
  {
    status: 400,
    body: { "error": RUNNER_OVERFLOW },
    kind: "context_overflow",
    message: KNOWN_OVERFLOW,
    code: "context_length_exceeded",
  },
  {
    status: 503,
    body: { "error": "server busy, please try again.  maximum pending requests exceeded" },
    kind: "overloaded",
  },
  {
    status: 500,
    body: { "error": "this model is missing data required for image input" },
    kind: "unsupported",
  },
  { status: 500, body: { "error": "" }, kind: "server_error", message: /without saying which/ },
  { status: 401, body: { "error": "unauthorized" }, kind: "auth", message: /^unauthorized$/ },
  { status: 403, body: { "error": "forbidden" }, kind: "permission" },
  { status: 429, body: { "error": "too many requests" }, kind: "rate_limit" },
  {
    status: 429,
    body: { "error": "you've reached your hourly usage limit, please upgrade to continue" },
    kind: "quota",
  },
  {
    status: 429,
    body: {
      "error": "you (me) have reached your weekly usage limit, upgrade for higher limits: " +
        "https://ollama.com/upgrade",
    },
    kind: "quota",
  },
  {
    status: 429,
    body: { "error": "You exceeded your current quota, please check your plan and billing." },
    kind: "quota",
  },
  {
    status: 400,
    body: { "error": "prompt too long; exceeded max context length by 12 tokens" },
    kind: "context_overflow",
    code: "context_length_exceeded",
  },
  {
    status: 400,
    body: { "error": '"nomic-embed-text" does not support chat' },
    kind: "unsupported",
  },
  {
    status: 500,
    body: { "error": "llama runner process has terminated: signal: killed" },
    kind: "server_error",
    message: /has terminated/,
  },
  {
    status: 500,
    body: { "error": "model runner has unexpectedly stopped, check ollama server logs" },
    kind: "server_error",
  },
  {
    status: 500,
    body: { "error": "timed out waiting for llama runner to start - progress 0.00 - " },
    kind: "server_error",
  },
  { status: 400, body: { "error": "invalid character 'x'" }, kind: "bad_request" },
  {
    status: 500,
    body: { "error": "model requires more system memory (7.5 GiB) than is available (5.2 GiB)" },
    kind: "server_error",
    message: /7\.5 GiB/,
  },
  {
    status: 502,
    body: { "error": { "message": "bad gateway" } },
    kind: "server_error",
    message: /^bad gateway$/,
  },
];

for (const { status, body, kind, message = /./, code } of CASES) {
  Deno.test(`decodeError() of ollama reads ${status} ${JSON.stringify(body)?.slice(0, 60)} as ${kind}`, () => {
    const fault = ollama.decodeError({ status, headers: new Headers(), body });
    assert.equal(fault.kind, kind);
    assert.equal(fault.status, status);
    assert.match(fault.message, message);
    assert.equal(fault.code, code);
  });
}

Deno.test("decodeError() of ollama reads how long to wait", () => {
  const headers = new Headers({ "retry-after": "7" });
  assert.equal(ollama.decodeError({ status: 429, headers, body: null }).retryAfterMs, 7000);
});

Deno.test("decodeError() of ollama names the field that a model without thinking refuses", () => {
  const body = { "error": '"llama3.2:3b" does not support thinking' };
  const fault = ollama.decodeError({ status: 400, headers: new Headers(), body });
  assert.equal(fault.kind, "unsupported");
  assert.equal(fault.refusedField, "think");
});

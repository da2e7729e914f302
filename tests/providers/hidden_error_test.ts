import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { FAULT_KINDS, type FaultKind } from "../../src/core/outcome.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import type { AnswerContext } from "../../src/providers/adapter.ts";
import { ADAPTERS } from "../../src/providers/mod.ts";
import { buildModel, buildRequest } from "../support/models.ts";

const CONTEXT: AnswerContext = {
  requestId: "r1",
  created: 5,
  request: buildRequest("Hello"),
  model: buildModel({ alias: "a" }),
};

/** The fault of the frames of a stream. */
function streamFault(kind: ProviderKind, frames: readonly JsonValue[]) {
  const decoder = ADAPTERS[kind].createDecoder(CONTEXT);
  const events = [
    ...frames.flatMap((frame) => decoder.decode({ event: null, data: JSON.stringify(frame) })),
    ...decoder.end(),
  ];
  return events.flatMap((event) => event.type === "fault" ? [event.fault] : [])[0];
}

function wholeFault(kind: ProviderKind, body: JsonValue) {
  const result = ADAPTERS[kind].decodeAnswer(body, CONTEXT);
  return result.type === "fault" ? result.fault : undefined;
}

function anthropicError(type: string, message = "No."): JsonObject {
  return { "type": "error", "error": { type, message } };
}

function openaiError(fields: JsonObject): JsonObject {
  return { "error": { "message": "No.", ...fields } };
}

const ERRORS: readonly (readonly [ProviderKind, JsonObject, FaultKind])[] = [
  ["openai", openaiError({ "code": 429 }), "rate_limit"],
  ["openai", openaiError({ "code": "429" }), "rate_limit"],
  ["openai", openaiError({ "code": 402 }), "quota"],
  ["openai", openaiError({ "code": 503 }), "overloaded"],
  ["openai", openaiError({ "code": 400 }), "bad_request"],
  ["openai", openaiError({ "code": 403, "metadata": { "reasons": ["x"] } }), "content_filter"],
  ["openai", openaiError({ "code": "insufficient_quota" }), "quota"],
  ["openai", openaiError({ "code": 502, "metadata": { "error_type": "timeout" } }), "server_error"],
  ["openai", openaiError({ "code": "content_filter" }), "content_filter"],
  [
    "openai",
    { "error": "Trying to keep the first 9 tokens when context the overflows." },
    "context_overflow",
  ],
  ["openai", openaiError({ "type": "unavailable_error" }), "overloaded"],
  ["openai", { "error": "Too Many Requests", "status": 429 }, "rate_limit"],
  ["openai", { "error": "something" }, "server_error"],
  ["openai", { "object": "error", "message": "No.", "code": 400 }, "bad_request"],
  ["anthropic", anthropicError("rate_limit_error"), "rate_limit"],
  ["anthropic", anthropicError("overloaded_error"), "overloaded"],
  ["anthropic", anthropicError("api_error"), "server_error"],
  ["anthropic", anthropicError("timeout_error"), "server_error"],
  ["anthropic", anthropicError("billing_error"), "quota"],
  ["anthropic", anthropicError("authentication_error"), "auth"],
  ["anthropic", anthropicError("invalid_request_error"), "bad_request"],
  ["anthropic", anthropicError("invalid_request_error", "prompt is too long"), "context_overflow"],
  ["anthropic", anthropicError("a_type_of_next_year"), "server_error"],
  ["ollama", { "error": "an error was encountered while running the model" }, "server_error"],
  ["ollama", { "error": "server busy, please try again" }, "overloaded"],
  ["ollama", { "error": "the input length exceeds the context length" }, "context_overflow"],
  ["ollama", { "error": "you have reached your hourly usage limit" }, "quota"],
];

for (const [kind, body, fault] of ERRORS) {
  const text = JSON.stringify(body);
  Deno.test(`a 200 of ${kind} with ${text} is ${fault}, whole and streamed`, () => {
    for (const found of [wholeFault(kind, body), streamFault(kind, [body])]) {
      assert.equal(found?.kind, fault);
      assert.equal(found?.status, null);
    }
  });
}

function openaiWhole(choice: JsonObject): JsonObject {
  return { "choices": [{ "index": 0, ...choice }] };
}

const EMPTY_MESSAGE = { "role": "assistant", "content": "" };
const FILTERED = { "hate": { "filtered": true, "severity": "high" } };
const PASSED = { "hate": { "filtered": false, "severity": "safe" } };

const WHOLE_FILTERED: readonly (readonly [ProviderKind, string, JsonObject, FaultKind])[] = [
  [
    "openai",
    "content_filter and no text",
    openaiWhole({ "message": EMPTY_MESSAGE, "finish_reason": "content_filter" }),
    "content_filter",
  ],
  [
    "openai",
    "Google's PROHIBITED_CONTENT and no text",
    openaiWhole({ "message": EMPTY_MESSAGE, "finish_reason": "PROHIBITED_CONTENT" }),
    "content_filter",
  ],
  [
    "openai",
    "content_filter and no message",
    openaiWhole({ "message": null, "finish_reason": "content_filter" }),
    "content_filter",
  ],
  [
    "openai",
    "no choices and Google's block reason",
    { "choices": [], "promptFeedback": { "blockReason": "SAFETY" } },
    "content_filter",
  ],
  [
    "openai",
    "no choices and Azure's filter of the prompt",
    { "choices": [], "prompt_filter_results": [{ "content_filter_results": FILTERED }] },
    "content_filter",
  ],
  [
    "openai",
    "no choices and a prompt that Azure's filter has passed",
    { "choices": [], "prompt_filter_results": [{ "content_filter_results": PASSED }] },
    "malformed",
  ],
  ["openai", "no choices", { "choices": [] }, "malformed"],
  ["openai", "choices that are null", { "choices": null }, "malformed"],
  ["openai", "nothing", {}, "malformed"],
  [
    "anthropic",
    "a refusal and no text",
    { "type": "message", "content": [], "stop_reason": "refusal" },
    "content_filter",
  ],
  [
    "anthropic",
    "a context window that is full before the answer",
    { "type": "message", "content": [], "stop_reason": "model_context_window_exceeded" },
    "context_overflow",
  ],
];

for (const [kind, what, body, fault] of WHOLE_FILTERED) {
  Deno.test(`a whole answer of ${kind} with ${what} is ${fault}`, () => {
    assert.equal(wholeFault(kind, body)?.kind, fault);
  });
}

function chunk(delta: JsonObject, reason: string | null, fields: JsonObject = {}): JsonObject {
  return { "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }], ...fields };
}

function anthropicStop(reason: string): readonly JsonObject[] {
  return [
    { "type": "message_start", "message": { "id": "m" } },
    { "type": "message_delta", "delta": { "stop_reason": reason } },
    { "type": "message_stop" },
  ];
}

const ROLE = chunk(EMPTY_MESSAGE, null);

const STREAM_FILTERED: readonly (readonly [
  ProviderKind,
  string,
  readonly JsonObject[],
  FaultKind | undefined,
])[] = [
  ["openai", "content_filter alone", [ROLE, chunk({}, "content_filter")], "content_filter"],
  ["openai", "Google's SAFETY alone", [ROLE, chunk({}, "SAFETY")], "content_filter"],
  [
    "openai",
    "content_filter after reasoning",
    [chunk({ "reasoning_content": "Hm." }, null), chunk({}, "content_filter")],
    "content_filter",
  ],
  [
    "openai",
    "content_filter after white space",
    [chunk({ "content": " \n" }, null), chunk({}, "content_filter")],
    "content_filter",
  ],
  [
    "openai",
    "content_filter after text",
    [chunk({ "content": "Some" }, null), chunk({}, "content_filter")],
    undefined,
  ],
  [
    "openai",
    "content_filter after a refusal in words",
    [chunk({ "refusal": "I can't." }, null), chunk({}, "content_filter")],
    undefined,
  ],
  [
    "openai",
    "nothing but Google's block reason",
    [{ "choices": [], "promptFeedback": { "blockReason": "SAFETY" } }],
    "content_filter",
  ],
  [
    "openai",
    "a prompt that Azure's filter has passed",
    [{ "choices": [], "prompt_filter_results": [{ "content_filter_results": PASSED }] }],
    "truncated",
  ],
  ["anthropic", "a refusal alone", anthropicStop("refusal"), "content_filter"],
  [
    "anthropic",
    "a full context window alone",
    anthropicStop("model_context_window_exceeded"),
    "context_overflow",
  ],
];

for (const [kind, what, frames, fault] of STREAM_FILTERED) {
  Deno.test(`a stream of ${kind} with ${what} is ${fault ?? "an answer"}`, () => {
    assert.equal(streamFault(kind, frames)?.kind, fault);
  });
}

const KEYS = ["error", "code", "type", "status", "message", "details", "metadata", "raw", "detail"];

const ANYTHING = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 429, -1, "", "429", "rate_limit_error", "prompt is too long"),
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie("value"), { maxKeys: 4 }),
  ),
})).value;

Deno.test("decodeError() finds a kind in whatever an upstream sends, in every dialect", () => {
  const property = fc.property(ANYTHING, fc.integer({ min: 400, max: 599 }), (value, status) => {
    const body: JsonValue = JSON.parse(JSON.stringify(value));
    for (const { decodeError } of Object.values(ADAPTERS)) {
      const fault = decodeError({ status, headers: new Headers(), body });
      assert.ok(FAULT_KINDS.includes(fault.kind));
      assert.equal(fault.status, status);
      assert.notEqual(fault.message, "");
    }
  });
  fc.assert(property, { seed: 3, numRuns: 2_000 });
});

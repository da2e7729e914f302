import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { openai } from "../../src/providers/openai.ts";
import { contextOf } from "../support/openai_call.ts";
import {
  calls,
  chunk,
  first,
  HEAD,
  more,
  outline,
  ROLE,
  run,
  STOP,
} from "../support/openai_stream.ts";

Deno.test("decode() passes right chunks as the objects that they are", () => {
  const extra = { ...chunk({ "content": "Hi" }), "provider": "MockCo", "x_extra": { "a": 1 } };
  const frames = [
    ROLE,
    extra,
    calls(first(0, "c", "f")),
    calls(more(0, "{}")),
    chunk({}, "tool_calls"),
  ];
  assert.deepEqual(outline(run([...frames, "[DONE]"])), [...frames, "done"]);
});

Deno.test("decode() gives as many chunks as it gets", () => {
  const frames = Array.from({ length: 2_000 }, (_, index) => chunk({ "content": `${index}` }));
  const events = run([ROLE, ...frames, STOP, "[DONE]"]);
  assert.equal(events.length, 2_003);
});

Deno.test("decode() ignores what follows [DONE], and pings", () => {
  assert.deepEqual(outline(run(["", ROLE, " ", STOP, "[DONE]", chunk({ "content": "x" })])), [
    ROLE,
    STOP,
    "done",
  ]);
});

const REPAIRS: readonly (readonly [string, readonly JsonValue[], readonly JsonValue[]])[] = [
  ["a chunk without its head", [{ "choices": [{ "delta": { "content": "a" } }] }, STOP], [
    {
      "id": "chatcmpl-r1",
      "object": "chat.completion.chunk",
      "created": 1_700_000_000,
      "model": "gpt-4.1",
      "choices": [{
        "index": 0,
        "delta": { "role": "assistant", "content": "a" },
        "finish_reason": null,
      }],
    },
    { ...STOP, "id": "chatcmpl-r1" },
    "done",
  ]],
  ["ids that change", [ROLE, { ...STOP, "id": "other" }], [ROLE, STOP, "done"]],
  ["usage: null", [{ ...ROLE, "usage": null }, STOP], [ROLE, STOP, "done"]],
  ["reasoning by another name", [ROLE, chunk({ "reasoning": "r" }), STOP], [
    ROLE,
    chunk({ "reasoning": "r", "reasoning_content": "r" }),
    STOP,
    "done",
  ]],
  ["content in parts", [ROLE, chunk({ "content": [{ "type": "text", "text": "a" }] }), STOP], [
    ROLE,
    chunk({ "content": "a" }),
    STOP,
    "done",
  ]],
  ["empty tool calls", [ROLE, chunk({ "content": "a", "tool_calls": [] }), STOP], [
    ROLE,
    chunk({ "content": "a" }),
    STOP,
    "done",
  ]],
  ["a delta that is null", [ROLE, { ...HEAD, "choices": [{ "index": 0, "delta": null }] }, STOP], [
    ROLE,
    chunk({}),
    STOP,
    "done",
  ]],
  ["a finish reason that is empty", [ROLE, chunk({ "content": "a" }, ""), STOP], [
    ROLE,
    chunk({ "content": "a" }),
    STOP,
    "done",
  ]],
  ["an unknown finish reason", [ROLE, chunk({}, "eos_token")], [ROLE, STOP, "done"]],
  ["a finish that is repeated", [ROLE, STOP, STOP, "[DONE]"], [ROLE, STOP, "done"]],
  ["[DONE] without a finish reason", [ROLE, chunk({ "content": "a" }), "[DONE]"], [
    ROLE,
    chunk({ "content": "a" }),
    { ...STOP, "created": 1_700_000_000, "model": "gpt-4.1" },
    "done",
  ]],
  ["no [DONE]", [ROLE, STOP], [ROLE, STOP, "done"]],
  [
    "chunks that say nothing",
    [{ ...HEAD, "choices": [], "prompt_filter_results": [] }, ROLE, STOP],
    [
      ROLE,
      STOP,
      "done",
    ],
  ],
];

for (const [name, frames, expected] of REPAIRS) {
  Deno.test(`decode() repairs ${name}`, () => assert.deepEqual(outline(run(frames)), expected));
}

const USAGE = { "prompt_tokens": 1, "completion_tokens": 2 };
const USAGE_CHUNK = { ...HEAD, "choices": [], "usage": USAGE };

Deno.test("decode() gives usage once, in a chunk of its own, after the finish", () => {
  const wants = [ROLE, STOP, USAGE_CHUNK, "done"];
  assert.deepEqual(outline(run([ROLE, STOP, USAGE_CHUNK, "[DONE]"])), wants);
  assert.deepEqual(outline(run([ROLE, { ...STOP, "usage": USAGE }])), wants);
  const early = { "prompt_tokens": 1, "completion_tokens": 1 };
  const repeated = [{ ...ROLE, "usage": early }, { ...STOP, "usage": USAGE }, "[DONE]"];
  assert.deepEqual(outline(run(repeated)), wants);
});

Deno.test("decode() gives the usage so far before a fault", () => {
  assert.deepEqual(outline(run([{ ...ROLE, "usage": USAGE }])), [
    ROLE,
    USAGE_CHUNK,
    "fault: truncated",
  ]);
});

Deno.test("decode() follows each of several choices", () => {
  const choice = (index: number, delta: JsonObject, reason: JsonValue) => ({
    ...HEAD,
    "choices": [{ "index": index, "delta": delta, "finish_reason": reason }],
  });
  const frames = [
    choice(0, { "role": "assistant", "content": "a" }, null),
    choice(1, { "role": "assistant", "content": "b" }, null),
    choice(1, {}, "stop"),
  ];
  assert.deepEqual(outline(run(frames)), [...frames, "fault: truncated"]);
  const whole = [...frames, choice(0, {}, "length")];
  assert.deepEqual(outline(run(whole)), [...whole, "done"]);
});

Deno.test("decode() turns a whole answer into chunks", () => {
  const answer = {
    ...HEAD,
    "object": "chat.completion",
    "choices": [{
      "index": 0,
      "message": { "role": "assistant", "content": "Hi" },
      "finish_reason": "stop",
    }],
    "usage": USAGE,
  };
  assert.deepEqual(outline(run([answer])), [
    chunk({ "role": "assistant", "content": "Hi" }),
    STOP,
    USAGE_CHUNK,
    "done",
  ]);
  const summary = [ROLE, chunk({ "content": "Hi" }), STOP, answer, "[DONE]"];
  assert.deepEqual(outline(run(summary)), [
    ROLE,
    chunk({ "content": "Hi" }),
    STOP,
    USAGE_CHUNK,
    "done",
  ]);
});

const FAULTS: readonly (readonly [string, readonly JsonValue[], string])[] = [
  ["nothing", [], "truncated"],
  ["a role alone", [ROLE], "truncated"],
  ["text without an end", [ROLE, chunk({ "content": "a" })], "truncated"],
  ["broken JSON", [ROLE, '{"id":"x","choices":[{"delta":{"content":"bro'], "malformed"],
  ["HTML", ["<html>"], "malformed"],
  ["null", ["null"], "malformed"],
  ["a list", [[]], "malformed"],
  ["an error", [ROLE, { "error": { "message": "no", "type": "server_error" } }], "server_error"],
  [
    "an error with a code",
    [{ "error": { "message": "no", "code": "rate_limit_exceeded" } }],
    "rate_limit",
  ],
  ["an error with a status", [{ "error": { "message": "no", "code": 503 } }], "overloaded"],
  [
    "an error without envelope",
    [{ "object": "error", "message": "no", "code": 400 }],
    "bad_request",
  ],
  ["an error as finish reason", [ROLE, chunk({}, "error")], "server_error"],
  ["an error beside a choice", [{ ...STOP, "error": { "message": "no" } }], "server_error"],
];

for (const [name, frames, kind] of FAULTS) {
  Deno.test(`decode() finds a ${kind} fault in ${name}, and nothing after it`, () => {
    const events = outline(run([...frames, ...(kind === "truncated" ? [] : [STOP, "[DONE]"])]));
    assert.equal(events.at(-1), `fault: ${kind}`);
    assert.equal(events.filter((event) => typeof event === "string").length, 1);
  });
}

Deno.test("decode() takes an event named error for one, whatever it holds", () => {
  const decoder = openai.createDecoder(contextOf());
  const events = decoder.decode({ event: "error", data: '{"message":"no"}' });
  assert.deepEqual(outline(events), ["fault: server_error"]);
});

Deno.test("decode() quotes nothing of a frame that it can't read", () => {
  const [event] = run(["sk-secret-text"]);
  assert.equal(event?.type === "fault" && /secret/.test(event.fault.message), false);
});

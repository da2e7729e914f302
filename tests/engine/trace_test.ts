import assert from "node:assert/strict";
import type { ChatChunk, ChunkDelta } from "../../src/core/chat.ts";
import type { AttemptOutcome, UpstreamFault } from "../../src/core/outcome.ts";
import { AttemptTrace } from "../../src/engine/trace.ts";
import { buildModel } from "../support/models.ts";

const CANDIDATE = {
  model: buildModel({
    alias: "m",
    price: { inputUsdPerMTok: 1, outputUsdPerMTok: 10, source: "config" },
  }),
  expectedCostUsd: null,
  caution: null,
  cooldown: null,
  rank: 0,
};

function createTrace(): AttemptTrace {
  const trace = new AttemptTrace(CANDIDATE, { seq: 1, inputTokens: 100 });
  trace.noteSent();
  trace.noteStatus(200);
  return trace;
}

function chunk(delta: ChunkDelta | null, usage?: Readonly<Record<string, number>>): ChatChunk {
  const choices = delta === null ? [] : [{ "index": 0, "delta": delta, "finish_reason": null }];
  return {
    "id": "up",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "m",
    "choices": choices,
    ...(usage === undefined ? {} : { "usage": usage }),
  };
}

Deno.test("an attempt that was answered with nothing has used nothing that is known", () => {
  const record = createTrace().toRecord({ type: "cancelled" }, 0);
  assert.deepEqual([record.usageSource, record.costUsd, record.inputTokens], [null, null, null]);
});

Deno.test("tokens that nobody counted are estimated, and said to be", () => {
  const trace = createTrace();
  trace.noteChunk(chunk({ "content": "x".repeat(400) }));
  const record = trace.toRecord({ type: "cancelled" }, 0);
  assert.deepEqual(
    [record.usageSource, record.inputTokens, record.outputTokens, record.costUsd],
    ["estimated", 100, 100, (100 * 1 + 100 * 10) / 1e6],
  );
});

Deno.test("the provider's count of a whole answer is taken as it is", () => {
  const trace = createTrace();
  trace.noteChunk(chunk({ "content": "x".repeat(400) }));
  trace.noteChunk(chunk(null, { "prompt_tokens": 7, "completion_tokens": 3 }));
  trace.noteEnd();
  const record = trace.toRecord({ type: "answered" }, 0);
  assert.deepEqual([record.usageSource, record.inputTokens, record.outputTokens], [
    "provider",
    7,
    3,
  ]);
});

Deno.test("the output of an answer that was cut is estimated where the provider's count is behind", () => {
  const trace = createTrace();
  trace.noteChunk(chunk(null, { "prompt_tokens": 7, "completion_tokens": 1 }));
  trace.noteChunk(chunk({ "content": "x".repeat(400) }));
  const record = trace.toRecord({ type: "cancelled" }, 0);
  assert.deepEqual([record.usageSource, record.inputTokens, record.outputTokens], [
    "estimated",
    7,
    100,
  ]);
});

Deno.test("the first token is the first text, reasoning or call, not the role", () => {
  const trace = createTrace();
  trace.noteChunk(chunk({ "role": "assistant", "content": "" }));
  assert.equal(trace.hasFirstToken, false);
  trace.noteChunk(chunk({ "reasoning_content": "hm" }));
  assert.equal(trace.hasFirstToken, true);
});

Deno.test("a request that is sent again and gets no head has no status", () => {
  const trace = createTrace();
  trace.noteSent();
  const fault = { kind: "connect", status: null, message: "" } as const;
  assert.equal(trace.toRecord({ type: "fault", fault }, 0).httpStatus, null);
});

Deno.test("an attempt's times count from the request, and its wait is told", () => {
  const requestAt = performance.now() - 500;
  const trace = new AttemptTrace(CANDIDATE, { seq: 2, inputTokens: 1, waitedMs: 400 });
  trace.noteSent();
  const record = trace.toRecord({ type: "answered" }, requestAt);
  assert.deepEqual([record.seq, record.waitedMs, record.committedMs], [2, 400, null]);
  assert.ok(record.startedMs >= 500 && record.startedMs < 600, `${record.startedMs}`);
  assert.equal(createTrace().toRecord({ type: "answered" }, 0).waitedMs, 0);
});

const CODES: readonly (readonly [string, Partial<UpstreamFault>, string | null])[] = [
  ["the code", { code: "rate_limit_exceeded", type: "requests" }, "rate_limit_exceeded"],
  [
    "the type, where there is no code",
    { code: null, type: "overloaded_error" },
    "overloaded_error",
  ],
  ["the type, where the code is a sentence", { code: "Try again!", type: "busy" }, "busy"],
  ["nothing, where both are sentences", { code: "Try again", type: "It's full" }, null],
  ["nothing of 65 characters", { code: "x".repeat(65) }, null],
  ["64 characters", { code: "x".repeat(64) }, "x".repeat(64)],
  ["never the message", { message: "a_message" }, null],
  ["nothing that was hidden", { code: "[redacted]" }, null],
];

for (const [what, change, expected] of CODES) {
  Deno.test(`the error code that is kept of a fault: ${what}`, () => {
    const fault = { kind: "rate_limit", status: 429, message: "Slow down", ...change } as const;
    assert.equal(createTrace().toRecord({ type: "fault", fault }, 0).errorCode, expected);
  });
}

Deno.test("an answer has no error code", () => {
  assert.equal(createTrace().toRecord({ type: "answered" }, 0).errorCode, null);
});

const TEXT = chunk({ "content": "Yes." });
const CALL = chunk({ "tool_calls": [{ "index": 0, "id": "c" }] });
const SECOND = { ...CALL, "choices": CALL.choices.map((choice) => ({ ...choice, "index": 1 })) };
const WEAK = { type: "weak", reason: "short", textLength: 4, isWhole: false } as const;
const FAULT = { kind: "truncated", status: null, message: "" } as const;

const JUDGED: readonly (readonly [string, readonly ChatChunk[], AttemptOutcome, boolean])[] = [
  ["a text that was accepted", [TEXT], { type: "answered" }, true],
  ["a text that was weak", [TEXT], WEAK, true],
  ["white space", [chunk({ "content": " \n" })], { type: "answered" }, false],
  ["a call", [CALL], { type: "answered" }, false],
  ["a text with a call after it", [TEXT, CALL], { type: "answered" }, false],
  ["a text with a refusal", [TEXT, chunk({ "refusal": "No." })], { type: "answered" }, false],
  ["a text beside another choice's call", [TEXT, SECOND], { type: "answered" }, true],
  ["a text that was cut", [TEXT], { type: "fault", fault: FAULT }, false],
  ["a text whose client left", [TEXT], { type: "cancelled" }, false],
];

for (const [what, chunks, outcome, isJudged] of JUDGED) {
  Deno.test(`${what} is ${isJudged ? "" : "not "}judged where a check looks at it`, () => {
    for (const isChecked of [true, false]) {
      const trace = new AttemptTrace(CANDIDATE, { seq: 1, inputTokens: 1, isChecked });
      for (const each of chunks) trace.noteChunk(each);
      assert.equal(trace.isJudged(outcome), isChecked && isJudged);
      assert.equal(trace.toRecord(outcome, 0).judged, isChecked && isJudged);
    }
  });
}

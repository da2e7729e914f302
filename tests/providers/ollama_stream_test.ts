import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChunkDelta } from "../../src/core/chat.ts";
import type { StreamEvent } from "../../src/providers/adapter.ts";
import { ollama } from "../../src/providers/ollama.ts";
import { contextOf, decodeLines, lineFrame } from "../support/ollama_case.ts";

const METRICS = { "prompt_eval_count": 26, "eval_count": 9, "total_duration": 5_191_566_416 };
const USAGE = {
  "prompt_tokens": 26,
  "completion_tokens": 9,
  "total_tokens": 35,
  "prompt_tokens_details": { "cached_tokens": 0, "cache_write_tokens": 0 },
  "completion_tokens_details": { "reasoning_tokens": 0 },
};

function line(message: object, rest: object = {}): object {
  return {
    "model": "qwen3:8b",
    "created_at": "2026-11-25T09:00:00.000Z",
    "message": { "role": "assistant", "content": "", ...message },
    "done": false,
    ...rest,
  };
}

function last(rest: object = {}, message: object = {}): object {
  return line(message, { "done": true, "done_reason": "stop", ...METRICS, ...rest });
}

/** The deltas, the finish reason and how the stream ended: what a client can tell apart. */
function summarize(events: readonly StreamEvent[]): readonly unknown[] {
  return events.map((event) => {
    if (event.type === "fault" || event.type === "doubt") return { [event.type]: event.fault.kind };
    if (event.type === "done") return "done";
    const choice = event.chunk.choices[0];
    if (choice === undefined) return { usage: event.chunk.usage };
    return choice.finish_reason === null ? choice.delta : { finish: choice.finish_reason };
  });
}

const ROLE: ChunkDelta = { "role": "assistant", "content": "" };

function toolDelta(index: number, piece: { id: string; name: string; args: string }): ChunkDelta {
  return {
    "tool_calls": [{
      index,
      "id": piece.id,
      "type": "function",
      "function": { "name": piece.name, "arguments": piece.args },
    }],
  };
}

interface StreamCase {
  readonly name: string;
  readonly lines: readonly unknown[];
  readonly events: readonly unknown[];
}

const CASES: readonly StreamCase[] = [
  {
    name: "reads text token by token",
    lines: [line({ "content": "Hel" }), line({ "content": "lo" }), last()],
    events: [
      ROLE,
      { "content": "Hel" },
      { "content": "lo" },
      { finish: "stop" },
      { usage: USAGE },
      "done",
    ],
  },
  {
    name: "reads thinking as reasoning_content, before the text of the same line",
    lines: [line({ "thinking": "Hm" }), line({ "thinking": ".", "content": "Yes" }), last()],
    events: [
      ROLE,
      { "reasoning_content": "Hm" },
      { "reasoning_content": "." },
      { "content": "Yes" },
      { finish: "stop" },
      { usage: USAGE },
      "done",
    ],
  },
  {
    name: "tells calls of several lines apart though all say index 0 and have no id",
    lines: [
      line({
        "tool_calls": [{ "function": { "index": 0, "name": "f", "arguments": { "a": 1 } } }],
      }),
      line({
        "tool_calls": [
          { "function": { "index": 0, "name": "f", "arguments": { "a": 2 } } },
          { "function": { "name": "g", "arguments": {} } },
        ],
      }),
      last(),
    ],
    events: [
      ROLE,
      toolDelta(0, { id: "call_req1_0", name: "f", args: '{"a":1}' }),
      toolDelta(1, { id: "call_req1_1", name: "f", args: '{"a":2}' }),
      toolDelta(2, { id: "call_req1_2", name: "g", args: "{}" }),
      { finish: "tool_calls" },
      { usage: USAGE },
      "done",
    ],
  },
  {
    name: "keeps an upstream's ids only where they differ and are short",
    lines: [
      line({
        "tool_calls": [
          { "id": "call_a", "function": { "name": "f", "arguments": null } },
          { "id": "call_a", "function": { "name": "f", "arguments": "" } },
          { "id": "x".repeat(41), "function": { "name": "f", "arguments": '{"b":1}' } },
        ],
      }),
      last({ "done_reason": "length" }),
    ],
    events: [
      ROLE,
      toolDelta(0, { id: "call_a", name: "f", args: "{}" }),
      toolDelta(1, { id: "call_req1_1", name: "f", args: "{}" }),
      toolDelta(2, { id: "call_req1_2", name: "f", args: '{"b":1}' }),
      { finish: "tool_calls" },
      { usage: USAGE },
      "done",
    ],
  },
  {
    name: "reads a call and text in the last line",
    lines: [
      last({}, {
        "content": "Now",
        "tool_calls": [{ "function": { "name": "f", "arguments": {} } }],
      }),
    ],
    events: [
      ROLE,
      { "content": "Now" },
      toolDelta(0, { id: "call_req1_0", name: "f", args: "{}" }),
      { finish: "tool_calls" },
      { usage: USAGE },
      "done",
    ],
  },
  {
    name: "reads done_reason length",
    lines: [line({ "content": "x" }), last({ "done_reason": "length" })],
    events: [ROLE, { "content": "x" }, { finish: "length" }, { usage: USAGE }, "done"],
  },
  {
    name: "gives no usage when the prompt's count is left out, rather than a wrong one",
    lines: [line({ "content": "x" }), last({ "prompt_eval_count": undefined })],
    events: [ROLE, { "content": "x" }, { finish: "stop" }, "done"],
  },
  {
    name: "ends an empty answer, which the caller judges",
    lines: [{
      "model": "qwen3:8b",
      "message": { "role": "assistant", "content": "" },
      "done": true,
      "done_reason": "load",
    }],
    events: [ROLE, { finish: "stop" }, "done"],
  },
  {
    name: "reads an error before any content",
    lines: [{ "error": "model runner has unexpectedly stopped" }],
    events: [{ fault: "server_error" }],
  },
  {
    name: "reads an error after content and nothing after it",
    lines: [line({ "content": "x" }), { "error": "an error was encountered" }, last()],
    events: [ROLE, { "content": "x" }, { fault: "server_error" }],
  },
  {
    name: "takes an end without done for cut",
    lines: [line({ "content": "x" })],
    events: [ROLE, { "content": "x" }, { fault: "truncated" }],
  },
  { name: "takes a stream without a line for cut", lines: [], events: [{ fault: "truncated" }] },
  {
    name: "takes a half line for malformed",
    lines: ['{"model":"m","mess'],
    events: [{ fault: "malformed" }],
  },
  { name: "takes HTML for malformed", lines: ["<html>"], events: [{ fault: "malformed" }] },
  {
    name: "takes a JSON text that is no object for malformed",
    lines: ["null"],
    events: [{ fault: "malformed" }],
  },
  {
    name: "takes a call without a name for malformed",
    lines: [line({ "tool_calls": [{ "function": { "arguments": {} } }] })],
    events: [{ fault: "malformed" }],
  },
  {
    name: "skips blank lines and ignores what follows done",
    lines: ["", line({ "content": "x" }), " ", last(), line({ "content": "y" }), "{"],
    events: [ROLE, { "content": "x" }, { finish: "stop" }, { usage: USAGE }, "done"],
  },
];

for (const { name, lines, events } of CASES) {
  Deno.test(`createDecoder() of ollama ${name}`, () => {
    assert.deepEqual(summarize(decodeLines(lines)), events);
  });
}

Deno.test("createDecoder() of ollama gives every chunk one id, time and model", () => {
  const events = decodeLines([line({ "content": "a" }), last()]);
  const heads = events.flatMap((event) =>
    event.type === "chunk" ? [[event.chunk.id, event.chunk.created, event.chunk.model]] : []
  );
  assert.equal(heads.length, 4);
  for (const head of heads) assert.deepEqual(head, ["chatcmpl-req-1", 1_700_000_000, "qwen3:8b"]);
});

Deno.test("createDecoder() of ollama puts logprobs on the text they belong to", () => {
  const logprobs = [{
    "token": "a",
    "logprob": -0.1,
    "top_logprobs": [{ "token": "b", "logprob": -2 }],
  }];
  const events = decodeLines([line({ "content": "a" }, { "logprobs": logprobs }), last()]);
  const event = events[1];
  assert.ok(event?.type === "chunk");
  assert.deepEqual(event.chunk.choices[0]?.["logprobs"], {
    "content": [{
      "token": "a",
      "logprob": -0.1,
      "bytes": null,
      "top_logprobs": [{ "token": "b", "logprob": -2, "bytes": null }],
    }],
    "refusal": null,
  });
});

Deno.test("createDecoder() of ollama never throws and ends each stream once, whatever comes", () => {
  const junk = fc.oneof(
    fc.json(),
    fc.string(),
    fc.record({ "message": fc.anything(), "done": fc.anything(), "error": fc.anything() }, {
      requiredKeys: [],
    }).map((value) => JSON.stringify(value) ?? "x"),
  );
  fc.assert(
    fc.property(fc.array(junk, { maxLength: 6 }), (lines) => {
      const decoder = ollama.createDecoder(contextOf());
      const events = [
        ...lines.flatMap((data) => decoder.decode(lineFrame(data))),
        ...decoder.end(),
      ];
      assert.deepEqual(decoder.end(), []);
      assert.equal(events.filter((event) => event.type !== "chunk").length, 1);
      assert.notEqual(events.at(-1)?.type, "chunk");
    }),
    { seed: 5, numRuns: 300 },
  );
});

Deno.test("a stream of ollama keeps all that the model thought", () => {
  const thinking = [
    line({ "thinking": "Hm" }),
    line({ "thinking": "." }),
    line({ "content": "Hi" }),
  ];
  assert.deepEqual(decodeLines([...thinking, last()]).at(-1), {
    type: "done",
    keepsake: { "thinking": "Hm." },
  });
  assert.deepEqual(decodeLines([line({ "content": "Hi" }), last()]).at(-1), { type: "done" });
});

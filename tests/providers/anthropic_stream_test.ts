import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import type { FaultKind } from "../../src/core/outcome.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import {
  chunksOf,
  CLASSIC,
  contextOf,
  decodeAll,
  deltasOf,
  frameOf,
} from "../support/anthropic_case.ts";

const START = {
  "type": "message_start",
  "message": {
    "id": "msg_1",
    "type": "message",
    "model": "claude-x",
    "content": [],
    "usage": {
      "input_tokens": 100,
      "cache_read_input_tokens": 20,
      "cache_creation_input_tokens": 3,
      "output_tokens": 1,
    },
  },
};
const PING = { "type": "ping" };
const STOP = { "type": "message_stop" };
const ROLE = { "role": "assistant", "content": "" };

function startBlock(index: number, block: JsonObject): JsonObject {
  return { "type": "content_block_start", "index": index, "content_block": block };
}

function delta(index: number, piece: JsonObject): JsonObject {
  return { "type": "content_block_delta", "index": index, "delta": piece };
}

function textDelta(index: number, text: string): JsonObject {
  return delta(index, { "type": "text_delta", "text": text });
}

function inputDelta(index: number, json: string): JsonObject {
  return delta(index, { "type": "input_json_delta", "partial_json": json });
}

function stopBlock(index: number): JsonObject {
  return { "type": "content_block_stop", "index": index };
}

function endWith(stopReason: string, rest: JsonObject = {}): JsonObject {
  return {
    "type": "message_delta",
    "delta": { "stop_reason": stopReason, ...rest },
    "usage": { "input_tokens": null, "output_tokens": 45 },
  };
}

function startCall(index: number, id: string, name: string, input: JsonObject = {}): JsonObject {
  return startBlock(index, { "type": "tool_use", "id": id, "name": name, "input": input });
}

function callDelta(index: number, id: string, name: string): JsonObject {
  const call = { "index": index, "id": id, "type": "function" };
  return { "tool_calls": [{ ...call, "function": { "name": name, "arguments": "" } }] };
}

function argumentsDelta(index: number, text: string): JsonObject {
  return { "tool_calls": [{ "index": index, "function": { "arguments": text } }] };
}

Deno.test("decode() turns a text stream into chunks, usage last", () => {
  const events = decodeAll([
    START,
    PING,
    startBlock(0, { "type": "text", "text": "" }),
    textDelta(0, "Hel"),
    textDelta(0, "lo"),
    stopBlock(0),
    endWith("end_turn"),
    STOP,
  ]);
  const head = {
    "id": "msg_1",
    "object": "chat.completion.chunk",
    "created": 1_700_000_000,
    "model": "claude-x",
  };
  const chunk = (piece: JsonObject, finish: string | null) => ({
    type: "chunk",
    chunk: { ...head, "choices": [{ "index": 0, "delta": piece, "finish_reason": finish }] },
  });
  assert.deepEqual(events, [
    chunk(ROLE, null),
    chunk({ "content": "Hel" }, null),
    chunk({ "content": "lo" }, null),
    chunk({}, "stop"),
    {
      type: "chunk",
      chunk: {
        ...head,
        "choices": [],
        "usage": {
          "prompt_tokens": 123,
          "completion_tokens": 45,
          "total_tokens": 168,
          "prompt_tokens_details": { "cached_tokens": 20, "cache_write_tokens": 3 },
          "completion_tokens_details": { "reasoning_tokens": 0 },
        },
      },
    },
    { type: "done" },
  ]);
});

Deno.test("decode() gives each text delta its chunk at once", () => {
  const decoder = anthropic.createDecoder(contextOf());
  assert.deepEqual(decoder.decode(frameOf(START)), []);
  assert.equal(decoder.decode(frameOf(textDelta(0, "a"))).length, 2);
  assert.equal(decoder.decode(frameOf(textDelta(0, "b"))).length, 1);
});

Deno.test("decode() streams reasoning and leaves its signature out", () => {
  const events = decodeAll([
    START,
    startBlock(0, { "type": "thinking", "thinking": "", "signature": "" }),
    delta(0, { "type": "thinking_delta", "thinking": "Hm." }),
    delta(0, { "type": "signature_delta", "signature": "s" }),
    stopBlock(0),
    startBlock(1, { "type": "text", "text": "42" }),
    endWith("end_turn"),
    STOP,
  ]);
  assert.deepEqual(deltasOf(events), [
    ROLE,
    { "reasoning_content": "Hm." },
    { "content": "42" },
    {},
  ]);
});

Deno.test("decode() numbers tool calls from 0 and gives one without input {}", () => {
  const events = decodeAll([
    START,
    textDelta(0, "Let me look."),
    stopBlock(0),
    startCall(1, "toolu_1", "f"),
    inputDelta(1, ""),
    inputDelta(1, '{"n"'),
    inputDelta(1, ":1}"),
    stopBlock(1),
    startCall(2, "toolu_2", "g"),
    inputDelta(2, ""),
    stopBlock(2),
    startCall(3, "toolu_3", "h", { "whole": true }),
    endWith("tool_use"),
    STOP,
  ]);
  assert.deepEqual(deltasOf(events), [
    ROLE,
    { "content": "Let me look." },
    callDelta(0, "toolu_1", "f"),
    argumentsDelta(0, '{"n"'),
    argumentsDelta(0, ":1}"),
    callDelta(1, "toolu_2", "g"),
    argumentsDelta(1, "{}"),
    callDelta(2, "toolu_3", "h"),
    argumentsDelta(2, '{"whole":true}'),
    {},
  ]);
  assert.equal(chunksOf(events).at(-2)?.choices[0]?.["finish_reason"], "tool_calls");
});

Deno.test("decode() passes over events and blocks of unknown types", () => {
  const events = decodeAll([
    START,
    { "type": "a_new_event" },
    startBlock(0, { "type": "server_tool_use", "id": "s", "name": "web_search", "input": {} }),
    inputDelta(0, "{}"),
    stopBlock(0),
    delta(1, { "type": "a_new_delta" }),
    textDelta(1, "a"),
    endWith("end_turn"),
    STOP,
  ]);
  assert.deepEqual(deltasOf(events), [ROLE, { "content": "a" }, {}]);
});

const SCHEMA_REQUEST = {
  "response_format": {
    "type": "json_schema",
    "json_schema": { "name": "n", "schema": { "type": "object" } },
  },
} as const;
const SCHEMA_CONTEXT = contextOf(SCHEMA_REQUEST, { modelId: CLASSIC });

Deno.test("decode() streams the answer's own tool as content, without prose beside it", () => {
  const events = decodeAll([
    START,
    textDelta(0, "Here it is:"),
    startCall(1, "toolu_1", "json_answer"),
    inputDelta(1, '{"n"'),
    inputDelta(1, ":1}"),
    stopBlock(1),
    endWith("tool_use"),
    STOP,
  ], SCHEMA_CONTEXT);
  assert.deepEqual(deltasOf(events), [ROLE, { "content": '{"n"' }, { "content": ":1}" }, {}]);
  assert.equal(chunksOf(events).at(-2)?.choices[0]?.["finish_reason"], "stop");
});

Deno.test("decode() gives the prose of a model that did not call the answer's tool", () => {
  const events = decodeAll([START, textDelta(0, "No."), endWith("end_turn"), STOP], SCHEMA_CONTEXT);
  assert.deepEqual(deltasOf(events), [ROLE, { "content": "No." }, {}]);
});

Deno.test("end() is done after a stop reason without message_stop", () => {
  const events = decodeAll([START, textDelta(0, "a"), endWith("end_turn")]);
  assert.deepEqual(events.at(-1), { type: "done" });
});

Deno.test("decode() says nothing after the end", () => {
  const decoder = anthropic.createDecoder(contextOf());
  for (const event of [START, textDelta(0, "a"), endWith("end_turn"), STOP]) {
    decoder.decode(frameOf(event));
  }
  assert.deepEqual(decoder.decode(frameOf(textDelta(0, "b"))), []);
  assert.deepEqual(decoder.decode({ event: null, data: "{" }), []);
  assert.deepEqual(decoder.end(), []);
});

const FAULTS: readonly (readonly [string, readonly JsonObject[], FaultKind, number])[] = [
  ["no event at all", [], "truncated", 0],
  ["a stream that stops after its start", [START, PING], "truncated", 0],
  ["a stream cut in its text", [START, textDelta(0, "a"), stopBlock(0)], "truncated", 2],
  [
    "an overload in mid-stream",
    [START, textDelta(0, "a"), {
      "type": "error",
      "error": { "type": "overloaded_error", "message": "Overloaded" },
    }],
    "overloaded",
    2,
  ],
  [
    "an error of unknown type",
    [{ "type": "error", "error": { "type": "new" } }],
    "server_error",
    0,
  ],
  ["an end without content", [START, endWith("end_turn"), STOP], "empty", 0],
  ["an end after blank text", [START, textDelta(0, " \n"), endWith("end_turn"), STOP], "empty", 2],
  ["a refusal without a word", [START, endWith("refusal"), STOP], "content_filter", 0],
];

for (const [name, events, kind, chunkCount] of FAULTS) {
  Deno.test(`decode() takes ${name} for a fault of kind ${kind}`, () => {
    const decoded = decodeAll(events);
    const last = decoded.at(-1);
    assert.equal(last?.type === "fault" ? last.fault.kind : "none", kind);
    const [said, counted] = [true, false].map((hasChoices) =>
      chunksOf(decoded).filter((chunk) => chunk.choices.length > 0 === hasChoices).length
    );
    assert.equal(said, chunkCount);
    const hasStarted = events.includes(START);
    assert.equal(counted, hasStarted ? 1 : 0, "what was used is told once");
    assert.equal(decoded.at(-2)?.type === "chunk", hasStarted, "and right before the fault");
  });
}

for (const data of ['{"type":"mess', "null", "[1]", "<html>"]) {
  Deno.test(`decode() takes the data ${data} for malformed`, () => {
    const decoder = anthropic.createDecoder(contextOf());
    const [event] = decoder.decode({ event: "message_start", data });
    assert.equal(event?.type === "fault" ? event.fault.kind : "none", "malformed");
    assert.deepEqual(decoder.end(), []);
  });
}

Deno.test("decode() keeps the vendor's explanation of a refusal", () => {
  const details = { "stop_details": { "type": "refusal", "explanation": "Not this." } };
  const last = decodeAll([START, endWith("refusal", details), STOP]).at(-1);
  assert.equal(last?.type === "fault" ? last.fault.message : "", "Not this.");
});

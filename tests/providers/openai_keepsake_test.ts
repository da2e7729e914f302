import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { call, DETAIL, keepsakeOfWhole, SIGNED } from "../support/openai_keepsake.ts";
import { calls, chunk, first, more, ROLE, run, STOP } from "../support/openai_stream.ts";

/** The keepsake of an answer streamed in these frames. */
function keepsakeOfStream(...frames: readonly JsonObject[]): JsonValue {
  const end = run([ROLE, ...frames, STOP]).at(-1);
  if (end?.type !== "done") throw new Error("no end");
  return end.keepsake ?? null;
}

const WHOLE: readonly (readonly [string, JsonObject, JsonValue])[] = [
  ["nothing of plain text", { "content": "Hi", "reasoning": "" }, null],
  ["reasoning, by its own name", { "content": "Hi", "reasoning": "r" }, {
    "message": { "reasoning": "r" },
    "calls": {},
  }],
  ["details", { "content": "Hi", "reasoning_content": "r", "reasoning_details": [DETAIL] }, {
    "message": { "reasoning_content": "r", "reasoning_details": [DETAIL] },
    "calls": {},
  }],
  ["what signs a call", { "tool_calls": [call("c1", { "extra_content": SIGNED }), call("c2")] }, {
    "message": {},
    "calls": { "c1": { "extra_content": SIGNED } },
  }],
  ["it by the id that the client sees", { "tool_calls": [call("", { "extra_content": SIGNED })] }, {
    "message": {},
    "calls": { "call_r1_0": { "extra_content": SIGNED } },
  }],
];

for (const [name, message, expected] of WHOLE) {
  Deno.test(`decodeAnswer() keeps ${name}`, () => {
    assert.deepEqual(keepsakeOfWhole(message), expected);
  });
}

function details(...pieces: readonly JsonObject[]): JsonObject {
  return chunk({ "reasoning_details": pieces });
}

const STREAMED: readonly (readonly [string, readonly JsonObject[], JsonValue])[] = [
  ["nothing of plain text", [chunk({ "content": "Hi" })], null],
  ["reasoning in pieces", [
    chunk({ "reasoning_content": "a" }),
    chunk({ "reasoning_content": "b" }),
    chunk({ "content": "Hi" }),
  ], { "message": { "reasoning_content": "ab" }, "calls": {} }],
  ["pieces of one block together, and a signature with it", [
    details({ "type": "reasoning.text", "text": "wh", "index": 0, "format": "f", "id": null }),
    details({ "type": "reasoning.text", "text": "y", "index": 0 }),
    details({ "type": "reasoning.text", "signature": "s", "index": 0 }),
    chunk({ "content": "Hi" }),
  ], {
    "message": {
      "reasoning_details": [
        {
          "type": "reasoning.text",
          "text": "why",
          "index": 0,
          "format": "f",
          "id": null,
          "signature": "s",
        },
      ],
    },
    "calls": {},
  }],
  ["blocks of other indices and types apart", [
    details({ "type": "reasoning.summary", "summary": "a", "index": 0 }),
    details({ "type": "reasoning.encrypted", "data": "x", "index": 0 }),
    details({ "type": "reasoning.summary", "summary": "b", "index": 0 }),
    details({ "type": "reasoning.encrypted", "data": "y", "index": 0 }),
    details({ "type": "reasoning.summary", "summary": "c", "index": 1 }),
    chunk({ "content": "Hi" }),
  ], {
    "message": {
      "reasoning_details": [
        { "type": "reasoning.summary", "summary": "ab", "index": 0 },
        { "type": "reasoning.encrypted", "data": "x", "index": 0 },
        { "type": "reasoning.encrypted", "data": "y", "index": 0 },
        { "type": "reasoning.summary", "summary": "c", "index": 1 },
      ],
    },
    "calls": {},
  }],
  ["a block after a signed one apart", [
    details(DETAIL),
    details({ "type": "reasoning.text", "text": "more", "index": 0 }),
    chunk({ "content": "Hi" }),
  ], {
    "message": {
      "reasoning_details": [DETAIL, { "type": "reasoning.text", "text": "more", "index": 0 }],
    },
    "calls": {},
  }],
  ["what signs a call, in its first piece or later", [
    calls({ ...first(0, "a", "f"), "extra_content": SIGNED }),
    calls(first(1, "b", "g")),
    calls({ ...more(1, "{}"), "extra_content": SIGNED }),
  ], {
    "message": {},
    "calls": { "a": { "extra_content": SIGNED }, "b": { "extra_content": SIGNED } },
  }],
];

for (const [name, frames, expected] of STREAMED) {
  Deno.test(`decode() keeps ${name}`, () => {
    assert.deepEqual(keepsakeOfStream(...frames), expected);
  });
}

import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import { contextOf, decodeAll } from "../support/anthropic_case.ts";

const THINKING = { "type": "thinking", "thinking": "Hm.", "signature": "sig" };
const REDACTED = { "type": "redacted_thinking", "data": "ZGF0YQ==" };
const KEPT_USE = { "type": "tool_use" };
const TOOLS = [{ "type": "function", "function": { "name": "f" } }] as const;
const TEXT = { "type": "text", "text": "One." };
const USE = { "type": "tool_use", "id": "toolu_1", "name": "f", "input": {} };

/** The blocks of an answer, and what is kept of them. */
const KEEPS: Readonly<Record<string, readonly [readonly JsonObject[], unknown]>> = {
  "thinking and what stands between": [
    [THINKING, TEXT, REDACTED, USE],
    [THINKING, TEXT, REDACTED, KEPT_USE],
  ],
  "a step without thinking": [[TEXT, USE], [TEXT, KEPT_USE]],
  "nothing of an answer without both": [[TEXT], undefined],
  "no thinking that lacks its signature": [
    [{ "type": "thinking", "thinking": "Hm." }, TEXT],
    undefined,
  ],
};

for (const [name, [blocks, kept]] of Object.entries(KEEPS)) {
  const context = contextOf({ "reasoning_effort": "high", tools: TOOLS });
  const keepsake = kept === undefined ? undefined : { content: kept };

  Deno.test(`decodeAnswer() keeps ${name}`, () => {
    const body = { "id": "m", "content": blocks, "stop_reason": "end_turn" };
    const decoded = anthropic.decodeAnswer(body, context);
    assert.deepEqual(decoded.type === "answer" ? decoded.keepsake : "fault", keepsake);
  });

  Deno.test(`a decoder keeps ${name}`, () => {
    const events = [
      { "type": "message_start", "message": { "id": "m" } },
      ...blocks.flatMap((block, index) => streamOf(block, index)),
      { "type": "message_delta", "delta": { "stop_reason": "end_turn" } },
      { "type": "message_stop" },
    ];
    const done = decodeAll(events, context).at(-1);
    assert.equal(done?.type, "done");
    assert.deepEqual(done?.type === "done" ? done.keepsake : null, keepsake);
  });
}

Deno.test("decodeAnswer() keeps nothing of an answer without thinking that nobody asked for", () => {
  const body = { "id": "m", "content": [USE], "stop_reason": "tool_use" };
  const keep = (effort: "high" | null) => {
    const context = contextOf({ "reasoning_effort": effort, tools: TOOLS });
    const decoded = anthropic.decodeAnswer(body, context);
    return decoded.type === "answer" ? decoded.keepsake : "fault";
  };
  assert.deepEqual([keep(null), keep("high")], [undefined, { "content": [KEPT_USE] }]);
});

/** A block in pieces. */
function streamOf(block: JsonObject, index: number): readonly JsonObject[] {
  const empty = { ...block, "text": "", "thinking": "", "signature": "" };
  const start = { ...block, ...("data" in block || "input" in block ? {} : empty) };
  const half = (value: unknown) => String(value).slice(0, 1);
  const rest = (value: unknown) => String(value).slice(1);
  const deltas = ["text", "thinking", "signature"].flatMap((key) =>
    typeof block[key] !== "string" ? [] : [half(block[key]), rest(block[key])].map((piece) => ({
      "type": "content_block_delta",
      index,
      "delta": { "type": `${key}_delta`, [key]: piece },
    }))
  );
  return [
    { "type": "content_block_start", index, "content_block": start },
    ...deltas,
    { "type": "content_block_stop", index },
  ];
}

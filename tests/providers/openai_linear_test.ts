import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { openai } from "../../src/providers/openai.ts";
import { callOf, contextOf } from "../support/openai_call.ts";
import { assertLinear } from "../support/openai_linear.ts";
import { calls, chunk, first } from "../support/openai_stream.ts";

/** Reads a stream of these frames, as often as `size` says. */
function readFrames(frames: (index: number) => JsonObject, size: number, tools?: JsonObject[]) {
  const decoder = openai.createDecoder(contextOf(tools === undefined ? {} : { tools }));
  for (let index = 0; index < size; index++) {
    decoder.decode({ event: null, data: JSON.stringify(frames(index)) });
  }
}

const F: JsonObject = { "type": "function", "function": { "name": "f" } };
const LONGER: JsonObject = { "type": "function", "function": { "name": "f2" } };

Deno.test("decode() reads arguments whose pieces repeat the name in time that is linear", () => {
  assertLinear(2000, (size) =>
    readFrames((index) =>
      calls({
        "index": 0,
        "function": { "name": "f", "arguments": index === 0 ? '{"a":"' : "x".repeat(100) },
      }), size));
});

Deno.test("decode() reads whole objects that follow one another in time that is linear", () => {
  assertLinear(
    1000,
    (size) =>
      readFrames(
        () => calls({ "index": 0, "function": { "name": "f", "arguments": '{"a":1}' } }),
        size,
      ),
  );
});

Deno.test("decode() tells many calls apart in time that is linear", () => {
  assertLinear(8000, (size) => {
    const ids = Array.from({ length: size }, (_, index) => `c${index}`);
    const frame = calls(...ids.map((id, index) => first(index, id, "f", "{}")));
    readFrames(() => frame, 1, [F, LONGER]);
  });
});

Deno.test("decode() reads many blocks of reasoning in time that is linear", () => {
  assertLinear(
    2000,
    (size) =>
      readFrames((index) =>
        chunk({
          "reasoning_details": [{ "type": "reasoning.encrypted", "data": "d", "index": index }],
        }), size),
  );
});

Deno.test("decode() reads one long block of reasoning in time that is linear", () => {
  const text = "x".repeat(200);
  assertLinear(
    2000,
    (size) =>
      readFrames(
        () =>
          chunk({ "reasoning_details": [{ "type": "reasoning.text", "text": text, "index": 0 }] }),
        size,
      ),
  );
});

Deno.test("encodeRequest() finds the allowed tools among all in time that is linear", () => {
  assertLinear(1000, (size) => {
    const names = Array.from({ length: size }, (_, index) => `tool_${index}`);
    const tools = names.map((name) => ({ "type": "function", "function": { "name": name } }));
    const choice = { "type": "allowed_tools", "allowed_tools": { "mode": "auto", "tools": tools } };
    const result = openai.encodeRequest(callOf({ tools, "tool_choice": choice }));
    assert.equal(result.type, "request");
  });
});

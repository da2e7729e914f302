import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { SPARE_TEXT } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { type ToolCase, TOOLS, toolTest, TWO } from "../support/tool_case.ts";
import { wholeBody } from "../support/upstream_wire.ts";
import { withVariants } from "../support/variant_case.ts";

/** A block of a call: this start, then these pieces of its input. */
function block(index: number, start: JsonObject, input: readonly string[]): readonly JsonObject[] {
  return [
    {
      "type": "content_block_start",
      index,
      "content_block": { "type": "tool_use", "input": {}, ...start },
    },
    ...input.map((piece) => ({
      "type": "content_block_delta",
      index,
      "delta": { "type": "input_json_delta", "partial_json": piece },
    })),
  ];
}

const stop = (reason: string): readonly JsonObject[] => [
  { "type": "message_delta", "delta": { "stop_reason": reason } },
  { "type": "message_stop" },
];

const ANTHROPIC_CASES: readonly ToolCase[] = [
  {
    name: "blocks without ids, ends and the right stop reason",
    events: [
      ...block(0, { "name": "f" }, ['{"a"', ":1}"]),
      ...block(1, { "name": "g" }, ['{"b":2}']),
      ...stop("end_turn"),
    ],
    calls: TWO,
  },
  {
    name: "the whole input in the block's start",
    events: [
      ...block(0, { "id": "x", "name": "f", "input": { "a": 1 } }, []),
      ...block(1, { "id": "y", "name": "g", "input": { "b": 2 } }, [""]),
      ...stop("tool_use"),
    ],
    calls: TWO,
  },
  {
    name: "a block without a name",
    events: [...block(0, { "id": "x" }, ['{"a":1}']), ...stop("tool_use")],
    calls: null,
  },
];

const OLLAMA_CASES: readonly ToolCase[] = [
  {
    name: "a call without a name",
    events: [
      { "message": { "tool_calls": [{ "function": { "arguments": {} } }] } },
      { "message": {}, "done": true, "done_reason": "stop" },
    ],
    calls: null,
  },
  {
    name: "calls without arguments",
    events: [
      { "message": { "tool_calls": [{ "function": { "name": "f" } }] } },
      { "message": { "tool_calls": [{ "function": { "name": "g", "arguments": null } }] } },
      { "message": {}, "done": true, "done_reason": "stop" },
    ],
    calls: [["f", "{}"], ["g", "{}"]],
  },
];

for (const toolCase of ANTHROPIC_CASES) toolTest("anthropic", toolCase);
for (const toolCase of OLLAMA_CASES) toolTest("ollama", toolCase);

rowTest("tool-deltas", {
  name: "anthropic: a whole answer that calls a tool without a name is a fault",
  body: () =>
    withVariants({
      kind: "anthropic",
      count: 1,
      script: (exchange) =>
        exchange.sendWhole(200, {
          ...wholeBody("anthropic", { text: [] }),
          "content": [{ "type": "tool_use", "id": "x", "input": {} }],
          "stop_reason": "tool_use",
        }),
    }, async ({ ask }) => {
      const seen = await ask(0, { "stream": false, "stream_options": null, "tools": TOOLS });
      assert.equal(seen.text, SPARE_TEXT);
    }),
});

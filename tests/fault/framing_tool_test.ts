import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { type ToolCase, TOOLS, toolTest, TWO } from "../support/tool_case.ts";

/** A delta with these pieces of calls. */
const pieces = (...calls: readonly JsonObject[]): JsonObject => ({
  "choices": [{ "index": 0, "delta": { "tool_calls": calls } }],
});

const first = (index: number, fields: JsonObject, spec: JsonObject): JsonObject => ({
  index,
  "id": `id${index}`,
  "type": "function",
  ...fields,
  "function": spec,
});

const more = (index: number, args: JsonValue, fields: JsonObject = {}): JsonObject => ({
  index,
  ...fields,
  "function": { "arguments": args },
});

const finish = (reason: string | null): JsonObject => ({
  "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }],
});

const bare = (spec: JsonObject, fields: JsonObject = {}): JsonObject => ({
  ...fields,
  "function": spec,
});

const CASES: readonly ToolCase[] = [
  {
    name: "interleaved pieces",
    events: [
      pieces(first(0, {}, { "name": "f", "arguments": "" })),
      pieces(first(1, {}, { "name": "g", "arguments": "" })),
      pieces(more(0, '{"a"'), more(1, '{"b"')),
      pieces(more(1, ":2}")),
      pieces(more(0, ":1}")),
      finish("tool_calls"),
    ],
    calls: TWO,
  },
  {
    name: "no index, no type",
    events: [
      pieces(bare({ "name": "f", "arguments": "" }, { "id": "x" })),
      pieces(bare({ "arguments": '{"a":1}' })),
      pieces(bare({ "name": "g", "arguments": '{"b"' }, { "id": "y" })),
      pieces(bare({ "arguments": ":2}" })),
      finish("tool_calls"),
    ],
    calls: TWO,
  },
  {
    name: "no ids at all",
    events: [
      pieces(first(0, { "id": null }, { "name": "f", "arguments": "" })),
      pieces(more(0, '{"a":1}')),
      pieces(first(1, { "id": "" }, { "name": "g", "arguments": '{"b":2}' })),
      finish("tool_calls"),
    ],
    calls: TWO,
  },
  {
    name: "neither index nor id, each call whole",
    events: [
      pieces(bare({ "name": "f", "arguments": '{"a":1}' })),
      pieces(bare({ "name": "g", "arguments": '{"b":2}' })),
      finish("tool_calls"),
    ],
    calls: TWO,
  },
  {
    name: "index 0 for all",
    events: [
      pieces(first(0, { "id": "x" }, { "name": "f", "arguments": '{"a":1}' })),
      pieces(first(0, { "id": "y" }, { "name": "g", "arguments": '{"b":2}' })),
      finish("tool_calls"),
    ],
    calls: TWO,
  },
  {
    name: "indices that begin at 1 and leave some out",
    events: [
      pieces(first(1, {}, { "name": "f", "arguments": '{"a":1}' })),
      pieces(first(5, {}, { "name": "g", "arguments": "" })),
      pieces(more(5, '{"b":2}')),
      finish("tool_calls"),
    ],
    calls: TWO,
  },
  {
    name: "id, type and name in every piece",
    events: [
      ...["", '{"a"', ":1}"].map((args) =>
        pieces(first(0, {}, { "name": "f", "arguments": args }))
      ),
      ...["", '{"b"', ":2}"].map((args) =>
        pieces(first(1, {}, { "name": "g", "arguments": args }))
      ),
      finish("tool_calls"),
    ],
    calls: TWO,
  },
  {
    name: "empty or null id and name in later pieces",
    events: [
      pieces(first(0, {}, { "name": "f", "arguments": null })),
      pieces({
        "index": 0,
        "id": "",
        "type": null,
        "function": { "name": "", "arguments": '{"a"' },
      }),
      pieces({
        "index": 0,
        "id": null,
        "type": "function",
        "function": { "name": null, "arguments": ":1}" },
      }),
      finish("tool_calls"),
    ],
    calls: [["f", '{"a":1}']],
  },
  {
    name: "a name that comes after the arguments",
    events: [
      pieces(first(0, {}, { "arguments": '{"a"' })),
      pieces({ "index": 0, "function": { "name": "f", "arguments": ":1}" } }),
      finish("tool_calls"),
    ],
    calls: [["f", '{"a":1}']],
  },
  {
    name: "arguments as an object",
    events: [
      pieces(first(0, {}, { "name": "f", "arguments": { "a": 1 } })),
      pieces(first(1, {}, { "name": "g", "arguments": { "b": 2 } })),
      finish("tool_calls"),
    ],
    calls: TWO,
  },
  {
    name: "no arguments",
    events: [
      pieces(first(0, {}, { "name": "f" })),
      pieces(first(1, {}, { "name": "g", "arguments": "" })),
      finish("tool_calls"),
    ],
    calls: [["f", "{}"], ["g", "{}"]],
  },
  {
    name: "no name where the request has one tool alone",
    tools: TOOLS.slice(0, 1),
    events: [pieces(first(0, {}, { "arguments": '{"a":1}' })), finish("tool_calls")],
    calls: [["f", '{"a":1}']],
  },
  {
    name: "no name where it may be one of several",
    events: [pieces(first(0, {}, { "arguments": '{"a":1}' })), finish("tool_calls")],
    calls: null,
  },
  ...["stop", "function_call", "end_turn", null].map((reason) => ({
    name: `finish_reason ${reason}`,
    events: [pieces(first(0, {}, { "name": "f", "arguments": '{"a":1}' })), finish(reason)],
    calls: [["f", '{"a":1}'] as const],
  })),
  {
    name: "a call in the chunk that finishes",
    events: [{
      "choices": [{
        "delta": { "tool_calls": [first(0, {}, { "name": "f", "arguments": '{"a":1}' })] },
        "finish_reason": "stop",
      }],
    }],
    calls: [["f", '{"a":1}']],
  },
];

for (const toolCase of CASES) toolTest("openai", toolCase);

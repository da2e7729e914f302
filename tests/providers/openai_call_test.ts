import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import {
  calls,
  chunk,
  first,
  more,
  outline,
  pieces,
  ROLE,
  run,
  STOP,
  TOOLS,
} from "../support/openai_stream.ts";

type CallRow = readonly [string, readonly JsonObject[], readonly JsonValue[]];

const CALLS: readonly CallRow[] = [
  ["pieces without an index", [
    calls({ "id": "a", "type": "function", "function": { "name": "f", "arguments": '{"x"' } }),
    calls({ "function": { "arguments": ":1}" } }),
    calls({ "id": "b", "type": "function", "function": { "name": "g", "arguments": "{}" } }),
  ], [first(0, "a", "f", '{"x"'), more(0, ":1}"), first(1, "b", "g", "{}")]],
  ["calls that all have index 0", [
    calls(first(0, "a", "f", "{}")),
    calls(first(0, "b", "g", '{"y"')),
    calls(more(0, ":2}")),
  ], [first(0, "a", "f", "{}"), first(1, "b", "g", '{"y"'), more(1, ":2}")]],
  ["whole calls without ids that all have index 0", [
    calls({ "index": 0, "function": { "name": "f", "arguments": "{}" } }),
    calls({ "index": 0, "function": { "name": "f", "arguments": '{"a":1}' } }),
  ], [first(0, "call_r1_0", "f", "{}"), first(1, "call_r1_1", "f", '{"a":1}')]],
  ["interleaved pieces", [
    calls(first(0, "a", "f"), first(1, "b", "g")),
    calls(more(1, "{")),
    calls(more(0, "{")),
    calls(more(1, "}"), more(0, "}")),
  ], [
    first(0, "a", "f"),
    first(1, "b", "g"),
    more(1, "{"),
    more(0, "{"),
    more(1, "}"),
    more(0, "}"),
  ]],
  ["interleaved pieces with ids alone", [
    calls({ "id": "a", "function": { "name": "f", "arguments": "" } }),
    calls({ "id": "b", "function": { "name": "g", "arguments": "" } }),
    calls({ "id": "a", "function": { "arguments": "{}" } }),
    calls({ "id": "b", "function": { "arguments": "{}" } }),
  ], [first(0, "a", "f"), first(1, "b", "g"), more(0, "{}"), more(1, "{}")]],
  ["id, type and name in every piece", [
    calls(first(0, "a", "f", "{")),
    calls(first(0, "a", "f", "}")),
  ], [first(0, "a", "f", "{"), more(0, "}")]],
  ["empty ids in later pieces", [
    calls(first(0, "a", "f", "{")),
    calls({
      "index": 0,
      "id": "",
      "type": "function",
      "function": { "name": "", "arguments": "}" },
    }),
  ], [first(0, "a", "f", "{"), more(0, "}")]],
  ["indices from 1", [calls(first(1, "a", "f", "{}")), calls(first(2, "b", "g", "{}"))], [
    first(0, "a", "f", "{}"),
    first(1, "b", "g", "{}"),
  ]],
  ["no arguments at all", [
    calls({ "index": 0, "id": "a", "type": "function", "function": { "name": "f" } }),
  ], [first(0, "a", "f"), more(0, "{}")]],
  ["arguments that are an object", [
    calls({ "index": 0, "id": "a", "function": { "name": "f", "arguments": { "x": 1 } } }),
  ], [first(0, "a", "f", '{"x":1}')]],
  ["a name that comes late", [
    calls({ "index": 0, "id": "a", "function": { "arguments": "{" } }),
    calls({ "index": 0, "function": { "name": "f", "arguments": "}" } }),
  ], [first(0, "a", "f", "{}")]],
];

for (const [name, frames, expected] of CALLS) {
  Deno.test(`decode() repairs calls with ${name}`, () => {
    assert.deepEqual(pieces(run([ROLE, ...frames, STOP])), [...expected, "tool_calls"]);
  });
}

Deno.test("decode() tells calls without ids apart whose arguments are no objects", () => {
  const bare = calls({ "index": 0, "function": { "name": "f", "arguments": "null" } });
  const said = pieces(run([ROLE, bare, bare, STOP])).filter((piece) => piece !== "tool_calls");
  assert.deepEqual(said.map((piece) => [Object(piece).index, Object(piece).function]), [
    [0, { "name": "f", "arguments": "null" }],
    [1, { "name": "f", "arguments": "null" }],
  ]);
});

Deno.test("decode() joins pieces that repeat the name until the value is whole", () => {
  const piece = (args: string) =>
    calls({ "index": 0, "function": { "name": "f", "arguments": args } });
  const said = pieces(run([ROLE, piece("nu"), piece("ll"), piece("null"), STOP]));
  const texts = said.flatMap((part) => {
    const { index, function: named } = Object(part);
    return named === undefined ? [] : [[index, named.arguments]];
  });
  assert.deepEqual(texts, [[0, "nu"], [0, "ll"], [1, "null"]]);
});

Deno.test("decode() completes empty arguments before the finish, in one chunk with it too", () => {
  const whole = chunk({ "role": "assistant", "tool_calls": [first(0, "a", "f")] }, "stop");
  assert.deepEqual(outline(run([whole])), [
    chunk({ "role": "assistant", "tool_calls": [first(0, "a", "f")] }),
    calls(more(0, "{}")),
    chunk({}, "tool_calls"),
    "done",
  ]);
});

Deno.test("decode() completes no arguments of an answer that was cut", () => {
  const events = run([ROLE, calls(first(0, "a", "f")), chunk({}, "length")]);
  assert.deepEqual(pieces(events), [first(0, "a", "f"), "length"]);
});

Deno.test("decode() gives a call without a name that of the only tool", () => {
  const frames = [ROLE, calls({ "index": 0, "id": "a", "function": { "arguments": "{}" } }), STOP];
  assert.deepEqual(pieces(run(frames, TOOLS.slice(0, 1))), [
    first(0, "a", "f", "{}"),
    "tool_calls",
  ]);
  assert.equal(outline(run(frames)).at(-1), "fault: malformed");
});

Deno.test("decode() keeps calls of custom tools as they are", () => {
  const call = { "index": 0, "id": "a", "type": "custom", "custom": { "name": "x", "input": "" } };
  const frames = [ROLE, calls(call), calls({ "index": 0, "custom": { "input": "y" } })];
  assert.deepEqual(outline(run([...frames, chunk({}, "tool_calls")])).slice(0, 3), frames);
});

/** Names that begin alike, and one that no server of strict names takes. */
const LONG_TOOLS = ["get_weather", "get", "weather", "fs.read"]
  .map((name) => ({ type: "function", function: { name } }));

function named(name: string, args = ""): JsonObject {
  return { "index": 0, "function": { "name": name, "arguments": args } };
}

const NAMES: readonly CallRow[] = [
  ["a name in pieces", [
    calls(first(0, "a", "get_w")),
    calls(named("eat")),
    calls(named("her")),
    calls(more(0, "{}")),
  ], [first(0, "a", "get_weather"), more(0, "{}")]],
  ["a name in pieces, the last with arguments", [
    calls(first(0, "a", "get_wea")),
    calls(named("ther", "{}")),
  ], [first(0, "a", "get_weather", "{}")]],
  ["a name that ends with the answer", [calls(first(0, "a", "get_"))], [
    first(0, "a", "get_"),
    more(0, "{}"),
  ]],
  ["a piece that is a tool's name itself", [
    calls(first(0, "a", "get_")),
    calls(named("weather", "{}")),
  ], [first(0, "a", "get_"), first(1, "call_r1_0", "weather", "{}"), more(0, "{}")]],
  ["a whole name that begins another", [
    calls(first(0, "a", "get")),
    calls(more(0, "{}")),
    calls(first(1, "b", "get", "{}")),
  ], [first(0, "a", "get", "{}"), first(1, "b", "get", "{}")]],
  ["a name in pieces before the next call", [
    calls(first(0, "a", "get")),
    calls(first(1, "b", "weather", "{}")),
  ], [first(0, "a", "get"), first(1, "b", "weather", "{}"), more(0, "{}")]],
  ["the wire name of a tool", [calls(first(0, "a", "fs_read", "{}"))], [
    first(0, "a", "fs.read", "{}"),
  ]],
  ["the wire name in pieces", [calls(first(0, "a", "fs_")), calls(named("read", "{}"))], [
    first(0, "a", "fs.read", "{}"),
  ]],
];

for (const [name, frames, expected] of NAMES) {
  Deno.test(`decode() reads calls with ${name}`, () => {
    const got = pieces(run([ROLE, ...frames, STOP], LONG_TOOLS));
    assert.deepEqual(got, [...expected, "tool_calls"]);
  });
}

Deno.test("decode() gives the whole name of a call that was cut", () => {
  const events = run([ROLE, calls(first(0, "a", "get")), chunk({}, "length")], LONG_TOOLS);
  assert.deepEqual(pieces(events), [first(0, "a", "get"), "length"]);
});

import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { SPARE_TEXT } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { callsIn } from "../support/seen_call.ts";
import type { Script } from "../support/upstream.ts";
import { type Variants, withVariants } from "../support/variant_case.ts";

/** Sends these lines as the only variant. */
function withLines(
  lines: readonly JsonObject[],
  use: (variants: Variants) => Promise<void>,
): Promise<void> {
  const script: Script = (exchange) => exchange.sendBodies(lines);
  return withVariants({ kind: "ollama", count: 1, script }, use);
}

const ERROR = { "error": "an error was encountered while running the model" };
const END = { "message": { "content": "" }, "done": true, "done_reason": "stop" };

rowTest("ollama-lines", {
  name: "an error line after tokens is one error event; what follows it is not shown",
  body: () =>
    withLines([
      { "message": { "content": "half" } },
      ERROR,
      { "message": { "content": "more" } },
      END,
    ], async ({ ask, spare }) => {
      const { text, doneCount, errors, finish } = await ask(0);
      assert.deepEqual([text, doneCount, errors.length, finish], ["half", 0, 1, null]);
      assert.equal(spare.exchanges.length, 0);
    }),
});

rowTest("ollama-lines", {
  name: "an error line before tokens leads to the next candidate",
  body: () =>
    withLines([{ "message": { "content": "" } }, ERROR, END], async ({ ask }) => {
      const { text, doneCount, errors } = await ask(0);
      assert.deepEqual([text, doneCount, errors], [SPARE_TEXT, 1, []]);
    }),
});

const call = (name: string, args: JsonValue, id: string | null = null): JsonObject => ({
  ...(id === null ? {} : { id }),
  "function": { "index": 0, name, "arguments": args },
});

/** Where calls may stand: before the text, in several lines, two in one line, in the last line. */
const CALL_LINES: Readonly<Record<string, readonly JsonObject[]>> = {
  "each in a line of its own": [
    { "message": { "tool_calls": [call("f", { "n": 1 })] } },
    { "message": { "content": "between" } },
    { "message": { "tool_calls": [call("f", { "n": 2 })] } },
    { "message": { "tool_calls": [call("g", { "n": 3 })] } },
    END,
  ],
  "two in a line, one in the last": [
    {
      "message": {
        "content": "between",
        "tool_calls": [call("f", { "n": 1 }), call("f", { "n": 2 })],
      },
    },
    { ...END, "message": { "content": "", "tool_calls": [call("g", { "n": 3 })] } },
  ],
  "all with the same id": [
    { "message": { "content": "between", "tool_calls": [call("f", { "n": 1 }, "same")] } },
    { "message": { "tool_calls": [call("f", { "n": 2 }, "same"), call("g", { "n": 3 }, "same")] } },
    END,
  ],
  "with arguments as text": [
    {
      "message": {
        "content": "between",
        "tool_calls": [call("f", '{"n":1}'), call("f", '{"n":2}')],
      },
    },
    { "message": { "tool_calls": [call("g", '{"n":3}')] } },
    END,
  ],
};

for (const [name, lines] of Object.entries(CALL_LINES)) {
  rowTest("ollama-lines", {
    name: `calls of index 0 are distinct calls: ${name}`,
    body: () =>
      withLines(lines, async ({ ask }) => {
        const seen = await ask(0);
        assert.deepEqual([seen.text, seen.finish, seen.doneCount], ["between", "tool_calls", 1]);
        const calls = callsIn(seen);
        assert.deepEqual(calls.map(({ index, name, args }) => [index, name, args]), [
          [0, "f", '{"n":1}'],
          [1, "f", '{"n":2}'],
          [2, "g", '{"n":3}'],
        ]);
        assert.equal(new Set(calls.map(({ id }) => id)).size, 3);
      }),
  });
}

/** Streams with calls that clients could not read as they come, and the calls that they must see. */

import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { SPARE_TEXT } from "./cascade_case.ts";
import { rowTest } from "./fault_row.ts";
import { callsIn } from "./seen_call.ts";
import { withVariants } from "./variant_case.ts";

/** A tool of this name, without parameters. */
export function toolOf(name: string): JsonObject {
  const parameters = { "type": "object", "properties": {} };
  return { "type": "function", "function": { name, parameters } };
}

/** The tools of a request that names none of its own. */
export const TOOLS = [toolOf("f"), toolOf("g")];

/** A stream, and the calls that the client must see: name and arguments; null when it is a fault. */
export interface ToolCase {
  readonly name: string;
  readonly tools?: readonly JsonObject[];
  readonly events: readonly JsonObject[];
  readonly calls: readonly (readonly [string, string])[] | null;
}

/** The calls of most cases. */
export const TWO = [["f", '{"a":1}'], ["g", '{"b":2}']] as const;

/** Declares a test of the row `tool-deltas`. */
export function toolTest(kind: ProviderKind, toolCase: ToolCase): void {
  const { name, tools = TOOLS, events, calls } = toolCase;
  rowTest("tool-deltas", {
    name: `${kind}: ${name}`,
    body: () =>
      withVariants({
        kind,
        count: 1,
        script: (exchange) => exchange.sendBodies(events),
      }, async ({ ask }) => {
        const seen = await ask(0, { "tools": tools });
        assert.equal(seen.doneCount, 1);
        if (calls === null) return assert.equal(seen.text, SPARE_TEXT);
        const told = callsIn(seen);
        assert.deepEqual(told.map((call) => [call.name, call.args]), calls);
        assert.deepEqual(told.map((call) => call.index), [...calls.keys()]);
        assert.equal(new Set(told.map((call) => call.id)).size, calls.length);
        assert.equal(seen.finish, "tool_calls");
      }),
  });
}

import assert from "node:assert/strict";
import { nearestName } from "../../src/core/issue.ts";

const KNOWN = ["always", "has_tools", "tokens_in_gt", "difficulty"];

for (
  const [name, nearest] of [
    ["tokens_in_gr", "tokens_in_gt"],
    ["dificulty", "difficulty"],
    ["HAS_TOOL", "has_tools"],
    ["xyz", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`nearestName() of "${name}" is ${nearest}`, () => {
    assert.equal(nearestName(name, KNOWN), nearest);
  });
}

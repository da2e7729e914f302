import assert from "node:assert/strict";
import { nearestName } from "../../src/core/issue.ts";

const KNOWN = [
  "always",
  "has_tools",
  "tokens_in_gt",
  "tokens_in_lt",
  "difficulty",
  "allowed_hosts",
];

for (
  const [name, nearest] of [
    ["alwasy", "always"],
    ["tokens_in_gr", "tokens_in_gt"],
    ["dificulty", "difficulty"],
    ["HAS_TOOL", "has_tools"],
    ["tokns", "tokens_in_gt"],
    ["Tokens", "tokens_in_gt"],
    ["has", undefined],
    ["in_gt", undefined],
    ["host", undefined],
    ["port", undefined],
    ["xyz", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`nearestName() of "${name}" is ${nearest}`, () => {
    assert.equal(nearestName(name, KNOWN), nearest);
  });
}

Deno.test("nearestName() finds nothing near a name that shares no letter", () => {
  assert.equal(nearestName("y", ["x"]), undefined);
  assert.equal(nearestName("zz", ["a", "bb"]), undefined);
});

import assert from "node:assert/strict";
import { Traffic } from "../../src/engine/traffic.ts";

/** Traffic whose last reply came at 0, and what a request that lost its connection may be told. */
function mayBeStale({ sentAt, lostAt }: { readonly sentAt: number; readonly lostAt: number }) {
  let now = 0;
  const traffic = new Traffic({ now: () => now });
  traffic.noteReply();
  now = lostAt;
  return traffic.mayBeStale(sentAt);
}

const CASES: readonly (readonly [string, number, number, boolean])[] = [
  ["at once", 10, 11, true],
  ["within a second", 10, 1_009, true],
  ["a second after the request", 10, 1_010, false],
  ["after a minute of idleness", 60_000, 60_001, true],
  ["after more than a minute of idleness", 60_001, 60_002, false],
];

for (const [when, sentAt, lostAt, expected] of CASES) {
  Deno.test(`a connection that is lost ${when} ${expected ? "may be" : "is not"} stale`, () => {
    assert.equal(mayBeStale({ sentAt, lostAt }), expected);
  });
}

Deno.test("where nothing was heard, and after a break, no connection is stale", () => {
  const traffic = new Traffic({ now: () => 0 });
  assert.equal(traffic.mayBeStale(0), false);
  traffic.noteReply();
  assert.equal(traffic.mayBeStale(0), true);
  traffic.noteBreak();
  assert.equal(traffic.mayBeStale(0), false);
});

Deno.test("a reply is recent as long as the pool keeps its connection", () => {
  let now = 0;
  const traffic = new Traffic({ now: () => now });
  assert.equal(traffic.isRecent, false);
  traffic.noteReply();
  now = 59_999;
  assert.equal(traffic.isRecent, true);
  now = 60_000;
  assert.equal(traffic.isRecent, false);
});

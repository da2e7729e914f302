import assert from "node:assert/strict";
import { askFor, outcomesOf, type Rung, withLadder } from "../support/cascade_case.ts";
import { timedTest } from "../support/deadline.ts";

/** A model that asks for these many milliseconds, one refusal after the other. */
function limited(alias: string, retryAfterMs: readonly number[]): Rung {
  const afterOf = (position: number) => String(retryAfterMs[position] ?? 10_000);
  return {
    alias,
    kind: "openai",
    script: (exchange, position) =>
      exchange.sendWhole(429, {}, { "retry-after-ms": afterOf(position) }),
  };
}

// Two waits of 100 ms fit, and a third of 300 ms would if either of them were not counted.
timedTest(
  "the waits of one request together never exceed max_wait_secs",
  () =>
    withLadder([limited("a", [100]), limited("b", [200, 300])], async ({ daemon }) => {
      assert.equal((await askFor(daemon, false)).status, 429);
      assert.deepEqual(await outcomesOf(daemon), [
        "a:rate_limit",
        "b:rate_limit",
        "a:rate_limit",
        "b:rate_limit",
      ]);
    }, { cascade: "max_wait_secs = 0.48" }),
);

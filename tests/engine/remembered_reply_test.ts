import assert from "node:assert/strict";
import type { JsonValue } from "../../src/core/json.ts";
import { RememberedReply } from "../../src/engine/remembered_reply.ts";

Deno.test("RememberedReply asks again after a failure, and after five minutes", async () => {
  let nowMs = 0;
  let count = 0;
  const reply = new RememberedReply(() => nowMs);
  const ask = (body: JsonValue) =>
    reply.get(() => {
      count++;
      return Promise.resolve(body);
    });
  assert.deepEqual([await ask(null), await ask("a"), await ask("b"), count], [null, "a", "a", 2]);
  nowMs = 299_999;
  assert.deepEqual([await ask("c"), count], ["a", 2]);
  nowMs = 300_000;
  assert.deepEqual([await ask("d"), count], ["d", 3]);
});

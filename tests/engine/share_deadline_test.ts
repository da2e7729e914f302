import assert from "node:assert/strict";
import { createDeadline, leftMsOf, shareDeadline } from "../../src/engine/deadline.ts";

/** The deadline of an attempt with others behind it, for a client that waits so many seconds. */
function shareOf(seconds: number): ReturnType<typeof shareDeadline> {
  const limit = { limitMs: seconds * 1_000, header: "x-stainless-timeout" };
  const deadline = createDeadline(limit, performance.now());
  assert.ok(deadline);
  return shareDeadline(deadline);
}

Deno.test("shareDeadline() leaves the next candidate two fifths of the time", () => {
  const leftMs = leftMsOf(shareOf(100));
  assert.ok(leftMs > 59_000 && leftMs < 59_500, `${leftMs} ms`);
});

Deno.test("shareDeadline() blames a model for minutes of silence, not for a client in a hurry", () => {
  const [short, long] = [shareOf(20).fault, shareOf(600).fault];
  assert.deepEqual([short.kind, short.isOurs], ["timeout", true]);
  assert.deepEqual([long.kind, long.isOurs], ["timeout", false]);
});

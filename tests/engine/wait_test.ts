import assert from "node:assert/strict";
import { waitFor } from "../../src/engine/wait.ts";
import { timedTest } from "../support/deadline.ts";

timedTest("nobody waits whose client has left already", async () => {
  const waitedMs = await waitFor(300, AbortSignal.abort());
  assert.ok(waitedMs < 150, `${waitedMs} ms`);
});

timedTest("a client that leaves ends the wait, and is told how long it was", async () => {
  const client = new AbortController();
  const waiting = waitFor(2_000, client.signal);
  setTimeout(() => client.abort(), 20);
  const waitedMs = await waiting;
  assert.ok(waitedMs >= 19 && waitedMs < 1_000, `${waitedMs} ms`);
});

timedTest("a wait is as long as it was asked for", async () => {
  const waitedMs = await waitFor(50, new AbortController().signal);
  assert.ok(waitedMs >= 49 && waitedMs < 250, `${waitedMs} ms`);
});

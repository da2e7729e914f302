import assert from "node:assert/strict";
import type { UpstreamFault } from "../../src/core/outcome.ts";
import { timeoutFault, Watchdog } from "../../src/providers/watchdog.ts";
import { askFor, withLadder } from "../support/cascade_case.ts";
import { timedTest } from "../support/deadline.ts";
import { turnLoop } from "../support/leaving.ts";
import { streamEvents } from "../support/upstream_wire.ts";

const LATE = timeoutFault("answer", 1_000);
const BROKEN: UpstreamFault = { kind: "truncated", status: null, message: "the connection broke" };

Deno.test("of two causes for the end of an attempt the first is told", () => {
  const client = new AbortController();
  using left = new Watchdog(client.signal);
  using late = new Watchdog(client.signal);
  late.end(LATE);
  client.abort();
  left.end(LATE);
  assert.deepEqual(left.explain(BROKEN), { type: "cancelled" });
  assert.deepEqual(late.explain(BROKEN), { type: "fault", fault: LATE });
});

timedTest(
  "a connection that ends its stream a while after its end marker is used again",
  () =>
    withLadder([{ alias: "a", kind: "openai", script: null }], async ({ daemon, upstreams }) => {
      const [upstream] = upstreams;
      assert.ok(upstream !== undefined);
      const asking = askFor(daemon, true);
      const exchange = await upstream.next();
      await exchange.sendStreamHead();
      for (const event of streamEvents("openai", { text: ["Hello."] })) {
        await exchange.sendChunk(event);
      }
      assert.equal((await asking).text, "Hello.");
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(exchange.isClientGone, false);
      await exchange.endChunks();
      await turnLoop(daemon);
      const again = askFor(daemon, true);
      await (await upstream.next()).answer({ text: ["Hello again."] });
      assert.equal((await again).text, "Hello again.");
      assert.equal(upstream.connectionCount, 1);
    }),
);

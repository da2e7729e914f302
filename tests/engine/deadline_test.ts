import assert from "node:assert/strict";
import { ASK, NO_WAIT, withCascade } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { SseClient } from "../support/sse_client.ts";
import { Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

const STREAMED = { ...ASK, "stream": true };

timedTest(
  "a long hold sends comments, and only then headers before the answer",
  () =>
    withCascade(null, async ({ first, daemon }) => {
      const response = daemon.chat(STREAMED);
      const exchange = await first.next();
      await exchange.sendStreamHead();
      const early = await response;
      assert.equal(early.headers.get("x-pirouter-model"), null);
      assert.ok(early.headers.get("x-pirouter-request-id"));
      const client = new SseClient(early);
      assert.equal(await client.next(), ": keep-alive");
      await exchange.sendChunk(openaiChunk({ "content": "late" }, null));
      await exchange.sendChunk(openaiChunk({}, "stop") + "data: [DONE]\n\n");
      await exchange.endChunks();
      const chunks = await client.readChunks();
      assert.equal(chunks[0]?.model, "first");
    }, { server: "keep_alive_secs = 0.05" }),
);

timedTest(
  "a fault after the early headers is one error in the stream, and the ledger says 200",
  async () => {
    await using upstream = new Upstream("openai");
    const extra = { server: "keep_alive_secs = 0.05", cascade: NO_WAIT };
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }], extra));
    const response = daemon.chat(STREAMED);
    const exchange = await upstream.next();
    const client = new SseClient(await response);
    await exchange.sendWhole(503, {});
    const events = (await client.readAll()).filter((data) => !data.startsWith(":"));
    assert.equal(events.length, 1);
    assert.equal(JSON.parse(events[0] ?? "").error.code, "upstream_overloaded");
    const { requests } = await daemon.ledger();
    assert.deepEqual([requests[0]?.["status"], requests[0]?.["http_status"]], ["exhausted", 200]);
  },
);

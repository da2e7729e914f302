import assert from "node:assert/strict";
import { ASK } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

const MB = 1_048_576;
const PIECE = openaiChunk({ "content": "x".repeat(MB) }, null);

timedTest(
  "a client that stops reading is waited for with bounded memory, and blames no upstream",
  async () => {
    let sentMb = 0;
    const stalled = Promise.withResolvers<void>();
    await using upstream = new Upstream("openai", async (exchange) => {
      await exchange.sendStreamHead();
      for (; sentMb < 96; sentMb++) {
        const writing = exchange.sendChunk(PIECE);
        const timer = setTimeout(stalled.resolve, 1_200); // longer than the idle limit below
        await writing;
        clearTimeout(timer);
      }
      await exchange.sendChunk(openaiChunk({}, "stop") + "data: [DONE]\n\n");
      await exchange.endChunks();
    });
    const provider = "idle_timeout_secs = 1";
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream, provider }]));
    const response = await daemon.chat({ ...ASK, "stream": true });
    await stalled.promise;
    assert.ok(sentMb < 64, `${sentMb} MB were taken from the upstream while nobody read`);
    let tail = "";
    for await (const bytes of response.body ?? []) {
      tail = (tail + new TextDecoder().decode(bytes)).slice(-64);
    }
    assert.match(tail, /\[DONE\]\s*$/);
    const { attempts } = await daemon.ledger();
    assert.equal(attempts[0]?.["outcome"], "ok");
  },
);

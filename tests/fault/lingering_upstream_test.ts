import assert from "node:assert/strict";
import { ASK } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest, within } from "../support/deadline.ts";
import { Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

timedTest("an upstream that keeps its connection open after [DONE] is let go", async () => {
  await using upstream = new Upstream("openai", async (exchange) => {
    await exchange.sendStreamHead();
    await exchange.sendChunk(openaiChunk({ "content": "Hi" }, "stop") + "data: [DONE]\n\n");
    await exchange.clientLeft;
  });
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
  const response = await daemon.chat({ ...ASK, "stream": true });
  assert.match(await response.text(), /\[DONE\]/);
  const [exchange] = upstream.exchanges;
  assert.ok(exchange);
  await within(exchange.clientLeft, "the end of the upstream's connection", 3_000);
});

import assert from "node:assert/strict";
import { ASK } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { Upstream } from "../support/upstream.ts";

for (const stream of [false, true]) {
  for (const pad of [0, 485, 495]) {
    timedTest(
      `a key that a 401 echoes reaches nobody (stream ${stream}, after ${pad})`,
      async () => {
        await using upstream = new Upstream("openai", async (exchange) => {
          const key = exchange.request.headers.get("authorization")?.slice("Bearer ".length) ?? "";
          assert.ok(key.length > 8, "the upstream got its key");
          await exchange.sendWhole(401, {
            "error": { "message": "x".repeat(pad) + key, "type": key, "param": key, "code": key },
          });
        });
        await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
        const response = await daemon.chat({ ...ASK, stream });
        assert.equal(response.status, 401);
        const shown = await response.text() + JSON.stringify([...response.headers]) +
          JSON.stringify(await daemon.ledger()) + daemon.log.join("");
        const sent = upstream.exchanges[0]?.request.headers.get("authorization") ?? "";
        const key = sent.slice("Bearer ".length);
        for (let length = 6; length <= key.length; length++) {
          assert.ok(!shown.includes(key.slice(0, length)), `${length} characters of the key leak`);
        }
      },
    );
  }
}

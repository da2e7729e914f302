import assert from "node:assert/strict";
import { ASK, askFor, outcomesOf } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { SseClient } from "../support/sse_client.ts";
import { Upstream } from "../support/upstream.ts";

rowTest("silent-upstream", {
  name: "a whole answer that the client will not wait for is given up just before it leaves",
  body: async () => {
    await using slow = new Upstream("openai", async (exchange) => void await exchange.clientLeft);
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "slow", upstream: slow }]));
    const startedAt = performance.now();
    const response = await daemon.chat(ASK, { headers: { "x-stainless-timeout": "1" } });
    const tookMs = performance.now() - startedAt;
    const { error } = await response.json();
    assert.ok(tookMs >= 900 && tookMs < 1_000, `answered after ${tookMs} ms`);
    assert.deepEqual([response.status, error.code], [504, "request_deadline"]);
    assert.match(error.message, /the client waits 1 s \(x-stainless-timeout\)/);
    assert.equal(response.headers.get("x-should-retry"), "false");
    assert.deepEqual(await outcomesOf(daemon), ["slow:deadline"]);
  },
});

rowTest("silent-upstream", {
  name: "a whole answer that does not come leaves the next candidate a part of the client's time",
  body: async () => {
    await using slow = new Upstream("openai", async (exchange) => void await exchange.clientLeft);
    await using spare = new Upstream(
      "openai",
      (exchange) => exchange.answer({ text: ["In time."] }),
    );
    const models = [{ alias: "slow", upstream: slow }, { alias: "spare", upstream: spare }];
    await using daemon = await TestDaemon.start(tomlFor(models));
    const ask = async () => {
      const response = await daemon.chat(ASK, { headers: { "x-stainless-timeout": "1" } });
      return (await response.json()).choices[0].message.content;
    };
    const startedAt = performance.now();
    assert.equal(await ask(), "In time.");
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs >= 550 && tookMs < 900, `answered after ${tookMs} ms`);
    assert.equal(await ask(), "In time.");
    const outcomes = await outcomesOf(daemon, 2);
    assert.deepEqual(outcomes, ["slow:timeout", "spare:ok", "spare:ok"], "the second is not late");
  },
});

rowTest("silent-upstream", {
  name: "a request that waits for its slot ends when its client would leave",
  body: async () => {
    await using upstream = new Upstream("openai");
    const provider = "max_concurrency = 1";
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream, provider }]));
    const first = askFor(daemon, false);
    const exchange = await upstream.next();
    const response = await daemon.chat(ASK, { headers: { "x-stainless-timeout": "0.2" } });
    assert.equal((await response.json()).error.code, "request_deadline");
    await exchange.answer({ text: ["Here I am."] });
    assert.equal((await first).text, "Here I am.");
    assert.equal(upstream.exchanges.length, 1);
  },
});

rowTest("slow-but-healthy", {
  name: "a stream outlives its client's limit: a sign of life comes before it, and no end in total",
  body: async () => {
    await using upstream = new Upstream("openai");
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream }]));
    const headers = { "x-stainless-timeout": "0.4" };
    const startedAt = performance.now();
    const asking = daemon.chat({ ...ASK, "stream": true }, { headers });
    const exchange = await upstream.next();
    const client = new SseClient(await asking);
    let seenAt = performance.now();
    assert.ok(seenAt - startedAt < 400, "the head came too late");
    while (performance.now() - startedAt < 1_000) {
      assert.equal(await client.next(), ": keep-alive");
      assert.ok(performance.now() - seenAt < 400, "a sign of life came too late");
      seenAt = performance.now();
    }
    await exchange.answer({ text: ["Slow and steady."] });
    assert.equal(await client.nextText(), "Slow and steady.");
    assert.equal((await client.readAll()).at(-1), "[DONE]");
  },
});

import assert from "node:assert/strict";
import { ASK, askFor, outcomesOf, SPARE_TEXT, withCascade } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { readResponse } from "../support/got.ts";
import { SseClient } from "../support/sse_client.ts";
import { assertQuick } from "../support/time_limit.ts";
import { type Script, Upstream } from "../support/upstream.ts";

const waitForEnd: Script = async (exchange) => void await exchange.clientLeft;

/** The milliseconds that the daemon took for its newest request. */
async function readLatencyMs(daemon: TestDaemon, count = 1): Promise<number> {
  const { requests } = await daemon.ledger(count);
  return Number(requests.at(-1)?.["latency_ms"]);
}

rowTest("silent-upstream", {
  name: "a whole answer that the client will not wait for is given up just before it leaves",
  body: () =>
    assertQuick({ what: "the response", limitMs: 1_000 }, async () => {
      await using slow = new Upstream("openai", waitForEnd);
      await using daemon = await TestDaemon.start(tomlFor([{ alias: "slow", upstream: slow }]));
      const response = await daemon.chat(ASK, { headers: { "x-stainless-timeout": "1" } });
      const { error } = await response.json();
      assert.deepEqual([response.status, error.code], [504, "request_deadline"]);
      assert.match(error.message, /the client waits 1 s \(x-stainless-timeout\)/);
      assert.equal(response.headers.get("x-should-retry"), "false");
      assert.deepEqual(await outcomesOf(daemon), ["slow:deadline"]);
      const latencyMs = await readLatencyMs(daemon);
      assert.ok(latencyMs >= 900, `given up after ${latencyMs} ms`);
      return latencyMs;
    }),
});

rowTest("silent-upstream", {
  name: "a whole answer that does not come leaves the next candidate a part of the client's time",
  body: () =>
    withCascade(waitForEnd, async ({ daemon }) => {
      const ask = async () => {
        const response = await daemon.chat(ASK, { headers: { "x-stainless-timeout": "1" } });
        return (await readResponse(response)).text;
      };
      assert.equal(await ask(), SPARE_TEXT);
      const latencyMs = await readLatencyMs(daemon);
      assert.ok(latencyMs >= 550 && latencyMs < 1_000, `answered after ${latencyMs} ms`);
      assert.deepEqual(await outcomesOf(daemon), ["first:timeout", "spare:ok"]);
      const ready = await (await daemon.fetch("/readyz")).json();
      assert.deepEqual(ready["cooling"], [], "a client in a hurry blames no model");
    }),
});

rowTest("silent-upstream", {
  name: "a repeat over a new connection does not use up the next candidate's part of the time",
  body: () => {
    const script: Script = (exchange, position) => {
      if (position === 0) return exchange.answer({ text: [SPARE_TEXT] });
      return position === 1 ? Promise.resolve(exchange.cut()) : waitForEnd(exchange, position);
    };
    return withCascade(script, async ({ daemon }) => {
      await askFor(daemon, false);
      const response = await daemon.chat(ASK, { headers: { "x-stainless-timeout": "1" } });
      assert.equal((await readResponse(response)).text, SPARE_TEXT);
      const outcomes = await outcomesOf(daemon, 2);
      assert.deepEqual(outcomes, ["first:ok", "first:connect", "first:timeout", "spare:ok"]);
    });
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
    while (performance.now() - startedAt < 800) {
      assert.equal(await client.next(), ": keep-alive");
      assert.ok(performance.now() - seenAt < 400, "a sign of life came too late");
      seenAt = performance.now();
    }
    await exchange.answer({ text: ["Slow and steady."] });
    assert.equal(await client.nextText(), "Slow and steady.");
    assert.equal((await client.readAll()).at(-1), "[DONE]");
  },
});

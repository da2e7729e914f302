import assert from "node:assert/strict";
import { ASK, outcomesOf, withCascade } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { assertNoneBusy } from "../support/invariants.ts";
import { assertSeenSoon, sendUpTo, timeDeparture, turnLoop } from "../support/leaving.ts";
import { SocketClient } from "../support/socket_client.ts";
import { SseClient } from "../support/sse_client.ts";
import { Upstream } from "../support/upstream.ts";

const STREAMED = { ...ASK, "stream": true };

rowTest("leave-before-headers", {
  name: "a disconnect is not lost after a body that took more than one read (Deno.serve 2.9.6)",
  body: () =>
    assertSeenSoon(() =>
      withCascade(null, async ({ first, daemon }) => {
        const messages = [{ "role": "user", "content": "x".repeat(2_000) }];
        const body = JSON.stringify({ "model": "auto", messages });
        using client = await SocketClient.connect(daemon.origin);
        client.write(
          `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n` +
            `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n` +
            body.slice(0, 900),
        );
        await turnLoop(daemon); // the first part has been read
        client.write(body.slice(900));
        const seenMs = await timeDeparture(await first.next(), () => client.close());
        const { requests } = await daemon.ledger();
        assert.equal(requests[0]?.["status"], "cancelled");
        return seenMs;
      })
    ),
});

/** All that is seen of a client whose process has ended is that its half is closed. */
const DEPARTURES = {
  "resets its connection": (client: SocketClient) => client.reset(),
  "closes its half of the connection": (client: SocketClient) => client.endHalf(),
} as const;

for (const [what, depart] of Object.entries(DEPARTURES)) {
  for (const stream of [true, false]) {
    rowTest("leave-before-headers", {
      name: `a client that ${what} has left (stream ${stream})`,
      body: () =>
        assertSeenSoon(() =>
          withCascade(null, async ({ first, spare, daemon }) => {
            using client = await SocketClient.connect(daemon.origin);
            client.post({ ...ASK, stream }, "keep-alive");
            const seenMs = await timeDeparture(await first.next(), () => depart(client));
            assert.deepEqual(await outcomesOf(daemon), ["first:cancelled"]);
            assert.equal(await client.readAll(), "");
            assert.equal(spare.exchanges.length, 0);
            return seenMs;
          })
        ),
    });
  }
}

rowTest("leave-mid-stream", {
  name: "a client that resets its connection in the middle of a stream ends it upstream",
  body: () =>
    assertSeenSoon(() =>
      withCascade(null, async ({ first, spare, daemon }) => {
        using client = await SocketClient.connect(daemon.origin);
        client.post(STREAMED, "keep-alive");
        const exchange = await first.next();
        await sendUpTo(exchange, "one");
        await client.sees(/"content":"one"/);
        const seenMs = await timeDeparture(exchange, () => client.reset());
        const { requests: [request] } = await daemon.ledger();
        assert.deepEqual([request?.["status"], request?.["http_status"]], ["cancelled", 200]);
        assert.equal(spare.exchanges.length, 0);
        return seenMs;
      })
    ),
});

rowTest("leave-before-token", {
  name: "a client that leaves between two comments of a held stream ends it upstream",
  body: () =>
    assertSeenSoon(() =>
      withCascade(null, async ({ first, spare, daemon }) => {
        const abort = new AbortController();
        const response = daemon.chat(STREAMED, { signal: abort.signal });
        const exchange = await first.next();
        await exchange.sendStreamHead();
        const client = new SseClient(await response);
        assert.equal(await client.next(), ": keep-alive");
        assert.equal(await client.next(), ": keep-alive");
        const seenMs = await timeDeparture(exchange, () => abort.abort());
        const { requests: [request], attempts } = await daemon.ledger();
        assert.deepEqual([request?.["status"], attempts.length], ["cancelled", 1]);
        assert.equal(request?.["http_status"], 200);
        assert.equal(spare.exchanges.length, 0);
        return seenMs;
      }, { server: "keep_alive_secs = 0.05" })
    ),
});

rowTest("leave-mid-stream", {
  name: "100 clients that leave at once end all of their streams upstream",
  body: () =>
    withCascade(null, async ({ first, spare, daemon }) => {
      const abort = new AbortController();
      const clients = Array.from({ length: 100 }, async (_, index) => {
        const response = daemon.chat(STREAMED, { signal: abort.signal });
        response.catch(() => "the client has left");
        const exchange = await first.next();
        if (index % 2 === 0) await sendUpTo(exchange, "one");
      });
      await Promise.all(clients);
      await turnLoop(daemon);
      abort.abort();
      await assertNoneBusy(first.exchanges, { label: "100 clients" });
      const { requests, attempts } = await daemon.ledger(100);
      assert.deepEqual(new Set(requests.map((row) => row["status"])), new Set(["cancelled"]));
      assert.equal(attempts.length, 100);
      assert.equal(spare.exchanges.length, 0);
    }),
});

rowTest("leave-while-waiting", {
  name: "a client that leaves while it waits for a slot leaves the queue",
  body: async () => {
    await using upstream = new Upstream("openai");
    const provider = "max_concurrency = 1";
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream, provider }]));
    const first = daemon.chat(ASK);
    const exchange = await upstream.next();
    const client = new AbortController();
    const second = daemon.chat(ASK, { signal: client.signal });
    second.catch(() => "the client has left");
    await turnLoop(daemon);
    client.abort();
    const { requests, attempts } = await daemon.ledger(1);
    assert.equal(requests[0]?.["status"], "cancelled");
    assert.deepEqual(attempts.map((row) => row["http_status"]), [null]);
    await exchange.answer({ text: ["hello"] });
    assert.equal((await (await first).json()).choices[0].message.content, "hello");
    assert.equal(upstream.exchanges.length, 1);
  },
});

for (const stream of [true, false]) {
  rowTest("leave-while-waiting", {
    name: `a client that leaves while its only model cools down ends the wait (stream ${stream})`,
    body: async () => {
      await using upstream = new Upstream(
        "openai",
        (exchange) => exchange.sendWhole(429, {}, { "retry-after": "2" }),
      );
      await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
      const client = new AbortController();
      const response = daemon.chat({ ...ASK, stream }, { signal: client.signal });
      response.catch(() => "the client has left");
      await (await upstream.next()).over;
      await turnLoop(daemon);
      const leftAt = performance.now();
      client.abort();
      const { requests, attempts } = await daemon.ledger();
      assert.ok(performance.now() - leftAt < 1_000, "the wait did not end");
      assert.equal(requests[0]?.["status"], "cancelled");
      assert.deepEqual(attempts.map((row) => row["outcome"]), ["rate_limit"]);
      assert.equal(upstream.exchanges.length, 1);
    },
  });
}

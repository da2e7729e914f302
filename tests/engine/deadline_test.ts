import assert from "node:assert/strict";
import { ASK, askFor, outcomesOf, SPARE_TEXT, withCascade } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest, within } from "../support/deadline.ts";
import { SseClient } from "../support/sse_client.ts";
import { type Exchange, Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

const STREAMED = { ...ASK, "stream": true };
const TEXT = (text: string) => openaiChunk({ "content": text }, null);

async function stall(exchange: Exchange): Promise<void> {
  await exchange.clientLeft;
}

async function stallAfterHead(exchange: Exchange): Promise<void> {
  await exchange.sendStreamHead();
  await exchange.clientLeft;
}

timedTest(
  "no headers in time lead to the next candidate",
  () =>
    withCascade(stall, async ({ daemon }) => {
      for (const stream of [true, false]) {
        assert.equal((await askFor(daemon, stream)).text, SPARE_TEXT);
      }
      assert.deepEqual(await outcomesOf(daemon, 2), [
        "first:timeout",
        "spare:ok",
        "first:timeout",
        "spare:ok",
      ]);
    }, { provider: "first_token_timeout_secs = 0.1\nrequest_timeout_secs = 0.1" }),
);

timedTest(
  "no first token in time leads to the next candidate, and pings do not count as one",
  () =>
    withCascade(async (exchange) => {
      await exchange.sendStreamHead();
      await exchange.sendChunk(openaiChunk({ "role": "assistant", "content": "" }, null));
      await exchange.clientLeft;
    }, async ({ daemon }) => {
      assert.equal((await askFor(daemon, true)).text, SPARE_TEXT);
      assert.deepEqual(await outcomesOf(daemon), ["first:timeout", "spare:ok"]);
    }, { provider: "first_token_timeout_secs = 0.1" }),
);

timedTest(
  "a stream that stalls after its first token ends in one error and no [DONE]",
  () =>
    withCascade(async (exchange) => {
      await exchange.sendStreamHead();
      await exchange.sendChunk(TEXT("one"));
      await exchange.clientLeft;
    }, async ({ spare, daemon }) => {
      const got = await askFor(daemon, true);
      assert.equal(got.text, "one");
      assert.equal(got.error?.["code"], "upstream_timeout");
      assert.doesNotMatch(got.raw, /\[DONE\]|finish_reason":"stop/);
      assert.equal(spare.exchanges.length, 0);
      const { requests } = await daemon.ledger();
      assert.deepEqual([requests[0]?.["status"], requests[0]?.["http_status"]], ["error", 200]);
    }, { provider: "idle_timeout_secs = 0.1" }),
);

timedTest("any byte resets the idle deadline of a stream", async () => {
  await using upstream = new Upstream("openai");
  const provider = "idle_timeout_secs = 0.4\nfirst_token_timeout_secs = 0.4";
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "slow", upstream, provider }]));
  const response = daemon.chat(STREAMED);
  const exchange = await upstream.next();
  await exchange.sendStreamHead();
  await exchange.sendChunk(TEXT("start"));
  const client = new SseClient(await response);
  const startedAt = performance.now();
  // Longer in all than the deadline, each pause shorter: the pace is what is tested.
  while (performance.now() - startedAt < 800) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await exchange.sendChunk(": ping\n\n");
  }
  await exchange.sendChunk(openaiChunk({}, "stop") + "data: [DONE]\n\n");
  await exchange.endChunks();
  assert.equal((await client.readAll()).at(-1), "[DONE]");
});

timedTest("the only candidate's timeout is a 504 that says what did not come", async () => {
  await using upstream = new Upstream("openai", stallAfterHead);
  const provider = "first_token_timeout_secs = 0.1";
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "slow", upstream, provider }]));
  const got = await askFor(daemon, true);
  assert.equal(got.status, 504);
  assert.match(String(got.error?.["message"]), /no first token within 0\.1 s/);
});

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
      await exchange.sendChunk(TEXT("late"));
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
    const extra = { server: "keep_alive_secs = 0.05" };
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

timedTest(
  "a client that leaves a held stream ends it upstream",
  () =>
    withCascade(null, async ({ first, spare, daemon }) => {
      const client = new AbortController();
      const response = daemon.chat(STREAMED, { signal: client.signal });
      const exchange = await first.next();
      await exchange.sendStreamHead();
      await response;
      client.abort();
      await within(exchange.clientLeft, "the end of the upstream's connection", 500);
      const { requests, attempts } = await daemon.ledger();
      assert.deepEqual([requests[0]?.["status"], attempts.length], ["cancelled", 1]);
      assert.equal(requests[0]?.["http_status"], 200);
      assert.equal(spare.exchanges.length, 0);
    }, { server: "keep_alive_secs = 0.05" }),
);

timedTest("a JSON answer to a stream may take longer than its first token", async () => {
  await using upstream = new Upstream("openai", async (exchange) => {
    const body = JSON.stringify({
      "id": "a",
      "object": "chat.completion",
      "created": 1,
      "model": "m",
      "choices": [{
        "index": 0,
        "message": { "role": "assistant", "content": "Slow but whole." },
        "finish_reason": "stop",
      }],
    });
    const headers = { "content-type": "application/json", "content-length": `${body.length}` };
    await exchange.sendHead(200, headers);
    await exchange.sendRaw(body.slice(0, 20));
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 500); // longer than the first-token limit below
    await promise;
    await exchange.sendRaw(body.slice(20));
  });
  const provider = "first_token_timeout_secs = 0.2";
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream, provider }]));
  assert.equal((await askFor(daemon, true)).text, "Slow but whole.");
});

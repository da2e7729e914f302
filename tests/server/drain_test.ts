import assert from "node:assert/strict";
import { ASK, askFor } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest, within } from "../support/deadline.ts";
import { type Exchange, Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

interface Draining {
  readonly daemon: TestDaemon;
  readonly upstream: Upstream;
}

async function withDaemon(
  drainSecs: number,
  use: (draining: Draining) => Promise<void>,
): Promise<void> {
  await using upstream = new Upstream("openai");
  const server = `drain_timeout_secs = ${drainSecs}`;
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }], { server }));
  await use({ daemon, upstream });
}

async function beginStream(exchange: Exchange): Promise<void> {
  await exchange.sendStreamHead();
  await exchange.sendChunk(openaiChunk({ "content": "one" }, null));
}

timedTest(
  "the drain waits for an answer that ends in time",
  () =>
    withDaemon(5, async ({ daemon, upstream }) => {
      const got = askFor(daemon, true);
      const exchange = await upstream.next();
      await beginStream(exchange);
      const closed = daemon.close();
      await exchange.sendChunk(openaiChunk({ "content": " two" }, "stop") + "data: [DONE]\n\n");
      await exchange.endChunks();
      assert.equal((await got).text, "one two");
      await within(closed, "the end of the drain", 1_000);
      assert.equal(daemon.readLedger().requests[0]?.["status"], "ok");
    }),
);

timedTest(
  "a stream that the drain cuts short ends in an error, not in [DONE]",
  () =>
    withDaemon(0.05, async ({ daemon, upstream }) => {
      const got = askFor(daemon, true);
      const exchange = await upstream.next();
      await beginStream(exchange);
      await daemon.close();
      const { text, error, raw } = await got;
      assert.deepEqual([text, error?.["code"]], ["one", "router_stopping"]);
      assert.doesNotMatch(raw, /\[DONE\]/);
      await within(exchange.clientLeft, "the end of the upstream's connection");
      const { requests, attempts } = daemon.readLedger();
      assert.deepEqual([requests[0]?.["status"], requests[0]?.["http_status"]], ["error", 200]);
      assert.deepEqual(attempts.map((row) => row["outcome"]), ["cancelled"]);
    }),
);

timedTest(
  "an answer that the drain cuts short before its head is a 503",
  () =>
    withDaemon(0.05, async ({ daemon, upstream }) => {
      const all = [true, false].map((stream) => askFor(daemon, stream));
      const exchanges = [await upstream.next(), await upstream.next()];
      await daemon.close();
      for (const got of await Promise.all(all)) {
        assert.deepEqual([got.status, got.error?.["code"]], [503, "router_stopping"]);
      }
      for (const { clientLeft } of exchanges) await within(clientLeft, "the upstream's end");
      const { requests } = daemon.readLedger();
      assert.deepEqual(requests.map((row) => row["http_status"]), [503, 503]);
    }),
);

timedTest(
  "a client that does not read is cut at the end of the drain, and has its row",
  () =>
    withDaemon(0.05, async ({ daemon, upstream }) => {
      const { hostname, port } = new URL(daemon.origin);
      using socket = await Deno.connect({ hostname, port: Number(port) });
      const body = JSON.stringify({ ...ASK, "stream": true });
      const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
      await socket.write(new TextEncoder().encode(head + body));
      const exchange = await upstream.next();
      await exchange.sendStreamHead();
      const flood = flow(exchange);
      await within(daemon.close(), "the end of the drain", 3_000);
      await flood;
      assert.equal(daemon.readLedger().requests.length, 1);
    }),
);

/** Sends until pirouter leaves: more than any socket buffer holds. */
async function flow(exchange: Exchange): Promise<void> {
  const chunk = openaiChunk({ "content": "z".repeat(60_000) }, null);
  while (!exchange.isClientGone) await exchange.sendChunk(chunk);
}

timedTest(
  "an idle connection does not hold the drain up",
  () =>
    withDaemon(5, async ({ daemon }) => {
      await (await daemon.fetch("/healthz")).text();
      await within(daemon.close(), "the end of the drain", 1_000);
    }),
);

timedTest(
  "a connection whose answer came during the drain is closed, not used again",
  () =>
    withDaemon(5, async ({ daemon, upstream }) => {
      const got = askFor(daemon, true);
      const streamed = await upstream.next();
      await beginStream(streamed);
      const { hostname, port } = new URL(daemon.origin);
      using socket = await Deno.connect({ hostname, port: Number(port) });
      const send = (head: string, body = "") => {
        const lines = `${head} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\n`;
        const text = `${lines}content-length: ${body.length}\r\n\r\n${body}`;
        return socket.write(new TextEncoder().encode(text));
      };
      const receive = async (): Promise<string> => {
        const bytes = new Uint8Array(8_192);
        const count = await within(socket.read(bytes), "the response") ?? 0;
        return new TextDecoder().decode(bytes.subarray(0, count));
      };
      await send("POST /v1/chat/completions", JSON.stringify(ASK));
      const whole = await upstream.next();
      const closed = daemon.close();
      await whole.answer({ text: ["In time."] });
      assert.match(await receive(), /^HTTP\/1.1 200 /);
      assert.equal(await receive(), "", "the end of the connection");
      await streamed.sendChunk(openaiChunk({ "content": " two" }, "stop") + "data: [DONE]\n\n");
      await streamed.endChunks();
      assert.equal((await got).text, "one two");
      await closed;
    }),
);

import assert from "node:assert/strict";
import { timedTest } from "./deadline.ts";
import { encodeChunk, type Script, Upstream } from "./upstream.ts";

const BODY = JSON.stringify({
  "model": "m",
  "stream": true,
  "messages": [{ "role": "user", "content": "Hello" }],
});

const REQUEST = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n" +
  `content-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;

/** The reads of a client that asks over a plain socket, or the error that ended them. */
async function readsOf(script: Script): Promise<readonly (string | Error)[]> {
  await using upstream = new Upstream("openai", script);
  await upstream.ready;
  using socket = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(upstream.baseUrl).port),
  });
  await socket.write(new TextEncoder().encode(REQUEST));
  const reads: (string | Error)[] = [];
  const piece = new Uint8Array(4_096);
  try {
    for (let count = await socket.read(piece); count !== null; count = await socket.read(piece)) {
      reads.push(new TextDecoder().decode(piece.subarray(0, count)));
    }
  } catch (error) {
    if (error instanceof Error) reads.push(error);
  }
  return reads;
}

timedTest("reset() is a TCP reset in the middle of an answer, cut() is its plain end", async () => {
  const begin: Script = (exchange) => exchange.sendSplit(encodeChunk("half"), []);
  const reset = await readsOf(async (exchange, position) => {
    await begin(exchange, position);
    await new Promise((resolve) => setTimeout(resolve, 20)); // what is unread is lost by a reset
    exchange.reset();
  });
  assert.deepEqual([reset[0], reset.length], ["4\r\nhalf\r\n", 2]);
  assert.ok(reset[1] instanceof Deno.errors.ConnectionReset, String(reset[1]));
  const cut = await readsOf(async (exchange, position) => {
    await begin(exchange, position);
    exchange.cut();
  });
  assert.deepEqual(cut, ["4\r\nhalf\r\n"]);
});

timedTest("sendSplit() sends pieces that arrive as reads of their own", async () => {
  const reads = await readsOf(async (exchange) => {
    await exchange.sendSplit(new TextEncoder().encode("one,two,three"), [4, 8]);
    exchange.cut();
  });
  assert.deepEqual(reads, ["one,", "two,", "three"]);
});

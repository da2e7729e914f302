import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest, within } from "../support/deadline.ts";
import { SseClient } from "../support/sse_client.ts";
import { type Exchange, Upstream } from "../support/upstream.ts";
import { STREAM_TYPES, streamEvents } from "../support/upstream_wire.ts";

/** Milliseconds that the upstream may wait for the end of its connection. */
const SEEN_LIMIT_MS = 500;

/** Characters of a prompt: one read, more than one read, many reads. */
const PROMPT_SIZES = [10, 700, 100_000];

interface Left {
  readonly exchange: Exchange;
  readonly response: Promise<Response>;
  readonly stream: boolean;
  readonly daemon: TestDaemon;
}

interface CancelWindow {
  readonly name: string;
  readonly hasFirstFault?: boolean;
  /** Brings the exchange to the point at which the client leaves. */
  readonly reach: (left: Left) => Promise<void>;
  /** What the ledger says that the client got. */
  readonly httpStatus: (stream: boolean) => number;
}

const WINDOWS: readonly CancelWindow[] = [
  { name: "before the upstream's headers", reach: () => Promise.resolve(), httpStatus: () => 499 },
  {
    name: "between headers and the first token",
    reach: async ({ exchange, stream, daemon }) => {
      await sendHead(exchange, stream);
      await turnLoop(daemon); // the head has come by then
    },
    httpStatus: () => 499,
  },
  {
    name: "in the middle of the answer",
    reach: async ({ exchange, stream, response }) => {
      await sendHead(exchange, stream);
      if (!stream) return await exchange.sendChunk('{"id":"x","choices":[');
      const events = streamEvents(exchange.kind, { text: ["one", "two"] });
      const end = events.findIndex((event) => event.includes('"two"'));
      for (const event of events.slice(0, end)) await exchange.sendChunk(event);
      const client = new SseClient(await response);
      assert.equal(await client.nextText(), "one");
    },
    httpStatus: (stream) => stream ? 200 : 499,
  },
  {
    name: "during the second attempt",
    hasFirstFault: true,
    reach: () => Promise.resolve(),
    httpStatus: () => 499,
  },
];

async function sendHead(exchange: Exchange, stream: boolean): Promise<void> {
  const type = stream ? STREAM_TYPES[exchange.kind] : "application/json";
  await exchange.sendHead(200, { "content-type": type });
}

/** A round trip through the daemon: whatever reached it before has been handled. */
async function turnLoop(daemon: TestDaemon): Promise<void> {
  await (await daemon.fetch("/healthz")).text();
}

async function leave(
  window: CancelWindow,
  options: { readonly stream: boolean; readonly size: number; readonly kind: ProviderKind },
): Promise<void> {
  await using faulty = new Upstream("openai", (exchange) => exchange.sendWhole(503, {}));
  await using silent = new Upstream(options.kind);
  await using spare = new Upstream("openai", (exchange) => exchange.answer({ text: ["late"] }));
  const models = [
    ...(window.hasFirstFault ? [{ alias: "faulty", upstream: faulty }] : []),
    { alias: "silent", upstream: silent },
    { alias: "spare", upstream: spare },
  ];
  await using daemon = await TestDaemon.start(tomlFor(models));
  const client = new AbortController();
  const { stream, size } = options;
  const messages = [{ "role": "user", "content": "x".repeat(size) }];
  const response = daemon.chat({ "model": "auto", messages, stream }, { signal: client.signal });
  response.catch(() => "the client has left");
  const exchange = await silent.next();
  await window.reach({ exchange, response, stream, daemon });
  const leftAt = performance.now();
  client.abort();
  const seenAt = await within(exchange.clientLeft, "the end of the upstream's connection");
  const waitedMs = seenAt - leftAt;
  assert.ok(waitedMs < SEEN_LIMIT_MS, `the upstream saw it after ${waitedMs} ms`);
  const { requests, attempts } = await daemon.ledger();
  assert.equal(requests[0]?.["status"], "cancelled");
  assert.equal(requests[0]?.["http_status"], window.httpStatus(stream));
  assert.equal(requests[0]?.["final_model"], null);
  const outcomes = attempts.map((row) => row["outcome"]);
  assert.deepEqual(outcomes, [...(window.hasFirstFault ? ["overloaded"] : []), "cancelled"]);
  assert.equal(spare.exchanges.length, 0);
}

for (const window of WINDOWS) {
  for (const stream of [true, false]) {
    const mode = stream ? "a streamed" : "a whole";
    timedTest(`a client that leaves ${mode} request ${window.name} ends it upstream`, async () => {
      for (const size of PROMPT_SIZES) await leave(window, { stream, size, kind: "openai" });
    });
  }
}

for (const kind of ["anthropic", "ollama"] as const) {
  timedTest(
    `a client that leaves in the middle of the answer ends the stream of ${kind}`,
    async () => {
      const [, , window] = WINDOWS;
      if (window !== undefined) await leave(window, { stream: true, size: 10, kind });
    },
  );
}

timedTest(
  "a disconnect is not lost after a body that took more than one read (Deno.serve 2.9.6)",
  async () => {
    await using upstream = new Upstream("openai");
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
    const body = JSON.stringify({
      "model": "auto",
      "messages": [{ "role": "user", "content": "x".repeat(2_000) }],
    });
    const { hostname, port } = new URL(daemon.origin);
    using socket = await Deno.connect({ hostname, port: Number(port) });
    const write = (text: string) => socket.write(new TextEncoder().encode(text));
    await write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}:${port}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${
          body.slice(0, 900)
        }`,
    );
    await turnLoop(daemon); // the first part has been read
    await write(body.slice(900));
    const exchange = await upstream.next();
    await socket.closeWrite().catch(() => {});
    socket.close();
    await within(exchange.clientLeft, "the end of the upstream's connection", SEEN_LIMIT_MS);
    const { requests } = await daemon.ledger();
    assert.equal(requests[0]?.["status"], "cancelled");
  },
);

timedTest("a client that leaves while it waits for a slot leaves the queue", async () => {
  await using upstream = new Upstream("openai");
  const provider = "max_concurrency = 1";
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream, provider }]));
  const request = { "model": "auto", "messages": [{ "role": "user", "content": "hi" }] };
  const first = daemon.chat(request);
  const exchange = await upstream.next();
  const client = new AbortController();
  const second = daemon.chat(request, { signal: client.signal });
  second.catch(() => "the client has left");
  await turnLoop(daemon);
  client.abort();
  const { requests, attempts } = await daemon.ledger(1);
  assert.equal(requests[0]?.["status"], "cancelled");
  assert.deepEqual(attempts.map((row) => row["http_status"]), [null]);
  await exchange.answer({ text: ["hello"] });
  assert.equal((await (await first).json()).choices[0].message.content, "hello");
  assert.equal(upstream.exchanges.length, 1);
});

timedTest(
  "a request that ends well is not cancelled upstream, and its connection is used again",
  async () => {
    await using upstream = new Upstream("openai", (exchange) => exchange.answer({ text: ["hi"] }));
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
    const request = { "model": "auto", "messages": [{ "role": "user", "content": "hi" }] };
    for (const stream of [true, false, true]) {
      await (await daemon.chat({ ...request, stream })).text();
      assert.equal(upstream.exchanges.at(-1)?.isClientGone, false);
    }
    assert.equal(upstream.connectionCount, 1);
  },
);

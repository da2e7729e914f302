import assert from "node:assert/strict";
import { errorBodyOf, streamEvents, wholeBody } from "../support/upstream_wire.ts";
import { askFor, outcomesOf, SPARE_TEXT, withCascade } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { type Exchange, Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

const DONE = "data: [DONE]\n\n";

interface FaultCase {
  readonly name: string;
  readonly script: (exchange: Exchange) => Promise<void>;
  readonly outcome: string;
  /** Absent: streamed and whole. */
  readonly stream?: boolean;
}

function withStatus(status: number, outcome: string): FaultCase {
  const script = (exchange: Exchange) => exchange.sendWhole(status, errorBodyOf("openai", "sorry"));
  return { name: `status ${status}`, script, outcome };
}

/** A 200 with this body, as JSON or as a stream of these pieces. */
function wholeOf(name: string, body: string, outcome: string): FaultCase {
  return { name, stream: false, script: (exchange) => exchange.sendWhole(200, body), outcome };
}

function streamOf(name: string, pieces: readonly string[], outcome: string): FaultCase {
  const script = async (exchange: Exchange) => {
    await exchange.sendStreamHead();
    for (const piece of pieces) await exchange.sendChunk(piece);
    await exchange.endChunks();
  };
  return { name: `a stream of ${name}`, stream: true, script, outcome };
}

const HTML = "<!doctype html><html><body>Bad gateway</body></html>";

function answerWith(fields: Readonly<Record<string, unknown>>): string {
  const message = { "role": "assistant", ...fields };
  return JSON.stringify({
    "id": "x",
    "choices": [{ "index": 0, message, "finish_reason": "stop" }],
  });
}

const CASES: readonly FaultCase[] = [
  ...[[408, "server_error"], [429, "rate_limit"], [500, "server_error"], [502, "server_error"]]
    .map(([status, outcome]) => withStatus(Number(status), String(outcome))),
  withStatus(503, "overloaded"),
  withStatus(504, "server_error"),
  withStatus(529, "overloaded"),
  withStatus(402, "quota"),
  {
    name: "a connection that is closed before an answer",
    script: (exchange) => Promise.resolve(exchange.cut()),
    outcome: "connect",
  },
  {
    name: "half a head",
    script: async (exchange) => {
      await exchange.sendRaw("HTTP/1.1 200 OK\r\ncontent-ty");
      exchange.cut();
    },
    outcome: "connect",
  },
  { name: "bytes that are not HTTP", script: notHttp, outcome: "connect" },
  {
    name: "an error page as HTML",
    script: (exchange) => exchange.sendWhole(500, HTML, { "content-type": "text/html" }),
    outcome: "server_error",
  },
  {
    name: "a page as HTML with status 200",
    script: (exchange) => exchange.sendWhole(200, HTML, { "content-type": "text/html" }),
    outcome: "malformed",
  },
  {
    name: "an answer that is shorter than its content-length",
    stream: false,
    script: async (exchange) => {
      const body = JSON.stringify(wholeBody("openai", { text: ["half"] }));
      await exchange.sendHead(200, {
        "content-type": "application/json",
        "content-length": String(body.length + 10),
      });
      await exchange.sendRaw(body.slice(0, -5));
      exchange.cut();
    },
    outcome: "truncated",
  },
  wholeOf("broken JSON", '{"id":"x","choices":[', "malformed"),
  wholeOf("an empty body", "", "malformed"),
  wholeOf("null", "null", "malformed"),
  wholeOf("no choices", '{"id":"x","choices":[]}', "malformed"),
  wholeOf('content ""', answerWith({ "content": "" }), "empty"),
  wholeOf("content null", answerWith({ "content": null }), "empty"),
  wholeOf(
    "an error with status 200",
    '{"error":{"message":"overloaded","code":503}}',
    "overloaded",
  ),
  streamOf("no event", [], "truncated"),
  streamOf("[DONE] alone", [DONE], "empty"),
  streamOf("pings only", [": ping\n\n", ": ping\n\n", DONE], "empty"),
  streamOf("a role only", [
    openaiChunk({ "role": "assistant" }, null),
    openaiChunk({}, "stop"),
    DONE,
  ], "empty"),
  streamOf(
    'content ""',
    [openaiChunk({ "content": "" }, null), openaiChunk({}, "stop"), DONE],
    "empty",
  ),
  streamOf("broken JSON", ["data: {broken\n\n", DONE], "malformed"),
  streamOf(
    "an error",
    ['data: {"error":{"message":"boom","type":"server_error"}}\n\n'],
    "server_error",
  ),
  streamOf("a role and no end", [openaiChunk({ "role": "assistant" }, null)], "truncated"),
];

async function notHttp(exchange: Exchange): Promise<void> {
  await exchange.sendRaw("220 mail.example ESMTP\r\n");
  exchange.cut();
}

for (const { name, script, outcome, stream } of CASES) {
  for (const mode of stream === undefined ? [true, false] : [stream]) {
    timedTest(
      `${name} leads to the next candidate (stream ${mode})`,
      () =>
        withCascade(script, async ({ first, spare, daemon }) => {
          const got = await askFor(daemon, mode);
          assert.deepEqual([got.status, got.text, got.finish], [200, SPARE_TEXT, "stop"]);
          assert.equal(got.headers.get("x-pirouter-model"), "spare");
          assert.equal(got.headers.get("x-pirouter-attempts"), "2");
          assert.deepEqual([first.exchanges.length, spare.exchanges.length], [1, 1]);
          assert.deepEqual(await outcomesOf(daemon), [`first:${outcome}`, "spare:ok"]);
        }),
    );
  }
}

timedTest("a refused connection leads to the next candidate", async () => {
  const closed = new Upstream("openai");
  await closed[Symbol.asyncDispose]();
  await using spare = new Upstream("openai", (exchange) => exchange.answer({ text: ["ok"] }));
  const models = [{ alias: "closed", upstream: closed }, { alias: "spare", upstream: spare }];
  await using daemon = await TestDaemon.start(tomlFor(models));
  assert.equal((await askFor(daemon, true)).text, "ok");
  assert.deepEqual(await outcomesOf(daemon), ["closed:connect", "spare:ok"]);
});

timedTest("a connection that is reset leads to the next candidate", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const resets = resetAll(listener);
  const upstream = { kind: "openai", baseUrl: `http://127.0.0.1:${listener.addr.port}` } as const;
  await using spare = new Upstream("openai", (exchange) => exchange.answer({ text: ["ok"] }));
  const models = [{ alias: "reset", upstream }, { alias: "spare", upstream: spare }];
  await using daemon = await TestDaemon.start(tomlFor(models));
  assert.equal((await askFor(daemon, true)).text, "ok");
  assert.deepEqual(await outcomesOf(daemon), ["reset:connect", "spare:ok"]);
  listener.close();
  await resets;
});

/** A socket that is closed with bytes unread makes its system send a reset. */
async function resetAll(listener: Deno.TcpListener): Promise<void> {
  for await (const socket of listener) {
    await socket.read(new Uint8Array(8));
    socket.close();
  }
}

const FINAL: readonly (readonly [number, string])[] = [
  [400, "bad_request"],
  [401, "auth"],
  [403, "permission"],
  [404, "not_found"],
  [422, "bad_request"],
];

for (const [status, outcome] of FINAL) {
  timedTest(
    `status ${status} is told to the client at once, with its status and code`,
    () =>
      withCascade(
        (exchange) => exchange.sendWhole(status, errorBodyOf("openai", "the reason")),
        async ({ spare, daemon }) => {
          for (const stream of [true, false]) {
            const got = await askFor(daemon, stream);
            assert.equal(got.status, status);
            assert.equal(got.error?.["code"], "teapot");
            assert.match(String(got.error?.["message"]), /the reason/);
            assert.match(String(got.error?.["message"]), new RegExp(`first at first: ${outcome}`));
          }
          assert.equal(spare.exchanges.length, 0);
          const { requests } = await daemon.ledger(2);
          assert.deepEqual(requests.map((row) => row["status"]), ["error", "error"]);
          assert.deepEqual(requests.map((row) => row["http_status"]), [status, status]);
        },
      ),
  );
}

timedTest(
  "on_http_error = false makes the first fault the answer",
  () =>
    withCascade((exchange) => exchange.sendWhole(503, {}), async ({ spare, daemon }) => {
      for (const stream of [true, false]) assert.equal((await askFor(daemon, stream)).status, 503);
      assert.equal(spare.exchanges.length, 0);
    }, { cascade: "on_http_error = false" }),
);

timedTest(
  "a stream that ends with a finish reason but without [DONE] is whole",
  () =>
    withCascade(async (exchange) => {
      await exchange.sendStreamHead();
      const events = streamEvents("openai", { text: ["whole"] });
      for (const event of events.filter((text) => !text.includes("[DONE]"))) {
        await exchange.sendChunk(event);
      }
      await exchange.endChunks();
    }, async ({ spare, daemon }) => {
      const got = await askFor(daemon, true);
      assert.deepEqual([got.text, got.finish], ["whole", "stop"]);
      assert.ok(got.raw.endsWith(DONE));
      assert.equal(spare.exchanges.length, 0);
    }),
);

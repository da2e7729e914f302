import assert from "node:assert/strict";
import { askFor } from "../support/cascade_case.ts";
import { type Row, TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest, within } from "../support/deadline.ts";
import { type Exchange, type Script, Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

const ANSWER = "the whole answer";

interface Injected {
  readonly name: string;
  readonly script: Script;
}

const FAULTS: readonly Injected[] = [
  { name: "a 500", script: (exchange) => exchange.sendWhole(500, {}) },
  { name: "a cut connection", script: (exchange) => Promise.resolve(exchange.cut()) },
  {
    name: "a cut answer",
    script: async (exchange) => {
      await exchange.sendStreamHead();
      await exchange.sendChunk(openaiChunk({ "role": "assistant" }, null));
      exchange.cut();
    },
  },
  { name: "silence", script: async (exchange) => void await exchange.clientLeft },
  { name: "garbage", script: (exchange) => exchange.sendWhole(200, "{]") },
];

/** I1, I2 and I7: one response, one row with one record an attempt, a success that is whole. */
function assertInvariants(
  rows: { readonly requests: readonly Row[]; readonly attempts: readonly Row[] },
  attemptCount: number,
): void {
  const [request] = rows.requests;
  const last = rows.attempts.at(-1);
  assert.equal(rows.attempts.length, attemptCount);
  assert.deepEqual(rows.attempts.map((row) => row["seq"]), rows.attempts.map((_, at) => at + 1));
  assert.equal(request?.["status"] === "ok", last?.["outcome"] === "ok");
  const earlier = rows.attempts.slice(0, -1).map((row) => row["outcome"]);
  assert.ok(!earlier.includes("ok"), "nothing is asked after an answer");
}

for (const { name, script } of FAULTS) {
  timedTest(`${name} at attempt 1, 1 to 2, or 1 to 3 keeps the invariants`, async () => {
    for (const stream of [true, false]) {
      for (let faultyCount = 0; faultyCount <= 3; faultyCount++) {
        await injectAt(faultyCount, { script, stream });
      }
    }
  });
}

async function injectAt(
  faultyCount: number,
  options: { readonly script: Script; readonly stream: boolean },
): Promise<void> {
  const answer: Script = (exchange) => exchange.answer({ text: [ANSWER] });
  const scriptAt = (position: number) => position < faultyCount ? options.script : answer;
  await using a = new Upstream("openai", scriptAt(0));
  await using b = new Upstream("openai", scriptAt(1));
  await using c = new Upstream("openai", scriptAt(2));
  const provider = "first_token_timeout_secs = 0.05\nrequest_timeout_secs = 0.05";
  const models = Object.entries({ a, b, c })
    .map(([alias, upstream]) => ({ alias, upstream, provider }));
  await using daemon = await TestDaemon.start(tomlFor(models));
  const got = await askFor(daemon, options.stream);
  const hasAnswer = faultyCount < 3;
  assert.equal(got.text, hasAnswer ? ANSWER : "");
  assert.equal(got.finish, hasAnswer ? "stop" : null);
  assert.equal(got.status === 200, hasAnswer);
  const rows = await daemon.ledger();
  assertInvariants(rows, Math.min(faultyCount + 1, 3));
  assert.equal(rows.requests[0]?.["http_status"], got.status);
}

timedTest("a provider that fails every second call costs no request its answer", async () => {
  const count = 200;
  await using flaky = new Upstream(
    "openai",
    (exchange, position) =>
      position % 2 === 0
        ? exchange.sendWhole(503, {}, { "retry-after": "60" })
        : exchange.answer({ text: [ANSWER] }),
  );
  await using spare = new Upstream("anthropic", (exchange) => exchange.answer({ text: [ANSWER] }));
  const config = tomlFor([
    { alias: "flaky", upstream: flaky },
    { alias: "spare", upstream: spare, model: 'model_id = "claude-haiku-4-5"' },
  ]);
  await using daemon = await TestDaemon.start(config);
  const asks = Array.from({ length: count }, (_, index) => askFor(daemon, index % 2 === 0));
  const texts = new Set((await Promise.all(asks)).map((got) => got.text));
  assert.deepEqual(texts, new Set([ANSWER]));
  const { requests, attempts } = await daemon.ledger(count);
  assert.ok(requests.every((row) => row["status"] === "ok"));
  assert.equal(attempts.length, flaky.exchanges.length + spare.exchanges.length);
});

timedTest("an error body without end is read to its cap, and no further", async () => {
  let sentBytes = 0;
  await using endless = new Upstream("openai", async (exchange) => {
    await exchange.sendHead(500, { "content-type": "application/json" });
    sentBytes += await flood(exchange, "x".repeat(65_536));
  });
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "endless", upstream: endless }]));
  const got = await askFor(daemon, false);
  assert.deepEqual([got.status, got.error?.["code"]], [502, "upstream_server_error"]);
  await within(endless.exchanges[0]?.clientLeft ?? Promise.reject(), "the end of the connection");
  await endless.exchanges[0]?.over;
  assert.ok(sentBytes < 64 * 1_048_576, `${sentBytes} bytes`);
});

/** Sends until pirouter leaves; the bytes that were sent. */
async function flood(exchange: Exchange, piece: string): Promise<number> {
  let sentBytes = 0;
  while (!exchange.isClientGone) {
    await exchange.sendChunk(piece);
    sentBytes += piece.length;
  }
  return sentBytes;
}

timedTest("what follows [DONE] is not shown", async () => {
  await using upstream = new Upstream("openai", async (exchange) => {
    await exchange.sendStreamHead();
    await exchange.sendChunk(openaiChunk({ "content": ANSWER }, "stop") + "data: [DONE]\n\n");
    await exchange.sendChunk(openaiChunk({ "content": "more" }, null) + "data: [DONE]\n\n");
    await exchange.endChunks();
  });
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  const got = await askFor(daemon, true);
  assert.equal(got.text, ANSWER);
  assert.equal(got.raw.match(/\[DONE\]/g)?.length, 1);
});

timedTest("300 streams at once all end, each with its own tokens in order", async () => {
  const count = 300;
  await using upstream = new Upstream("openai", async (exchange) => {
    const name = /ask (\d+)/.exec(exchange.request.text)?.[1] ?? "";
    await exchange.answer({ text: Array.from({ length: 20 }, (_, at) => `${name}.${at} `) });
  });
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  const asks = Array.from(
    { length: count },
    (_, index) =>
      askFor(daemon, true, { "messages": [{ "role": "user", "content": `ask ${index}.` }] }),
  );
  for (const [index, got] of (await Promise.all(asks)).entries()) {
    const wanted = Array.from({ length: 20 }, (_, at) => `${index}.${at} `).join("");
    assert.equal(got.text, wanted);
  }
  assert.equal((await daemon.ledger(count)).attempts.length, count);
});

timedTest(
  "a stream that is cut after its first token is not replayed on another model",
  async () => {
    await using cut = new Upstream("openai", async (exchange) => {
      await exchange.sendStreamHead();
      await exchange.sendChunk(openaiChunk({ "content": "half" }, null));
      exchange.cut();
    });
    await using spare = new Upstream("openai", (exchange) => exchange.answer({ text: [ANSWER] }));
    const models = [{ alias: "cut", upstream: cut }, { alias: "spare", upstream: spare }];
    await using daemon = await TestDaemon.start(tomlFor(models));
    const got = await askFor(daemon, true);
    assert.equal(got.text, "half");
    assert.equal(got.finish, null);
    assert.equal(got.error?.["code"], "upstream_truncated");
    assert.equal(spare.exchanges.length, 0);
    assertInvariants(await daemon.ledger(), 1);
  },
);

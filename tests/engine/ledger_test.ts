import assert from "node:assert/strict";
import { askFor } from "../support/cascade_case.ts";
import { type Row, TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { turnLoop } from "../support/leaving.ts";
import { SseClient } from "../support/sse_client.ts";
import { Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

const PRICES = "input_per_m = 10.0\noutput_per_m = 30.0\ncache_read_per_m = 1.0";
const SHORT = "on_short_response = true\nmin_output_tokens = 8";
const LONG = "an answer that has a good deal more than eight tokens in it";

function pick(row: Row | undefined, ...keys: readonly string[]): readonly unknown[] {
  return keys.map((key) => row?.[key]);
}

/** Costs are sums of products of small decimals: equal to a billionth of a dollar. */
function assertCost(actual: unknown, expected: number): void {
  assert.ok(Math.abs(Number(actual) - expected) < 1e-9, `${actual} is not ${expected}`);
}

for (const stream of [true, false]) {
  const mode = stream ? "streamed" : "whole";

  timedTest(`the ledger's rows of an escalation after a fallback add up, ${mode}`, async () => {
    await using failing = new Upstream("openai", (exchange) => exchange.sendWhole(500, {}));
    await using weak = new Upstream(
      "anthropic",
      (exchange) => exchange.answer({ text: ["No"], usage: { input: 100, output: 2, cached: 40 } }),
    );
    await using strong = new Upstream(
      "openai",
      (exchange) => exchange.answer({ text: [LONG], usage: { input: 90, output: 15, cached: 50 } }),
    );
    const config = tomlFor([
      { alias: "failing", upstream: failing },
      { alias: "weak", upstream: weak, model: 'model_id = "claude-haiku-4-5"\n' + PRICES },
      { alias: "strong", upstream: strong, model: PRICES },
    ], { cascade: SHORT });
    await using daemon = await TestDaemon.start(config);
    const got = await askFor(daemon, stream, { "model": "anything" });
    assert.equal(got.text, LONG);
    const { requests, attempts } = await daemon.ledger();
    const [request] = requests;
    assert.equal(request?.["id"], got.headers.get("x-pirouter-request-id"));
    assert.deepEqual(
      pick(request, "requested_model", "route_rule", "primary_model", "final_model", "status"),
      ["anything", "in-order", "failing", "strong", "ok"],
    );
    assert.deepEqual(pick(request, "http_status", "stream"), [200, stream ? 1 : 0]);
    assert.deepEqual(attempts.map((row) => pick(row, "seq", "alias", "outcome", "http_status")), [
      [1, "failing", "server_error", 500],
      [2, "weak", "weak_short", 200],
      [3, "strong", "ok", 200],
    ]);
    const [failed, first, second] = attempts;
    assert.deepEqual(
      pick(failed, "input_tokens", "output_tokens", "usage_source", "cost_usd"),
      [null, null, null, null],
    );
    const tokens = [
      "input_tokens",
      "cached_tokens",
      "output_tokens",
      "usage_source",
      "cost_source",
    ];
    assert.deepEqual(pick(first, ...tokens), [100, 40, 2, "provider", "config"]);
    assert.deepEqual(pick(second, ...tokens), [90, 50, 15, "provider", "config"]);
    const weakUsd = (60 * 10 + 40 * 1 + 2 * 30) / 1e6;
    const strongUsd = (40 * 10 + 50 * 1 + 15 * 30) / 1e6;
    assertCost(first?.["cost_usd"], weakUsd);
    assertCost(second?.["cost_usd"], strongUsd);
    assertCost(request?.["cost_usd"], weakUsd + strongUsd);
    assert.deepEqual(pick(request, "input_tokens", "output_tokens", "cached_tokens"), [
      190,
      17,
      90,
    ]);
    assert.ok(Number(request?.["ttft_ms"]) <= Number(request?.["latency_ms"]));
    assert.ok(Number(second?.["ttft_ms"] ?? 0) <= Number(second?.["latency_ms"]));
  });

  timedTest(`an unknown price is NULL, in the attempt and in the sum, ${mode}`, async () => {
    await using upstream = new Upstream("openai", (exchange) => exchange.answer({ text: [LONG] }));
    const toml = tomlFor([{ alias: "a", upstream, model: 'model_id = "nobody-knows-it"' }])
      .replace(/^(in|out)put_per_m.*\n/gm, "");
    await using daemon = await TestDaemon.start(toml);
    await askFor(daemon, stream);
    const { requests, attempts } = await daemon.ledger();
    assert.deepEqual(pick(requests[0], "cost_usd", "input_tokens"), [null, 11]);
    assert.deepEqual(pick(attempts[0], "cost_usd", "cost_source"), [null, null]);
  });
}

timedTest("an upstream that counts nothing is estimated, and the row says so", async () => {
  await using upstream = new Upstream("openai", async (exchange) => {
    await exchange.sendStreamHead();
    await exchange.sendChunk(openaiChunk({ "content": "x".repeat(40) }, "stop"));
    await exchange.sendChunk("data: [DONE]\n\n");
    await exchange.endChunks();
  });
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  await askFor(daemon, true);
  const { attempts } = await daemon.ledger();
  assert.deepEqual(pick(attempts[0], "output_tokens", "usage_source"), [10, "estimated"]);
  assert.ok(Number(attempts[0]?.["input_tokens"]) > 0);
});

timedTest("a client that leaves mid-stream is charged for what it got", async () => {
  await using upstream = new Upstream("openai");
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  const messages = [{ "role": "user", "content": "hi" }];
  const response = daemon.chat({ "model": "auto", messages, "stream": true });
  const exchange = await upstream.next();
  await exchange.sendStreamHead();
  await exchange.sendChunk(openaiChunk({ "content": "y".repeat(80) }, null));
  const client = new SseClient(await response);
  await client.nextText();
  await client.cancel();
  await exchange.clientLeft;
  const { requests, attempts } = await daemon.ledger();
  assert.deepEqual(pick(attempts[0], "output_tokens", "usage_source"), [20, "estimated"]);
  assert.ok(Number(requests[0]?.["cost_usd"]) > 0);
});

timedTest("a hundred requests at once are a hundred rows, each with its one attempt", async () => {
  await using upstream = new Upstream("openai", (exchange) => exchange.answer({ text: [LONG] }));
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  const all = Array.from({ length: 100 }, (_, index) => askFor(daemon, index % 2 === 0));
  const ids = (await Promise.all(all)).map((got) => got.headers.get("x-pirouter-request-id"));
  const { requests, attempts } = await daemon.ledger(100);
  assert.deepEqual(requests.map((row) => row["id"]).sort(), ids.sort());
  assert.equal(attempts.length, 100);
});

timedTest("max_concurrency makes requests wait for their turn, in order", async () => {
  await using upstream = new Upstream("openai");
  const provider = "max_concurrency = 2";
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream, provider }]));
  const asks = [];
  for (let index = 0; index < 5; index++) {
    const messages = [{ "role": "user", "content": `ask ${index}` }];
    asks.push(askFor(daemon, index % 2 === 0, { messages }));
    await turnLoop(daemon); // it has come before the next one
  }
  for (let index = 0; index < 5; index++) {
    const exchange = await upstream.next();
    assert.match(exchange.request.text, new RegExp(`ask ${index}`));
    assert.ok(upstream.exchanges.length <= index + 2, "two at once");
    if (index === 0) continue;
    await upstream.exchanges[index - 1]?.answer({ text: [`answer ${index - 1}`] });
  }
  await upstream.exchanges[4]?.answer({ text: ["answer 4"] });
  const texts = (await Promise.all(asks)).map((got) => got.text);
  assert.deepEqual(texts, [0, 1, 2, 3, 4].map((index) => `answer ${index}`));
});

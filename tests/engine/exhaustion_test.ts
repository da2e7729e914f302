import assert from "node:assert/strict";
import { askFor, outcomesOf } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import { errorBodyOf } from "../support/upstream_wire.ts";

const OVERFLOW = {
  "error": {
    "message": "This model's maximum context length is 4096 tokens. Please reduce the length.",
    "type": "invalid_request_error",
    "param": "messages",
    "code": "context_length_exceeded",
  },
};

function failWith(status: number, headers: Readonly<Record<string, string>> = {}): Script {
  return (exchange) => exchange.sendWhole(status, errorBodyOf(exchange.kind, "sorry"), headers);
}

for (const stream of [true, false]) {
  const mode = stream ? "streamed" : "whole";

  timedTest(`all candidates failing is one error that names every attempt, ${mode}`, async () => {
    await using one = new Upstream("openai", failWith(500));
    await using two = new Upstream("anthropic", failWith(529));
    await using three = new Upstream("ollama", (exchange) => Promise.resolve(exchange.cut()));
    const models = [
      { alias: "one", upstream: one },
      { alias: "two", upstream: two, model: 'model_id = "claude-haiku-4-5"' },
      { alias: "three", upstream: three },
    ];
    await using daemon = await TestDaemon.start(tomlFor(models));
    const got = await askFor(daemon, stream);
    assert.equal(got.status, 503);
    assert.equal(got.headers.get("x-should-retry"), "false");
    assert.ok(got.headers.get("x-pirouter-request-id"));
    const message = String(got.error?.["message"]);
    assert.match(
      message,
      /one at one: server_error; two at two: overloaded; three at three: connect/,
    );
    assert.deepEqual(await outcomesOf(daemon), [
      "one:server_error",
      "two:overloaded",
      "three:connect",
    ]);
    const { requests } = await daemon.ledger();
    const [request] = requests;
    assert.deepEqual(
      [request?.["status"], request?.["http_status"], request?.["final_model"]],
      ["exhausted", got.status, null],
    );
  });

  timedTest(
    `a context overflow goes to the next larger window and skips smaller ones, ${mode}`,
    async () => {
      await using first = new Upstream("openai", (exchange) => exchange.sendWhole(400, OVERFLOW));
      await using smaller = new Upstream("openai");
      await using larger = new Upstream(
        "openai",
        (exchange) => exchange.answer({ text: ["fits"] }),
      );
      const models = [
        { alias: "first", upstream: first, model: "context_window = 4096" },
        { alias: "smaller", upstream: smaller, model: "context_window = 2048" },
        { alias: "larger", upstream: larger, model: "context_window = 32000" },
      ];
      await using daemon = await TestDaemon.start(tomlFor(models));
      assert.equal((await askFor(daemon, stream)).text, "fits");
      assert.equal(smaller.exchanges.length, 0);
      assert.deepEqual(await outcomesOf(daemon), ["first:context_overflow", "larger:ok"]);
    },
  );

  timedTest(
    `a context overflow without a larger window is OpenAI's own error, ${mode}`,
    async () => {
      await using only = new Upstream("openai", (exchange) => exchange.sendWhole(400, OVERFLOW));
      await using daemon = await TestDaemon.start(tomlFor([{ alias: "only", upstream: only }]));
      const got = await askFor(daemon, stream);
      assert.equal(got.status, 400);
      assert.equal(got.error?.["code"], "context_length_exceeded");
      assert.match(String(got.error?.["message"]), /This model's maximum context length is 4096/);
    },
  );

  timedTest(
    `a rate limit of the only candidate keeps its status and its Retry-After, ${mode}`,
    async () => {
      await using only = new Upstream("openai", failWith(429, { "retry-after": "7" }));
      await using daemon = await TestDaemon.start(tomlFor([{ alias: "only", upstream: only }]));
      const got = await askFor(daemon, stream);
      assert.equal(got.status, 429);
      assert.equal(got.headers.get("retry-after"), "7");
      assert.equal(only.exchanges.length, 1);
    },
  );
}

timedTest("an upstream that echoes the key in its error does not give it away", async () => {
  await using echo = new Upstream("openai", (exchange) => {
    const key = exchange.request.headers.get("authorization") ?? "";
    return exchange.sendWhole(401, errorBodyOf("openai", `Incorrect API key: ${key}`));
  });
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "echo", upstream: echo }]));
  for (const stream of [true, false]) {
    const got = await askFor(daemon, stream);
    assert.equal(got.status, 401);
    assert.match(got.raw, /\[redacted\]/);
    assert.doesNotMatch(got.raw, /sk-canary/);
  }
});

timedTest("a redirect is not followed, and no key goes where it points", async () => {
  await using elsewhere = new Upstream(
    "openai",
    (exchange) => exchange.answer({ text: ["stolen"] }),
  );
  for (const status of [301, 302, 303, 307, 308]) {
    const location = `${elsewhere.baseUrl}/v1/chat/completions`;
    await using first = new Upstream("openai", failWith(status, { location }));
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "first", upstream: first }]));
    const got = await askFor(daemon, status % 2 === 0);
    assert.equal(got.status, 502);
    assert.match(String(got.error?.["message"]), /redirect .* never followed/);
    assert.equal(got.raw.includes(elsewhere.baseUrl), false);
  }
  assert.equal(elsewhere.exchanges.length, 0);
});

import assert from "node:assert/strict";
import { askFor, NO_WAIT } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { failWith } from "../support/fault_script.ts";
import { Upstream } from "../support/upstream.ts";
import { errorBodyOf } from "../support/upstream_wire.ts";

for (const stream of [true, false]) {
  const mode = stream ? "streamed" : "whole";

  timedTest(
    `a rate limit of the only candidate keeps its status and its Retry-After, ${mode}`,
    async () => {
      await using only = new Upstream("openai", failWith(429, { "retry-after": "7" }));
      const toml = tomlFor([{ alias: "only", upstream: only }], { cascade: NO_WAIT });
      await using daemon = await TestDaemon.start(toml);
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

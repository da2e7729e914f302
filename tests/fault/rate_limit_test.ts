import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { askFor, outcomesOf, SPARE_TEXT, withCascade } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { type HeaderList, type Script, Upstream } from "../support/upstream.ts";

const ANSWER = "An answer that comes in the end, and is long enough.";

/** Refuses the first `count` requests with these headers, then answers. */
function refuseFirst(count: number, headers: HeaderList, status = 429): Script {
  return (exchange, position) =>
    position < count
      ? exchange.sendWhole(status, {}, headers)
      : exchange.answer({ text: [ANSWER] });
}

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toUTCString();

interface RetryAfterCase {
  readonly name: string;
  readonly headers: () => HeaderList;
  /** Milliseconds that a lone candidate is waited for; null: not at all. */
  readonly waitMs: readonly [number, number] | null;
}

const CASES: readonly RetryAfterCase[] = [
  { name: "seconds", headers: () => ({ "retry-after": "1" }), waitMs: [1_000, 1_600] },
  { name: "milliseconds", headers: () => ({ "retry-after-ms": "300" }), waitMs: [300, 800] },
  {
    name: "a date",
    // A date counts whole seconds, from the reply's own.
    headers: () => ({ "retry-after": inSeconds(1), "date": inSeconds(0) }),
    waitMs: [1_000, 1_600],
  },
  { name: "garbage", headers: () => ({ "retry-after": "soon" }), waitMs: [500, 1_600] },
  { name: "nothing", headers: () => ({}), waitMs: [500, 1_600] },
  { name: "a huge number", headers: () => ({ "retry-after": "999999" }), waitMs: null },
];

for (const { name, headers, waitMs } of CASES) {
  rowTest("rate-limit", {
    name: `429 with ${name} as Retry-After leads to the next candidate at once`,
    body: () =>
      withCascade((exchange) => exchange.sendWhole(429, {}, headers()), async ({ daemon }) => {
        const startedAt = performance.now();
        assert.equal((await askFor(daemon, true)).text, SPARE_TEXT);
        assert.ok(performance.now() - startedAt < 400, "no pause");
        assert.deepEqual(await outcomesOf(daemon), ["first:rate_limit", "spare:ok"]);
      }),
  });
  for (const stream of [true, false]) {
    const mode = stream ? "streamed" : "whole";
    rowTest("rate-limit", {
      name: `429 with ${name}: a lone candidate ${waitMs ? "waits" : "fails at once"} (${mode})`,
      body: () => askLone({ script: refuseFirst(1, headers()), stream, waitMs }),
    });
  }
}

async function askLone(
  options: {
    readonly script: Script;
    readonly stream: boolean;
    readonly waitMs: RetryAfterCase["waitMs"];
  },
): Promise<void> {
  await using upstream = new Upstream("openai", options.script);
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream }]));
  const got = await askFor(daemon, options.stream);
  const { attempts, requests } = await daemon.ledger();
  if (options.waitMs === null) {
    assert.deepEqual([got.status, got.error?.["code"]], [429, "rate_limit_exceeded"]);
    assert.equal(got.headers.get("retry-after"), "3600");
    assert.equal(upstream.exchanges.length, 1);
    return;
  }
  assert.deepEqual([got.status, got.text], [200, ANSWER]);
  assert.equal(got.headers.get("x-pirouter-attempts"), "2");
  assert.deepEqual(attempts.map((row) => row["outcome"]), ["rate_limit", "ok"]);
  const waitedMs = Number(attempts[1]?.["waited_ms"]);
  const [least, most] = options.waitMs;
  assert.ok(waitedMs >= least - 10 && waitedMs <= most, `waited ${waitedMs} ms`);
  assert.ok(Number(requests[0]?.["latency_ms"]) >= waitedMs);
}

for (const kind of ["anthropic", "ollama"] as const satisfies readonly ProviderKind[]) {
  rowTest("rate-limit", {
    name: `a lone candidate of ${kind} that is overloaded for a moment is waited for`,
    body: async () => {
      const script = refuseFirst(2, { "retry-after-ms": "50" }, kind === "anthropic" ? 529 : 503);
      await using upstream = new Upstream(kind, script);
      await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream }]));
      assert.equal((await askFor(daemon, true)).text, ANSWER);
      assert.deepEqual(await outcomesOf(daemon), [
        "lone:overloaded",
        "lone:overloaded",
        "lone:ok",
      ]);
    },
  });
}

rowTest("rate-limit", {
  name: "a lone candidate is asked three times at most",
  body: async () => {
    const script = refuseFirst(9, { "retry-after": "0" });
    await using upstream = new Upstream("openai", script);
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream }]));
    const got = await askFor(daemon, false);
    assert.equal(got.status, 429);
    assert.equal(got.headers.get("x-should-retry"), null, "nobody else was asked");
    assert.equal(upstream.exchanges.length, 3);
  },
});

rowTest("rate-limit", {
  name: "max_wait_secs = 0 never waits",
  body: async () => {
    const script = refuseFirst(1, { "retry-after-ms": "1" });
    await using upstream = new Upstream("openai", script);
    const extra = { cascade: "max_wait_secs = 0" };
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream }], extra));
    assert.equal((await askFor(daemon, false)).status, 429);
    assert.equal(upstream.exchanges.length, 1);
  },
});

rowTest("rate-limit", {
  name: "when every candidate says later, the soonest is waited for",
  body: async () => {
    await using late = new Upstream("openai", refuseFirst(1, { "retry-after": "9" }));
    await using soon = new Upstream("openai", refuseFirst(1, { "retry-after-ms": "200" }));
    const models = [{ alias: "late", upstream: late }, { alias: "soon", upstream: soon }];
    await using daemon = await TestDaemon.start(tomlFor(models));
    assert.equal((await askFor(daemon, true)).text, ANSWER);
    assert.deepEqual(await outcomesOf(daemon), [
      "late:rate_limit",
      "soon:rate_limit",
      "soon:ok",
    ]);
  },
});

rowTest("rate-limit", {
  name: "used-up credit is no rate limit: nobody waits for it",
  body: async () => {
    const error = { "error": { "message": "x", "type": "x", "code": "insufficient_quota" } };
    const script: Script = (exchange) => exchange.sendWhole(429, error, { "retry-after": "1" });
    await using upstream = new Upstream("openai", script);
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream }]));
    const got = await askFor(daemon, false);
    assert.deepEqual([got.status, got.error?.["code"]], [429, "insufficient_quota"]);
    assert.equal(upstream.exchanges.length, 1);
  },
});

rowTest("rate-limit", {
  name: "a stream that waits shows its client a sign of life",
  body: async () => {
    await using upstream = new Upstream("openai", refuseFirst(1, { "retry-after-ms": "300" }));
    const extra = { server: "keep_alive_secs = 0.05" };
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream }], extra));
    const got = await askFor(daemon, true);
    assert.equal(got.text, ANSWER);
    assert.match(got.raw, /^: keep-alive\n\n/);
  },
});

for (const headers of [{}, { "retry-after": "1" }] as const) {
  const said = "retry-after" in headers ? "with" : "without";
  rowTest("rate-limit", {
    name: `30 requests at once outlast a lone candidate's limit of 1.2 s, ${said} Retry-After`,
    body: async () => {
      const limitedUntil = performance.now() + 1_200;
      await using upstream = new Upstream(
        "openai",
        (exchange) =>
          performance.now() < limitedUntil
            ? exchange.sendWhole(429, {}, headers)
            : exchange.answer({ text: [ANSWER] }),
      );
      await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream }]));
      const asks = Array.from({ length: 30 }, (_, index) => askFor(daemon, index % 2 === 0));
      const texts = (await Promise.all(asks)).map((got) => got.text);
      assert.deepEqual(new Set(texts), new Set([ANSWER]));
      const { attempts } = await daemon.ledger(30);
      assert.equal(attempts.length, upstream.exchanges.length);
      // All at once, then one at a time finds out: far from thirty a round.
      assert.ok(attempts.length < 30 * 2.5, `${attempts.length} attempts`);
    },
  });
}

rowTest("rate-limit", {
  name: "two candidates that are both limited for a while are waited for by all who come",
  body: async () => {
    const limitedUntil = performance.now() + 1_200;
    const script: Script = (exchange) =>
      performance.now() < limitedUntil
        ? exchange.sendWhole(503, {})
        : exchange.answer({ text: [ANSWER] });
    await using one = new Upstream("openai", script);
    await using two = new Upstream("anthropic", script);
    await using daemon = await TestDaemon.start(tomlFor([
      { alias: "one", upstream: one },
      { alias: "two", upstream: two, model: 'model_id = "claude-haiku-4-5"' },
    ]));
    const asks: Promise<{ readonly text: string }>[] = [];
    for (let count = 0; count < 30; count++) {
      asks.push(askFor(daemon, count % 2 === 0));
      await new Promise((resolve) => setTimeout(resolve, 20)); // they come one by one
    }
    const texts = (await Promise.all(asks)).map((got) => got.text);
    assert.deepEqual(new Set(texts), new Set([ANSWER]));
  },
});

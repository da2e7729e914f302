import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import {
  askFor,
  outcomesOf,
  type Rung,
  SPARE_TEXT,
  withCascade,
  withLadder,
} from "../support/cascade_case.ts";
import { type Row, TestDaemon, tomlFor } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import type { Got } from "../support/got.ts";
import { type HeaderList, type Script, Upstream } from "../support/upstream.ts";

const ANSWER = "An answer that comes in the end, and is long enough.";

/** Refuses the first `count` requests with these headers, then answers. */
function refuseFirst(count: number, headers: HeaderList, status = 429): Script {
  return (exchange, position) =>
    position < count
      ? exchange.sendWhole(status, {}, headers)
      : exchange.answer({ text: [ANSWER] });
}

/** A date counts whole seconds, from the reply's own. */
function dateIn(seconds: number): HeaderList {
  const now = Date.now();
  const later = new Date(now + seconds * 1_000);
  return { "retry-after": later.toUTCString(), "date": new Date(now).toUTCString() };
}

interface RetryAfterCase {
  readonly name: string;
  readonly headers: HeaderList;
  /** The least milliseconds that a lone candidate is waited for; null: it is not. */
  readonly waitMs: number | null;
}

const CASES: readonly RetryAfterCase[] = [
  { name: "seconds", headers: { "retry-after": "1" }, waitMs: 1_000 },
  { name: "milliseconds", headers: { "retry-after-ms": "300" }, waitMs: 300 },
  { name: "a date", headers: dateIn(1), waitMs: 1_000 },
  { name: "garbage", headers: { "retry-after": "soon" }, waitMs: 500 },
  { name: "nothing", headers: {}, waitMs: 500 },
  { name: "a huge number", headers: { "retry-after": "999999" }, waitMs: null },
];

/** Milliseconds more than the least: chance takes up to 500, a busy machine some. */
const MOST_MORE_MS = 1_500;

for (const { name, headers } of CASES) {
  rowTest("rate-limit", {
    name: `429 with ${name} as Retry-After leads to the next candidate at once`,
    body: () =>
      withCascade((exchange) => exchange.sendWhole(429, {}, headers), async ({ daemon }) => {
        assert.equal((await askFor(daemon, true)).text, SPARE_TEXT);
        const { attempts: [first, spare] } = await daemon.ledger();
        assert.deepEqual([first?.["outcome"], spare?.["outcome"]], ["rate_limit", "ok"]);
        assert.equal(spare?.["waited_ms"], 0);
        const pauseMs = Number(spare?.["started_ms"]) - Number(first?.["started_ms"]) -
          Number(first?.["latency_ms"]);
        assert.ok(pauseMs < 200, `a pause of ${pauseMs} ms`); // less than any wait
      }),
  });
}

rowTest("rate-limit", {
  name: "a lone candidate is waited for as its Retry-After says, streamed and whole, up to a cap",
  body: () => {
    // All at once, each at a provider of its own.
    const asks = CASES.flatMap((one) => [true, false].map((stream) => ({ ...one, stream })))
      .map((ask, at) => ({ ...ask, alias: `lone-${at}` }));
    const rungs = asks.map(({ alias, headers }): Rung => ({
      alias,
      kind: "openai",
      script: refuseFirst(1, headers),
    }));
    return withLadder(rungs, async ({ daemon }) => {
      const gots = await Promise.all(
        asks.map(({ alias, stream }) => askFor(daemon, stream, { "model": alias })),
      );
      const { attempts } = await daemon.ledger(asks.length);
      for (const [at, got] of gots.entries()) {
        const { name = "", alias, stream, waitMs = null } = asks[at] ?? {};
        const own = attempts.filter((row) => row["alias"] === alias);
        assertWaited(got, { label: `${name} (stream ${stream})`, waitMs, attempts: own });
      }
    }, { rules: "" });
  },
});

function assertWaited(
  got: Got,
  expected: Pick<RetryAfterCase, "waitMs"> & {
    readonly label: string;
    readonly attempts: readonly Row[];
  },
): void {
  const { label, waitMs, attempts } = expected;
  const outcomes = attempts.map((row) => row["outcome"]);
  if (waitMs === null) {
    assert.deepEqual([got.status, got.error?.["code"]], [429, "rate_limit_exceeded"], label);
    assert.equal(got.headers.get("retry-after"), "3600", label);
    assert.deepEqual(outcomes, ["rate_limit"], label);
    return;
  }
  assert.deepEqual([got.status, got.text], [200, ANSWER], label);
  assert.equal(got.headers.get("x-pirouter-attempts"), "2", label);
  assert.deepEqual(outcomes, ["rate_limit", "ok"], label);
  const waitedMs = Number(attempts[1]?.["waited_ms"]);
  assert.ok(waitedMs >= waitMs - 10, `${label}: waited ${waitedMs} ms`);
  assert.ok(waitedMs <= waitMs + MOST_MORE_MS, `${label}: waited ${waitedMs} ms`);
  assert.ok(Number(attempts[1]?.["started_ms"]) >= waitedMs, label);
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
    await using upstream = new Upstream("openai", refuseFirst(1, { "retry-after-ms": "150" }));
    const extra = { server: "keep_alive_secs = 0.05" };
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream }], extra));
    const got = await askFor(daemon, true);
    assert.equal(got.text, ANSWER);
    assert.match(got.raw, /^: keep-alive\n\n/);
  },
});

const LIMITS: readonly (readonly [string, HeaderList, number])[] = [
  ["without Retry-After", {}, 1_200],
  ["with Retry-After", { "retry-after-ms": "300" }, 500],
];

for (const [said, headers, limitedMs] of LIMITS) {
  rowTest("rate-limit", {
    name: `30 requests at once outlast a lone candidate's limit of ${limitedMs} ms, ${said}`,
    body: async () => {
      const limitedUntil = performance.now() + limitedMs;
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

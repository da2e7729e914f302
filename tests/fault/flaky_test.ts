import assert from "node:assert/strict";
import { ASK, type Ladder, SPARE_TEXT, withLadder } from "../support/cascade_case.ts";
import type { Row, TestDaemon } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { readResponse } from "../support/got.ts";
import { assertNoneBusy, assertNoSecret, assertRecords } from "../support/invariants.ts";
import type { Exchange, Script } from "../support/upstream.ts";

const FLAKY_TEXT = "The flaky provider's answer, on every second call.";

interface Flaw {
  readonly name: string;
  readonly fail: (exchange: Exchange) => Promise<void>;
  /** How such an attempt ends. */
  readonly outcome: string;
  readonly requestCount: number;
  /** Requests that are under way together. */
  readonly workerCount: number;
  /** How often the provider is asked, at least: one that cools down is asked but rarely. */
  readonly minCount: number;
}

const FLAWS: readonly Flaw[] = [
  {
    name: "a 503",
    fail: (exchange) => exchange.sendWhole(503, {}),
    outcome: "overloaded",
    requestCount: 1_000,
    workerCount: 8,
    minCount: 2,
  },
  {
    name: "a 503 that may be repeated at once",
    fail: (exchange) => exchange.sendWhole(503, {}, { "retry-after-ms": "0" }),
    outcome: "overloaded",
    requestCount: 1_000,
    workerCount: 1, // the others would leave the one alone that finds out how it does
    minCount: 1_000,
  },
  {
    name: "a cut connection",
    fail: (exchange) => Promise.resolve(exchange.cut()),
    outcome: "connect",
    requestCount: 100, // after the first few it cools down, as with a 503
    workerCount: 8,
    minCount: 2,
  },
  {
    name: "a reset connection",
    fail: (exchange) => Promise.resolve(exchange.reset()),
    outcome: "connect",
    requestCount: 100,
    workerCount: 8,
    minCount: 2,
  },
];

for (const flaw of FLAWS) {
  const { name, fail, outcome, requestCount, minCount } = flaw;
  rowTest("every-second-call", {
    name: `${requestCount} requests through a provider that gives ${name} every second time ` +
      "are all answered",
    body: () => {
      const flaky: Script = (exchange, position) =>
        position % 2 === 0 ? fail(exchange) : exchange.answer({ text: [FLAKY_TEXT] });
      const spare: Script = (exchange) => exchange.answer({ text: [SPARE_TEXT] });
      const rungs = [
        { alias: "flaky", kind: "openai", script: flaky },
        { alias: "spare", kind: "anthropic", script: spare },
      ] as const;
      return withLadder(rungs, async (ladder) => {
        const texts = await askMany(ladder.daemon, flaw);
        assert.equal(texts.length, requestCount);
        assert.deepEqual(texts.filter((text) => text !== FLAKY_TEXT && text !== SPARE_TEXT), []);
        const [first] = ladder.upstreams;
        const flakyCount = first?.exchanges.length ?? 0;
        assert.ok(flakyCount >= minCount, `asked ${flakyCount} times`);
        await assertAllRecorded(ladder, { outcome, requestCount });
      });
    },
    limitMs: 60_000,
  });
}

/** Sends the requests, some at a time, every second one streamed; the texts of the answers. */
async function askMany(
  daemon: TestDaemon,
  { requestCount, workerCount }: Pick<Flaw, "requestCount" | "workerCount">,
): Promise<readonly string[]> {
  const texts: string[] = [];
  const numbers = Array.from({ length: requestCount }, (_, index) => index).values();
  const work = async () => {
    for (const number of numbers) {
      const body = { ...ASK, "model": nameOf(number), "stream": number % 2 === 0 };
      const messages = [{ "role": "user", "content": `This is ${nameOf(number)}.` }];
      const response = await daemon.chat({ ...body, messages });
      const got = await readResponse(response);
      assert.deepEqual([got.status, got.finish, got.error], [200, "stop", null], nameOf(number));
      texts.push(got.text);
    }
  };
  await Promise.all(Array.from({ length: workerCount }, work));
  return texts;
}

/** An unknown name is routed as `auto`, and the ledger keeps it. */
function nameOf(number: number): string {
  return `request-${number}-`;
}

async function assertAllRecorded(
  { upstreams, daemon }: Ladder,
  { outcome, requestCount }: Pick<Flaw, "outcome" | "requestCount">,
): Promise<void> {
  const { requests, attempts } = await daemon.ledger(requestCount);
  const exchanges = upstreams.flatMap((upstream) => upstream.exchanges);
  assert.equal(attempts.length, exchanges.length, "one record an exchange");
  const outcomes = new Set(attempts.map((row) => row["outcome"]));
  assert.deepEqual([...outcomes].sort(), [outcome, "ok"].sort());
  const byId = Map.groupBy(attempts, (row) => row["request_id"]);
  const asked = askedByName(upstreams);
  for (const request of requests) {
    const label = String(request["requested_model"]);
    const own: readonly Row[] = byId.get(request["id"]) ?? [];
    assertRecords({ label, request, attempts: own, asked: asked.get(label) ?? [] });
  }
  await assertNoneBusy(exchanges, { label: outcome });
  await assertNoSecret(daemon, {});
}

/** Which aliases got each request; here none is asked twice for the same one. */
function askedByName(upstreams: Ladder["upstreams"]): ReadonlyMap<string, readonly string[]> {
  const asked = new Map<string, string[]>();
  for (const [index, upstream] of upstreams.entries()) {
    for (const { request } of upstream.exchanges) {
      const name = /request-\d+-/.exec(request.text)?.[0] ?? "";
      asked.set(name, [...asked.get(name) ?? [], index === 0 ? "flaky" : "spare"]);
    }
  }
  return asked;
}

rowTest("every-second-call", {
  name: "a fallback adds less than one more round trip to the median request",
  body: () => {
    const flaky: Script = (exchange, position) =>
      position % 2 === 0
        ? exchange.sendWhole(503, {}, { "retry-after-ms": "0" })
        : exchange.answer({ text: [FLAKY_TEXT] });
    const healthy: Script = (exchange) => exchange.answer({ text: [SPARE_TEXT] });
    const rungs = [
      { alias: "flaky", kind: "openai", script: flaky },
      { alias: "spare", kind: "openai", script: healthy },
    ] as const;
    const rules = '[[rules]]\nname = "flaky-first"\nwhen = { always = true }\n' +
      'then = { primary = "flaky", cascade = ["spare"] }';
    return withLadder(rungs, async ({ upstreams, daemon }) => {
      await timeAll(daemon, { model: "spare", count: 100 }); // warms up
      const direct: number[] = [];
      const through: number[] = [];
      // Taken in turns, so that whatever else the machine does counts for both.
      for (let round = 0; round < 10; round++) {
        direct.push(...await timeAll(daemon, { model: "spare", count: 100 }));
        through.push(...await timeAll(daemon, { model: "auto", count: 100 }));
      }
      const addedMs = medianOf(through) - medianOf(direct);
      const roundTripMs = medianOf(direct);
      assert.ok(addedMs < roundTripMs, `${addedMs} ms more than ${roundTripMs} ms`);
      assert.ok((upstreams[0]?.exchanges.length ?? 0) >= 1_000, "the flaky one is asked each time");
    }, { rules });
  },
  limitMs: 60_000,
});

/** Milliseconds of each request, one after the other. */
async function timeAll(
  daemon: TestDaemon,
  { model, count }: { readonly model: string; readonly count: number },
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now();
    const response = await daemon.chat({ ...ASK, model });
    await response.text();
    times.push(performance.now() - startedAt);
    assert.equal(response.status, 200);
  }
  return times;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

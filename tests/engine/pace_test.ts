import assert from "node:assert/strict";
import type { Model } from "../../src/core/catalog.ts";
import { findFirstTokenLimitMs } from "../../src/engine/first_token.ts";
import { Pace } from "../../src/engine/pace.ts";
import type { Snapshot } from "../../src/engine/snapshot.ts";
import { ADAPTERS } from "../../src/providers/mod.ts";
import { type TestModel, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { buildModel, buildRequest } from "../support/models.ts";
import { snapshotOf, streamFrom } from "../support/run_case.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

/** What a hosted model's first token may take where nothing is known, in milliseconds. */
const DEFAULT_MS = 300_000;

const MODEL = buildModel({ alias: "a", provider: "a" });
const ASK = { inputTokens: 100, defaultMs: DEFAULT_MS, isLocal: false };
const QUICK = { ttftMs: 100, inputTokens: 100 };

Deno.test("the newest 64 first tokens count", () => {
  const pace = new Pace();
  pace.note(MODEL, { ...QUICK, ttftMs: 10_000 });
  for (let count = 0; count < 63; count++) pace.note(MODEL, QUICK);
  assert.equal(pace.limitMs(MODEL, ASK), 200_000);
  pace.note(MODEL, QUICK);
  assert.equal(pace.limitMs(MODEL, ASK), 180_000);
});

Deno.test("a model that has answered counts as loaded for a minute", () => {
  let now = 5;
  const pace = new Pace([], { now: () => now });
  assert.equal(pace.isWarm(MODEL), false);
  pace.note(MODEL, QUICK);
  now += 59_999;
  assert.equal(pace.isWarm(MODEL), true);
  now += 1;
  assert.equal(pace.isWarm(MODEL), false);
});

const ANSWER = { ttftMs: 100, readTokens: 10, latencyMs: 400, isLoaded: true, isAlone: true };

Deno.test("a model that has given a whole answer counts as loaded, until another gives one", () => {
  let now = 5;
  const pace = new Pace([], { now: () => now });
  assert.equal(pace.answeredAt(MODEL), null);
  pace.noteAnswer(MODEL, { ...ANSWER, ttftMs: null });
  now += 10;
  assert.deepEqual([pace.isWarm(MODEL), pace.answeredAt(MODEL)], [true, 5]);
  pace.noteAnswer({ ...MODEL, modelId: "other" }, ANSWER);
  assert.equal(pace.answeredAt(MODEL), null);
});

Deno.test("the newest 64 answers tell how long one takes, and a late first token ends that", () => {
  const pace = new Pace();
  assert.equal(pace.timesOf(MODEL).answerMs, null);
  for (let count = 0; count < 32; count++) pace.noteAnswer(MODEL, ANSWER);
  assert.equal(pace.timesOf(MODEL).answerMs, 400);
  for (let count = 0; count < 33; count++) pace.noteAnswer(MODEL, { ...ANSWER, latencyMs: 900 });
  assert.equal(pace.timesOf(MODEL).answerMs, 900);
  pace.forget(MODEL);
  assert.equal(pace.timesOf(MODEL).answerMs, null);
});

Deno.test("the ledger's answers tell how long one takes, and nothing of loading or reading", () => {
  const known = { provider: "a", modelId: "a-id", ttftMs: 100, inputTokens: 1_000 };
  const pace = new Pace([300, 500, null, 700].map((latencyMs) => ({ ...known, latencyMs })));
  assert.deepEqual(pace.timesOf(MODEL), {
    loadMs: null,
    prefillTokensPerSec: null,
    answerMs: 500,
  });
});

/** A snapshot of one model, which has answered often, each time after so many milliseconds. */
function snapshotOfShown(
  ttftMs: number,
  model: Omit<TestModel, "alias">,
): Promise<Snapshot> {
  const shown = { provider: "a", modelId: "a-id", ttftMs, inputTokens: 100 };
  const tokenTimes = Array.from({ length: 16 }, () => shown);
  return snapshotOf(tomlFor([{ alias: "a", ...model }]), { tokenTimes });
}

function modelOf({ config: { catalog } }: Snapshot): Model {
  const model = catalog.get("a");
  assert.ok(model !== undefined);
  return model;
}

const NOBODY = { kind: "openai", baseUrl: "http://127.0.0.1:1" } as const;

async function limitWhileBusy(snapshot: Snapshot): Promise<number> {
  const { links, config: { providers }, pace } = snapshot;
  const [link, provider] = [links.get("a"), providers.get("a")];
  assert.ok(link !== undefined && provider !== undefined);
  const { signal } = new AbortController();
  for (let count = 0; count < 2; count++) await link.slots.take(signal);
  const context = { model: modelOf(snapshot), request: buildRequest("hi") };
  const ask = { adapter: ADAPTERS[provider.kind], provider, link, pace, context };
  return await findFirstTokenLimitMs({ ...ask, inputTokens: 100, signal });
}

const BUSY_CASES: readonly (readonly [string, boolean, number, number])[] = [
  ["a hosted model gets what that has shown", false, 10_000, 200_000],
  ["a local model gets the default", true, 10_000, DEFAULT_MS],
  ["a local model that has needed nearly the default gets more", true, 200_000, 400_000],
];

for (const [what, isLocal, ttftMs, expectedMs] of BUSY_CASES) {
  timedTest(`of two requests at once ${what} for its first token`, async () => {
    const model = `local = ${isLocal}`;
    using snapshot = await snapshotOfShown(ttftMs, { upstream: NOBODY, model });
    assert.equal(await limitWhileBusy(snapshot), expectedMs);
  });
}

/** A stream of which nothing comes after the first token. */
const stalls: Script = async (exchange) => {
  await exchange.sendStreamHead();
  await exchange.sendChunk(openaiChunk({ "content": "Well" }, null));
};

const FORGET_CASES: readonly (readonly [string, Script, number])[] = [
  ["is forgotten when a first token does not come in time", () => Promise.resolve(), DEFAULT_MS],
  ["is kept when an answer stalls after its first token", stalls, 200_000],
  ["is kept when a request fails", (exchange) => exchange.sendWhole(500, {}), 200_000],
];

for (const [what, script, expectedMs] of FORGET_CASES) {
  timedTest(`the pace of a model ${what}`, async () => {
    await using upstream = new Upstream("openai", script);
    await upstream.ready;
    const provider = "first_token_timeout_secs = 0.1\nidle_timeout_secs = 0.1";
    using snapshot = await snapshotOfShown(10_000, { upstream, provider });
    const types: string[] = [];
    for await (const { type } of streamFrom(snapshot, modelOf(snapshot))) types.push(type);
    assert.deepEqual([upstream.exchanges.length, types.at(-1)], [1, "error"]);
    assert.equal(snapshot.pace.limitMs(modelOf(snapshot), ASK), expectedMs);
  });
}

import assert from "node:assert/strict";
import type { Model } from "../../src/core/catalog.ts";
import { DEFAULT_ANSWER_MS, DEFAULT_LOAD_MS } from "../../src/core/readiness.ts";
import { LoadedModels } from "../../src/engine/loaded_models.ts";
import { Pace } from "../../src/engine/pace.ts";
import { Readiness } from "../../src/engine/readiness.ts";
import { Slots } from "../../src/engine/slots.ts";
import { type Snapshot, withCatalog } from "../../src/engine/snapshot.ts";
import { loadedModels as query } from "../../src/providers/ollama_loaded.ts";
import { askFor } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest, within } from "../support/deadline.ts";
import { buildCatalog, buildModel, buildProvider } from "../support/models.ts";
import { MODEL as LOCAL } from "../support/ollama_case.ts";
import { snapshotOf, streamFrom } from "../support/run_case.ts";
import { Upstream } from "../support/upstream.ts";

const SIGNAL = new AbortController().signal;
const HOSTED = buildModel({ alias: "cloud", provider: "ollama" });
const ANSWER = {
  ttftMs: 1_000,
  readTokens: 500,
  latencyMs: 4_000,
  isLoaded: true,
  isAlone: true,
};

const IDLE = {
  isLoaded: null,
  ahead: 0,
  atOnce: 1,
  loadMs: DEFAULT_LOAD_MS,
  prefillTokensPerSec: 300,
  isSpeedKnown: false,
  answerMs: DEFAULT_ANSWER_MS,
};

/** A provider that does not tell what it has loaded, with so many slots. */
function createReadiness(limit: number | null, pace = new Pace()) {
  const slots = new Slots(limit);
  const providers = new Map([["ollama", buildProvider({ id: "ollama", kind: "ollama" })]]);
  const links = new Map([["ollama", { slots, loaded: null }]]);
  return { slots, readiness: new Readiness({ providers, links, pace }) };
}

Deno.test("Readiness knows the defaults of a local model that was never asked", () => {
  const { readiness } = createReadiness(null);
  assert.deepEqual(readiness.readinessOf(LOCAL), IDLE);
});

Deno.test("Readiness knows what the answers of a model have shown", () => {
  const pace = new Pace();
  for (let count = 0; count < 3; count++) pace.noteAnswer(LOCAL, ANSWER);
  const { readiness } = createReadiness(null, pace);
  assert.deepEqual(readiness.readinessOf(LOCAL), {
    ...IDLE,
    isLoaded: true,
    prefillTokensPerSec: 500,
    isSpeedKnown: true,
    answerMs: 4_000,
  });
});

Deno.test("Readiness waits for a local model's own requests, by all its names", () => {
  const { readiness } = createReadiness(null);
  {
    using first = readiness.enter(LOCAL);
    using second = readiness.enter({ ...LOCAL, alias: "other", modelId: "Qwen3:8B" });
    assert.deepEqual([first.isAlone, second.isAlone], [true, false]);
    assert.equal(readiness.readinessOf(LOCAL)?.ahead, 2);
    assert.equal(readiness.readinessOf({ ...LOCAL, modelId: "qwen3:14b" })?.ahead, 0);
  }
  assert.equal(readiness.readinessOf(LOCAL)?.ahead, 0);
});

Deno.test("Readiness takes max_concurrency for what a local server serves at once", async () => {
  const { readiness, slots } = createReadiness(2);
  await slots.take(SIGNAL);
  using one = readiness.enter(LOCAL);
  assert.deepEqual(readiness.readinessOf(LOCAL), { ...IDLE, atOnce: 2 });
  await slots.take(SIGNAL);
  using two = readiness.enter(LOCAL);
  assert.deepEqual([one.isAlone, two.isAlone], [true, true]);
  assert.deepEqual(readiness.readinessOf(LOCAL), { ...IDLE, atOnce: 2, ahead: 1 });
});

Deno.test("Readiness knows of a hosted model only that its provider's slots are taken", async () => {
  const { readiness, slots } = createReadiness(2);
  using standing = readiness.enter(HOSTED);
  assert.deepEqual([standing.isAlone, standing.isLoaded], [true, null]);
  await slots.take(SIGNAL);
  assert.equal(readiness.readinessOf(HOSTED), null);
  await slots.take(SIGNAL);
  const leaving = new AbortController();
  const waiting = slots.take(leaving.signal);
  assert.deepEqual(readiness.readinessOf(HOSTED), {
    ...IDLE,
    ahead: 2,
    atOnce: 2,
    prefillTokensPerSec: null,
  });
  leaving.abort();
  await waiting;
});

Deno.test("Readiness knows nothing of a hosted model without max_concurrency", () => {
  const { readiness } = createReadiness(null);
  using _ = readiness.enter(HOSTED);
  assert.equal(readiness.readinessOf(HOSTED), null);
});

timedTest("Readiness believes the newer of an answer and of the server's word", async () => {
  await using upstream = new Upstream("ollama");
  await upstream.ready;
  using client = Deno.createHttpClient({});
  let nowMs = 0;
  const now = () => nowMs;
  const provider = buildProvider({ id: "ollama", kind: "ollama", baseUrl: upstream.baseUrl });
  const loaded = new LoadedModels({ provider, query, client, now });
  const pace = new Pace([], { now });
  const readiness = new Readiness({
    providers: new Map([["ollama", provider]]),
    links: new Map([["ollama", { slots: new Slots(null), loaded }]]),
    pace,
  });
  const isLoaded = () => readiness.readinessOf(LOCAL)?.isLoaded;
  const look = () => loaded.look({ signal: SIGNAL, limitMs: 5_000 });
  await look();
  assert.equal(isLoaded(), false);
  using cold = readiness.enter(LOCAL);
  nowMs = 2_000;
  pace.noteAnswer(LOCAL, ANSWER);
  using warm = readiness.enter(LOCAL);
  assert.deepEqual([isLoaded(), cold.isLoaded, warm.isLoaded], [true, false, true]);
  nowMs = 7_000;
  await look();
  assert.equal(isLoaded(), false, "it was let go at once");
  upstream.loadedModels.push("qwen3:8b");
  nowMs = 12_000;
  const asking = look();
  using soon = readiness.enter(LOCAL);
  assert.equal(soon.isLoaded, true, "it has answered, and the server has not said that it is gone");
  await asking;
  assert.deepEqual([isLoaded(), soon.isLoaded], [true, true]);
  nowMs = 80_000;
  using later = readiness.enter(LOCAL);
  assert.deepEqual([isLoaded(), later.isLoaded], [null, null]);
  await readiness.close();
});

const PENDING: readonly (readonly [string, readonly string[], boolean | null])[] = [
  ["knows that a model was not loaded from an answer that comes later", [], false],
  ["does not know whether a model that is named later was loaded before", ["a-id"], null],
];

for (const [what, names, expected] of PENDING) {
  timedTest(`Readiness ${what}`, async () => {
    await using upstream = new Upstream("ollama");
    await upstream.ready;
    upstream.loadedModels.push(...names);
    using snapshot = await snapshotAt(upstream);
    const model = modelOf(snapshot);
    snapshot.readiness.refresh(snapshot.config.catalog);
    using asked = snapshot.readiness.enter(model);
    assert.equal(asked.isLoaded, null);
    await snapshot.links.get("a")?.loaded?.look({ signal: SIGNAL, limitMs: 5_000 });
    assert.equal(asked.isLoaded, expected);
    using next = snapshot.readiness.enter(model);
    assert.equal(next.isLoaded, names.length > 0);
  });
}

/** A snapshot of models at an upstream; the first one's provider is `a`. */
function snapshotAt(upstream: Upstream, model = "local = true"): Promise<Snapshot> {
  return snapshotOf(tomlFor([{ alias: "a", upstream, model }]));
}

function modelOf({ config: { catalog } }: Snapshot): Model {
  return catalog.get("a") ?? assert.fail("no model");
}

timedTest("a snapshot learns from a stream how long its model loads and answers", async () => {
  await using upstream = new Upstream("ollama", (exchange) => exchange.answer({ text: ["Hi."] }));
  await upstream.ready;
  using snapshot = await snapshotAt(upstream);
  const model = modelOf(snapshot);
  const { readiness, links } = snapshot;
  readiness.refresh(snapshot.config.catalog);
  await links.get("a")?.loaded?.look({ signal: SIGNAL, limitMs: 5_000 });
  assert.equal(readiness.readinessOf(model)?.isLoaded, false);
  await Array.fromAsync(streamFrom(snapshot, model));
  const { loadMs, answerMs } = snapshot.pace.timesOf(model);
  assert.ok(loadMs !== null && loadMs < 5_000 && answerMs !== null, `${loadMs}, ${answerMs}`);
  const next = withCatalog(snapshot, buildCatalog(model));
  const { isLoaded, ahead, loadMs: told } = next.readiness.readinessOf(model) ?? IDLE;
  assert.deepEqual([isLoaded, ahead, told], [true, 0, loadMs]);
  assert.equal(upstream.loadedCount, 1);
});

timedTest("a request that is under way is ahead of the next one, until it ends", async () => {
  await using upstream = new Upstream("ollama");
  await upstream.ready;
  using snapshot = await snapshotAt(upstream);
  const model = modelOf(snapshot);
  const events = Array.fromAsync(streamFrom(snapshot, model));
  const exchange = await upstream.next();
  assert.equal(snapshot.readiness.readinessOf(model)?.ahead, 1);
  await exchange.answer({ text: ["Hi."] });
  await events;
  assert.equal(snapshot.readiness.readinessOf(model)?.ahead, 0);
});

const SERVERS: readonly (readonly [string, string, number])[] = [
  ["of local models", "local = true", 1],
  ["of hosted models", "", 0],
  ["of models that are switched off", "local = true\nenabled = false", 0],
];

for (const [what, model, count] of SERVERS) {
  timedTest(`Readiness asks servers ${what} ${count === 0 ? "nothing" : "once"}`, async () => {
    await using upstream = new Upstream("ollama");
    await upstream.ready;
    using snapshot = await snapshotAt(upstream, model);
    for (let times = 0; times < 3; times++) snapshot.readiness.refresh(snapshot.config.catalog);
    const { loaded } = snapshot.links.get("a") ?? assert.fail("no link");
    if (count > 0) await loaded?.look({ signal: SIGNAL, limitMs: 5_000 });
    assert.deepEqual([upstream.loadedCount, loaded?.fresh === null], [count, count === 0]);
  });
}

timedTest("a routed request asks what is loaded, and does not wait for the answer", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      if (new URL(request.url).pathname !== "/api/ps") return new Response(null, { status: 400 });
      asked.resolve();
      return answer.promise;
    },
  );
  const upstream = { kind: "ollama", baseUrl: `http://127.0.0.1:${server.addr.port}` } as const;
  const toml = tomlFor([{ alias: "a", upstream, model: "local = true" }]);
  await using daemon = await TestDaemon.start(toml);
  const got = await askFor(daemon, false);
  assert.equal(got.status, 400);
  await within(asked.promise, "the question");
  await daemon.close();
  answer.resolve(new Response());
});

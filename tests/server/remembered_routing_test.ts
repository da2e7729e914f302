import assert from "node:assert/strict";
import { openLedger } from "../../src/ledger/file.ts";
import type { LedgerEntry } from "../../src/ledger/ledger.ts";
import { sampleAttempt, sampleEntry } from "../ledger/samples.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { Upstream } from "../support/upstream.ts";

const LONG = "An answer that is long enough to count as one, and says something.";
const SHORT = "on_short_response = true\nmin_output_tokens = 8";

/** A daemon that finds these entries in its ledger: a cheap standard model and a dear strong one. */
async function withMemory(
  entries: readonly LedgerEntry[],
  extra: { readonly routing?: string; readonly cascade?: string },
  use: (daemon: TestDaemon) => Promise<void>,
): Promise<void> {
  await using cheap = new Upstream("openai", (exchange) => exchange.answer({ text: [LONG] }));
  await using dear = new Upstream("openai", (exchange) => exchange.answer({ text: [LONG] }));
  const models = [
    {
      alias: "cheap",
      upstream: cheap,
      model: 'quality = "standard"\ninput_per_m = 0.1\noutput_per_m = 0.1',
    },
    { alias: "dear", upstream: dear, model: 'quality = "strong"' },
  ];
  await using daemon = await TestDaemon.start(tomlFor(models, { rules: "", ...extra }), (path) => {
    const opened = openLedger({ path, nowMs: Date.now() });
    assert.ok(opened.ok);
    opened.store.insertEntries(entries);
    opened.store.close();
  });
  await use(daemon);
}

async function ask(daemon: TestDaemon, content: string): Promise<string> {
  const response = await daemon.chat({
    "model": "auto",
    "messages": [{ "role": "user", content }],
  });
  return String((await response.json())["model"]);
}

const HARD =
  "Design a distributed lock manager with fencing tokens, prove its safety and liveness " +
  "and implement it in Rust with a model checker";
const STANDARD = "Implement a red-black tree in Rust with tests";

timedTest(
  "a restarted daemon knows what share of its requests the strong tiers have had",
  async () => {
    const now = Date.now();
    const entries = Array.from({ length: 100 }, (_, index) =>
      sampleEntry({
        id: `r${index}`,
        ts: now - index,
        difficultyScore: 0.5,
        primaryModel: index < 20 ? "dear" : "cheap",
      }));
    const routing = "strong_share = 0.1";
    await withMemory(entries, { routing }, async (daemon) => {
      assert.equal(await ask(daemon, HARD), "cheap");
    });
    await withMemory(entries.slice(20), { routing }, async (daemon) => {
      assert.equal(await ask(daemon, HARD), "dear");
    });
  },
);

timedTest("a restarted daemon knows whose answers were too weak, and turns to others", async () => {
  const judged = (outcome: "ok" | "weak_short") =>
    Array.from(
      { length: 300 },
      (_, index) =>
        sampleEntry({ id: `${outcome}${index}`, ts: Date.now() - index, difficultyScore: 0.5 }, [
          sampleAttempt({
            alias: "cheap",
            provider: "cheap",
            modelId: "cheap-id",
            outcome,
            judged: true,
          }),
        ]),
    );
  await withMemory(judged("ok"), { cascade: SHORT }, async (daemon) => {
    assert.equal(await ask(daemon, STANDARD), "cheap");
  });
  await withMemory(judged("weak_short"), { cascade: SHORT }, async (daemon) => {
    assert.equal(await ask(daemon, STANDARD), "dear");
  });
});

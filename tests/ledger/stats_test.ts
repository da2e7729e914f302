import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { LedgerEntry } from "../../src/ledger/ledger.ts";
import type { Dimension } from "../../src/ledger/queries.ts";
import { readStats, type Stats } from "../../src/ledger/stats.ts";
import {
  createSchemaOne,
  openStore,
  SAMPLE_TS,
  sampleAttempt,
  sampleEntry,
  sampleFault,
  withFolder,
} from "./samples.ts";

const DAY_MS = 86_400_000;

/** One request of each kind; the sums in the tests below are worked out by hand from it. */
const ENTRIES: readonly LedgerEntry[] = [
  sampleEntry({ id: "plain", latencyMs: 100, ttftMs: 10 }),
  sampleEntry({ id: "fallback", latencyMs: 200, ttftMs: 20, routeRule: "coding" }, [
    sampleFault(),
    sampleAttempt({ seq: 2, alias: "big", provider: "other", costUsd: 0.01 }),
  ]),
  sampleEntry({ id: "escalated", latencyMs: 300, ttftMs: null, costUsd: null }, [
    sampleAttempt({ outcome: "weak_marker", costUsd: 0.001 }),
    sampleAttempt({ seq: 2, alias: "mystery", provider: "other", costUsd: null, costSource: null }),
  ]),
  sampleEntry(
    {
      id: "failed",
      status: "exhausted",
      finalModel: null,
      inputTokens: 0,
      outputTokens: 0,
      cachedTokens: 0,
      costUsd: 0,
      latencyMs: 9_000,
      ts: SAMPLE_TS - DAY_MS,
    },
    [sampleFault(), sampleFault({ seq: 2, alias: "big", provider: "other" })],
  ),
  sampleEntry({ id: "old", ts: SAMPLE_TS - 9 * DAY_MS }),
];

async function withStats(by: Dimension, test: (stats: Stats) => void): Promise<void> {
  await withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    store.insertEntries(ENTRIES);
    const result = readStats(path, { sinceMs: SAMPLE_TS - 2 * DAY_MS, by });
    store.close();
    assert(result.ok, result.ok ? "" : result.message);
    test(result.stats);
  });
}

function localDay(ts: number): string {
  const date = new Date(ts);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}

Deno.test("readStats() sums the requests since a moment, while the daemon has the file open", () =>
  withStats("model", ({ totals }) => {
    assert.deepEqual(totals, {
      requests: 4,
      ok: 3,
      error: 0,
      exhausted: 1,
      cancelled: 0,
      inputTokens: 3_000,
      outputTokens: 600,
      cachedTokens: 300,
      costUsd: 0.0135,
      unknownCostRequests: 1,
      escalations: 1,
      fallbacks: 2,
      latencyP50Ms: 200,
      latencyP95Ms: 300,
      ttftP50Ms: 10,
    });
  }));

Deno.test("readStats() by model counts every attempt for its own model, and no unknown price as 0", () =>
  withStats("model", ({ groups, unpricedModels }) => {
    const rows = groups.map((group) => [
      group.key,
      group.requests,
      group.ok,
      group.inputTokens,
      group.costUsd,
      group.unpricedAttempts,
    ]);
    assert.deepEqual(rows, [
      ["big", 2, 1, 1_000, 0.01, 0],
      ["small", 4, 1, 2_000, 0.0035, 0],
      ["mystery", 1, 1, 1_000, null, 1],
    ]);
    assert.deepEqual(unpricedModels, [{ alias: "mystery", attempts: 1 }]);
  }));

Deno.test("readStats() by provider adds up the models of each", () =>
  withStats("provider", ({ groups }) => {
    const rows = groups.map((group) => [group.key, group.requests, group.costUsd]);
    assert.deepEqual(rows, [["other", 3, 0.01], ["acme", 4, 0.0035]]);
  }));

Deno.test("readStats() by rule counts a request once and adds the costs of its attempts", () =>
  withStats("rule", ({ groups }) => {
    const rows = groups.map((group) => [
      group.key,
      group.requests,
      group.outputTokens,
      group.costUsd,
      group.unpricedAttempts,
    ]);
    assert.deepEqual(rows, [
      ["coding", 1, 200, 0.01, 0],
      ["policy:balanced", 3, 400, 0.0035, 1],
    ]);
  }));

Deno.test("readStats() by day uses the days of this machine's time zone, earliest first", () =>
  withStats("day", ({ groups }) => {
    assert.deepEqual(groups.map((group) => [group.key, group.requests]), [
      [localDay(SAMPLE_TS - DAY_MS), 1],
      [localDay(SAMPLE_TS), 3],
    ]);
  }));

Deno.test("readStats() takes the nearest rank as a percentile", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    store.insertEntries(
      Array.from({ length: 100 }, (_, index) =>
        sampleEntry({ id: `r${index}`, latencyMs: index + 1 })),
    );
    const result = readStats(path, { sinceMs: 0, by: "model" });
    store.close();
    assert(result.ok);
    const { latencyP50Ms, latencyP95Ms } = result.stats.totals;
    assert.deepEqual([latencyP50Ms, latencyP95Ms], [50, 95]);
  }));

const ASKS: readonly (readonly [string, readonly string[], number])[] = [
  ["the same model three times", ["small", "small", "small"], 0],
  ["one model twice, then another", ["small", "small", "big"], 1],
  ["another model, and the first again", ["small", "big", "small"], 2],
];

for (const [what, aliases, fallbacks] of ASKS) {
  Deno.test(`readStats() counts the changes of model as fallbacks: ${what}`, () =>
    withFolder((folder) => {
      const path = `${folder}/ledger.db`;
      const store = openStore(path);
      const attempts = aliases.map((alias, index) =>
        sampleFault({ alias, seq: index + 1, outcome: "rate_limit" })
      );
      store.insertEntries([sampleEntry({ status: "exhausted", finalModel: null }, attempts)]);
      store.close();
      const result = readStats(path, { sinceMs: 0, by: "model" });
      assert(result.ok);
      assert.equal(result.stats.totals.fallbacks, fallbacks);
    }));
}

Deno.test("readStats() of a span without requests has no rows and nothing known", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    openStore(path).close();
    const result = readStats(path, { sinceMs: 0, by: "model" });
    assert(result.ok);
    assert.deepEqual(result.stats.groups, []);
    assert.equal(result.stats.totals.requests, 0);
    assert.equal(result.stats.totals.costUsd, null);
    assert.equal(result.stats.totals.latencyP50Ms, null);
  }));

Deno.test("readStats() counts a request that no model could take, which has no attempt", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    const change = { primaryModel: "", finalModel: null, status: "error", costUsd: 0 } as const;
    store.insertEntries([sampleEntry({ ...change, routeRule: "header" }, [])]);
    store.close();
    const result = readStats(path, { sinceMs: 0, by: "rule" });
    assert(result.ok);
    const { totals, groups } = result.stats;
    assert.deepEqual([totals.requests, totals.error, totals.unknownCostRequests], [1, 1, 0]);
    assert.deepEqual(groups.map(({ key, requests, ok }) => [key, requests, ok]), [[
      "header",
      1,
      0,
    ]]);
  }));

Deno.test("readStats() reads a ledger of schema 1 before a daemon has brought it up to date", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    createSchemaOne(path);
    const result = readStats(path, { sinceMs: 0, by: "model" });
    assert(result.ok);
    assert.deepEqual([result.stats.totals.requests, result.stats.totals.costUsd], [1, 0.5]);
  }));

Deno.test("readStats() says that there is no ledger yet, and creates none", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const result = readStats(path, { sinceMs: 0, by: "model" });
    assert(!result.ok && result.isMissing);
    assert(result.message.startsWith(`There is no ledger at "${path}" yet`), result.message);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));

Deno.test("readStats() refuses files that are no ledger, and changes none", () =>
  withFolder((folder) => {
    const text = `${folder}/notes.txt`;
    Deno.writeTextFileSync(text, "no database at all\n".repeat(50));
    const other = `${folder}/other.db`;
    const db = new DatabaseSync(other);
    db.exec("CREATE TABLE notes (text)");
    db.close();
    for (
      const [path, expected] of [[text, /not a database/], [other, /another program/]] as const
    ) {
      const result = readStats(path, { sinceMs: 0, by: "model" });
      assert(!result.ok && !result.isMissing);
      assert.match(result.message, expected);
    }
    assert.match(Deno.readTextFileSync(text), /^no database/);
  }));

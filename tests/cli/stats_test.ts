import assert from "node:assert/strict";
import type { OptionValues } from "commander";
import { STATS_COMMAND } from "../../src/cli/stats.ts";
import { formatStats } from "../../src/cli/stats_report.ts";
import type { LedgerEntry } from "../../src/ledger/ledger.ts";
import {
  openStore,
  sampleAttempt,
  sampleEntry,
  sampleFault,
  withFolder,
  withLedger,
} from "../ledger/samples.ts";
import { type CliRun, type CliSetting, runWith } from "../support/cli_run.ts";

const NOW = Date.now();

const ENTRIES: readonly LedgerEntry[] = [
  sampleEntry({ id: "a", ts: NOW, latencyMs: 320, ttftMs: 42 }),
  sampleEntry({ id: "b", ts: NOW, latencyMs: 1_250, ttftMs: 80, costUsd: null }, [
    sampleFault(),
    sampleAttempt({ seq: 2, alias: "mystery", provider: "other", costUsd: null, costSource: null }),
  ]),
  sampleEntry({ id: "c", ts: NOW - 5 * 3_600_000, latencyMs: 100 }, [
    sampleAttempt({ costUsd: 0.000123 }),
  ]),
];

function runStats(options: OptionValues, setting: CliSetting = {}): Promise<CliRun> {
  const all = { hours: "24", by: "model", ...options };
  return runWith((context) => STATS_COMMAND.run(all, context), setting);
}

Deno.test("stats prints a summary, a table, and what has no known price", () =>
  withLedger(ENTRIES, async (path) => {
    const { code, out, err } = await runStats({ ledger: path });
    assert.deepEqual([code, err], [0, ""]);
    assert.equal(
      out,
      `The last 24 hours (ledger ${path})

requests  3: 3 ok, 0 error, 0 exhausted, 0 cancelled
tokens    3,000 in (300 cached), 600 out
cost      $0.00262 + ?
cascade   1 fallback, 0 escalations
latency   p50 320 ms, p95 1.3 s, first token p50 80 ms

model    requests  ok  input  cached  output      cost
small           3   2  2,000     200     400  $0.00262
mystery         1   1  1,000     100     200         ?

"?" is an unknown price, which is in no sum: mystery (1 attempt), in 1 request. Set input_per_m and output_per_m of these models to count them from now on.
`,
    );
  }));

Deno.test("stats --json prints the same numbers, with null for what is unknown", () =>
  withLedger(ENTRIES, async (path) => {
    const { out } = await runStats({ ledger: path, json: true, by: "provider", hours: "1" });
    const report = JSON.parse(out);
    assert.deepEqual([report.hours, report.by, report.ledger], [1, "provider", path]);
    assert.equal(report.totals["cost_usd"], 0.0025);
    assert.equal(report.totals["unknown_cost_requests"], 1);
    assert.equal(report.totals["latency_p95_ms"], 1_250);
    assert.deepEqual(report.groups[1], {
      key: "other",
      requests: 1,
      ok: 1,
      "input_tokens": 1_000,
      "output_tokens": 200,
      "cached_tokens": 100,
      "cost_usd": null,
      "unpriced_attempts": 1,
    });
    assert.deepEqual(report["unpriced_models"], [{ alias: "mystery", attempts: 1 }]);
  }));

Deno.test("stats --hours looks back no further", () =>
  withLedger(ENTRIES, async (path) => {
    const { out } = await runStats({ ledger: path, hours: "4.5" });
    assert.match(out, /^The last 4\.5 hours/);
    assert.match(out, /^requests {2}2:/m);
  }));

Deno.test("stats says so when there were no requests", () =>
  withFolder(async (folder) => {
    const path = `${folder}/ledger.db`;
    openStore(path).close();
    const { code, out } = await runStats({ ledger: path, hours: "1" });
    assert.deepEqual([code, out], [0, `No requests in the last hour (ledger ${path})\n`]);
  }));

Deno.test("stats reads the ledger that the config names, relative to the config", () =>
  withLedger(ENTRIES, async (_, folder) => {
    const config = `${folder}/config.toml`;
    await Deno.writeTextFile(config, CONFIG);
    const { code, out, err } = await runStats({}, { configOption: config });
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^requests {2}3:/m);
  }));

const CONFIG = `
[ledger]
path = "ledger.db"

[providers.ollama]

[models.small]
provider = "ollama"
model_id = "llama3.2:3b"
quality = "basic"
context_window = 8192
local = true
`;

Deno.test("stats prints what is wrong with the config and exits with 2", () =>
  withFolder(async (folder) => {
    const config = `${folder}/config.toml`;
    await Deno.writeTextFile(config, "[ledger]\npaht = 1\n");
    const { code, out, err } = await runStats({}, { configOption: config });
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /paht/);
  }));

Deno.test("stats says that there is no ledger yet and exits with 1", () =>
  withFolder(async (folder) => {
    const { code, out, err } = await runStats({ ledger: `${folder}/a\nb.db` });
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /^There is no ledger at ".*a\\u000ab\.db" yet.*\n$/);
  }));

const USAGE_CASES: readonly (readonly [OptionValues, RegExp])[] = [
  [{ hours: "0" }, /--hours must be a number above 0, not "0"/],
  [{ hours: "-1" }, /--hours/],
  [{ hours: "a day" }, /--hours .*"a day"/],
  [{ hours: "" }, /--hours/],
  [{ hours: "Infinity" }, /--hours/],
  [{ by: "week" }, /--by must be one of model, rule, provider, day, not "week"/],
  [{ by: "constructor" }, /--by/],
];

for (const [options, expected] of USAGE_CASES) {
  Deno.test(`stats refuses ${JSON.stringify(options)} with one line and exit code 2`, async () => {
    const { code, out, err } = await runStats({ ledger: "unused.db", ...options });
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, expected);
    assert.equal(err.split("\n").length, 2);
  });
}

Deno.test("formatStats() escapes names that come from outside", () => {
  const group = {
    key: "evil\u001b[2J",
    requests: 1,
    ok: 1,
    inputTokens: 1,
    outputTokens: 1,
    cachedTokens: 0,
    costUsd: 0,
    unpricedAttempts: 0,
  };
  const totals = {
    ...group,
    error: 0,
    exhausted: 0,
    cancelled: 0,
    unknownCostRequests: 0,
    escalations: 0,
    fallbacks: 0,
    latencyP50Ms: 1,
    latencyP95Ms: 1,
    ttftP50Ms: null,
  };
  const text = formatStats(
    { totals, groups: [group], unpricedModels: [{ alias: "a\nb", attempts: 1 }] },
    { ledgerPath: "x\ny", hours: 24, by: "rule", hasColor: false },
  );
  assert(!text.includes("\u001b") && text.includes("evil\\u001b[2J"), text);
  assert(text.includes("ledger x\\u000ay") && text.includes("a\\u000ab (1 attempt)"), text);
});

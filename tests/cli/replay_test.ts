import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { openStore, sampleEntry } from "../ledger/samples.ts";
import { type CliRun, run } from "../support/cli_run.ts";
import { withConfig } from "../support/cli_process.ts";

const CONFIG = `
[providers.cloud]
kind = "openai"
base_url = "http://127.0.0.1:9"
[models.small]
provider = "cloud"
model_id = "small-1"
quality = "basic"
input_per_m = 1.0
output_per_m = 2.0
context_window = 200000
[models.big]
provider = "cloud"
model_id = "big-1"
quality = "strong"
input_per_m = 10.0
output_per_m = 20.0
context_window = 200000
`;

function record(score: number, tests: JsonObject = {}): JsonObject {
  const tier = score < 0.5 ? "easy" : "hard";
  return {
    "v": 1,
    "input_tokens": 1_000,
    "output_limit": null,
    "tools": false,
    "images": false,
    "difficulty": { "tier": tier, "score": score, "hinted": false },
    "tests": tests,
    "targets": {},
    "conversation": null,
  };
}

const NOW = Date.now();
const ENTRIES = [
  sampleEntry({ id: "a", ts: NOW, primaryModel: "small", features: record(0.1) }),
  sampleEntry({ id: "b", ts: NOW, primaryModel: "small", features: record(0.2) }),
  sampleEntry({ id: "c", ts: NOW, primaryModel: "big", features: record(0.9) }),
  sampleEntry({ id: "d", ts: NOW, primaryModel: "small", features: null }),
  sampleEntry({
    id: "e",
    ts: NOW,
    difficulty: "not judged",
    routeRule: "embeddings",
    features: null,
  }),
  sampleEntry({ id: "f", ts: NOW - 48 * 3_600_000, primaryModel: "big", features: record(0.1) }),
];

async function replay(extra: string, args: readonly string[] = []): Promise<CliRun> {
  return await withConfig(CONFIG + extra, async ({ config, folder }) => {
    const store = openStore(`${folder}/ledger.db`);
    assert.deepEqual(store.insertEntries(ENTRIES), { ok: true, rejected: 0 });
    store.close();
    return await run(["replay", "--config", config, "--ledger", `${folder}/ledger.db`, ...args]);
  });
}

Deno.test("replay finds no flip where nothing has changed", async () => {
  const { code, out, err } = await replay("");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^requests +3 decided again, 1 without a record .*\nflips +none: /m);
});

Deno.test("replay tells what goes elsewhere, what that costs, and rules that never fire", async () => {
  const rules = `
[[rules]]
name = "hard-ones"
when = { tokens_in_gt = 100000 }
then = { primary = "big" }
[[rules]]
name = "all"
when = { difficulty = "easy" }
then = { primary = "big" }`;
  const { code, out } = await replay(rules);
  assert.equal(code, 0);
  assert.match(out, /^flips +2 \(66\.7 %\)$/m);
  assert.match(out, /^ +2 +small +big +all +\$0\.005 +\$0\.028$/m);
  assert.match(out, /^cost +of the flips \$0\.005 then, \$0\.028 now: \$0\.023 more /m);
  assert.match(out, /^hard-ones +0 +never fires$/m);
});

Deno.test("replay --json lists every flip", async () => {
  const { out } = await replay('[routing]\nprofile = "best-quality"\n', [
    "--json",
    "--hours",
    "100",
  ]);
  const report = JSON.parse(out);
  assert.deepEqual([report.requests, report.decided, report.unrecorded, report["flip_count"]], [
    5,
    4,
    1,
    2,
  ]);
  assert.deepEqual(
    report.flips.map((flip: JsonObject) => [flip["id"], flip["from_model"], flip["to_model"]]),
    [
      ["a", "small", "big"],
      ["b", "small", "big"],
    ],
  );
});

Deno.test("replay says which conditions read what is not kept", async () => {
  const rules = `
[[rules]]
name = "contracts"
when = { prompt_matches = "contract" }
then = { primary = "big" }`;
  const { code, out } = await replay(rules);
  assert.equal(code, 0);
  assert.match(out, /3 that can't be decided/);
  assert.match(out, / {2}- prompt_matches \/contract\/: 3 requests\n/);
});

Deno.test("replay tells what can't be meant, and a ledger that is not there", async () => {
  const hours = await replay("", ["--hours", "none"]);
  assert.equal(hours.code, 2);
  assert.match(hours.err, /--hours must be a number above 0/);
  await withConfig(CONFIG, async ({ config, folder }) => {
    const missing = await run(["replay", "--config", config, "--ledger", `${folder}/none.db`]);
    assert.equal(missing.code, 1);
    assert.match(missing.err, /There is no ledger at/);
  });
});

import assert from "node:assert/strict";
import { formatTime } from "../../src/cli/table.ts";
import type { LedgerEntry } from "../../src/ledger/ledger.ts";
import {
  SAMPLE_EXPLANATION,
  SAMPLE_TS,
  sampleAttempt,
  sampleEntry,
  sampleFault,
  withLedger,
} from "../ledger/samples.ts";
import { run } from "../support/cli_run.ts";

const ID = "3f2c8a10-0000-4000-8000-000000000001";
const OLDER_ID = "3f2c8a10-0000-4000-8000-000000000002";

const ESCALATED: LedgerEntry = sampleEntry({ id: ID }, [
  sampleFault({
    alias: "tiny",
    outcome: "rate_limit",
    httpStatus: 429,
    errorCode: "rate_limit_exceeded",
    latencyMs: 12,
  }),
  sampleAttempt({
    seq: 2,
    waitedMs: 1_500,
    usageSource: "estimated",
    latencyMs: 300,
    ttftMs: 50,
    dropped: "seed, messages.name",
  }),
  sampleAttempt({ seq: 3, alias: "mystery", costUsd: null, committedMs: null }),
]);

const ENTRIES: readonly LedgerEntry[] = [ESCALATED, sampleEntry({ id: OLDER_ID, ts: 5 })];

Deno.test("why prints the decision, each attempt, and what would have been otherwise", () =>
  withLedger(ENTRIES, async (path) => {
    const { code, out, err } = await run(["why", ID, "--ledger", path]);
    assert.deepEqual([code, err], [0, ""]);
    assert.equal(
      out,
      `request   ${ID}
when      ${formatTime(SAMPLE_TS)}
asked     model auto, streamed; difficulty easy (score 0.13)
decided   policy:balanced
answered  small; ok (HTTP 200)
time      820 ms, first token after 110 ms
cost      ~$0.0025

Why
  - difficulty easy needs tier basic
  - small is the first of balanced's order

Candidates, in order
#  model  expected cost
1  small         $0.002
2  big                ?  does not support tools

Attempts
#  model    provider  outcome                                     waited  first token    time     in  out      cost
1  tiny     acme      rate_limit (HTTP 429, rate_limit_exceeded)       -            -   12 ms      -    -         -  not committed
2  small    acme      ok                                           1.5 s        50 ms  300 ms  1,000  200  ~$0.0025  committed at 109 ms
3  mystery  acme      ok                                               -       101 ms  813 ms  1,000  200         ?  not committed

Dropped
  - small was not told: seed, messages.name

Left out
model  reason
tiny   is disabled in the config

Otherwise
  - big is the next in balanced's order: its price is unknown
`,
    );
  }));

const FORMS: readonly (readonly [string, readonly string[]])[] = [
  ["its whole id", [ID]],
  ["the id of the body", [`chatcmpl-${ID}`]],
  ["nothing: it is the newest", []],
];

for (const [what, args] of FORMS) {
  Deno.test(`why finds a request by ${what}`, () =>
    withLedger(ENTRIES, async (path) => {
      const { code, out } = await run(["why", ...args, "--ledger", path, "--json"]);
      assert.deepEqual([code, JSON.parse(out).id], [0, ID]);
    }));
}

for (const beginning of ["3f2c8a", "chatcmpl-3f2c8a10-0000"]) {
  Deno.test(`why finds the only request whose id begins with ${beginning}`, () =>
    withLedger([ESCALATED, sampleEntry({ id: "77777777" })], async (path) => {
      const { code, out } = await run(["why", beginning, "--ledger", path, "--json"]);
      assert.deepEqual([code, JSON.parse(out).id], [0, ID]);
    }));
}

Deno.test("why lists the requests of an ambiguous beginning on stderr and exits with 1", () =>
  withLedger(ENTRIES, async (path) => {
    const { code, out, err } = await run(["why", "3f2c8a10", "--ledger", path]);
    assert.deepEqual([code, out], [1, ""]);
    assert.equal(
      err,
      `Several requests have an id that begins with "3f2c8a10": give more of it
  ${ID}  ${formatTime(SAMPLE_TS)}  model auto
  ${OLDER_ID}  ${formatTime(5)}  model auto
`,
    );
  }));

const REFUSED: readonly (readonly [string, readonly string[], 1 | 2, RegExp])[] = [
  [
    "an unknown id",
    ["77777777-1"],
    1,
    /has the id "77777777-1": .*x-pirouter-request-id.*retention/,
  ],
  ["too short a beginning", ["3f2c8"], 2, /"3f2c8" is too short: give at least 6 characters/],
  ["too short a beginning behind the prefix", ["chatcmpl-3f2c8"], 2, /too short/],
  ["an empty id", [""], 2, /too short/],
  ["a line break in the id", ["777777\n7"], 1, /777777\\u000a7/],
];

for (const [what, args, expected, pattern] of REFUSED) {
  Deno.test(`why tells ${what} in one line on stderr and exits with ${expected}`, () =>
    withLedger(ENTRIES, async (path) => {
      const { code, out, err } = await run(["why", ...args, "--ledger", path]);
      assert.deepEqual([code, out], [expected, ""]);
      assert.match(err, pattern);
      assert.equal(err.split("\n").length, 2);
    }));
}

Deno.test("why says that there is no request yet, and that there is no ledger yet", () =>
  withLedger([], async (path) => {
    const empty = await run(["why", "--ledger", path]);
    assert.deepEqual([empty.code, empty.out], [1, ""]);
    assert.match(empty.err, /^There is no request in the ledger ".*" yet\n$/);
    const missing = await run(["why", "--ledger", `${path}.no`]);
    assert.deepEqual([missing.code, missing.out], [1, ""]);
    assert.match(missing.err, /^There is no ledger at /);
  }));

Deno.test("why takes one id and no more", async () => {
  const { code, err } = await run(["why", "aaaaaa", "bbbbbb"]);
  assert.equal(code, 2);
  assert.match(err, /too many arguments/);
});

Deno.test("why --json has everything, with the names of the ledger's columns", () =>
  withLedger(ENTRIES, async (path) => {
    const { out } = await run(["why", ID, "--ledger", path, "--json"], { hasColor: true });
    assert.ok(!out.includes("\u001b"));
    const report = JSON.parse(out);
    const { request, attempts } = ESCALATED;
    assert.deepEqual(report.explanation, SAMPLE_EXPLANATION);
    assert.deepEqual(
      [report.ledger, report["requested_model"], report.stream, report["difficulty_score"]],
      [path, "auto", true, request.difficultyScore],
    );
    assert.deepEqual(
      Object.keys(report),
      ["ledger", ...Object.keys(request).filter((key) => key !== "explanation").map(snake)]
        .concat("explanation", "attempts"),
    );
    assert.deepEqual(
      Object.keys(report.attempts[0]),
      Object.keys(attempts[0] ?? {}).map(snake),
    );
    assert.deepEqual(
      report.attempts.map((attempt: Readonly<Record<string, unknown>>) => attempt["error_code"]),
      ["rate_limit_exceeded", null, null],
    );
  }));

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

Deno.test("why has bold headers where the terminal shows colours", () =>
  withLedger(ENTRIES, async (path) => {
    const { out } = await run(["why", "--ledger", path], { hasColor: true });
    assert.ok(out.includes("\u001b[1m#  model"));
  }));

Deno.test("why reads the ledger that the config names", () =>
  withLedger(ENTRIES, async (path) => {
    const config = path.replace("ledger.db", "config.toml");
    await Deno.writeTextFile(config, `[ledger]\npath = "ledger.db"\n${PROVIDER}`);
    const { code, out, err } = await run(["--config", config, "why"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, new RegExp(`^request {3}${ID}\n`));
  }));

const PROVIDER = `
[providers.ollama]
[models.small]
provider = "ollama"
model_id = "llama3.2:3b"
local = true
`;

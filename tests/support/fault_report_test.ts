import assert from "node:assert/strict";
import { FAULT_ROWS } from "../fault/rows.ts";
import { reportFaults } from "./fault_report.ts";
import { readJunit, type TestResult } from "./junit.ts";

const NAMES = Object.keys(FAULT_ROWS);

function okTests(names: readonly string[]): readonly TestResult[] {
  return names.map((name) => ({ name: `[${name}] a test`, outcome: "ok", secs: 1.5 }));
}

function lineOf(text: string, row: string): readonly string[] {
  const line = text.split("\n").find((line) => line.startsWith(`${row} `)) ?? "";
  return line.split(/ {2,}/).slice(1, 4);
}

Deno.test("readJunit() reads names, outcomes and times", () => {
  const xml = `<testsuites><testsuite name="a">
    <testcase name="[x] &lt;&amp;&gt; &quot;q&quot;" classname="./a.ts" time="0.250" line="1">
    </testcase>
    <testcase name="bad" classname="./a.ts" time="1.000"><failure message="no">Error</failure></testcase>
    <testcase name="left" classname="./a.ts" time="0.000"><skipped/></testcase>
  </testsuite></testsuites>`;
  assert.deepEqual(readJunit(xml), [
    { name: '[x] <&> "q"', outcome: "ok", secs: 0.25 },
    { name: "bad", outcome: "failed", secs: 1 },
    { name: "left", outcome: "ignored", secs: 0 },
  ]);
});

Deno.test("reportFaults() is green when every row has a test and none failed", () => {
  const { text, isGreen } = reportFaults(okTests([...NAMES, "chaos"]));
  assert.equal(isGreen, true);
  assert.deepEqual(lineOf(text, "chaos"), ["ok", "2", "3.0 s"]);
  assert.ok(text.endsWith(`\n${NAMES.length} rows: ${NAMES.length} green, 0 not\n`));
});

Deno.test("reportFaults() names a row without a test, and one of which no test ran here", () => {
  const rest = NAMES.filter((name) => name !== "chaos" && name !== "all-weak");
  const ignored = { name: "[chaos] a test", outcome: "ignored", secs: 0 } as const;
  const { text, isGreen } = reportFaults([...okTests(rest), ignored]);
  assert.equal(isGreen, false);
  assert.deepEqual(lineOf(text, "chaos").slice(0, 2), ["ignored", "0"]);
  assert.deepEqual(lineOf(text, "all-weak").slice(0, 2), ["NO TEST", "0"]);
  assert.match(text, /\d+ rows: \d+ green, 1 not, 1 ignored on this system\n$/);
});

Deno.test("reportFaults() counts the tests that ran of a row of which some were ignored", () => {
  const ignored = { name: "[chaos] another", outcome: "ignored", secs: 0 } as const;
  const { text, isGreen } = reportFaults([...okTests(NAMES), ignored]);
  assert.equal(isGreen, true);
  assert.deepEqual(lineOf(text, "chaos"), ["ok, 1 ignored", "1", "1.5 s"]);
});

Deno.test("reportFaults() names a row of which one test failed", () => {
  const failed = { name: "[chaos] another", outcome: "failed", secs: 0 } as const;
  const { text, isGreen } = reportFaults([...okTests(NAMES), failed]);
  assert.equal(isGreen, false);
  assert.equal(lineOf(text, "chaos")[0], "FAILED");
});

/** The table of faults with what its tests showed. */

import { formatMs, formatTable } from "../../src/cli/table.ts";
import { FAULT_PARTS, FAULT_ROWS, type FaultRow } from "../fault/rows.ts";
import type { TestResult } from "./junit.ts";

/** The table as text, and whether every row of it is green. */
export interface FaultReport {
  readonly text: string;
  readonly isGreen: boolean;
}

interface RowResult {
  readonly name: string;
  readonly row: FaultRow;
  readonly state: "ok" | "FAILED" | "ignored" | "NO TEST";
  /** The tests that ran, and those that this system can't run. */
  readonly testCount: number;
  readonly ignoredCount: number;
  readonly secs: number;
}

/** The report of these tests; a test belongs to the row that its name begins with, in brackets. */
export function reportFaults(tests: readonly TestResult[]): FaultReport {
  const results = Object.entries(FAULT_ROWS).map(([name, row]): RowResult => {
    const own = tests.filter((test) => test.name.startsWith(`[${name}] `));
    return {
      name,
      row,
      state: stateOf(own),
      testCount: own.filter((test) => test.outcome !== "ignored").length,
      ignoredCount: own.filter((test) => test.outcome === "ignored").length,
      secs: own.reduce((sum, test) => sum + test.secs, 0),
    };
  });
  const countOf = (state: RowResult["state"]) =>
    results.filter((result) => result.state === state).length;
  const [greenCount, ignoredCount] = [countOf("ok"), countOf("ignored")];
  const redCount = results.length - greenCount - ignoredCount;
  const ignored = ignoredCount === 0 ? "" : `, ${ignoredCount} ignored on this system`;
  const summary = `${results.length} rows: ${greenCount} green, ${redCount} not${ignored}\n`;
  return { text: `${formatParts(results)}\n${summary}`, isGreen: greenCount === results.length };
}

/** An ignored test shows nothing: it makes no row green. */
function stateOf(tests: readonly TestResult[]): RowResult["state"] {
  const outcomes = new Set(tests.map((test) => test.outcome));
  if (outcomes.has("failed")) return "FAILED";
  if (outcomes.has("ok")) return "ok";
  return outcomes.has("ignored") ? "ignored" : "NO TEST";
}

/** The state, and how many tests of the row did not run. */
function describeState({ state, ignoredCount, testCount }: RowResult): string {
  return ignoredCount > 0 && testCount > 0 ? `${state}, ${ignoredCount} ignored` : state;
}

const HEADER = ["row", "result", "tests", "time", "situation", "outcome"];

/** One table for all parts, so that their columns are the same. */
function formatParts(results: readonly RowResult[]): string {
  const ordered = FAULT_PARTS.flatMap((part) => results.filter(({ row }) => row.part === part));
  const cells = ordered.map((result) => [
    result.name,
    describeState(result),
    String(result.testCount),
    formatMs(result.secs * 1_000),
    result.row.situation,
    result.row.outcome,
  ]);
  const options = { header: HEADER, alignRight: [2, 3], hasColor: false };
  const [header, ...lines] = formatTable(cells, options).trimEnd().split("\n");
  const body = ordered.flatMap(({ row }, position) =>
    row.part === ordered[position - 1]?.row.part
      ? [lines[position]]
      : ["", row.part, lines[position]]
  );
  return [header, ...body].join("\n") + "\n";
}

/** What the clients' cases came to, and the table that shows it. */

/** The dialects of the upstreams, in the order of the table's columns. */
export const DIALECTS = ["openai", "anthropic", "ollama"] as const;

/** A dialect of the upstreams. */
export type Dialect = (typeof DIALECTS)[number];

/** What a case came to. */
export type Outcome = "ok" | "FAILED" | "skipped";

/** One case of one client in front of one dialect. */
export interface Result {
  readonly client: string;
  readonly name: string;
  readonly dialect: Dialect;
  readonly outcome: Outcome;
  /** Why it failed or was skipped; empty when it did not. */
  readonly reason: string;
}

/** How a table is drawn. */
export interface TableOptions {
  readonly dialects: readonly Dialect[];
}

const SHOWN_REASON_CHARS = 600;

/** The table with a line for each client and case, what failed and why, and the sums. */
export function describeResults(results: readonly Result[], options: TableOptions): string {
  const rows = [
    ["client", "case", ...options.dialects],
    ...[...groupByRow(results).values()].map((row) => rowOf(row, options)),
  ];
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")
      .trimEnd()
  );
  return ["", ...lines, "", ...describeReasons(results), describeSums(results), ""].join("\n");
}

/** The last line: `clients: N passed, N failed, N skipped`. */
export function describeSums(results: readonly Result[]): string {
  const count = (outcome: Outcome) => results.filter((entry) => entry.outcome === outcome).length;
  return `clients: ${count("ok")} passed, ${count("FAILED")} failed, ${count("skipped")} skipped`;
}

function groupByRow(results: readonly Result[]): ReadonlyMap<string, readonly Result[]> {
  const sorted = [...results].sort((a, b) => a.client.localeCompare(b.client));
  return Map.groupBy(sorted, ({ client, name }) => `${client}\n${name}`);
}

function rowOf(row: readonly Result[], { dialects }: TableOptions): readonly string[] {
  const cells = dialects.map((dialect) =>
    row.find((entry) => entry.dialect === dialect)?.outcome ?? "-"
  );
  return [row[0]?.client ?? "", row[0]?.name ?? "", ...cells];
}

function describeReasons(results: readonly Result[]): readonly string[] {
  const lines = results.filter(({ outcome }) => outcome !== "ok").map(
    (entry) => {
      const { outcome, client, name, dialect } = entry;
      const reason = entry.reason.replaceAll(/\s+/g, " ").slice(0, SHOWN_REASON_CHARS);
      return {
        outcome,
        text: `${outcome}  ${client}: ${name} (${dialect}): ${reason}`,
      };
    },
  );
  const texts = [
    ...lines.filter(({ outcome }) => outcome === "skipped"),
    ...lines.filter(({ outcome }) => outcome === "FAILED"),
  ].map(({ text }) => text);
  return texts.length === 0 ? [] : [...texts, ""];
}

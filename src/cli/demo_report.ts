/** The demo's table of attempts: what each cost, so that it can be added up by hand. */

import type { AttemptRow } from "../ledger/attempts.ts";
import { formatTable, formatTokens, formatUsd } from "./table.ts";

/** One line an attempt; requests are numbered as the demo numbers them. */
export function formatAttempts(rows: readonly AttemptRow[], hasColor: boolean): string {
  const numbers = new Map(
    [...new Set(rows.map((row) => row.requestId))].map((id, i) => [id, i + 1]),
  );
  const cells = rows.map((row) => [
    String(numbers.get(row.requestId)),
    row.rule,
    row.status,
    String(row.seq),
    row.alias,
    row.outcome,
    formatTokens(row.inputTokens),
    formatTokens(row.outputTokens),
    formatUsd(row.costUsd),
  ]);
  const header = ["#", "rule", "status", "attempt", "model", "outcome", "in", "out", "cost"];
  return formatTable(cells, { header, alignRight: [0, 3, 6, 7, 8], hasColor });
}

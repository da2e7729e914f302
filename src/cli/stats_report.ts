/** What `stats` prints. */

import { escapeLine } from "../redact.ts";
import type { Dimension } from "../ledger/queries.ts";
import type { Stats, StatsGroup, StatsTotals } from "../ledger/stats.ts";
import { withSnakeKeys } from "./snake_keys.ts";
import { formatMs, formatTable, formatTokens, formatUsd } from "./table.ts";

/** What a report is about. */
export interface StatsSubject {
  readonly ledgerPath: string;
  readonly hours: number;
  readonly by: Dimension;
}

/** A report for people: the sums, a table, and what has no known price. */
export function formatStats(
  stats: Stats,
  options: StatsSubject & { readonly hasColor: boolean },
): string {
  const { totals, groups } = stats;
  const span = options.hours === 1 ? "hour" : `${options.hours} hours`;
  if (totals.requests === 0) {
    return escapeLine(`No requests in the last ${span} (ledger ${options.ledgerPath})`) + "\n";
  }
  const title = escapeLine(`The last ${span} (ledger ${options.ledgerPath})`);
  const summary = formatTable(summaryRows(totals), { hasColor: false });
  const table = formatTable(groups.map(groupRow), {
    header: [options.by, "requests", "ok", "input", "cached", "output", "cost"],
    alignRight: [1, 2, 3, 4, 5, 6],
    hasColor: options.hasColor,
  });
  return `${title}\n\n${summary}\n${table}${formatUnpriced(stats)}`;
}

function summaryRows(totals: StatsTotals): readonly (readonly string[])[] {
  const { ok, error, exhausted, cancelled } = totals;
  const unknown = totals.unknownCostRequests;
  return [
    [
      "requests",
      `${totals.requests}: ${ok} ok, ${error} error, ${exhausted} exhausted, ${cancelled} cancelled`,
    ],
    [
      "tokens",
      `${formatTokens(totals.inputTokens)} in (${formatTokens(totals.cachedTokens)} cached), ` +
      `${formatTokens(totals.outputTokens)} out`,
    ],
    ["cost", formatCost(totals.costUsd, unknown)],
    [
      "cascade",
      `${count(totals.fallbacks, "fallback")}, ${count(totals.escalations, "escalation")}`,
    ],
    [
      "latency",
      `p50 ${formatMs(totals.latencyP50Ms)}, p95 ${formatMs(totals.latencyP95Ms)}, ` +
      `first token p50 ${formatMs(totals.ttftP50Ms)}`,
    ],
  ];
}

function groupRow(group: StatsGroup): readonly string[] {
  return [
    group.key,
    formatTokens(group.requests),
    formatTokens(group.ok),
    formatTokens(group.inputTokens),
    formatTokens(group.cachedTokens),
    formatTokens(group.outputTokens),
    formatCost(group.costUsd, group.unpricedAttempts),
  ];
}

/** A sum of known costs; what is unknown shows as "?", never as 0. */
function formatCost(knownUsd: number | null, unknownCount: number): string {
  if (unknownCount === 0) return formatUsd(knownUsd ?? 0);
  return knownUsd === null ? "?" : `${formatUsd(knownUsd)} + ?`;
}

function formatUnpriced({ totals, unpricedModels }: Stats): string {
  if (unpricedModels.length === 0) return "";
  const models = unpricedModels.map((model) =>
    `${model.alias} (${count(model.attempts, "attempt")})`
  );
  return "\n" + escapeLine(
    `"?" is an unknown price, which is in no sum: ${models.join(", ")}, ` +
      `in ${count(totals.unknownCostRequests, "request")}. ` +
      "Set input_per_m and output_per_m of these models to count them from now on.",
  ) + "\n";
}

function count(number: number, noun: string): string {
  return `${formatTokens(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** A report for programs; names as in the ledger's columns, an unknown number is null. */
export function formatStatsJson(stats: Stats, subject: StatsSubject): string {
  const report = {
    "hours": subject.hours,
    "ledger": subject.ledgerPath,
    "by": subject.by,
    "totals": withSnakeKeys(stats.totals),
    "groups": stats.groups.map(withSnakeKeys),
    "unpriced_models": stats.unpricedModels.map(withSnakeKeys),
  };
  return JSON.stringify(report, null, 2) + "\n";
}

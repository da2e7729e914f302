/** What the demo says of its requests: why each goes where it goes, and what each attempt cost. */

import type { Config } from "../config/config.ts";
import { extractFeatures } from "../core/features.ts";
import { parseChatRequest } from "../core/request.ts";
import { decideRoute } from "../core/route.ts";
import type { DemoRequest } from "../demo/script.ts";
import type { AttemptRow } from "../ledger/attempts.ts";
import { formatTable, formatTokens, formatUsd } from "./table.ts";

/** The reasons of the decision, as `route` gives them: one line, and one for the models left out. */
export function explainDemoRequest(request: DemoRequest, config: Config): string {
  const parsed = parseChatRequest(request.body);
  if (!parsed.ok) return "";
  const features = extractFeatures(parsed.value, new Map(Object.entries(request.headers)));
  const decision = decideRoute(features, config);
  if (decision.type === "refusal") return "";
  const { reasons, rejected } = decision.plan;
  const why = reasons.filter((reason) => !reason.includes("does not match"));
  const left = rejected.map(({ alias, reason }) => `${alias} ${reason}`);
  return `  why       ${why.join("; ")}\n` +
    (left.length === 0 ? "" : `  left out  ${left.join("; ")}\n`);
}

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
    row.inputTokens === null ? "-" : formatTokens(row.inputTokens),
    row.outputTokens === null ? "-" : formatTokens(row.outputTokens),
    row.inputTokens === null ? "-" : formatUsd(row.costUsd),
  ]);
  const header = ["#", "rule", "status", "attempt", "model", "outcome", "in", "out", "cost"];
  return formatTable(cells, { header, alignRight: [0, 3, 6, 7, 8], hasColor });
}

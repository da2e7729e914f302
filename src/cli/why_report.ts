/** What `why` prints. */

import type { Explanation } from "../core/explain.ts";
import type { Lookup, StoredAttempt, StoredRequest } from "../ledger/lookup.ts";
import { escapeLine } from "../redact.ts";
import { withSnakeKeys } from "./snake_keys.ts";
import { formatMs, formatTable, formatTime, formatTokens, formatUsd } from "./table.ts";

/** A request that was found. */
export type FoundRequest = Extract<Lookup, { readonly type: "request" }>;

/** The most models that are listed as left out; the rest are counted. */
const MAX_LISTED = 8;

/** The request for people, on one screen. */
export function formatWhy(found: FoundRequest, hasColor: boolean): string {
  const { request, attempts } = found;
  const { explanation } = request;
  return [
    formatTable(factRows(found), { hasColor: false }),
    formatReasons(request),
    explanation === null ? "" : formatCandidates(explanation, hasColor),
    formatAttempts(attempts, hasColor),
    formatDropped(attempts),
    explanation === null
      ? ""
      : formatRejected(explanation, hasColor) + formatOtherwise(explanation),
  ].join("");
}

function factRows(found: FoundRequest): readonly (readonly string[])[] {
  const { request, attempts } = found;
  const { difficulty, difficultyScore: score, ttftMs } = request;
  const firstToken = ttftMs === null ? "" : `, first token after ${formatMs(ttftMs)}`;
  const form = request.stream ? "streamed" : "whole";
  const isEstimated = attempts.some((attempt) => attempt.usageSource === "estimated");
  const level = difficulty + (score === null ? "" : ` (score ${score.toFixed(2)})`);
  return [
    ["request", request.id],
    ["when", formatTime(request.ts)],
    ["asked", `model ${request.requestedModel}, ${form}; difficulty ${level}`],
    ["decided", request.routeRule],
    ["answered", `${describeAnswer(found)}; ${request.status} (HTTP ${request.httpStatus})`],
    ["time", formatMs(request.latencyMs) + firstToken],
    ["cost", formatCost(request.costUsd, isEstimated)],
  ];
}

function describeAnswer({ request, attempts }: FoundRequest): string {
  if (request.finalModel !== null) return request.finalModel;
  const begun = attempts.find(({ committedMs }) => committedMs !== null);
  return begun === undefined ? "by no model" : `${begun.alias}, but not to the end`;
}

function formatReasons({ explanation, routeRule }: StoredRequest): string {
  const reasons = explanation?.reasons ?? [
    `${routeRule}; the row is of an older pirouter, which did not keep more reasons`,
  ];
  return "\nWhy\n" + reasons.map((reason) => `  - ${escapeLine(reason)}\n`).join("");
}

function formatCandidates({ candidates }: Explanation, hasColor: boolean): string {
  if (candidates.length === 0) return "";
  const rows = candidates.map((candidate, index) => [
    String(index + 1),
    candidate.alias,
    formatUsd(candidate["expected_cost_usd"]),
    candidate.note ?? "",
  ]);
  const header = ["#", "model", "expected cost", ""];
  return "\nCandidates, in order\n" + formatTable(rows, { header, alignRight: [0, 2], hasColor });
}

function formatAttempts(attempts: readonly StoredAttempt[], hasColor: boolean): string {
  if (attempts.length === 0) return "\nAttempts\n  - none: no model was asked\n";
  const rows = attempts.map((attempt) => [
    String(attempt.seq),
    attempt.alias,
    attempt.provider,
    describeOutcome(attempt),
    attempt.waitedMs === 0 ? "-" : formatMs(attempt.waitedMs),
    attempt.ttftMs === null ? "-" : formatMs(attempt.ttftMs),
    formatMs(attempt.latencyMs),
    attempt.inputTokens === null ? "-" : formatTokens(attempt.inputTokens),
    attempt.outputTokens === null ? "-" : formatTokens(attempt.outputTokens),
    describeCost(attempt),
    describeCommit(attempt),
  ]);
  const numbers = ["waited", "first token", "time", "in", "out", "cost"];
  const header = ["#", "model", "provider", "outcome", ...numbers, ""];
  const alignRight = [0, 4, 5, 6, 7, 8, 9];
  return "\nAttempts\n" + formatTable(rows, { header, alignRight, hasColor });
}

/** What of the request each model was not told. */
function formatDropped(attempts: readonly StoredAttempt[]): string {
  const lines = attempts.flatMap(({ alias, dropped }) =>
    dropped === null ? [] : [`  - ${alias} was not told: ${escapeLine(dropped)}\n`]
  );
  return lines.length === 0 ? "" : `\nDropped\n${lines.join("")}`;
}

/** An answer needs no status to be understood; a fault is told as its upstream told it. */
function describeOutcome({ outcome, httpStatus, errorCode }: StoredAttempt): string {
  const status = httpStatus === null || httpStatus === 200 ? [] : [`HTTP ${httpStatus}`];
  const details = [...status, ...(errorCode === null ? [] : [errorCode])];
  return details.length === 0 ? outcome : `${outcome} (${details.join(", ")})`;
}

function describeCost({ usageSource, costUsd }: StoredAttempt): string {
  if (usageSource === null) return "-";
  return formatCost(costUsd, usageSource === "estimated");
}

function formatCost(costUsd: number | null, isEstimated: boolean): string {
  return (isEstimated && costUsd !== null ? "~" : "") + formatUsd(costUsd);
}

function describeCommit({ committedMs, startedMs }: StoredAttempt): string {
  if (committedMs !== null) return `committed at ${formatMs(committedMs)}`;
  return startedMs === null ? "" : "not committed";
}

function formatRejected({ rejected }: Explanation, hasColor: boolean): string {
  if (rejected.length === 0) return "";
  const rows = rejected.slice(0, MAX_LISTED).map(({ alias, reason }) => [alias, reason]);
  const more = rejected.length - rows.length;
  return "\nLeft out\n" + formatTable(rows, { header: ["model", "reason"], hasColor }) +
    (more === 0 ? "" : `and ${more} more, which --json lists\n`);
}

function formatOtherwise({ otherwise }: Explanation): string {
  const text = otherwise === null
    ? "no other model could have taken it"
    : `${otherwise.alias} ${otherwise.reason}`;
  return `\nOtherwise\n  - ${escapeLine(text)}\n`;
}

/** The requests whose ids begin alike, for stderr. */
export function formatMatches(
  id: string,
  found: Extract<Lookup, { readonly type: "several" }>,
): string {
  const rows = found.matches.map((match) => [
    `  ${match.id}`,
    formatTime(match.ts),
    `model ${match.requestedModel}`,
  ]);
  return escapeLine(`Several requests have an id that begins with "${id}": give more of it`) +
    "\n" + formatTable(rows, { hasColor: false }) + (found.hasMore ? "  and more\n" : "");
}

/** The request for programs: names as in the ledger's columns, an unknown number is null. */
export function formatWhyJson({ request, attempts }: FoundRequest, ledgerPath: string): string {
  const { explanation, ...facts } = request;
  const report = {
    "ledger": ledgerPath,
    ...withSnakeKeys(facts),
    "explanation": explanation,
    "attempts": attempts.map(withSnakeKeys),
  };
  return JSON.stringify(report, null, 2) + "\n";
}

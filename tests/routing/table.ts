/** The table of the routes, as text and as JSON. */

import { formatTable, formatTokens, formatUsd } from "../../src/cli/table.ts";
import { QUALITIES } from "../../src/core/catalog.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { ALWAYS_STRONG, findBestSingle, findCheapest, type RouteResult } from "./routes.ts";
import { findSwitches } from "./summary.ts";

const HEADER = [
  "route",
  "switches",
  "flaps",
  "cost",
  "vs strong",
  "cached",
  "lost tokens",
  QUALITIES.join("/"),
  "adequate",
  "too weak",
  "by script",
];

/** The table with its caption. */
export function formatRoutes(results: readonly RouteResult[]): string {
  const rows = results.map((result) => {
    const { route, summary } = result;
    const { switches, flaps, costUsd, cachedShare, lostTokens, turnsByTier, adequacy } = summary;
    return [
      route.name,
      String(switches),
      String(flaps),
      formatUsd(costUsd),
      formatPercent(relativeCost(result, results)),
      formatPercent(cachedShare),
      formatTokens(lostTokens),
      QUALITIES.map((quality) => turnsByTier[quality]).join("/"),
      adequacy.toFixed(3),
      String(summary.belowJudged),
      String(summary.belowScripted),
    ];
  });
  const alignRight = HEADER.map((_, column) => column).slice(1);
  return `${formatTable(rows, { header: HEADER, alignRight, hasColor: false })}\n${
    caption(results)
  }`;
}

function formatPercent(share: number | null): string {
  return share === null ? "-" : `${(share * 100).toFixed(1)}%`;
}

function relativeCost({ summary }: RouteResult, results: readonly RouteResult[]): number | null {
  const strong = results.find(({ route }) => route.name === ALWAYS_STRONG.name);
  return strong === undefined ? null : summary.costUsd / strong.summary.costUsd;
}

function caption(results: readonly RouteResult[]): string {
  const [first] = results;
  const [best, cheapest] = [findBestSingle(results), findCheapest(results)];
  const nameOf = (result: RouteResult | null) =>
    result === null ? "none" : `"${result.route.name}" (${formatUsd(result.summary.costUsd)})`;
  const { turns = [], beside = [] } = first?.played ?? {};
  return [
    `Best single model, the cheapest that is never too weak: ${nameOf(best)}.`,
    `Cheapest single model: ${nameOf(cheapest)}.`,
    "",
    `${turns.length} requests of one conversation that grows to ${
      formatTokens(turns.at(-1)?.reading.input ?? 0)
    } tokens, a daemon and empty caches for each route.`,
    `${beside.length} housekeeping requests of the client beside it are played, and counted nowhere.`,
    "The turns follow each other within milliseconds: every prompt cache stays warm to the end.",
    "The local model is taken to read 300 tokens a second, and waiting for it has a price.",
    "",
    "vs strong: cost as a share of what the strong model for everything costs.",
    "flaps: switches that were taken back within three turns, with no difficulty that asked for either.",
    "cached: share of the input that came from prompt caches, by the ledger, of vendors that tell.",
    "lost tokens: what the model before a switch had in its cache and the one after it had not.",
    `${QUALITIES.join("/")}: turns by the tier of the model that answered.`,
    "adequate: mean probability that an answer is good enough, by tier and judged difficulty.",
    "too weak: turns whose model is below the tier that the judged difficulty needs; local-first allows",
    "local models one tier less. by script: the same by the difficulty that the transcript's author gives.",
    "",
  ].join("\n");
}

/** The same numbers for programs. */
export function toJson(results: readonly RouteResult[]): JsonObject {
  return {
    "routes": results.map((result) => ({
      "route": result.route.name,
      "is_single": result.route.isSingle,
      "switches": result.summary.switches,
      "flaps": result.summary.flaps,
      "cost_usd": result.summary.costUsd,
      "relative_cost": relativeCost(result, results),
      "cached_share": result.summary.cachedShare,
      "lost_tokens": result.summary.lostTokens,
      "turns_by_tier": { ...result.summary.turnsByTier },
      "adequacy": result.summary.adequacy,
      "too_weak": result.summary.belowJudged,
      "too_weak_by_script": result.summary.belowScripted,
      "models": result.played.turns.map(({ alias }) => alias),
    })),
    "best_single": findBestSingle(results)?.route.name ?? null,
    "cheapest_single": findCheapest(results)?.route.name ?? null,
  };
}

/** Every turn of one route: what was judged, who answered, what it cost and why. */
export function formatTurns({ route, played: { turns } }: RouteResult): string {
  const switches = new Set(findSwitches(turns));
  const rows = turns.map((played, index) => [
    String(played.turn.number),
    played.turn.isAsked ? played.turn.ask.name : "",
    `${played.difficulty} ${played.score.toFixed(2)}`,
    `${switches.has(index) ? "> " : "  "}${played.alias}`,
    formatTokens(played.reading.input),
    formatTokens(played.reading.cached),
    formatUsd(played.costUsd),
    played.reasons.at(-1) ?? "",
  ]);
  const header = ["turn", "ask", "judged", "  model", "input", "cached", "cost", "why"];
  const options = { header, alignRight: [0, 4, 5, 6], hasColor: false };
  return `${route.name}\n\n${formatTable(rows, options)}\n`;
}

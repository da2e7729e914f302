/** What `route` prints. */

import type { Config } from "../config/config.ts";
import type { JsonObject } from "../core/json.ts";
import { explainAsk } from "../core/ask_explanation.ts";
import type { Features } from "../core/features.ts";
import type { Rejection } from "../core/filter.ts";
import type { Candidate, RouteDecision, RouteRefusal } from "../core/plan.ts";
import { formatTable, formatTokens, formatUsd } from "./table.ts";

/** A decision with all that it was made from. */
export interface ExplainedRoute {
  readonly features: Features;
  readonly decision: RouteDecision;
  readonly config: Config;
}

/** The decision for people. */
export function formatRoute(route: ExplainedRoute, hasColor: boolean): string {
  const { decision, config } = route;
  const facts = formatTable(describeFacts(route), { hasColor: false });
  if (decision.type === "refusal") {
    return `${facts}\n${describeRefusal(decision.refusal, config)}\n` +
      formatRejected(rejectedOf(decision), hasColor);
  }
  const { plan } = decision;
  return [
    facts,
    "\nWhy\n" + plan.reasons.map((reason) => `  - ${reason}\n`).join(""),
    "\nCandidates, in order\n" + formatCandidates(plan.candidates, hasColor),
    formatRejected(plan.rejected, hasColor),
    "\nCascade\n" +
    describeCascade(config, plan.candidates.length).map((line) => `  - ${line}\n`).join(""),
  ].join("");
}

function describeFacts({ features, decision }: ExplainedRoute): readonly (readonly string[])[] {
  const { difficulty } = features;
  const limit = features.requestedOutputTokens;
  const facts: (readonly string[])[] = [
    [
      "difficulty",
      `${difficulty.tier} (score ${difficulty.score.toFixed(2)}): ${difficulty.reasons.join("; ")}`,
    ],
    ...describeWords(features),
    ["input", `about ${formatTokens(features.inputTokens)} tokens`],
    ["output limit", limit === null ? "not set" : formatTokens(limit)],
    ["tools", features.hasTools ? "yes" : "no"],
    ["images", features.hasImages ? "yes" : "no"],
  ];
  if (decision.type === "refusal") return facts;
  const { plan } = decision;
  return [["model", plan.candidates[0]?.model.alias ?? ""], ["rule", plan.ruleName], ...facts];
}

/** The words that are told, heaviest first. */
const MOST_WORDS = 5;

/** Which words make the ask harder or easier; nothing where they did not decide. */
function describeWords(features: Features): readonly (readonly string[])[] {
  const { ask, difficulty, housekeeping } = features;
  if (difficulty.isHinted || housekeeping !== null) return [];
  const words = explainAsk(ask.text, MOST_WORDS).map(({ text, weight }) =>
    `"${text}" ${weight < 0 ? "-" : "+"}${Math.abs(weight).toFixed(2)}`
  );
  return words.length === 0 ? [] : [["words", words.join(", ")]];
}

function formatCandidates(candidates: readonly Candidate[], hasColor: boolean): string {
  const rows = candidates.map(({ model, expectedCostUsd, adequacy, caution }, index) => [
    String(index + 1),
    model.alias,
    model.provider,
    model.quality,
    adequacy === undefined ? "" : `${Math.min(99, Math.round(adequacy * 100))} %`,
    formatUsd(expectedCostUsd),
    model.price?.source ?? "unknown",
    caution === null ? "" : `caution: ${caution}`,
  ]);
  const header = ["#", "alias", "provider", "tier", "adequate", "expected cost", "price from", ""];
  return formatTable(rows, { header, alignRight: [0, 4, 5], hasColor });
}

function formatRejected(rejected: readonly Rejection[], hasColor: boolean): string {
  if (rejected.length === 0) return "";
  const rows = rejected.map(({ alias, reason }) => [alias, reason]);
  return "\nRejected\n" + formatTable(rows, { header: ["alias", "reason"], hasColor });
}

function describeCascade({ cascade }: Config, candidateCount: number): readonly string[] {
  if (candidateCount === 1) return ["there is no other candidate: its answer is served as it is"];
  const lines = [
    cascade.onHttpError
      ? "faults lead to the next candidate"
      : "faults end the request (on_http_error = false)",
  ];
  if (cascade.onShortResponse) {
    lines.push(`an answer of fewer than ${cascade.minOutputTokens} tokens leads to the next`);
  }
  if (cascade.onMarker !== null) {
    lines.push(`an answer that begins with ${cascade.onMarker} leads to the next`);
  }
  return lines;
}

function rejectedOf(decision: RouteDecision): readonly Rejection[] {
  if (decision.type === "plan") return decision.plan.rejected;
  return decision.refusal.type === "no_candidate" ? decision.refusal.rejected : [];
}

function describeRefusal(refusal: RouteRefusal, { catalog }: Config): string {
  const known = [...catalog.keys()].join(", ");
  switch (refusal.type) {
    case "unknown_alias":
      return `No route: header ${refusal.source} names "${refusal.alias}", which is no alias. Known: ${known}.`;
    case "unknown_model":
      return `No route: the model "${refusal.model}" does not exist, and unknown_model = "reject". ` +
        `Known: ${known}.`;
    case "no_candidate":
      return `No route: no model can take this request (${refusal.ruleName}).`;
  }
}

/** The decision for programs. */
export function formatRouteJson(route: ExplainedRoute): string {
  return JSON.stringify(describeRouteJson(route), null, 2) + "\n";
}

/** The decision as JSON. */
export function describeRouteJson({ features, decision, config }: ExplainedRoute): JsonObject {
  const { tier, score, reasons } = features.difficulty;
  const difficulty = { "tier": tier, "score": score, "reasons": reasons };
  const facts = {
    "difficulty": difficulty,
    "input_tokens": features.inputTokens,
    "output_limit": features.requestedOutputTokens,
    "has_tools": features.hasTools,
    "has_images": features.hasImages,
  };
  const result: JsonObject = decision.type === "refusal"
    ? { "refusal": describeRefusalJson(decision.refusal) }
    : {
      "model": decision.plan.candidates[0]?.model.alias ?? null,
      "rule": decision.plan.ruleName,
      "reasons": decision.plan.reasons,
      "candidates": decision.plan.candidates.map((
        { model, expectedCostUsd, adequacy, caution },
      ) => ({
        "alias": model.alias,
        "provider": model.provider,
        "model_id": model.modelId,
        "quality": model.quality,
        "expected_cost_usd": expectedCostUsd,
        "adequacy": adequacy ?? null,
        "price_source": model.price?.source ?? null,
        "caution": caution,
      })),
    };
  const rejected = rejectedOf(decision).map((rejection) => ({ ...rejection }));
  const { onHttpError, onShortResponse, minOutputTokens, onMarker } = config.cascade;
  const cascade = {
    "on_http_error": onHttpError,
    "on_short_response": onShortResponse,
    "min_output_tokens": minOutputTokens,
    "on_marker": onMarker,
  };
  return {
    ...result,
    "difficulty": difficulty,
    "rejected": rejected,
    "cascade": cascade,
    "features": facts,
  };
}

function describeRefusalJson(refusal: RouteRefusal): JsonObject {
  if (refusal.type !== "no_candidate") return { ...refusal };
  return { ...refusal, "rejected": refusal.rejected.map((rejection) => ({ ...rejection })) };
}

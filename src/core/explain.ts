/** A decision as the ledger keeps it: why, who else, and what would have been chosen otherwise. */

import { type Quality, rankOfQuality } from "./catalog.ts";
import { describeWait } from "./circumstances.ts";
import type { Features } from "./features.ts";
import type { Rejection } from "./filter.ts";
import { type RankedModel, rankModels, requireQuality } from "./policy.ts";
import { isProfileName, type ProfileName } from "./profile.ts";
import type { RoutePlan, RouteRefusal, RouteTable } from "./plan.ts";

/** A model, and what is to be said of it. */
export interface ExplainedModel {
  readonly alias: string;
  readonly reason: string;
}

/** A candidate, in the order in which they were to be asked. */
export interface ExplainedCandidate {
  readonly alias: string;
  /** Null: its price is unknown. */
  readonly "expected_cost_usd": number | null;
  /** What it seemed to lack, or that it cooled down; null when nothing. */
  readonly note: string | null;
}

/** What is kept of a decision: names and reasons, never a prompt or an answer. */
export interface Explanation {
  readonly reasons: readonly string[];
  readonly candidates: readonly ExplainedCandidate[];
  readonly rejected: readonly ExplainedModel[];
  /** What would have been chosen otherwise; null when no other model can take the request. */
  readonly otherwise: ExplainedModel | null;
}

/** What a decision was made from. */
export interface ExplainOptions {
  readonly features: Features;
  readonly table: RouteTable;
}

/** What is kept at most, so that a config of any size makes a row of about 1 KB. */
const MAX_REASONS = 12;
const MAX_CANDIDATES = 20;
const MAX_REJECTED = 50;
const MAX_TEXT_CHARS = 200;

/** Explains a plan. Pure; cool-downs are told as they were when the plan was made. */
export function explainPlan(plan: RoutePlan, options: ExplainOptions): Explanation {
  const profile = profileOfRule(plan.ruleName);
  const { difficulty } = options.features;
  const judged = `difficulty ${difficulty.tier}: ${difficulty.reasons.join("; ")}`;
  return {
    reasons: [...(profile === null ? [] : [clip(judged)]), ...listReasons(plan.reasons)],
    candidates: plan.candidates.slice(0, MAX_CANDIDATES).map((candidate) => ({
      "alias": candidate.model.alias,
      "expected_cost_usd": candidate.expectedCostUsd,
      "note": clipOptional(candidate.caution ?? candidate.cooldown?.reason ?? null),
    })),
    rejected: listRejected(plan.rejected),
    otherwise: clipModel(
      profile === null
        ? explainPolicy(plan.ruleName, { ...options, chosen: plan.candidates[0]?.model.alias })
        : explainRunnerUp(plan, { ...options, profile }),
    ),
  };
}

/** Explains why there is no plan. */
export function explainRefusal(refusal: RouteRefusal, options: ExplainOptions): Explanation {
  const rejected = refusal.type === "no_candidate" ? refusal.rejected : [];
  const ruleName = ruleOfRefusal(refusal);
  const isPolicy = profileOfRule(ruleName) !== null;
  return {
    reasons: [clip(describeRefusal(refusal))],
    candidates: [],
    rejected: listRejected(rejected),
    otherwise: isPolicy ? null : clipModel(explainPolicy(ruleName, options)),
  };
}

/** What decided that there is no plan, as `RoutePlan.ruleName` says it. */
export function ruleOfRefusal(refusal: RouteRefusal): string {
  switch (refusal.type) {
    case "unknown_alias":
      return "header";
    case "unknown_model":
      return "model";
    case "no_candidate":
      return refusal.ruleName;
  }
}

function describeRefusal(refusal: RouteRefusal): string {
  switch (refusal.type) {
    case "unknown_alias":
      // The name is a client's own text, which its error message has and the ledger does not.
      return `${refusal.source} names what is no alias`;
    case "unknown_model":
      return 'the request\'s model is no alias, and routing.unknown_model = "reject"';
    case "no_candidate":
      return `no model of ${subjectOf(refusal.ruleName)} can take the request`;
  }
}

const POLICY_PREFIX = "policy:";

/** The profile that decided, of a plan's `ruleName`; null: the policy did not decide. */
export function profileOfRule(ruleName: string): ProfileName | null {
  if (!ruleName.startsWith(POLICY_PREFIX)) return null;
  const name = ruleName.slice(POLICY_PREFIX.length);
  return isProfileName(name) ? name : null;
}

/** What decided, for a sentence. The names of rules can't be any of the others. */
function subjectOf(ruleName: string): string {
  if (ruleName === "header") return "the request's header";
  if (ruleName === "model") return "the request's model name";
  return profileOfRule(ruleName) === null ? `rule "${ruleName}"` : ruleName;
}

/** What the policy would choose if neither a rule nor a name decided. */
function explainPolicy(
  ruleName: string,
  options: ExplainOptions & { readonly chosen?: string | undefined },
): ExplainedModel | null {
  const { features, table, chosen } = options;
  const { profile } = table.routing;
  const [first] = rankModels(table.catalog, { features, profile, circumstances: table }).kept;
  if (first === undefined) return null;
  const { alias } = first.model;
  const also = alias === chosen ? "also " : "";
  const policy = `${POLICY_PREFIX}${profile}`;
  const choice = `would ${also}be the choice of ${policy} alone, without ${subjectOf(ruleName)}`;
  const cooldown = table.cooldownOf?.(first.model) ?? null;
  return { alias, reason: cooldown === null ? choice : `${choice}, but ${cooldown.reason}` };
}

/** Who is next in the policy's order, and by what. */
function explainRunnerUp(
  plan: RoutePlan,
  options: ExplainOptions & { readonly profile: ProfileName },
): ExplainedModel | null {
  const { features, table, profile } = options;
  const { kept } = rankModels(table.catalog, { features, profile, circumstances: table });
  const chosen = plan.candidates[0]?.model.alias;
  const position = kept.findIndex(({ model }) => model.alias === chosen);
  const winner = kept[position];
  const other = kept.find(({ model }) => model.alias !== chosen);
  if (winner === undefined || other === undefined) return null;
  const { alias } = other.model;
  if (position > 0) {
    return {
      alias,
      reason: `is before ${chosen} in ${profile}'s order, but ${asideOf(alias, plan)}`,
    };
  }
  const required = requireQuality(features, table.budget).quality;
  const reason = compareModels({ winner, other, profile, required });
  return { alias, reason: `is the next in ${profile}'s order: ${reason}` };
}

/** Why a model that would be the first is not: it cooled down, or the conversation is with another. */
function asideOf(alias: string, { candidates, rejected }: RoutePlan): string {
  const cooldown = candidates.find(({ model }) => model.alias === alias)?.cooldown ?? null;
  if (cooldown !== null) return cooldown.reason;
  const rejection = rejected.find((each) => each.alias === alias);
  return rejection?.cause === "cooldown" || rejection?.cause === "wait"
    ? rejection.reason
    : "the conversation is with another model";
}

interface Comparison {
  readonly winner: RankedModel;
  readonly other: RankedModel;
  readonly profile: ProfileName;
  readonly required: Quality;
}

/** THE TABLE of what sets two models apart, in the profiles' order: the first that speaks is told. */
const COMPARISONS: readonly ((pair: Comparison) => string | null)[] = [
  ({ winner, other }) =>
    !winner.isOverBudget && other.isOverBudget ? "strong_share has nothing left for it" : null,
  ({ winner, other, required }) =>
    winner.isAdequate && !other.isAdequate ? describeInadequacy(other, required) : null,
  ({ winner, other }) => !winner.isBusy && other.isBusy ? `it ${describeWait(other.wait)}` : null,
  ({ winner, other, profile }) =>
    profile === "local-first" && winner.model.local && !other.model.local
      ? "it is not local"
      : null,
  ({ winner, other, profile }) =>
    profile === "best-quality" || !winner.isAdequate ? compareTiers(winner, other) : null,
  ({ winner, other }) => {
    const [first, second] = [winner.expectedTotalUsd, other.expectedTotalUsd];
    if (second === null) return first === null ? null : "its price is unknown";
    return first !== null && second > first ? describeCost(winner, other) : null;
  },
  ({ winner, other }) => compareTiers(winner, other),
];

function describeInadequacy({ model, adequacy }: RankedModel, required: Quality): string {
  return rankOfQuality(model.quality) < rankOfQuality(required)
    ? `its tier ${model.quality} is below ${required}`
    : `its answers have been too weak so far (adequate with ${Math.round(adequacy * 100)} %)`;
}

function compareTiers(winner: RankedModel, other: RankedModel): string | null {
  const [first, second] = [winner.model, other.model];
  const steps = rankOfQuality(second.quality) - rankOfQuality(first.quality);
  if (steps === 0) return null;
  const [word, end] = steps < 0 ? ["weaker", ""] : ["stronger", ", and that is not needed"];
  return `it is ${word} (${second.quality}, ${first.alias} ${first.quality})${end}`;
}

/** What makes it dearer: the answer, the wait, or the escalation that it may lead to. */
function describeCost(winner: RankedModel, other: RankedModel): string {
  const { model } = winner;
  const [first, second] = [winner.expectedCostUsd ?? 0, other.expectedCostUsd ?? 0];
  if (second > first) {
    const isNeedless = rankOfQuality(other.model.quality) > rankOfQuality(model.quality);
    return `it costs more than ${model.alias}` +
      (isNeedless ? `, and its tier ${other.model.quality} is not needed` : "");
  }
  if (other.wait !== null && (winner.wait?.waitMs ?? 0) < other.wait.waitMs) {
    return `it ${describeWait(other.wait)}`;
  }
  return `it leads to an escalation more often than ${model.alias}, which costs more in all`;
}

function compareModels(pair: Comparison): string {
  for (const compare of COMPARISONS) {
    const reason = compare(pair);
    if (reason !== null) return reason;
  }
  return `it is equal to ${pair.winner.model.alias}, which is named before it in the config`;
}

/** The last reasons decide: of too many the first, which tell of rules that were passed over, go. */
function listReasons(reasons: readonly string[]): readonly string[] {
  const left = reasons.length - MAX_REASONS;
  if (left <= 0) return reasons.map(clip);
  const kept = reasons.slice(left + 1).map(clip);
  return [`${left + 1} reasons before these are left out`, ...kept];
}

function listRejected(rejected: readonly Rejection[]): readonly ExplainedModel[] {
  return rejected.slice(0, MAX_REJECTED).map(({ alias, reason }) => clipModel({ alias, reason }));
}

function clipModel<T extends ExplainedModel | null>(model: T): T | ExplainedModel {
  return model === null ? model : { alias: clip(model.alias), reason: clip(model.reason) };
}

function clipOptional(text: string | null): string | null {
  return text === null ? null : clip(text);
}

function clip(text: string): string {
  if (text.length <= MAX_TEXT_CHARS) return text;
  return text.slice(0, MAX_TEXT_CHARS - 1).toWellFormed() + "…";
}

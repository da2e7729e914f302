/** Which models a request goes to, and why: rules, then an explicit name, then the policy. */

import type { Catalog, Model } from "./catalog.ts";
import { type Features, ROUTE_HEADER } from "./features.ts";
import type { Cooldown } from "./health.ts";
import {
  expectedCostOf,
  findObstacle,
  isProfileName,
  pickFallbacks,
  type ProfileName,
  rankModels,
  type Rejection,
  REQUIRED_QUALITY,
  type RoutingSettings,
} from "./policy.ts";
import { matchRules, type Rule } from "./rules.ts";

/** The `model` that asks pirouter to choose. */
export const AUTO_MODEL = "auto";

/** What a decision is made from. */
export interface RouteTable {
  readonly catalog: Catalog;
  readonly rules: readonly Rule[];
  readonly routing: RoutingSettings;
}

/** A model that may answer. */
export interface Candidate {
  readonly model: Model;
  readonly expectedCostUsd: number | null;
  /** What the model seems to lack for this request although it was named; null when nothing. */
  readonly caution: string | null;
  /** That it has failed a moment ago, and is asked only when no other is left; null when not. */
  readonly cooldown: Cooldown | null;
}

/** The candidates in order, never empty, and the reasons for them. */
export interface RoutePlan {
  readonly candidates: readonly Candidate[];
  /** The matched rule's name, else `header`, `model` or `policy:<profile>`. */
  readonly ruleName: string;
  readonly reasons: readonly string[];
  readonly rejected: readonly Rejection[];
}

/** Why there is no plan. */
export type RouteRefusal =
  /** A header names what is no alias; rules and the config can only name aliases that exist. */
  | { readonly type: "unknown_alias"; readonly source: string; readonly alias: string }
  | { readonly type: "unknown_model"; readonly model: string }
  | {
    readonly type: "no_candidate";
    readonly ruleName: string;
    readonly rejected: readonly Rejection[];
  };

/** A plan, or why there is none. */
export type RouteDecision =
  | { readonly type: "plan"; readonly plan: RoutePlan }
  | { readonly type: "refusal"; readonly refusal: RouteRefusal };

interface Named {
  readonly name: string;
  readonly ruleName: string;
  /** Where the name stands, for messages. */
  readonly source: string;
  readonly cascade: readonly string[];
  readonly reasons: readonly string[];
}

/** Decides where a request goes. Pure: the same request and table give the same decision. */
export function decideRoute(features: Features, table: RouteTable): RouteDecision {
  const outcome = matchRules(table.rules, features);
  if (outcome.match !== null) {
    const { rule, alias } = outcome.match;
    const source = rule.primary.type === "header" ? rule.primary.header : `rule "${rule.name}"`;
    const reasons = [...outcome.passed, `rule "${rule.name}" matches: ${rule.when.text}`];
    const named = { name: alias, ruleName: rule.name, source, cascade: rule.cascade, reasons };
    return decideNamed(named, features, table);
  }
  const header = features.headers.get(ROUTE_HEADER)?.trim() ?? "";
  if (header !== "") {
    const source = ROUTE_HEADER;
    const reasons = [...outcome.passed, `header ${source} names "${header}"`];
    const named = { name: header, ruleName: "header", source, cascade: [], reasons };
    return decideNamed(named, features, table);
  }
  return decideByModel(features, { table, reasons: outcome.passed });
}

interface Given {
  readonly table: RouteTable;
  readonly reasons: readonly string[];
}

function decideByModel(features: Features, given: Given): RouteDecision {
  const { table } = given;
  const model = features.requestedModel;
  if (table.catalog.has(model)) {
    const reasons = [...given.reasons, `the request's model names "${model}"`];
    const named = { name: model, ruleName: "model", source: "model", cascade: [], reasons };
    return decideNamed(named, features, table);
  }
  if (isProfileName(model)) {
    const reasons = [...given.reasons, `the request's model names the profile ${model}`];
    return decideByPolicy(features, { table, reasons, profile: model });
  }
  if (model !== AUTO_MODEL && table.routing.unknownModel === "reject") {
    return { type: "refusal", refusal: { type: "unknown_model", model } };
  }
  const reasons = model === AUTO_MODEL
    ? given.reasons
    : [...given.reasons, `"${model}" is no alias: routed as ${AUTO_MODEL}`];
  return decideByPolicy(features, { table, reasons, profile: table.routing.profile });
}

function decideNamed(named: Named, features: Features, table: RouteTable): RouteDecision {
  if (!table.catalog.has(named.name)) {
    const { reasons } = named;
    if (isProfileName(named.name)) {
      return decideByPolicy(features, { table, reasons, profile: named.name });
    }
    if (named.name === AUTO_MODEL) {
      return decideByPolicy(features, { table, reasons, profile: table.routing.profile });
    }
    const { source, name: alias } = named;
    return { type: "refusal", refusal: { type: "unknown_alias", source, alias } };
  }
  const candidates: Candidate[] = [];
  const rejected: Rejection[] = [];
  for (const alias of new Set([named.name, ...named.cascade])) {
    const model = table.catalog.get(alias);
    if (model === undefined) continue;
    const obstacle = findObstacle(model, features);
    if (obstacle?.cause === "unavailable") rejected.push({ alias, ...obstacle });
    else candidates.push(toCandidate(model, { features, caution: obstacle?.reason ?? null }));
  }
  return conclude({ candidates, rejected, ruleName: named.ruleName, reasons: named.reasons });
}

function toCandidate(
  model: Model,
  options: { readonly features: Features; readonly caution: string | null },
): Candidate {
  const expectedCostUsd = expectedCostOf(model, options.features);
  return { model, expectedCostUsd, caution: options.caution, cooldown: null };
}

function decideByPolicy(
  features: Features,
  given: Given & { readonly profile: ProfileName },
): RouteDecision {
  const { table, profile } = given;
  const { kept, rejected } = rankModels(table.catalog, { features, profile });
  const ruleName = `policy:${profile}`;
  const [primary] = kept;
  if (primary === undefined) return conclude({ candidates: [], rejected, ruleName, reasons: [] });
  const limit = table.routing.autoCascade ? table.routing.maxPolicyFallbacks : 0;
  const fallbacks = pickFallbacks(kept, { primary, limit });
  const { tier } = features.difficulty;
  const choice = primary.isAdequate
    ? `${primary.model.alias} is the first of ${profile}'s order`
    : `no model of that tier can take the request: ${primary.model.alias} is the nearest`;
  const candidates = [primary, ...fallbacks.picked].map((ranked) => ({
    model: ranked.model,
    expectedCostUsd: ranked.expectedCostUsd,
    caution: null,
    cooldown: null,
  }));
  const reasons = [
    ...given.reasons,
    `difficulty ${tier} needs tier ${REQUIRED_QUALITY[tier]}`,
    choice,
  ];
  return conclude({ candidates, rejected: [...rejected, ...fallbacks.left], ruleName, reasons });
}

function conclude(plan: RoutePlan): RouteDecision {
  if (plan.candidates.length > 0) return { type: "plan", plan };
  const { ruleName, rejected } = plan;
  return { type: "refusal", refusal: { type: "no_candidate", ruleName, rejected } };
}

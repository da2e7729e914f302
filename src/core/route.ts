/** Which models a request goes to, and why: rules, then an explicit name, then the policy. */

import { adequacyIn } from "./circumstances.ts";
import type { Model } from "./catalog.ts";
import { expectedCostOf } from "./expected_cost.ts";
import { type Features, ROUTE_HEADER } from "./features.ts";
import { findObstacle, type Rejection, type RejectionCause } from "./filter.ts";
import { type Candidate, conclude, putAside, type RouteDecision, type RouteTable } from "./plan.ts";
import { decideByPolicy } from "./policy_route.ts";
import { isProfileName } from "./profile.ts";
import { matchRules } from "./rules.ts";

/** The `model` that asks pirouter to choose. */
export const AUTO_MODEL = "auto";

interface Named {
  readonly name: string;
  readonly ruleName: string;
  /** Where the name stands, for messages. */
  readonly source: string;
  readonly cascade: readonly string[];
  /** Whether the client itself asked for it, so that it keeps its place while it cools down. */
  readonly isAskedFor: boolean;
  readonly reasons: readonly string[];
}

/** A model that the client names has no cascade. */
const LONE = { cascade: [], isAskedFor: true } as const;

/** Decides where a request goes. Pure: the same request and table give the same decision. */
export function decideRoute(features: Features, table: RouteTable): RouteDecision {
  const outcome = matchRules(table.rules, features);
  if (outcome.match !== null) {
    const { rule, alias } = outcome.match;
    const source = rule.primary.type === "header" ? rule.primary.header : `rule "${rule.name}"`;
    const reasons = [...outcome.passed, `rule "${rule.name}" matches: ${rule.when.text}`];
    const isAskedFor = rule.primary.type === "header";
    const { name: ruleName, cascade } = rule;
    const named = { name: alias, ruleName, source, cascade, isAskedFor, reasons };
    return decideNamed(named, features, table);
  }
  const header = features.headers.get(ROUTE_HEADER)?.trim() ?? "";
  if (header !== "") {
    const source = ROUTE_HEADER;
    const reasons = [...outcome.passed, `header ${source} names "${header}"`];
    const named = { name: header, ruleName: "header", source, ...LONE, reasons };
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
    const named = { name: model, ruleName: "model", source: "model", ...LONE, reasons };
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

/** What nobody can ask for all the same: a name overrules the other causes. */
const FINAL_CAUSES: ReadonlySet<RejectionCause> = new Set(["type", "unavailable"]);

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
    if (obstacle !== null && FINAL_CAUSES.has(obstacle.cause)) {
      rejected.push({ alias, ...obstacle });
    } else {
      const given = { caution: obstacle?.reason ?? null, rank: candidates.length };
      candidates.push(toCandidate(model, { features, table, ...given }));
    }
  }
  const { ruleName, reasons, isAskedFor } = named;
  if (isAskedFor) return conclude({ candidates, reasons, rejected, ruleName });
  return conclude({ ...putAside(candidates, reasons), rejected, ruleName });
}

function toCandidate(
  model: Model,
  given: {
    readonly features: Features;
    readonly table: RouteTable;
    readonly caution: string | null;
    readonly rank: number;
  },
): Candidate {
  const { features, table, caution, rank } = given;
  const expectedCostUsd = expectedCostOf(model, features);
  const adequacy = adequacyIn(table, { model, score: features.difficulty.score });
  return {
    model,
    expectedCostUsd,
    adequacy,
    caution,
    cooldown: table.cooldownOf?.(model) ?? null,
    rank,
  };
}

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
  type RankedModel,
  rankModels,
  type Rejection,
  type RejectionCause,
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
  /** Who has failed a moment ago; absent: nobody. */
  readonly cooldownOf?: (model: Model) => Cooldown | null;
}

/** A model that may answer. */
export interface Candidate {
  readonly model: Model;
  readonly expectedCostUsd: number | null;
  /** What the model seems to lack for this request although it was named; null when nothing. */
  readonly caution: string | null;
  /** That it has failed a moment ago, and is asked only when no other is left; null when not. */
  readonly cooldown: Cooldown | null;
  /** Its place in the order that holds while nobody cools down; weak answers only lead upward. */
  readonly rank: number;
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
  return { model, expectedCostUsd, caution, cooldown: table.cooldownOf?.(model) ?? null, rank };
}

/** Those that cool down come last, the soonest first, and the reasons say so. */
function putAside(
  candidates: readonly Candidate[],
  reasons: readonly string[],
): Pick<RoutePlan, "candidates" | "reasons"> {
  const cooling = candidates.filter(({ cooldown }) => cooldown !== null);
  if (cooling.length === 0) return { candidates, reasons };
  cooling.sort((a, b) => (a.cooldown?.remainingMs ?? 0) - (b.cooldown?.remainingMs ?? 0));
  const ready = candidates.filter(({ cooldown }) => cooldown === null);
  const end = ready.length === 0 ? "no other is left to ask" : "it is asked last";
  return {
    candidates: [...ready, ...cooling],
    reasons: [
      ...reasons,
      ...cooling.map(({ model, cooldown }) => `${model.alias} ${cooldown?.reason}: ${end}`),
    ],
  };
}

function decideByPolicy(
  features: Features,
  given: Given & { readonly profile: ProfileName },
): RouteDecision {
  const { table, profile } = given;
  const { kept, rejected } = rankModels(table.catalog, { features, profile });
  const ruleName = `policy:${profile}`;
  const order = coolingLast(kept, table);
  const [primary] = order;
  if (primary === undefined) return conclude({ candidates: [], rejected, ruleName, reasons: [] });
  const limit = table.routing.autoCascade ? table.routing.maxPolicyFallbacks : 0;
  const isReady = ({ model }: RankedModel) => (table.cooldownOf?.(model) ?? null) === null;
  const fallbacks = pickFallbacks(order, { primary, limit, isReady });
  const { tier } = features.difficulty;
  const choice = primary.isAdequate
    ? `${primary.model.alias} is the first of ${profile}'s order`
    : `no model of that tier can take the request: ${primary.model.alias} is the nearest`;
  const reasons = [
    ...given.reasons,
    `difficulty ${tier} needs tier ${REQUIRED_QUALITY[tier]}`,
    choice,
  ];
  const candidates = [primary, ...fallbacks.picked].map((ranked) => {
    const given = { features, table, caution: null, rank: kept.indexOf(ranked) };
    return toCandidate(ranked.model, given);
  });
  const left = fallbacks.left.map((rejection) => explainCooling(rejection, table));
  const chosen = putAside(candidates, reasons);
  return conclude({ ...chosen, rejected: [...rejected, ...left], ruleName });
}

/** The ranking with those that cool down behind the others, but no inadequate model before an adequate one. */
function coolingLast(
  kept: readonly RankedModel[],
  { cooldownOf }: RouteTable,
): readonly RankedModel[] {
  if (cooldownOf === undefined) return kept;
  const cooling = new Set(kept.filter(({ model }) => cooldownOf(model) !== null));
  if (cooling.size === 0) return kept;
  return [true, false].flatMap((isAdequate) => {
    const group = kept.filter((ranked) => ranked.isAdequate === isAdequate);
    const ready = group.filter((ranked) => !cooling.has(ranked));
    return [...ready, ...group.filter((ranked) => cooling.has(ranked))];
  });
}

/** A model that was left out while it cools down: that is the reason, not its place in the order. */
function explainCooling(rejection: Rejection, { catalog, cooldownOf }: RouteTable): Rejection {
  const model = catalog.get(rejection.alias);
  const cooldown = model === undefined ? null : cooldownOf?.(model) ?? null;
  return cooldown === null
    ? rejection
    : { ...rejection, cause: "cooldown", reason: cooldown.reason };
}

function conclude(plan: RoutePlan): RouteDecision {
  if (plan.candidates.length > 0) return { type: "plan", plan };
  const { ruleName, rejected } = plan;
  return { type: "refusal", refusal: { type: "no_candidate", ruleName, rejected } };
}

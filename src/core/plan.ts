/** A plan of candidates, and what a decision is made from. */

import type { Catalog, Model } from "./catalog.ts";
import type { Circumstances } from "./circumstances.ts";
import type { Rejection } from "./filter.ts";
import type { Cooldown } from "./health.ts";
import type { RoutingSettings } from "./policy.ts";
import type { Rule } from "./rules.ts";

/** What a decision is made from: the configuration and the moment. */
export interface RouteTable extends Circumstances {
  readonly catalog: Catalog;
  readonly rules: readonly Rule[];
  readonly routing: RoutingSettings;
}

/** A model that may answer. */
export interface Candidate {
  readonly model: Model;
  readonly expectedCostUsd: number | null;
  /** How likely its answer is good enough: 0 to 1; absent where that is not judged. */
  readonly adequacy?: number;
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
  /** Whom the policy would ask first if nobody cooled down or had the conversation; absent: not the policy. */
  readonly homeAlias?: string | null;
}

/** Whether the policy has decided, and neither a rule nor a name. */
export function isPolicyPlan({ homeAlias }: Pick<RoutePlan, "homeAlias">): boolean {
  return homeAlias !== undefined;
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

/** Those that cool down come last, the soonest first, and the reasons say so. */
export function putAside(
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

/** The decision for a plan: none without a candidate. */
export function conclude(plan: RoutePlan): RouteDecision {
  if (plan.candidates.length > 0) return { type: "plan", plan };
  const { ruleName, rejected } = plan;
  return { type: "refusal", refusal: { type: "no_candidate", ruleName, rejected } };
}

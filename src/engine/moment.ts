/** The moment of one request: what routing knows of models and of the conversation, taken once. */

import type { Model } from "../core/catalog.ts";
import type { ChatRequest } from "../core/chat.ts";
import { isPolicyPlan, type RoutePlan, type RouteTable } from "../core/plan.ts";
import { canEscalate } from "../core/cascade.ts";
import type { Features } from "../core/features.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a request is routed by. */
export interface Moment {
  /** The configuration and the moment; it does not change any more. */
  readonly table: RouteTable;
  /** The conversation's key; null: it can't be recognised. */
  readonly conversation: string | null;
}

/** Takes the moment, so that a decision can be explained and repeated from it. */
export function takeMoment(
  snapshot: Snapshot,
  { request, features }: { readonly request: ChatRequest; readonly features: Features },
): Moment {
  const { routes, sessions, recent, readiness, adequacy } = snapshot;
  const { config: { routing }, config } = snapshot;
  const models = [...routes.catalog.values()];
  const conversation = sessions.keyOf(request);
  const share = routing.strongShare;
  const table: RouteTable = {
    ...routes,
    cooldownOf: captureOf(models, (model) => routes.cooldownOf?.(model) ?? null),
    readinessOf: captureOf(models, (model) => readiness.readinessOf(model)),
    calibrationOf: captureOf(models, (model) => adequacy.calibrationOf(model)),
    budget: share === undefined ? null : recent.budgetFor(share, routes.catalog),
    bound: sessions.boundFor(conversation, request),
    hasChecks: canEscalate(features, config),
  };
  return { table, conversation };
}

/** The values of now, by model; null where there is none. */
function captureOf<Value>(
  models: readonly Model[],
  read: (model: Model) => Value | null,
): (model: Model) => Value | null {
  const values = new Map<string, Value>();
  for (const model of models) {
    const value = read(model);
    if (value !== null) values.set(model.alias, value);
  }
  return ({ alias }) => values.get(alias) ?? null;
}

/** Notes what the policy has chosen, for the budget of `strong_share`. */
export function notePlan(snapshot: Snapshot, plan: RoutePlan, features: Features): void {
  const [primary] = plan.candidates;
  if (!isPolicyPlan(plan) || primary === undefined) return;
  const { score } = features.difficulty;
  snapshot.recent.note({ score, alias: primary.model.alias });
}

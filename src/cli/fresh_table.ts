/** What a request is routed by in a daemon that has just started. */

import type { Config } from "../config/config.ts";
import { canEscalate } from "../core/cascade.ts";
import { SCORE_QUANTILES } from "../core/difficulty_weights.ts";
import type { Features } from "../core/features.ts";
import type { RouteTable } from "../core/plan.ts";
import { computeBudget } from "../core/strong_budget.ts";

/** The configuration at a moment when nobody has failed, and nothing is known of any conversation. */
export function createFreshTable(config: Config, features: Features): RouteTable {
  const { catalog, rules, routing } = config;
  const share = routing.strongShare;
  return {
    catalog,
    rules,
    routing,
    budget: share === undefined
      ? null
      : computeBudget({ share, recent: [], priorScores: SCORE_QUANTILES }),
    hasChecks: canEscalate(features, config),
  };
}

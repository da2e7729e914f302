/** Routes by the policy: a ranking, who cools down, whose the conversation is, and the fallbacks. */

import { type Candidate, conclude, putAside, type RouteDecision, type RouteTable } from "./plan.ts";
import { describeWait } from "./circumstances.ts";
import type { Features } from "./features.ts";
import type { Rejection } from "./filter.ts";
import { pickFallbacks, type RankedModel, rankModels, requireQuality } from "./policy.ts";
import type { ProfileName } from "./profile.ts";
import { orderForSession } from "./session.ts";

/** What the policy is asked with. */
export interface PolicyRequest {
  readonly table: RouteTable;
  readonly profile: ProfileName;
  /** What led to it. */
  readonly reasons: readonly string[];
}

/** Shorter waits are not worth a word. */
const TOLD_WAIT_MS = 1_000;

/** Decides by the policy. */
export function decideByPolicy(features: Features, request: PolicyRequest): RouteDecision {
  const { table, profile } = request;
  const ranking = rankModels(table.catalog, { features, profile, circumstances: table });
  const { kept, rejected } = ranking;
  const ruleName = `policy:${profile}`;
  const session = orderForSession(coolingLast(kept, table), {
    features,
    profile,
    circumstances: table,
  });
  const [primary] = session.order;
  if (primary === undefined) {
    return conclude({ candidates: [], rejected, ruleName, reasons: [] });
  }
  const limit = table.routing.autoCascade ? table.routing.maxPolicyFallbacks : 0;
  const isReady = ({ model }: RankedModel) => (table.cooldownOf?.(model) ?? null) === null;
  const fallbacks = pickFallbacks(session.order, { primary, limit, isReady });
  const reasons = [
    ...request.reasons,
    requireQuality(features, table.budget).reason,
    session.reason ?? describeChoice(primary, profile),
    ...((primary.wait?.waitMs ?? 0) < TOLD_WAIT_MS
      ? []
      : [`${primary.model.alias} ${describeWait(primary.wait)}`]),
  ];
  const ranked = session.isHeld ? [primary, ...kept.filter((each) => each !== primary)] : kept;
  const candidates = [primary, ...fallbacks.picked].map((each) =>
    toCandidate(each, { table, kept: ranked })
  );
  const left = fallbacks.left.map((rejection) => explainLeft(rejection, { kept, table }));
  const homeAlias = kept[0]?.model.alias ?? null;
  const chosen = putAside(candidates, reasons);
  return conclude({ ...chosen, rejected: [...rejected, ...left], ruleName, homeAlias });
}

function describeChoice(
  { model, isAdequate, isOverBudget }: RankedModel,
  profile: ProfileName,
): string {
  if (isOverBudget) {
    return `no weaker model can take the request: ${model.alias} is the first of ${profile}'s order`;
  }
  return isAdequate
    ? `${model.alias} is the first of ${profile}'s order`
    : `no model of that tier can take the request: ${model.alias} is the nearest`;
}

function toCandidate(
  ranked: RankedModel,
  { table, kept }: { readonly table: RouteTable; readonly kept: readonly RankedModel[] },
): Candidate {
  const { model, expectedCostUsd, adequacy } = ranked;
  const cooldown = table.cooldownOf?.(model) ?? null;
  return { model, expectedCostUsd, adequacy, caution: null, cooldown, rank: kept.indexOf(ranked) };
}

/** The ranking with those that cool down behind others that are as fit, and next to them in it. */
function coolingLast(
  kept: readonly RankedModel[],
  { cooldownOf }: RouteTable,
): readonly RankedModel[] {
  if (cooldownOf === undefined) return kept;
  const isReady = ({ model }: RankedModel) => cooldownOf(model) === null;
  return listRuns(kept).flatMap((run) => [
    ...run.filter(isReady),
    ...run.filter((ranked) => !isReady(ranked)),
  ]);
}

/** The ranking in pieces whose models are in the budget alike, and alike adequate. */
function listRuns(kept: readonly RankedModel[]): readonly (readonly RankedModel[])[] {
  const runs: RankedModel[][] = [];
  for (const ranked of kept) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const isAlike = last?.isOverBudget === ranked.isOverBudget &&
      last.isAdequate === ranked.isAdequate;
    if (run !== undefined && isAlike) run.push(ranked);
    else runs.push([ranked]);
  }
  return runs;
}

/** A model that was left out while it cools down, or for the wait: that is the reason, not its place. */
function explainLeft(
  rejection: Rejection,
  { kept, table }: { readonly kept: readonly RankedModel[]; readonly table: RouteTable },
): Rejection {
  const ranked = kept.find(({ model }) => model.alias === rejection.alias);
  if (ranked === undefined) return rejection;
  const cooldown = table.cooldownOf?.(ranked.model) ?? null;
  if (cooldown !== null) return { ...rejection, cause: "cooldown", reason: cooldown.reason };
  return ranked.isBusy && ranked.wait !== null
    ? { ...rejection, cause: "wait", reason: describeWait(ranked.wait) }
    : rejection;
}

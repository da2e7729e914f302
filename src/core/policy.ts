/** The policy: which models can take a request, and in what order they should. */

import { adequacyOf } from "./adequacy.ts";
import { cachedTokensAt } from "./bound_model.ts";
import { type Catalog, type Model, QUALITIES, type Quality, rankOfQuality } from "./catalog.ts";
import { adequacyIn, type Circumstances, waitFor } from "./circumstances.ts";
import type { DifficultyTier } from "./difficulty_tier.ts";
import { expectedCostOf } from "./expected_cost.ts";
import type { Features } from "./features.ts";
import { findObstacle, refuseByProfile, type Rejection } from "./filter.ts";
import type { Wait } from "./readiness.ts";
import { type Profile, type ProfileName, PROFILES } from "./profile.ts";
import { isBudgeted, type StrongBudget } from "./strong_budget.ts";

/** `[routing]`. */
export interface RoutingSettings {
  readonly profile: ProfileName;
  /** Whether requests that the policy routes have candidates after the first. */
  readonly autoCascade: boolean;
  /** The most candidates after the first. */
  readonly maxPolicyFallbacks: number;
  /** What happens to a `model` that is no alias: routed as `auto`, or refused with 404. */
  readonly unknownModel: "auto" | "reject";
  /** The largest share of requests that the policy gives to strong tiers; absent: no limit. */
  readonly strongShare?: number;
}

/** A model that can take the request. */
export interface RankedModel {
  readonly model: Model;
  /** US dollars that this request is expected to cost there; null when the price is unknown. */
  readonly expectedCostUsd: number | null;
  /** The same with what its waiting is worth, and with the escalation that it may lead to. */
  readonly expectedTotalUsd: number | null;
  /** How likely its answer is good enough: 0 to 1. */
  readonly adequacy: number;
  /** Whether that is enough for the request's difficulty. */
  readonly isAdequate: boolean;
  /** How long it makes the request wait; null: not longer than any other. */
  readonly wait: Wait | null;
  readonly isBusy: boolean;
  readonly isOverBudget: boolean;
}

/** Every model: those that can take the request, best first, and those that can't. */
export interface Ranking {
  readonly kept: readonly RankedModel[];
  readonly rejected: readonly Rejection[];
}

/** What a ranking is made from. */
export interface RankOptions {
  readonly features: Features;
  readonly profile: ProfileName;
  readonly circumstances?: Circumstances;
}

/** The tier that each difficulty needs. */
const REQUIRED_QUALITY: Readonly<Record<DifficultyTier, Quality>> = {
  easy: "basic",
  standard: "standard",
  hard: "strong",
};

/** The tier that a request needs, and why: by its difficulty, or by what `strong_share` has left. */
export interface Requirement {
  readonly quality: Quality;
  /** A sentence. */
  readonly reason: string;
  /** Whether strong tiers may take it, for the budget's sake. */
  readonly isStrongAllowed: boolean;
}

/**
 * Finds the tier that a request needs. A client's own word for its difficulty stands; a budget gives
 * the strong tiers to the hardest requests, though never to easy ones.
 */
export function requireQuality(
  { difficulty }: Features,
  budget: StrongBudget | null = null,
): Requirement {
  const { tier, score, isHinted } = difficulty;
  const quality = REQUIRED_QUALITY[tier];
  const plain = `difficulty ${tier} needs tier ${quality}`;
  if (budget === null || isHinted) return { quality, reason: plain, isStrongAllowed: true };
  const share = `strong_share = ${budget.share}`;
  const isHardest = tier !== "easy" && score >= budget.threshold;
  if (isHardest && !budget.isSpent) {
    const reason = `difficulty ${score.toFixed(2)} is among the hardest requests of late, ` +
      `which ${share} gives to tier strong`;
    return { quality: "strong", reason, isStrongAllowed: true };
  }
  if (tier === "easy") return { quality, reason: plain, isStrongAllowed: false };
  const why = isHardest
    ? `${share} is used up by the newest requests`
    : `${share} is for harder requests` +
      (budget.threshold <= 1 ? ` (from ${budget.threshold.toFixed(2)})` : "");
  const reason = `difficulty ${tier} (${score.toFixed(2)}) gets tier standard: ${why}`;
  return { quality: "standard", reason, isStrongAllowed: false };
}

/** Filters and sorts every model for one request. */
export function rankModels(catalog: Catalog, options: RankOptions): Ranking {
  const profile = PROFILES[options.profile];
  const able: Model[] = [];
  const rejected: Rejection[] = [];
  for (const model of catalog.values()) {
    const obstacle = findObstacle(model, options.features) ?? refuseByProfile(model, profile);
    if (obstacle === null) able.push(model);
    else rejected.push({ alias: model.alias, ...obstacle });
  }
  const { features, circumstances = {} } = options;
  const requirement = requireQuality(features, circumstances.budget);
  const appraisal = new Appraisal(able, { features, profile, circumstances, requirement });
  const kept = able.map((model) => appraisal.rank(model));
  kept.sort((a, b) => compareKeys(profile.keys(a), profile.keys(b)));
  return { kept, rejected };
}

interface AppraisalOptions {
  readonly features: Features;
  readonly profile: Profile;
  readonly circumstances: Circumstances;
  readonly requirement: Requirement;
}

/** What the models that can take one request are worth for it. */
class Appraisal {
  readonly #options: AppraisalOptions;
  /** By tier, what an escalation from it is expected to cost. */
  readonly #escalationUsd: ReadonlyMap<Quality, number>;

  constructor(able: readonly Model[], options: AppraisalOptions) {
    this.#options = options;
    this.#escalationUsd = options.circumstances.hasChecks === true
      ? escalationCosts(able, options)
      : new Map();
  }

  rank(model: Model): RankedModel {
    const { features, profile, circumstances, requirement } = this.#options;
    const { bound } = circumstances;
    const cachedTokens = cachedTokensAt(bound, model.alias);
    const isWritten = bound !== undefined && bound !== null;
    const expectedCostUsd = expectedCostOf(model, features, { cachedTokens, isWritten });
    const adequacy = adequacyIn(circumstances, { model, score: features.difficulty.score });
    const { inputTokens } = features;
    const wait = waitFor(model, { circumstances, inputTokens, cachedTokens });
    const waitUsd = (wait?.waitMs ?? 0) / 1_000 * profile.waitUsdPerSecond;
    const escalationUsd = (1 - adequacy) * (this.#escalationUsd.get(model.quality) ?? 0);
    return {
      model,
      expectedCostUsd,
      expectedTotalUsd: expectedCostUsd === null ? null : expectedCostUsd + waitUsd + escalationUsd,
      adequacy,
      isAdequate: this.#isAdequate(model, adequacy),
      wait,
      isBusy: (wait?.certainMs ?? 0) > profile.patienceMs,
      isOverBudget: !requirement.isStrongAllowed && isBudgeted(model),
    };
  }

  /** By its tier; a model whose answers have been no better than those of a lower tier is of that one. */
  #isAdequate(model: Model, adequacy: number): boolean {
    const { profile, circumstances, requirement } = this.#options;
    const required = rankOfQuality(requirement.quality) - profile.allowance(model);
    const offset = circumstances.calibrationOf?.(model)?.offset ?? 0;
    let rank = rankOfQuality(model.quality);
    while (offset < 0 && rank > 0 && adequacy <= this.#priorOf(QUALITIES[rank - 1])) rank--;
    return rank >= required;
  }

  /** What is expected of any model of this tier. */
  #priorOf(quality: Quality = "basic"): number {
    return adequacyOf({ quality }, this.#options.features.difficulty.score);
  }
}

/**
 * By tier, what an escalation from it is expected to cost: the answer of the model above it with which
 * that and further escalations cost least. E(model) = cost + (1 − adequacy) × E(tier); a tier with
 * nothing above it, or no known price there, escalates for nothing.
 */
function escalationCosts(
  able: readonly Model[],
  { features, circumstances }: Pick<AppraisalOptions, "features" | "circumstances">,
): ReadonlyMap<Quality, number> {
  const { score } = features.difficulty;
  const costs = new Map<Quality, number>();
  let cheapest = Infinity;
  for (const quality of QUALITIES.toReversed()) {
    const further = Number.isFinite(cheapest) ? cheapest : 0;
    costs.set(quality, further);
    for (const model of able) {
      const costUsd = model.quality === quality ? expectedCostOf(model, features) : null;
      if (costUsd === null) continue;
      const adequacy = adequacyIn(circumstances, { model, score });
      cheapest = Math.min(cheapest, costUsd + (1 - adequacy) * further);
    }
  }
  return costs;
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (const [index, key] of a.entries()) {
    const other = b[index] ?? 0;
    if (key !== other) return key - other;
  }
  return 0;
}

/** The candidates after the first, and why other models that could take the request are none. */
export interface Fallbacks {
  readonly picked: readonly RankedModel[];
  readonly left: readonly Rejection[];
}

/**
 * The candidates after the first: stronger or equal, in the ranking's order, at most `limit`. Where
 * these would all be of the primary's provider, the last place goes to the next model of another one:
 * what is wrong with a provider is wrong with all its models.
 * `kept` must be the ranking that `primary` was taken from.
 */
export function pickFallbacks(
  kept: readonly RankedModel[],
  options: {
    readonly primary: RankedModel;
    readonly limit: number;
    /** Whether it can be asked now; absent: all can. */
    readonly isReady?: (ranked: RankedModel) => boolean;
  },
): Fallbacks {
  const { primary, limit, isReady = () => true } = options;
  const tierOf = ({ model }: RankedModel) => rankOfQuality(model.quality);
  const able = kept.filter((ranked) => ranked !== primary && tierOf(ranked) >= tierOf(primary));
  const first = able.slice(0, limit);
  const isElsewhere = ({ model }: RankedModel) => model.provider !== primary.model.provider;
  const other = first.some(isElsewhere)
    ? undefined
    : able.slice(limit).find((ranked) => isElsewhere(ranked) && isReady(ranked));
  const picked = other === undefined || limit === 0 ? first : [...first.slice(0, -1), other];
  const left = kept.filter((ranked) => ranked !== primary && !picked.includes(ranked));
  return {
    picked,
    left: left.map((ranked): Rejection => ({
      alias: ranked.model.alias,
      cause: "order",
      reason: able.includes(ranked)
        ? "would be one candidate too many"
        : `is weaker than ${primary.model.alias}`,
    })),
  };
}

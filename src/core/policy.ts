/** The policy: which models can take a request, and in what order they should. */

import { type Catalog, costOf, type Model, type Quality, rankOfQuality } from "./catalog.ts";
import type { DifficultyTier } from "./difficulty.ts";
import type { Features } from "./features.ts";

/** The names of the profiles; `PROFILES` says what each does. */
export const PROFILE_NAMES = ["local-first", "balanced", "best-quality", "cloud-only"] as const;

/** A way to choose among models. */
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** `[routing]`. */
export interface RoutingSettings {
  readonly profile: ProfileName;
  /** Whether requests that the policy routes have candidates after the first. */
  readonly autoCascade: boolean;
  /** The most candidates after the first. */
  readonly maxPolicyFallbacks: number;
  /** What happens to a `model` that is no alias: routed as `auto`, or refused with 404. */
  readonly unknownModel: "auto" | "reject";
}

/** A model that can take the request. */
export interface RankedModel {
  readonly model: Model;
  /** US dollars that this request is expected to cost there; null when the price is unknown. */
  readonly expectedCostUsd: number | null;
  /** Whether its tier is enough for the request's difficulty. */
  readonly isAdequate: boolean;
}

/** What rules a model out. */
export type RejectionCause =
  | "type"
  | "unavailable"
  | "profile"
  | "tools"
  | "images"
  | "context"
  | "order"
  | "cooldown";

/** Why a model can't take a request. */
export interface Obstacle {
  readonly cause: RejectionCause;
  /** A predicate of the model: `does not support tools`. */
  readonly reason: string;
}

/** A model that can't take the request, and why. */
export interface Rejection extends Obstacle {
  readonly alias: string;
}

/** Every model: those that can take the request, best first, and those that can't. */
export interface Ranking {
  readonly kept: readonly RankedModel[];
  readonly rejected: readonly Rejection[];
}

/** What a profile changes. */
export interface Profile {
  /** One sentence for the docs. */
  readonly summary: string;
  /** Why the profile refuses a model, or null. */
  refuse(model: Model): string | null;
  /** How many tiers below the required one a model may be and still be adequate. */
  allowance(model: Model): number;
  /** Sort keys, compared in order, smaller first. */
  keys(ranked: RankedModel): readonly number[];
}

const COST_LAST = Number.MAX_VALUE;

function costKey(ranked: RankedModel): number {
  return ranked.expectedCostUsd ?? COST_LAST;
}

function tierKey(ranked: RankedModel): number {
  return rankOfQuality(ranked.model.quality);
}

/** Adequate models first, weakest tier first; among inadequate ones the strongest first. */
function lowestAdequateTier(ranked: RankedModel): readonly number[] {
  return ranked.isAdequate ? [0, tierKey(ranked)] : [1, -tierKey(ranked)];
}

/** THE TABLE of profiles. */
const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  "local-first": {
    summary:
      "Local models first (one tier below the required one is enough for them), else as balanced.",
    refuse: () => null,
    allowance: (model) => model.local ? 1 : 0,
    keys: (ranked) => {
      const [adequacy = 0, tier = 0] = lowestAdequateTier(ranked);
      return [adequacy, ranked.model.local ? 0 : 1, tier, costKey(ranked)];
    },
  },
  "balanced": {
    summary: "The lowest tier that is adequate for the request, then the lowest expected cost.",
    refuse: () => null,
    allowance: () => 0,
    keys: (ranked) => [...lowestAdequateTier(ranked), costKey(ranked)],
  },
  "best-quality": {
    summary: "The highest tier, then the lowest expected cost.",
    refuse: () => null,
    allowance: () => 0,
    keys: (ranked) => [-tierKey(ranked), costKey(ranked)],
  },
  "cloud-only": {
    summary: "As balanced, without local models.",
    refuse: (model) => model.local ? "is local, and the profile is cloud-only" : null,
    allowance: () => 0,
    keys: (ranked) => [...lowestAdequateTier(ranked), costKey(ranked)],
  },
};

/** Whether the name is a profile's. */
export function isProfileName(name: string): name is ProfileName {
  return PROFILE_NAMES.some((profile) => profile === name);
}

/** The tier that each difficulty needs. */
export const REQUIRED_QUALITY: Readonly<Record<DifficultyTier, Quality>> = {
  easy: "basic",
  standard: "standard",
  hard: "strong",
};

/** Output tokens that an answer of each difficulty is expected to have; judgement, not measured. */
const EXPECTED_OUTPUT_TOKENS: Readonly<Record<DifficultyTier, number>> = {
  easy: 200,
  standard: 600,
  hard: 1_500,
};

/** Output tokens that must fit beside the input where the client sets no limit. */
export const DEFAULT_OUTPUT_RESERVE: number = 1_024;

interface Filter {
  readonly cause: RejectionCause;
  /** Why the model can't take the request, or null. */
  reject(model: Model, features: Features): string | null;
}

/** THE TABLE of filters: the first that rejects gives the reason. */
const FILTERS: readonly Filter[] = [
  { cause: "type", reject: (model) => model.type === "chat" ? null : "is an embeddings model" },
  { cause: "unavailable", reject: (model) => model.enabled ? null : "is disabled in the config" },
  { cause: "unavailable", reject: (model) => model.unusable },
  {
    cause: "tools",
    reject: (model, features) =>
      features.hasTools && !model.supportsTools ? "does not support tools" : null,
  },
  {
    cause: "images",
    reject: (model, features) =>
      features.hasImages && !model.supportsVision ? "does not support images" : null,
  },
  { cause: "context", reject: rejectContext },
];

function rejectContext(model: Model, features: Features): string | null {
  if (model.contextWindow === null) return null;
  const limit = model.maxOutputTokens ?? Infinity;
  const output = Math.min(features.requestedOutputTokens ?? DEFAULT_OUTPUT_RESERVE, limit);
  const needed = features.inputTokens + output;
  if (needed <= model.contextWindow) return null;
  return `has a window of ${model.contextWindow} tokens; about ${needed} are needed`;
}

/** What keeps the model from this request, or null: type, availability, tools, images, context. */
export function findObstacle(model: Model, features: Features): Obstacle | null {
  for (const { cause, reject } of FILTERS) {
    const reason = reject(model, features);
    if (reason !== null) return { cause, reason };
  }
  return null;
}

/** Filters and sorts every model for one request. */
export function rankModels(
  catalog: Catalog,
  options: { readonly features: Features; readonly profile: ProfileName },
): Ranking {
  const profile = PROFILES[options.profile];
  const kept: RankedModel[] = [];
  const rejected: Rejection[] = [];
  for (const model of catalog.values()) {
    const obstacle = findObstacle(model, options.features) ?? refuseByProfile(model, profile);
    if (obstacle === null) kept.push(rankModel(model, options.features, profile));
    else rejected.push({ alias: model.alias, ...obstacle });
  }
  kept.sort((a, b) => compareKeys(profile.keys(a), profile.keys(b)));
  return { kept, rejected };
}

/** Whether the policy may choose the model for some request: it is for chat, usable, and of the profile. */
export function isEligible(model: Model, profile: ProfileName): boolean {
  return model.type === "chat" && isUsable(model) && PROFILES[profile].refuse(model) === null;
}

/** Whether the model can be asked at all now. */
export function isUsable(model: Model): boolean {
  return model.enabled && model.unusable === null;
}

function refuseByProfile(model: Model, profile: Profile): Obstacle | null {
  const reason = profile.refuse(model);
  return reason === null ? null : { cause: "profile", reason };
}

function rankModel(model: Model, features: Features, profile: Profile): RankedModel {
  const required = rankOfQuality(REQUIRED_QUALITY[features.difficulty.tier]);
  return {
    model,
    expectedCostUsd: expectedCostOf(model, features),
    isAdequate: rankOfQuality(model.quality) >= required - profile.allowance(model),
  };
}

/** US dollars that the request is expected to cost with this model; null when its price is unknown. */
export function expectedCostOf(model: Model, features: Features): number | null {
  const expected = EXPECTED_OUTPUT_TOKENS[features.difficulty.tier];
  return costOf({
    inputTokens: features.inputTokens,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: Math.min(expected, features.requestedOutputTokens ?? expected),
    reasoningTokens: 0,
    source: "estimated",
  }, model.price);
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
  const able = kept.filter((ranked) => ranked !== primary && tierKey(ranked) >= tierKey(primary));
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

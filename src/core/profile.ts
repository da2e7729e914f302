/** The profiles: what users may prefer when the policy chooses among models. */

import { type Model, rankOfQuality } from "./catalog.ts";

/** The names of the profiles; `PROFILES` says what each does. */
export const PROFILE_NAMES = ["local-first", "balanced", "best-quality", "cloud-only"] as const;

/** A way to choose among models. */
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** What a profile orders a model by. */
export interface Sortable {
  readonly model: Model;
  /** Whether it is good enough for the request. */
  readonly isAdequate: boolean;
  /** Whether it makes the request wait longer than the profile's patience. */
  readonly isBusy: boolean;
  /** Whether `strong_share` has nothing left for it. */
  readonly isOverBudget: boolean;
  /** US dollars for the answer, its waiting and its expected escalation; null: a price is unknown. */
  readonly expectedTotalUsd: number | null;
}

/** What a profile changes. */
export interface Profile {
  /** One sentence for the docs. */
  readonly summary: string;
  /** Why the profile refuses a model, or null. */
  refuse(model: Model): string | null;
  /** How many tiers below the required one a model may be and still be adequate. */
  allowance(model: Model): number;
  /** The most milliseconds that a local model may make a request wait before others go first. */
  readonly patienceMs: number;
  /** What a second of waiting for a local model is worth, in US dollars. */
  readonly waitUsdPerSecond: number;
  /** Sort keys, compared in order, smaller first. */
  keys(ranked: Sortable): readonly number[];
}

const COST_LAST = Number.MAX_VALUE;

/**
 * What a second of waiting is worth where the profile trades it for money: 36 cents an hour, so that
 * ten seconds weigh as much as a short answer of a small hosted model. Judgement.
 */
const WAIT_USD_PER_SECOND = 0.0001;

/** Who prefers local models waits for one that is busy or must load, but not for ever. */
const LONG_PATIENCE_MS = 120_000;
const PATIENCE_MS = 30_000;

function costKey(ranked: Sortable): number {
  return ranked.expectedTotalUsd ?? COST_LAST;
}

function tierKey(ranked: Sortable): number {
  return rankOfQuality(ranked.model.quality);
}

/** Adequate models that are in the budget and free first; among inadequate ones the strongest first. */
function fitness(ranked: Sortable): readonly number[] {
  const { isAdequate, isBusy, isOverBudget } = ranked;
  const strength = isAdequate ? 0 : -tierKey(ranked);
  return [isOverBudget ? 1 : 0, isAdequate ? 0 : 1, strength, isBusy ? 1 : 0];
}

function cheapest(ranked: Sortable): readonly number[] {
  return [...fitness(ranked), costKey(ranked), tierKey(ranked)];
}

/** THE TABLE of profiles. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  "local-first": {
    summary:
      "Local models first (one tier below the required one is enough for them), else as balanced.",
    refuse: () => null,
    allowance: (model) => model.local ? 1 : 0,
    patienceMs: LONG_PATIENCE_MS,
    waitUsdPerSecond: 0,
    keys: (ranked) => [
      ...fitness(ranked),
      ranked.model.local ? 0 : 1,
      ...(ranked.model.local ? [tierKey(ranked), costKey(ranked)] : [costKey(ranked)]),
      tierKey(ranked),
    ],
  },
  "balanced": {
    summary:
      "The lowest expected cost among the models that are adequate, expected escalations included.",
    refuse: () => null,
    allowance: () => 0,
    patienceMs: PATIENCE_MS,
    waitUsdPerSecond: WAIT_USD_PER_SECOND,
    keys: cheapest,
  },
  "best-quality": {
    summary: "The highest tier, then the lowest expected cost.",
    refuse: () => null,
    allowance: () => 0,
    patienceMs: LONG_PATIENCE_MS,
    waitUsdPerSecond: WAIT_USD_PER_SECOND,
    keys: (ranked) => [ranked.isOverBudget ? 1 : 0, -tierKey(ranked), costKey(ranked)],
  },
  "cloud-only": {
    summary: "As balanced, without local models.",
    refuse: (model) => model.local ? "is local, and the profile is cloud-only" : null,
    allowance: () => 0,
    patienceMs: PATIENCE_MS,
    waitUsdPerSecond: WAIT_USD_PER_SECOND,
    keys: cheapest,
  },
};

/** Whether the name is a profile's. */
export function isProfileName(name: string): name is ProfileName {
  return PROFILE_NAMES.some((profile) => profile === name);
}

/** What routing knows besides the request and the configuration: the moment, as plain data. */

import { adequacyOf, type Calibration } from "./adequacy.ts";
import type { Model } from "./catalog.ts";
import type { Cooldown } from "./health.ts";
import { type ReadinessFacts, type Wait, waitOf } from "./readiness.ts";
import type { BoundModel } from "./bound_model.ts";
import type { StrongBudget } from "./strong_budget.ts";

/** The moment of a decision. What is absent is unknown, and changes nothing. */
export interface Circumstances {
  /** Who has failed a moment ago. */
  readonly cooldownOf?: (model: Model) => Cooldown | null;
  /** How ready a local model is; null: unknown, or not slower than any other. */
  readonly readinessOf?: (model: Model) => ReadinessFacts | null;
  /** What a model's own answers have taught about it. */
  readonly calibrationOf?: (model: Model) => Calibration | null;
  /** What `strong_share` has left. */
  readonly budget?: StrongBudget | null;
  /** Who has answered this conversation so far. */
  readonly bound?: BoundModel | null;
  /** Whether weak answers are noticed, so that they lead to another model. */
  readonly hasChecks?: boolean;
}

/** How long the model makes the request wait when so many of its tokens are in its cache; null: unknown. */
export function waitFor(
  model: Model,
  { circumstances, inputTokens, cachedTokens }: {
    readonly circumstances: Circumstances;
    readonly inputTokens: number;
    readonly cachedTokens: number;
  },
): Wait | null {
  const facts = circumstances.readinessOf?.(model) ?? null;
  return facts === null ? null : waitOf(facts, { inputTokens, cachedTokens });
}

/** How likely the model's answer to a request of this difficulty is good enough. */
export function adequacyIn(
  { calibrationOf }: Circumstances,
  { model, score }: { readonly model: Model; readonly score: number },
): number {
  const { quality } = model;
  const calibration = calibrationOf?.(model) ?? null;
  return adequacyOf(calibration === null ? { quality } : { quality, calibration }, score);
}

/** The wait in words, as a predicate of the model. */
export function describeWait(wait: Wait | null): string {
  return wait === null || wait.reasons.length === 0 ? "makes it wait" : wait.reasons.join("; ");
}

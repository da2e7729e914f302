/** What keeps a model from a request, whatever it costs and however good it is. */

import type { Model } from "./catalog.ts";
import type { Features } from "./features.ts";
import { type Profile, type ProfileName, PROFILES } from "./profile.ts";

/** What rules a model out. */
export type RejectionCause =
  | "type"
  | "unavailable"
  | "profile"
  | "tools"
  | "images"
  | "context"
  | "order"
  | "cooldown"
  | "wait";

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

/** That the profile refuses the model, or null. */
export function refuseByProfile(model: Model, profile: Profile): Obstacle | null {
  const reason = profile.refuse(model);
  return reason === null ? null : { cause: "profile", reason };
}

/** Whether the policy may choose the model for some request: it is for chat, usable, and of the profile. */
export function isEligible(model: Model, profile: ProfileName): boolean {
  return model.type === "chat" && isUsable(model) && PROFILES[profile].refuse(model) === null;
}

/** Whether the model can be asked at all now. */
export function isUsable(model: Model): boolean {
  return model.enabled && model.unusable === null;
}

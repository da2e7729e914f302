/** Fits a request to a model's limits, and says what that changed. */

import type { Model } from "../core/catalog.ts";
import { type ChatRequest, requestedOutputTokens } from "../core/chat.ts";

/** A request that fits, and the names of what was lowered. */
export interface FittedRequest {
  readonly request: ChatRequest;
  readonly dropped: readonly string[];
}

/**
 * Lowers the output limit to the model's: clients send one limit for every model that may answer,
 * and vendors refuse one that is above their own.
 */
export function fitRequest(request: ChatRequest, model: Model): FittedRequest {
  const requested = requestedOutputTokens(request);
  const limit = model.maxOutputTokens;
  if (requested === null || limit === null || requested <= limit) return { request, dropped: [] };
  const field = typeof request["max_completion_tokens"] === "number"
    ? "max_completion_tokens"
    : "max_tokens";
  return { request: { ...request, [field]: limit }, dropped: [`${field}>${limit}`] };
}

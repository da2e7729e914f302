/** Fits a request to a model, and says what that changed. */

import type { Model } from "../core/catalog.ts";
import { type ChatRequest, requestedOutputTokens } from "../core/chat.ts";

/** A request that fits, and the names of what was lowered or left out. */
export interface FittedRequest {
  readonly request: ChatRequest;
  readonly dropped: readonly string[];
}

/** Lowers the output limit to the model's, and leaves out the optional fields that it refuses. */
export function fitRequest(
  request: ChatRequest,
  options: { readonly model: Model; readonly refusedFields: ReadonlySet<string> },
): FittedRequest {
  const lowered = lowerOutputLimit(request, options.model);
  const omitted = [...options.refusedFields].filter((field) =>
    Object.hasOwn(request, field) && request[field] !== undefined
  );
  if (omitted.length === 0) return lowered;
  const without = Object.fromEntries(omitted.map((field) => [field, undefined]));
  return {
    request: { ...lowered.request, ...without },
    dropped: [...lowered.dropped, ...omitted],
  };
}

/**
 * Lowers the output limit to the model's: clients send one limit for every model that may answer,
 * and vendors refuse one that is above their own.
 */
function lowerOutputLimit(request: ChatRequest, model: Model): FittedRequest {
  const requested = requestedOutputTokens(request);
  const limit = model.maxOutputTokens;
  if (requested === null || limit === null || requested <= limit) return { request, dropped: [] };
  const field = typeof request["max_completion_tokens"] === "number"
    ? "max_completion_tokens"
    : "max_tokens";
  return { request: { ...request, [field]: limit }, dropped: [`${field}>${limit}`] };
}

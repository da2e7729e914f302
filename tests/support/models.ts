/** Models, features and plans for tests, with only what a test is about spelled out. */

import type { CascadeSettings } from "../../src/core/cascade.ts";
import type { Catalog, Model } from "../../src/core/catalog.ts";
import type { ChatRequest } from "../../src/core/chat.ts";
import { extractFeatures, type Features } from "../../src/core/features.ts";

/** A cascade with both checks on. */
export const CASCADE_SETTINGS: CascadeSettings = {
  onHttpError: true,
  onShortResponse: true,
  minOutputTokens: 8,
  onMarker: "<escalate/>",
  streamHold: "auto",
  reasoning: "live",
  maxWaitMs: 10_000,
};

/** A usable cloud model with a price and a window. */
export function buildModel(overrides: Partial<Model> & { readonly alias: string }): Model {
  return {
    provider: "cloud",
    modelId: `${overrides.alias}-id`,
    type: "chat",
    quality: "standard",
    price: { inputUsdPerMTok: 1, outputUsdPerMTok: 2, source: "config" },
    contextWindow: 100_000,
    maxOutputTokens: null,
    supportsTools: true,
    supportsVision: true,
    local: false,
    enabled: true,
    unusable: null,
    ...overrides,
  };
}

/** A catalog of these models. */
export function buildCatalog(...models: readonly Model[]): Catalog {
  return new Map(models.map((model) => [model.alias, model]));
}

/** A request with one user message. */
export function buildRequest(
  prompt: string,
  fields: Readonly<Record<string, unknown>> = {},
): ChatRequest {
  return {
    "model": "auto",
    "messages": [{ "role": "user", "content": prompt }],
    ...fields,
  } as ChatRequest;
}

/** The features of a request with these headers. */
export function buildFeatures(
  request: ChatRequest,
  headers: Readonly<Record<string, string>> = {},
): Features {
  return extractFeatures(request, new Map(Object.entries(headers)));
}

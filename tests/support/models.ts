/** Models, providers, features and plans for tests, with only what a test is about spelled out. */

import type { CascadeSettings } from "../../src/core/cascade.ts";
import type { Catalog, Model } from "../../src/core/catalog.ts";
import type { ChatRequest } from "../../src/core/chat.ts";
import { extractFeatures, type Features } from "../../src/core/features.ts";
import type { Provider } from "../../src/core/provider.ts";
import { Secret } from "../../src/redact.ts";

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

/** A provider with a key, whose limits no test comes near. */
export function buildProvider(overrides: Partial<Provider> & { readonly id: string }): Provider {
  return {
    kind: "openai",
    baseUrl: `https://${overrides.id}.example`,
    apiKey: new Secret("sk-1234"),
    connectTimeoutMs: 60_000,
    requestTimeoutMs: 600_000,
    firstTokenTimeoutMs: 600_000,
    isFirstTokenFixed: false,
    idleTimeoutMs: 60_000,
    maxConcurrency: null,
    promptCache: false,
    keepAlive: null,
    discover: false,
    compat: {},
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

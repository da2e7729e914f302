/** What the tests of the OpenAI dialect start from. */

import type { Model } from "../../src/core/catalog.ts";
import type { ChatRequest } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Provider } from "../../src/core/provider.ts";
import { parseChatRequest } from "../../src/core/request.ts";
import type { AnswerContext, UpstreamCall } from "../../src/providers/adapter.ts";
import { Secret } from "../../src/redact.ts";

/** A model with this id. */
export function modelOf(modelId: string): Model {
  return {
    alias: "fast",
    provider: "p",
    modelId,
    type: "chat",
    quality: "standard",
    price: null,
    contextWindow: null,
    maxOutputTokens: null,
    supportsTools: true,
    supportsVision: true,
    local: false,
    enabled: true,
    unusable: null,
  };
}

/** A provider of the dialect at this address. */
export function providerOf(baseUrl: string, fields: Partial<Provider> = {}): Provider {
  return {
    id: "p",
    kind: "openai",
    baseUrl,
    apiKey: new Secret("sk-test-key"),
    connectTimeoutMs: 1,
    requestTimeoutMs: 1,
    firstTokenTimeoutMs: 1,
    isFirstTokenFixed: false,
    idleTimeoutMs: 1,
    maxConcurrency: null,
    promptCache: false,
    keepAlive: null,
    discover: false,
    compat: {},
    ...fields,
  };
}

/** A checked request; throws when it is wrong, which is a mistake in the test. */
export function requestOf(fields: JsonObject = {}): ChatRequest {
  const result = parseChatRequest({ messages: [{ role: "user", content: "Hi" }], ...fields });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

/** A call of gpt-4.1 at OpenAI unless the fields say otherwise. */
export function callOf(fields: JsonObject, options: Partial<UpstreamCall> = {}): UpstreamCall {
  return {
    request: requestOf(fields),
    model: modelOf("gpt-4.1"),
    provider: providerOf("https://api.openai.com"),
    stream: false,
    inputTokens: 1,
    refusedFields: new Set(),
    recall: () => null,
    loadedWindow: null,
    ...options,
  };
}

/** What an answer is read with. */
export function contextOf(fields: JsonObject = {}): AnswerContext {
  return {
    requestId: "r1",
    created: 1_700_000_000,
    request: requestOf(fields),
    model: modelOf("gpt-4.1"),
  };
}

/** Calls, contexts and frames for tests of the Anthropic dialect. */

import assert from "node:assert/strict";
import type { Model } from "../../src/core/catalog.ts";
import type { ChatChunk, ChatMessage, ChatRequest } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { CompatFlags } from "../../src/core/provider.ts";
import type {
  AnswerContext,
  Frame,
  StreamEvent,
  UpstreamCall,
} from "../../src/providers/adapter.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import { Secret } from "../../src/redact.ts";
import { findAnthropicFaults } from "./anthropic_validator.ts";

/** What a case changes. */
export interface CaseOptions {
  readonly modelId?: string;
  readonly model?: Partial<Model>;
  readonly baseUrl?: string;
  readonly stream?: boolean;
  readonly inputTokens?: number;
  readonly apiKey?: Secret | null;
  readonly promptCache?: boolean;
  readonly compat?: CompatFlags;
  /** What the model gave with each assistant message, by the message's index. */
  readonly keepsakes?: Readonly<Record<number, JsonObject>>;
  readonly refusedFields?: readonly string[];
}

/** An older model: sampling parameters, prefill and thinking budgets, but no structured output. */
export const CLASSIC = "claude-sonnet-4-20250514";
/** A model with structured output and one sampling parameter. */
export const STRUCTURED = "claude-sonnet-4-5";
/** A model without sampling parameters and prefill. */
export const NEWEST = "claude-opus-4-8";

/** A model with nothing known beyond its id. */
export function modelOf(options: CaseOptions = {}): Model {
  return {
    alias: "claude",
    provider: "anthropic",
    modelId: options.modelId ?? CLASSIC,
    type: "chat",
    quality: "strong",
    price: null,
    contextWindow: null,
    maxOutputTokens: null,
    supportsTools: true,
    supportsVision: true,
    local: false,
    enabled: true,
    unusable: null,
    ...options.model,
  };
}

/** A call of the request. */
export function callOf(request: Partial<ChatRequest>, options: CaseOptions = {}): UpstreamCall {
  return {
    request: { "model": "auto", "messages": [userSays("Hi")], ...request },
    model: modelOf(options),
    provider: {
      id: "anthropic",
      kind: "anthropic",
      baseUrl: options.baseUrl ?? "https://api.anthropic.com",
      apiKey: options.apiKey === undefined ? new Secret("sk-test") : options.apiKey,
      connectTimeoutMs: 1,
      requestTimeoutMs: 1,
      firstTokenTimeoutMs: 1,
      isFirstTokenFixed: false,
      idleTimeoutMs: 1,
      maxConcurrency: null,
      promptCache: options.promptCache ?? false,
      keepAlive: null,
      discover: false,
      compat: options.compat ?? {},
    },
    stream: options.stream ?? false,
    inputTokens: options.inputTokens ?? 10,
    refusedFields: new Set(options.refusedFields),
    recall: (index) => options.keepsakes?.[index] ?? null,
    loadedWindow: null,
  };
}

/** A message of the user's. */
export function userSays(content: string): ChatMessage {
  return { "role": "user", "content": content };
}

/** Encodes the request; it must be sendable and what the vendor accepts. */
export function encode(
  request: Partial<ChatRequest>,
  options: CaseOptions = {},
): { readonly body: JsonObject; readonly dropped: readonly string[] } {
  const encoded = anthropic.encodeRequest(callOf(request, options));
  assert.equal(encoded.type, "request");
  if (encoded.type !== "request") throw new Error("refused");
  assert.deepEqual(findAnthropicFaults(encoded.body), []);
  // What is sent: without the keys whose value is undefined.
  return {
    body: structuredClone(JSON.parse(JSON.stringify(encoded.body))),
    dropped: encoded.dropped,
  };
}

/** The context of an answer. */
export function contextOf(
  request: Partial<ChatRequest> = {},
  options: CaseOptions = {},
): AnswerContext {
  return {
    requestId: "req-1",
    created: 1_700_000_000,
    request: { "model": "auto", "messages": [userSays("Hi")], ...request },
    model: modelOf(options),
    ...(options.compat === undefined ? {} : { compat: options.compat }),
  };
}

/** An SSE frame of the event. */
export function frameOf(event: JsonObject): Frame {
  return { event: String(event["type"]), data: JSON.stringify(event) };
}

/** Everything that a decoder says to the events, and to the end of the stream. */
export function decodeAll(
  events: readonly JsonObject[],
  context: AnswerContext = contextOf(),
): readonly StreamEvent[] {
  const decoder = anthropic.createDecoder(context);
  return [...events.flatMap((event) => decoder.decode(frameOf(event))), ...decoder.end()];
}

/** The chunks among the events. */
export function chunksOf(events: readonly StreamEvent[]): readonly ChatChunk[] {
  return events.flatMap((event) => event.type === "chunk" ? [event.chunk] : []);
}

/** The deltas of the chunks, in order. */
export function deltasOf(events: readonly StreamEvent[]): readonly JsonObject[] {
  return chunksOf(events).flatMap((chunk) => chunk.choices.map((choice) => choice.delta));
}

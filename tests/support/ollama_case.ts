/** Builders for the tests of the Ollama dialect. */

import type { Model } from "../../src/core/catalog.ts";
import type { ChatRequest } from "../../src/core/chat.ts";
import type { Provider } from "../../src/core/provider.ts";
import type {
  AnswerContext,
  Frame,
  StreamEvent,
  UpstreamCall,
} from "../../src/providers/adapter.ts";
import { ollama } from "../../src/providers/ollama.ts";

/** A small local model. */
export const MODEL: Model = {
  alias: "local",
  provider: "ollama",
  modelId: "qwen3:8b",
  type: "chat",
  quality: "basic",
  price: null,
  contextWindow: 40_960,
  maxOutputTokens: null,
  supportsTools: true,
  supportsVision: true,
  local: true,
  enabled: true,
  unusable: null,
};

/** A server on this machine, without a key. */
export const PROVIDER: Provider = {
  id: "ollama",
  kind: "ollama",
  baseUrl: "http://127.0.0.1:11434",
  apiKey: null,
  connectTimeoutMs: 1000,
  requestTimeoutMs: 1000,
  firstTokenTimeoutMs: 1000,
  isFirstTokenFixed: false,
  idleTimeoutMs: 1000,
  maxConcurrency: null,
  promptCache: false,
  keepAlive: null,
  discover: false,
  compat: {},
};

/** A call with this request, or these fields over a request that says hello. */
export function callOf(
  fields: Partial<ChatRequest>,
  settings: Partial<UpstreamCall> = {},
): UpstreamCall {
  return {
    request: requestOf(fields),
    model: MODEL,
    provider: PROVIDER,
    stream: false,
    inputTokens: 10,
    refusedFields: new Set(),
    recall: () => null,
    loadedWindow: null,
    ...settings,
  };
}

/** A request that says hello, with these fields. */
export function requestOf(fields: Partial<ChatRequest>): ChatRequest {
  return { "model": "auto", "messages": [{ "role": "user", "content": "Hello" }], ...fields };
}

/** The request as it is sent; throws when it is refused. */
export function encode(
  fields: Partial<ChatRequest>,
  settings: Partial<UpstreamCall> = {},
): Extract<ReturnType<typeof ollama.encodeRequest>, { readonly type: "request" }> {
  const encoded = ollama.encodeRequest(callOf(fields, settings));
  if (encoded.type !== "request") throw new Error(`refused: ${encoded.fault.message}`);
  return encoded;
}

/** What answers are read with. */
export function contextOf(fields: Partial<ChatRequest> = {}): AnswerContext {
  return { requestId: "req-1", created: 1_700_000_000, request: requestOf(fields), model: MODEL };
}

/** The frame of one line. */
export function lineFrame(line: unknown): Frame {
  return { event: null, data: typeof line === "string" ? line : JSON.stringify(line) };
}

/** All events of a stream of these lines, its end included. */
export function decodeLines(lines: readonly unknown[]): readonly StreamEvent[] {
  const decoder = ollama.createDecoder(contextOf());
  return [...lines.flatMap((line) => decoder.decode(lineFrame(line))), ...decoder.end()];
}

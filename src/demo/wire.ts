/** What the three simulated wires have in common: a request read, a reply to write. */

import type { JsonObject } from "../core/json.ts";

/** A tool that the request offers. */
export interface OfferedTool {
  readonly name: string;
  /** The JSON schema of its arguments. */
  readonly schema: JsonObject;
}

/** A request, as far as a simulated model looks at it. */
export interface Ask {
  /** The newest user message. */
  readonly text: string;
  readonly tools: readonly OfferedTool[];
  /** The text of the tool result that the request ends with; null when it ends otherwise. */
  readonly toolResult: string | null;
  /** The JSON schema that the answer must follow; null when it is free text. */
  readonly schema: JsonObject | null;
  /** Characters of the whole conversation. */
  readonly promptLength: number;
  readonly turnCount: number;
  readonly isStreamed: boolean;
  /** Whether a stream ends with its usage, where a wire leaves that to the client. */
  readonly wantsUsage: boolean;
}

/** A call that a simulated model makes. */
export interface ReplyToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
}

/** What a simulated model answers. */
export interface Reply {
  readonly id: string;
  readonly modelId: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** The text in the pieces that it is streamed in. */
  readonly pieces: readonly string[];
  readonly toolCall: ReplyToolCall | null;
  /** Tokens of the prompt, the cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

/** Why a request is refused. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  /** OpenAI's `error.code`; the other wires have none. */
  readonly code: string;
}

/** A request read, or the reason why it is refused. */
export type CheckedAsk =
  | { readonly type: "ask"; readonly ask: Ask }
  | { readonly type: "refusal"; readonly refusal: Refusal };

/** A piece of a streamed body. */
export interface WireStep {
  readonly text: string;
  /** Whether a token has to be waited for first. */
  readonly isToken: boolean;
}

/** One wire, from the vendor's side. */
export interface Wire {
  readonly chatPath: string;
  readonly modelsPath: string;
  /** The content type of a stream. */
  readonly streamType: string;
  /** Checks a request as the vendor does. */
  checkRequest(headers: Headers, body: JsonObject): CheckedAsk;
  /** The body of a streamed answer. */
  streamReply(reply: Reply, ask: Ask): readonly WireStep[];
  /** A whole answer. */
  writeReply(reply: Reply): JsonObject;
  /** The body of an error. */
  writeRefusal(refusal: Refusal): JsonObject;
  /** The list of models. */
  writeModels(modelId: string): JsonObject;
}

/** A request that is refused. */
export function refuse(refusal: Refusal): CheckedAsk {
  return { type: "refusal", refusal };
}

/** A server-sent event with this JSON. */
export function sseStep(data: JsonObject | string, options: SseStepOptions = {}): WireStep {
  const { event, isToken = false } = options;
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return { text: `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`, isToken };
}

/** How an event is sent. */
export interface SseStepOptions {
  readonly event?: string;
  readonly isToken?: boolean;
}

/** Histories with tool calls, and the blocks that they become. */

import type { ChatMessage, ToolCall } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";

/** One call. */
export type CallSpec = readonly [id: string, name: string, text: string];

/** An assistant message that calls tools. */
export function assistantCalls(...specs: readonly CallSpec[]): ChatMessage {
  const calls = specs.map(([id, name, text]): ToolCall => ({
    "id": id,
    "type": "function",
    "function": { "name": name, "arguments": text },
  }));
  return { "role": "assistant", "content": null, "tool_calls": calls };
}

/** A tool message. */
export function result(id: string, content: ChatMessage["content"]): ChatMessage {
  return { "role": "tool", "tool_call_id": id, "content": content ?? null };
}

/** An assistant message. */
export function assistantSays(content: string): ChatMessage {
  return { "role": "assistant", "content": content };
}

/** A text block. */
export function text(value: string): JsonObject {
  return { "type": "text", "text": value };
}

/** A tool_use block. */
export function use(id: string, name: string, input: JsonObject): JsonObject {
  return { "type": "tool_use", "id": id, "name": name, "input": input };
}

/** A tool_result block. */
export function answered(id: string, content: string): JsonObject {
  return { "type": "tool_result", "tool_use_id": id, "content": content };
}

/** The tool_result block of a call without a result. */
export function unanswered(id: string): JsonObject {
  return {
    "type": "tool_result",
    "tool_use_id": id,
    "content": "No result was recorded for this tool call.",
    "is_error": true,
  };
}

/** A conversation and the turns that it becomes. */
export interface TurnCase {
  /** What the encoder does. */
  readonly name: string;
  readonly messages: readonly ChatMessage[];
  readonly modelId?: string;
  /** Role and blocks of each turn. */
  readonly turns: readonly (readonly ["user" | "assistant", ...(readonly JsonObject[])])[];
  readonly system?: readonly JsonObject[];
}

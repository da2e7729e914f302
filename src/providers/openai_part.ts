/** The pieces that whole and streamed answers share, repaired to what OpenAI's reference says. */

import type OpenAI from "openai";
import type { ChatRequest, FinishReason } from "../core/chat.ts";
import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  stringAt,
  valueAt,
} from "../core/json.ts";

type WireReason = OpenAI.Chat.Completions.ChatCompletionChunk.Choice["finish_reason"];

/** OpenAI's own. `function_call` is the older name of a call. */
const OPENAI_REASONS = {
  "stop": "stop",
  "length": "length",
  "tool_calls": "tool_calls",
  "function_call": "tool_calls",
  "content_filter": "content_filter",
} as const satisfies Record<NonNullable<WireReason>, FinishReason>;

/** What servers say, in lower case. */
const FINISH_REASONS: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ...Object.entries(OPENAI_REASONS),
  ["max_tokens", "length"],
  ["max_output_tokens", "length"],
  ["model_length", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["safety", "content_filter"],
  ["refusal", "content_filter"],
  ["recitation", "content_filter"],
  // Google's: https://ai.google.dev/api/generate-content#FinishReason
  ["blocklist", "content_filter"],
  ["prohibited_content", "content_filter"],
  ["spii", "content_filter"],
]);

/**
 * Maps a finish reason; anything unknown is a `stop`. Null as long as there is none. Calls make it
 * `tool_calls`, unless the answer was cut: their arguments are not whole then.
 */
export function readFinishReason(
  value: JsonValue | undefined,
  hasToolCalls: boolean,
): FinishReason | null {
  if (typeof value !== "string" || value === "" || value === "null") return null;
  const reason = FINISH_REASONS.get(value.toLowerCase()) ?? "stop";
  return hasToolCalls && reason === "stop" ? "tool_calls" : reason;
}

/** The arguments of a call as JSON text; some servers send the object itself, or nothing. */
export function readArguments(value: JsonValue | undefined): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

/** A message or delta whose text is a string and whose reasoning has the name that clients read. */
export function repairText(source: JsonObject): JsonObject {
  const withText = Array.isArray(source["content"]) ? joinParts(source) : source;
  const given = withText["reasoning_content"];
  if (typeof given === "string") return withText;
  const reasoning = stringAt(withText, "reasoning") ?? stringAt(withText, "reasoning_text");
  if (reasoning === undefined && given === undefined) return withText;
  return { ...withText, "reasoning_content": reasoning };
}

/** Content as parts: text, and thinking that is a list of text parts (https://docs.mistral.ai/capabilities/reasoning). */
function joinParts(source: JsonObject): JsonObject {
  const parts = arrayAt(source, "content");
  const content = parts.map((part) => stringAt(part, "text") ?? "").join("");
  const thinking = parts.flatMap((part) => arrayAt(part, "thinking"))
    .map((part) => stringAt(part, "text") ?? "").join("");
  return { ...source, content, ...(thinking === "" ? {} : { "reasoning_content": thinking }) };
}

/** Whether a call is of a tool that is no function: such calls stay as they are. */
export function isOtherCall(call: JsonObject): boolean {
  return valueAt(call, "function") === undefined && isJsonObject(valueAt(call, "custom"));
}

/** Whether the value is a string with something in it. */
export function isFilled(value: JsonValue | undefined): value is string {
  return typeof value === "string" && value !== "";
}

/** What is said of a call that says not which tool it calls. */
export const NAMELESS_CALL = "a tool call of the answer has no name";

/** The tool that a call without a name must mean: the only one, or the one that was asked for. */
export function soleToolName(request: ChatRequest): string | null {
  const forced = stringAt(valueAt(request["tool_choice"] ?? null, "function"), "name");
  if (forced !== undefined) return forced;
  const [only, ...others] = request.tools ?? [];
  return others.length === 0 ? only?.function?.name ?? null : null;
}

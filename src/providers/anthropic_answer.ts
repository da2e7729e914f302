/** Anthropic's whole answers as OpenAI's. */

import type { AnswerMessage, FinishReason, ToolCall } from "../core/chat.ts";
import {
  arrayAt,
  isJsonObject,
  type JsonValue,
  numberAt,
  objectAt,
  stringAt,
} from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import { type TokenUsage, writeUsage } from "../core/usage.ts";
import type { AnswerContext, UpstreamAnswer } from "./adapter.ts";
import { isBlank } from "./anthropic_block.ts";
import { decodeErrorBody } from "./anthropic_error.ts";
import { toolNamesOf } from "./anthropic_request.ts";
import { keepsakeOf } from "./anthropic_thinking.ts";
import type { ToolNames } from "./anthropic_tools.ts";

const WINDOW_FULL = "model_context_window_exceeded";

/** Why answers end: https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const FINISH_REASONS: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["pause_turn", "stop"],
  ["max_tokens", "length"],
  [WINDOW_FULL, "length"],
  ["tool_use", "tool_calls"],
  ["refusal", "content_filter"],
]);

/** What an answer came to, to say why it ended. */
export interface AnswerEnd {
  readonly stopReason: string | null;
  readonly hasText: boolean;
  /** Whether it calls tools of the client's. */
  readonly hasCalls: boolean;
  /** Why the vendor refused, where it says so. */
  readonly refusal: string | null;
}

/** The finish reason of an answer, or the fault that it hides: nothing said, or refused unsaid. */
export function finishAnswer(end: AnswerEnd): FinishReason | UpstreamFault {
  const mapped = FINISH_REASONS.get(end.stopReason ?? "") ?? "stop";
  if (end.stopReason === WINDOW_FULL && !end.hasText && !end.hasCalls) {
    return {
      kind: "context_overflow",
      status: null,
      message: "The messages leave no room for an answer in the model's context window.",
      code: "context_length_exceeded",
      param: "messages",
    };
  }
  if (mapped === "length") return mapped; // what was cut is not whole, a call neither
  if (end.hasCalls) return "tool_calls";
  if (end.hasText) return mapped === "tool_calls" ? "stop" : mapped;
  if (mapped === "content_filter") {
    return {
      kind: "content_filter",
      status: null,
      message: end.refusal ?? "The model refused to answer.",
      code: "content_filter",
    };
  }
  return { kind: "empty", status: null, message: "The model ended its turn without an answer." };
}

/** Reads the `usage` of a message; null when it has no counts. */
export function readAnthropicUsage(usage: JsonValue | undefined): TokenUsage | null {
  const input = numberAt(usage, "input_tokens");
  const output = numberAt(usage, "output_tokens");
  if (input === undefined && output === undefined) return null;
  const cached = numberAt(usage, "cache_read_input_tokens") ?? 0;
  const written = numberAt(usage, "cache_creation_input_tokens") ?? 0;
  const hour = numberAt(objectAt(usage, "cache_creation"), "ephemeral_1h_input_tokens") ?? 0;
  return {
    // Anthropic counts cached input beside the rest, OpenAI within it.
    inputTokens: (input ?? 0) + cached + written,
    cachedTokens: cached,
    cacheWriteTokens: written,
    ...(hour === 0 ? {} : { cacheWriteHourTokens: hour }),
    outputTokens: output ?? 0,
    reasoningTokens: numberAt(objectAt(usage, "output_tokens_details"), "thinking_tokens") ?? 0,
    source: "provider",
  };
}

/** The vendor's explanation of a refusal, from an object that carries `stop_details`. */
export function readRefusal(source: JsonValue): string | null {
  return stringAt(objectAt(source, "stop_details"), "explanation") ?? null;
}

/** Reads a whole answer; an error in a 200 is a fault. */
export function decodeAnthropicAnswer(body: JsonValue, context: AnswerContext): UpstreamAnswer {
  if (!isJsonObject(body)) return malformed("The upstream's answer is not a JSON object.");
  if (body["type"] === "error" || isJsonObject(body["error"])) {
    const defaults = {
      status: null,
      kind: "server_error",
      message: "The upstream answered with an error.",
    } as const;
    return { type: "fault", fault: decodeErrorBody(body, defaults) };
  }
  if (!Array.isArray(body["content"])) return malformed("The upstream's answer has no content.");
  if (arrayAt(body, "content").some(isNamelessUse)) return malformed(NAMELESS_USE);
  const names = toolNamesOf(context);
  const message = readMessage(body, names);
  const finish = finishAnswer({
    stopReason: stringAt(body, "stop_reason") ?? null,
    hasText: !isBlank(message.content ?? ""),
    hasCalls: message["tool_calls"] !== undefined,
    refusal: readRefusal(body),
  });
  const usage = readAnthropicUsage(body["usage"]);
  if (typeof finish !== "string") {
    const spent = usage === null ? {} : { usage: writeUsage(usage) };
    return { type: "fault", fault: finish, ...spent };
  }
  const keepsake = names.answerTool === null
    ? keepsakeOf(arrayAt(body, "content"), context.request)
    : undefined;
  return {
    type: "answer",
    answer: {
      "id": stringAt(body, "id") ?? context.requestId,
      "object": "chat.completion",
      "created": context.created,
      "model": stringAt(body, "model") ?? context.model.modelId,
      "choices": [{ "index": 0, "message": message, "finish_reason": finish }],
      ...(usage === null ? {} : { "usage": writeUsage(usage) }),
    },
    ...(keepsake === undefined ? {} : { keepsake }),
  };
}

/** What a call that names no tool is told as. */
export const NAMELESS_USE = "The upstream's answer calls a tool without naming it.";

/** Whether a block calls a tool without naming it. */
export function isNamelessUse(block: JsonValue | undefined): boolean {
  return stringAt(block, "type") === "tool_use" && (stringAt(block, "name") ?? "") === "";
}

function readMessage(body: JsonValue, names: ToolNames): AnswerMessage {
  const blocks = arrayAt(body, "content");
  const uses = blocks.filter((block) => stringAt(block, "type") === "tool_use");
  const answers = uses.filter((block) => stringAt(block, "name") === names.answerTool);
  const calls = uses.filter((block) => !answers.includes(block))
    .map((block, index) => readCall(block, { index, names }));
  const answer = answers[0];
  const text = answer === undefined
    ? joinTexts(blocks, "text")
    : JSON.stringify(objectAt(answer, "input") ?? {});
  const reasoning = joinTexts(blocks, "thinking");
  return {
    "role": "assistant",
    "content": text === "" && calls.length > 0 ? null : text,
    ...(reasoning === "" ? {} : { "reasoning_content": reasoning }),
    ...(calls.length === 0 ? {} : { "tool_calls": calls }),
  };
}

/** The texts of all blocks of a type, whose text is under the type's own name. */
function joinTexts(blocks: readonly JsonValue[], type: "text" | "thinking"): string {
  return blocks.filter((block) => stringAt(block, "type") === type)
    .map((block) => stringAt(block, type) ?? "").join("");
}

interface CallOptions {
  readonly index: number;
  readonly names: ToolNames;
}

function readCall(block: JsonValue, options: CallOptions): ToolCall {
  return {
    "id": stringAt(block, "id") ?? `call_${options.index}`,
    "type": "function",
    "function": {
      "name": options.names.fromWire(stringAt(block, "name") ?? ""),
      "arguments": JSON.stringify(objectAt(block, "input") ?? {}),
    },
  };
}

function malformed(message: string): UpstreamAnswer {
  return { type: "fault", fault: { kind: "malformed", status: null, message } };
}

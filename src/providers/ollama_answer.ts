/** A whole answer of `/api/chat`. */

import { isEmptyMessage } from "../core/answer.ts";
import type { AnswerMessage, ChatAnswer, ToolCall } from "../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue, stringAt } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import { writeUsage } from "../core/usage.ts";
import type { AnswerContext, UpstreamAnswer } from "./adapter.ts";
import { findCut } from "./ollama_cut.ts";
import { errorText, faultOfText } from "./ollama_error.ts";
import { writeKeepsake } from "./ollama_message.ts";
import {
  findNameless,
  malformedFault,
  messageOf,
  readCalls,
  readFinishReason,
  readLogprobs,
  readReplyUsage,
  type ReplyCall,
} from "./ollama_reply.ts";

/** Reads a whole answer. Reasoning alone is no answer, and one without `done` is cut. */
export function decodeAnswer(body: JsonValue, context: AnswerContext): UpstreamAnswer {
  if (!isJsonObject(body)) return refuse(malformedFault("Ollama's answer is not a JSON object."));
  const error = errorText(body);
  if (error !== undefined) return refuse(faultOfText(error, null));
  if (body["done"] !== true) return refuse(truncatedFault());
  const calls = readCalls(messageOf(body), { requestId: context.requestId, used: new Set() });
  const nameless = findNameless(calls);
  if (nameless !== null) return refuse(nameless);
  const message = writeMessage(messageOf(body), calls);
  const isLong = stringAt(body, "done_reason") === "length";
  const usage = readReplyUsage(body);
  const spent = usage === null ? {} : { usage: writeUsage(usage) };
  if (isEmptyMessage(message) && !isLong) return { type: "fault", fault: emptyFault(), ...spent };
  const answer = writeAnswer(body, { context, message });
  const keepsake = writeKeepsake(stringAt(messageOf(body), "thinking") ?? "");
  const whole = { type: "answer", answer, ...keepsake } as const;
  const cut = findCut(body, context);
  return cut === null ? whole : { type: "doubt", ...cut, ...spent, otherwise: whole };
}

/** The fault of an answer that lacks its end marker. */
export function truncatedFault(): UpstreamFault {
  return {
    kind: "truncated",
    status: null,
    message: "Ollama's answer ended before its end marker; please retry your request.",
  };
}

interface AnswerParts {
  readonly context: AnswerContext;
  readonly message: AnswerMessage;
}

function writeAnswer(body: JsonObject, { context, message }: AnswerParts): ChatAnswer {
  const usage = readReplyUsage(body);
  const logprobs = readLogprobs(body);
  return {
    "id": `chatcmpl-${context.requestId}`,
    "object": "chat.completion",
    "created": context.created,
    "model": stringAt(body, "model") ?? context.model.modelId,
    "choices": [{
      "index": 0,
      "message": message,
      ...(logprobs === undefined ? {} : { "logprobs": logprobs }),
      "finish_reason": readFinishReason(body, message["tool_calls"] !== undefined),
    }],
    ...(usage === null ? {} : { "usage": writeUsage(usage) }),
  };
}

/** `content` is null next to calls when there is no text, as OpenAI has it. */
function writeMessage(source: JsonObject, calls: readonly ReplyCall[]): AnswerMessage {
  const text = stringAt(source, "content") ?? "";
  const thinking = stringAt(source, "thinking") ?? "";
  return {
    "role": "assistant",
    "content": text === "" && calls.length > 0 ? null : text,
    ...(thinking === "" ? {} : { "reasoning_content": thinking }),
    ...(calls.length === 0 ? {} : { "tool_calls": calls.map(writeCall) }),
  };
}

function writeCall(call: ReplyCall): ToolCall {
  return {
    "id": call.id,
    "type": "function",
    "function": { "name": call.name, "arguments": call.arguments },
  };
}

function emptyFault(): UpstreamFault {
  return { kind: "empty", status: null, message: "Ollama's answer is empty." };
}

function refuse(fault: UpstreamFault): UpstreamAnswer {
  return { type: "fault", fault };
}

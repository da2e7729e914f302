/** Whole answers: kept as they are, but for what clients can't read. */

import { isEmptyMessage } from "../core/answer.ts";
import type { AnswerChoice, AnswerMessage, ChatAnswer, ChatRequest } from "../core/chat.ts";
import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
} from "../core/json.ts";
import type { FaultKind, UpstreamFault } from "../core/outcome.ts";
import type { AnswerContext, SettledAnswer } from "./adapter.ts";
import { faultOfError } from "./openai_error.ts";
import { keepsakeOf } from "./openai_keepsake.ts";
import { nameOfTool, nameTools, renameTool, type ToolNames } from "./openai_name.ts";
import {
  isFilled,
  isOtherCall,
  NAMELESS_CALL,
  readArguments,
  readFinishReason,
  repairText,
  soleToolName,
} from "./openai_part.ts";

/** Reads a whole answer. A 200 can hide an error, or hold no answer at all. */
export function decodeAnswer(body: JsonValue, context: AnswerContext): SettledAnswer {
  if (!isJsonObject(body)) return fault("malformed", "the answer is not a JSON object");
  if (hasError(body)) return { type: "fault", fault: faultOfError(body, null) };
  const messages = arrayAt(body, "choices").filter((choice) => objectAt(choice, "message"));
  if (messages.length === 0) return isBlocked(body) ? WITHHELD : NO_MESSAGE;
  const failed = messages.find((choice) => isErrorChoice(choice));
  if (failed !== undefined) return { type: "fault", fault: faultOfError(failed, null) };
  const names = nameTools(context.request);
  const choices = messages.map((choice, index) => repairChoice(choice, { index, context, names }));
  if (choices.some(hasNamelessCall)) return fault("malformed", NAMELESS_CALL);
  if (choices.every(isEmptyChoice)) return withUsage(emptyFault(choices), body);
  const keepsake = keepsakeOf(
    objectAt(messages[0] ?? null, "message") ?? {},
    choices[0]?.message["tool_calls"] ?? [],
  );
  return {
    type: "answer",
    ...(keepsake === null ? {} : { keepsake }),
    answer: {
      ...body,
      "id": stringAt(body, "id") ?? `chatcmpl-${context.requestId}`,
      "object": "chat.completion",
      "created": numberAt(body, "created") ?? context.created,
      "model": stringAt(body, "model") ?? context.model.modelId,
      "choices": choices,
      "usage": objectAt(body, "usage") ?? null,
    } satisfies ChatAnswer,
  };
}

/**
 * Whether the body holds an error: `null` is what some servers write when there is none, and vLLM
 * sends one without an envelope.
 */
export function hasError(body: JsonObject): boolean {
  const error = valueAt(body, "error");
  return isJsonObject(error) || isFilled(error) || body["object"] === "error";
}

/**
 * Whether the body says that a filter was at work: as the finish of a choice, in Google's
 * `promptFeedback`, or in Azure's `prompt_filter_results`
 * (https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter).
 */
export function isBlocked(body: JsonObject): boolean {
  const reasons = arrayAt(body, "choices").map((choice) => valueAt(choice, "finish_reason"));
  if (reasons.some((reason) => readFinishReason(reason, false) === "content_filter")) return true;
  const feedback = objectAt(body, "promptFeedback") ?? objectAt(body, "prompt_feedback");
  if (isFilled(feedback?.["blockReason"]) || isFilled(feedback?.["block_reason"])) return true;
  return arrayAt(body, "prompt_filter_results").some((result) =>
    Object.values(objectAt(result, "content_filter_results") ?? {})
      .some((category) => valueAt(category, "filtered") === true)
  );
}

/** The fault of an answer that a filter has withheld. */
export const WITHHELD_FAULT: UpstreamFault = {
  kind: "content_filter",
  status: null,
  message: "the answer was withheld by a content filter",
};

const WITHHELD: SettledAnswer = { type: "fault", fault: WITHHELD_FAULT };
const NO_MESSAGE = fault("malformed", "the answer has no choices with a message");

/** OpenRouter reports a failed upstream in the choice itself. */
function isErrorChoice(choice: JsonValue): boolean {
  return isJsonObject(choice) && hasError(choice);
}

function fault(kind: FaultKind, message: string): SettledAnswer {
  return { type: "fault", fault: { kind, status: null, message } };
}

function withUsage(answer: SettledAnswer, body: JsonObject): SettledAnswer {
  const usage = objectAt(body, "usage");
  return usage === undefined || answer.type === "answer" ? answer : { ...answer, usage };
}

/** One that its output limit cut says at least that. */
function isEmptyChoice(choice: AnswerChoice): boolean {
  return choice["finish_reason"] !== "length" && isEmptyMessage(choice.message);
}

function emptyFault(choices: readonly AnswerChoice[]): SettledAnswer {
  return choices.some((choice) => choice["finish_reason"] === "content_filter")
    ? WITHHELD
    : fault("empty", "the answer has neither text nor tool calls");
}

interface ChoicePlace {
  readonly index: number;
  readonly context: AnswerContext;
  readonly names: ToolNames;
}

function repairChoice(choice: JsonValue, place: ChoicePlace): AnswerChoice {
  const source: JsonObject = isJsonObject(choice) ? choice : {};
  const message = repairMessage(objectAt(source, "message") ?? {}, place);
  const hasToolCalls = (message["tool_calls"]?.length ?? 0) > 0;
  const reason = readFinishReason(source["finish_reason"], hasToolCalls);
  return {
    ...source,
    "index": numberAt(source, "index") ?? place.index,
    "message": message,
    "finish_reason": reason ?? (hasToolCalls ? "tool_calls" : "stop"), // JSON that parses is whole
  };
}

function repairMessage(source: JsonObject, place: ChoicePlace): AnswerMessage {
  const { "tool_calls": calls, ...rest } = repairText(source);
  const content = stringAt(rest, "content") ?? null;
  const message: JsonObject = { ...rest, "role": "assistant", "content": content };
  const repaired = Array.isArray(calls)
    ? calls.map((call, index) => repairCall(call, { ...place, callIndex: index }))
    : [];
  const whole = repaired.length === 0 ? message : { ...message, "tool_calls": repaired };
  return isAnswerMessage(whole) ? whole : { "role": "assistant", "content": content };
}

function isAnswerMessage(message: JsonObject): message is AnswerMessage {
  const reasoning = typeof message["reasoning_content"];
  return message["role"] === "assistant" && (reasoning === "string" || reasoning === "undefined");
}

function repairCall(
  call: JsonValue,
  place: ChoicePlace & { readonly callIndex: number },
): JsonObject {
  const source: JsonObject = isJsonObject(call) ? call : {};
  if (isOtherCall(source)) {
    return renameTool(source, place.names.fromWire(nameOfTool(source) ?? ""));
  }
  const spec = objectAt(source, "function") ?? {};
  const path = place.index === 0 ? `${place.callIndex}` : `${place.index}_${place.callIndex}`;
  const text = readArguments(spec["arguments"]);
  return {
    ...source,
    "id": isFilled(source["id"]) ? source["id"] : `call_${place.context.requestId}_${path}`,
    "type": "function",
    "function": {
      ...spec,
      "name": place.names.fromWire(nameOf(spec, place.context.request)),
      "arguments": text.trim() === "" ? "{}" : text,
    },
  };
}

function nameOf(spec: JsonObject, request: ChatRequest): string {
  return isFilled(spec["name"]) ? spec["name"] : soleToolName(request) ?? "";
}

/** Whether a call says not which tool it calls. */
function hasNamelessCall(choice: AnswerChoice): boolean {
  return (choice.message["tool_calls"] ?? []).some((call) =>
    call.type === "function" && call.function.name === ""
  );
}

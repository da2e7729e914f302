/** Answers as clients of OpenAI's older `functions` read them. */

import type { AnswerChoice, ChatAnswer, ChatChunk, ChatRequest, ChunkChoice } from "./chat.ts";
import { arrayAt, type JsonObject, objectAt, stringAt } from "./json.ts";

/** Whether the client defines its tools in the older form alone, and so reads calls in that form. */
export function wantsLegacyCalls(request: ChatRequest): boolean {
  return arrayAt(request, "functions").length > 0 && (request.tools?.length ?? 0) === 0;
}

/**
 * The answer with its first call as `function_call` too; the others stay in `tool_calls`, so that
 * none is lost. https://platform.openai.com/docs/api-reference/chat/object
 */
export function toLegacyAnswer(answer: ChatAnswer): ChatAnswer {
  return { ...answer, "choices": answer.choices.map(toLegacyChoice) };
}

/** The chunk with what it says of the first call as `function_call` too. */
export function toLegacyChunk(chunk: ChatChunk): ChatChunk {
  return { ...chunk, "choices": chunk.choices.map(toLegacyDelta) };
}

function toLegacyChoice(choice: AnswerChoice): AnswerChoice {
  const [first] = arrayAt(choice.message, "tool_calls");
  const call = readFunction(objectAt(first, "function"));
  const message = call === undefined ? choice.message : {
    ...choice.message,
    "function_call": call,
  };
  return { ...choice, message, "finish_reason": toLegacyReason(choice["finish_reason"]) };
}

function toLegacyDelta(choice: ChunkChoice): ChunkChoice {
  const first = choice.delta["tool_calls"]?.find(({ index }) => index === 0);
  const call = readFunction(first?.function);
  const delta = call === undefined ? choice.delta : { ...choice.delta, "function_call": call };
  return { ...choice, delta, "finish_reason": toLegacyReason(choice["finish_reason"]) };
}

function readFunction(source: JsonObject | undefined): JsonObject | undefined {
  if (source === undefined) return undefined;
  const name = stringAt(source, "name");
  const text = stringAt(source, "arguments");
  return {
    ...(name === undefined ? {} : { "name": name }),
    ...(text === undefined ? {} : { "arguments": text }),
  };
}

function toLegacyReason<T extends string | null>(reason: T): T | "function_call" {
  return reason === "tool_calls" ? "function_call" : reason;
}

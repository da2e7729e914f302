/** What whole answers hold, and the chunks that they would have been streamed as. */

import type { AnswerChoice, AnswerMessage, ChatAnswer, ChatChunk, ChunkDelta } from "./chat.ts";
import type { JsonObject } from "./json.ts";

/** What besides text and tool calls is an answer. */
const OTHER_CONTENT = ["refusal", "audio", "function_call", "images"] as const;

/** Whether a message or a delta holds what is neither text nor a tool call, and an answer still. */
export function hasOtherContent(source: JsonObject): boolean {
  return OTHER_CONTENT.some((key) => (source[key] ?? "") !== "");
}

/** Whether a message says nothing: no call, no text but white space. Reasoning alone is no answer. */
export function isEmptyMessage(message: AnswerMessage): boolean {
  return (message.content ?? "").trim() === "" && (message["tool_calls"]?.length ?? 0) === 0 &&
    !hasOtherContent(message);
}

/** Whether an answer was cut by its output limit before it said anything: reasoning took it all. */
export function isCutEmpty(answer: ChatAnswer): boolean {
  return answer.choices.every((choice) =>
    choice["finish_reason"] === "length" && isEmptyMessage(choice.message)
  );
}

/**
 * The chunks that a whole answer would have been streamed as: one delta a choice, its finish, and
 * the usage. For upstreams that answer with JSON where a stream was asked for.
 */
export function chunksOfAnswer(answer: ChatAnswer): readonly ChatChunk[] {
  const { choices, usage, ...rest } = answer;
  const head = { ...rest, "object": "chat.completion.chunk" } as const;
  const chunks: ChatChunk[] = choices.flatMap((choice) => {
    const { message: _, "finish_reason": reason, ...others } = choice;
    const delta = deltaOf(choice);
    return [
      { ...head, "choices": [{ ...others, "delta": delta, "finish_reason": null }] },
      { ...head, "choices": [{ "index": choice.index, "delta": {}, "finish_reason": reason }] },
    ];
  });
  return usage ? [...chunks, { ...head, "choices": [], "usage": usage }] : chunks;
}

function deltaOf(choice: AnswerChoice): ChunkDelta {
  const { "tool_calls": calls, ...message } = choice.message;
  if (calls === undefined) return message;
  return { ...message, "tool_calls": calls.map((call, index) => ({ index, ...call })) };
}

/** Whole answers and streamed ones: one turned into the other's chunks. */

import type { AnswerChoice, ChatAnswer, ChatChunk, ChunkDelta } from "./chat.ts";

/**
 * The chunks that a whole answer would have been streamed as: one delta a choice, its finish, and
 * the usage. For upstreams that answer with JSON where a stream was asked for.
 */
export function chunksOfAnswer(answer: ChatAnswer): readonly ChatChunk[] {
  const { choices, usage, ...rest } = answer;
  const head = { ...rest, "object": "chat.completion.chunk" } as const;
  const chunks: ChatChunk[] = choices.flatMap((choice) => [
    {
      ...head,
      "choices": [{ "index": choice.index, "delta": deltaOf(choice), "finish_reason": null }],
    },
    {
      ...head,
      "choices": [{ "index": choice.index, "delta": {}, "finish_reason": choice["finish_reason"] }],
    },
  ]);
  return usage ? [...chunks, { ...head, "choices": [], "usage": usage }] : chunks;
}

function deltaOf(choice: AnswerChoice): ChunkDelta {
  const { "tool_calls": calls, ...message } = choice.message;
  if (calls === undefined) return message;
  return { ...message, "tool_calls": calls.map((call, index) => ({ index, ...call })) };
}

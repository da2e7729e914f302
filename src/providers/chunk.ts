/** Builders of OpenAI chunks, for the dialects that have no chunks of their own. */

import type { ChatChunk, ChunkDelta, FinishReason, ToolCallDelta } from "../core/chat.ts";
import type { TokenUsage } from "../core/usage.ts";
import { writeUsage } from "../core/usage.ts";

/** What all chunks of one stream have in common. */
export interface ChunkHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

/** A piece of a tool call: `id` and `name` in its first piece only. */
export interface ToolCallPiece {
  /** The call's position among the answer's calls, from 0. */
  readonly index: number;
  readonly id?: string;
  readonly name?: string;
  /** JSON text to append; the pieces of a whole call must add up to an object, `"{}"` at least. */
  readonly arguments: string;
}

/** The first chunk of a stream: it names the role and has no content. */
export function roleChunk(head: ChunkHead): ChatChunk {
  return deltaChunk(head, { "role": "assistant", "content": "" });
}

/** A chunk of the answer's text. */
export function textChunk(head: ChunkHead, text: string): ChatChunk {
  return deltaChunk(head, { "content": text });
}

/** A chunk of the model's reasoning. */
export function reasoningChunk(head: ChunkHead, text: string): ChatChunk {
  return deltaChunk(head, { "reasoning_content": text });
}

/** A chunk that starts or continues a tool call. */
export function toolCallChunk(head: ChunkHead, piece: ToolCallPiece): ChatChunk {
  return deltaChunk(head, { "tool_calls": [writeToolCallDelta(piece)] });
}

/** The chunk that ends the message. */
export function finishChunk(head: ChunkHead, reason: FinishReason): ChatChunk {
  return { ...chunkOf(head), "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] };
}

/** The chunk with the usage of the whole answer; it has no choices. */
export function usageChunk(head: ChunkHead, usage: TokenUsage): ChatChunk {
  return { ...chunkOf(head), "choices": [], "usage": writeUsage(usage) };
}

function writeToolCallDelta(piece: ToolCallPiece): ToolCallDelta {
  if (piece.id === undefined && piece.name === undefined) {
    return { "index": piece.index, "function": { "arguments": piece.arguments } };
  }
  return {
    "index": piece.index,
    ...(piece.id === undefined ? {} : { "id": piece.id }),
    "type": "function",
    "function": {
      ...(piece.name === undefined ? {} : { "name": piece.name }),
      "arguments": piece.arguments,
    },
  };
}

function deltaChunk(head: ChunkHead, delta: ChunkDelta): ChatChunk {
  return { ...chunkOf(head), "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] };
}

function chunkOf(head: ChunkHead): ChunkHead & { readonly object: "chat.completion.chunk" } {
  return {
    "id": head.id,
    "object": "chat.completion.chunk",
    "created": head.created,
    "model": head.model,
  };
}

/** The message that a stream adds up to. */

import type { AnswerMessage, ChatChunk, ToolCall } from "../core/chat.ts";

interface HeardCall {
  id: string;
  name: string;
  text: string;
}

/** Adds up the first choice of a streamed answer: its text and its calls of functions. */
export class Heard {
  #text = "";
  readonly #calls = new Map<number, HeardCall>();

  /** Adds a chunk. */
  add(chunk: ChatChunk): void {
    for (const { index, delta } of chunk.choices) {
      if (index !== 0) continue;
      this.#text += delta.content ?? "";
      for (const piece of delta["tool_calls"] ?? []) {
        const call = this.#calls.get(piece.index) ?? { id: "", name: "", text: "" };
        this.#calls.set(piece.index, call);
        call.id ||= piece.id ?? "";
        call.name ||= piece.function?.name ?? "";
        call.text += piece.function?.arguments ?? "";
      }
    }
  }

  /** The message so far. */
  get message(): AnswerMessage {
    const calls = [...this.#calls.values()].map(({ id, name, text }): ToolCall => ({
      "id": id,
      "type": "function",
      "function": { "name": name, "arguments": text },
    }));
    return {
      "role": "assistant",
      "content": this.#text,
      ...(calls.length === 0 ? {} : { "tool_calls": calls }),
    };
  }
}

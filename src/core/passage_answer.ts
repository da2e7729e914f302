/** Answers that are passed on: what is changed of them, and what is noted. */

import type { ChatAnswer, ChatChunk } from "./chat.ts";
import { arrayAt, type JsonObject, type JsonValue, numberAt, objectAt, stringAt } from "./json.ts";
import { type PassageRequest, PASSAGES } from "./passage.ts";

/** Whether the body is an answer of the request's endpoint. */
export function isPassageAnswer(body: JsonObject, { endpoint }: PassageRequest): boolean {
  return Array.isArray(body[PASSAGES[endpoint].answerField]);
}

/** The answer as the client gets it: under the name that it can ask for again. */
export function signPassage(body: JsonObject, alias: string): JsonObject {
  return { ...body, "model": alias };
}

/**
 * The chunk of a stream as the client gets it; null when it has nothing for it: the usage that only
 * pirouter asked for.
 */
export function showPassageChunk(
  chunk: JsonObject,
  to: { readonly request: PassageRequest; readonly alias: string },
): JsonObject | null {
  if (to.request.wantsUsage) return signPassage(chunk, to.alias);
  const { usage: _, ...rest } = chunk;
  return arrayAt(chunk, "choices").length === 0 ? null : signPassage(rest, to.alias);
}

/** A whole answer as notes are taken of one: its id, its texts, its usage. */
export function readPassageAnswer(body: JsonObject): ChatAnswer {
  return {
    "id": stringAt(body, "id") ?? "",
    "object": "chat.completion",
    "created": 0,
    "model": "",
    "choices": textsOf(body).map((text, index) => ({
      "index": index,
      "message": { "role": "assistant", "content": text },
      "finish_reason": "stop",
    })),
    "usage": objectAt(body, "usage") ?? null,
  };
}

/** A chunk as notes are taken of one. */
export function readPassageChunk(chunk: JsonObject): ChatChunk {
  return {
    "id": stringAt(chunk, "id") ?? "",
    "object": "chat.completion.chunk",
    "created": 0,
    "model": "",
    "choices": textsOf(chunk).map((text, index) => ({
      "index": index,
      "delta": { "content": text },
      "finish_reason": null,
    })),
    "usage": objectAt(chunk, "usage") ?? null,
  };
}

function textsOf(body: JsonObject): readonly string[] {
  return arrayAt(body, "choices").map((choice) => stringAt(choice, "text") ?? "");
}

/** The choices of a stream: which have begun, and which have said why they end. */
export class ChoiceEnds {
  readonly #begun = new Set<number>();
  readonly #ended = new Set<number>();

  /** Notes a chunk. */
  note(chunk: JsonObject): void {
    for (const choice of arrayAt(chunk, "choices")) this.#noteChoice(choice);
  }

  /** Whether anything has come. */
  get hasBegun(): boolean {
    return this.#begun.size > 0;
  }

  /** Whether every choice that has begun has ended, so that the answer is whole. */
  get isWhole(): boolean {
    return this.hasBegun && this.#begun.size === this.#ended.size;
  }

  #noteChoice(choice: JsonValue): void {
    const index = numberAt(choice, "index") ?? 0;
    this.#begun.add(index);
    if (stringAt(choice, "finish_reason") !== undefined) this.#ended.add(index);
  }
}

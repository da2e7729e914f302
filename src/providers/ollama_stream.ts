/** A streamed answer of `/api/chat`: one JSON object a line, the last one with `done: true`. */

import type { ChatChunk } from "../core/chat.ts";
import { isJsonObject, type JsonObject, stringAt } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import { readJson } from "../wire/json.ts";
import type { AnswerContext, Frame, StreamDecoder, StreamEvent } from "./adapter.ts";
import {
  type ChunkHead,
  finishChunk,
  reasoningChunk,
  roleChunk,
  textChunk,
  toolCallChunk,
  usageChunk,
} from "./chunk.ts";
import { truncatedFault } from "./ollama_answer.ts";
import { errorText, faultOfText } from "./ollama_error.ts";
import {
  type CallIds,
  findNameless,
  malformedFault,
  messageOf,
  readCalls,
  readFinishReason,
  readLogprobs,
  readReplyUsage,
  type ReplyCall,
} from "./ollama_reply.ts";

/** Starts to read a stream. */
export function createDecoder(context: AnswerContext): StreamDecoder {
  return new OllamaStreamDecoder(context);
}

class OllamaStreamDecoder implements StreamDecoder {
  readonly #modelId: string;
  readonly #id: string;
  readonly #created: number;
  readonly #ids: CallIds;
  #head: ChunkHead | null = null;
  #callCount = 0;
  #hasEnded = false;

  constructor(context: AnswerContext) {
    this.#modelId = context.model.modelId;
    this.#id = `chatcmpl-${context.requestId}`;
    this.#created = context.created;
    this.#ids = { requestId: context.requestId, used: new Set() };
  }

  decode(frame: Frame): readonly StreamEvent[] {
    if (this.#hasEnded || frame.data.trim() === "") return [];
    const line = readJson(frame.data);
    if (!isJsonObject(line)) {
      return this.#fail(malformedFault("Ollama sent a line that is no JSON object."));
    }
    const error = errorText(line);
    if (error !== undefined) return this.#fail(faultOfText(error, null));
    const calls = readCalls(messageOf(line), this.#ids);
    const nameless = findNameless(calls);
    return nameless === null ? this.#read(line, calls) : this.#fail(nameless);
  }

  end(): readonly StreamEvent[] {
    return this.#hasEnded ? [] : this.#fail(truncatedFault());
  }

  #fail(fault: UpstreamFault): readonly StreamEvent[] {
    this.#hasEnded = true;
    return [{ type: "fault", fault }];
  }

  #read(line: JsonObject, calls: readonly ReplyCall[]): readonly StreamEvent[] {
    const opening = this.#head === null;
    const head = this.#openHead(line);
    const chunks = [
      ...(opening ? [roleChunk(head)] : []),
      ...contentChunks(head, line),
      ...calls.map((call) => toolCallChunk(head, { index: this.#callCount++, ...call })),
    ];
    if (line["done"] !== true) return chunks.map(chunkEvent);
    this.#hasEnded = true;
    const ending = endingChunks(head, { line, hasCalls: this.#callCount > 0 });
    return [...[...chunks, ...ending].map(chunkEvent), { type: "done" }];
  }

  #openHead(line: JsonObject): ChunkHead {
    this.#head ??= {
      id: this.#id,
      created: this.#created,
      model: stringAt(line, "model") ?? this.#modelId,
    };
    return this.#head;
  }
}

function contentChunks(head: ChunkHead, line: JsonObject): readonly ChatChunk[] {
  const message = messageOf(line);
  const thinking = stringAt(message, "thinking") ?? "";
  const text = stringAt(message, "content") ?? "";
  return [
    ...(thinking === "" ? [] : [reasoningChunk(head, thinking)]),
    ...(text === "" ? [] : [withLogprobs(textChunk(head, text), line)]),
  ];
}

function withLogprobs(chunk: ChatChunk, line: JsonObject): ChatChunk {
  const logprobs = readLogprobs(line);
  if (logprobs === undefined) return chunk;
  return {
    ...chunk,
    "choices": chunk.choices.map((choice) => ({ ...choice, "logprobs": logprobs })),
  };
}

interface Ending {
  readonly line: JsonObject;
  readonly hasCalls: boolean;
}

function endingChunks(head: ChunkHead, { line, hasCalls }: Ending): readonly ChatChunk[] {
  const usage = readReplyUsage(line);
  return [
    finishChunk(head, readFinishReason(line, hasCalls)),
    ...(usage === null ? [] : [usageChunk(head, usage)]),
  ];
}

function chunkEvent(chunk: ChatChunk): StreamEvent {
  return { type: "chunk", chunk };
}

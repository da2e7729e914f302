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
import { findCut } from "./ollama_cut.ts";
import { errorText, faultOfText } from "./ollama_error.ts";
import { writeKeepsake } from "./ollama_message.ts";
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
  readonly #context: AnswerContext;
  readonly #ids: CallIds;
  readonly #thinking: string[] = [];
  #head: ChunkHead | null = null;
  #callCount = 0;
  #hasEnded = false;

  constructor(context: AnswerContext) {
    this.#context = context;
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
    this.#thinking.push(stringAt(messageOf(line), "thinking") ?? "");
    const events = chunks.map(chunkEvent);
    return line["done"] === true ? [...events, ...this.#finish(head, line)] : events;
  }

  #finish(head: ChunkHead, line: JsonObject): readonly StreamEvent[] {
    this.#hasEnded = true;
    const usage = readReplyUsage(line);
    const spent = usage === null ? [] : [chunkEvent(usageChunk(head, usage))];
    const finish = finishChunk(head, readFinishReason(line, this.#callCount > 0));
    const keepsake = writeKeepsake(this.#thinking.join(""));
    const done = { type: "done", ...keepsake } as const;
    const cut = findCut(line, this.#context);
    if (cut === null) return [chunkEvent(finish), ...spent, done];
    return [...spent, { type: "doubt", ...cut, otherwise: [chunkEvent(finish), done] }];
  }

  #openHead(line: JsonObject): ChunkHead {
    this.#head ??= {
      id: `chatcmpl-${this.#context.requestId}`,
      created: this.#context.created,
      model: stringAt(line, "model") ?? this.#context.model.modelId,
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

function chunkEvent(chunk: ChatChunk): Extract<StreamEvent, { readonly type: "chunk" }> {
  return { type: "chunk", chunk };
}

/** Streams: chunks pass as they are, but for what clients can't read. */

import { chunksOfAnswer, hasOtherContent } from "../core/answer.ts";
import type { ChatChunk } from "../core/chat.ts";
import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberAt,
  objectAt,
  stringAt,
} from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import { parseJson } from "../wire/json.ts";
import { SSE_DONE } from "../wire/sse.ts";
import type { AnswerContext, Frame, StreamDecoder, StreamEvent } from "./adapter.ts";
import { decodeAnswer, hasError, isBlocked, WITHHELD_FAULT } from "./openai_answer.ts";
import { ChoiceTracker } from "./openai_choice.ts";
import { faultOfError } from "./openai_error.ts";
import { definedNames, nameTools, type ToolNames } from "./openai_name.ts";
import { isFilled, NAMELESS_CALL, soleToolName } from "./openai_part.ts";

/** The deepest nesting of a chunk. */
const MAX_CHUNK_DEPTH = 256;

/** Starts to read a stream. */
export function createDecoder(context: AnswerContext): StreamDecoder {
  return new OpenaiDecoder(context);
}

class OpenaiDecoder implements StreamDecoder {
  readonly #context: AnswerContext;
  readonly #names: ToolNames;
  /** The names that a server may call the request's tools by: the client's own, or those on the wire. */
  readonly #wireNames: readonly string[];
  readonly #choices = new Map<number, ChoiceTracker>();
  #isOver = false;
  #hasContent = false;
  /** Whether a content filter has refused the prompt, or ended the answer. */
  #isFiltered = false;
  #id: string | null = null;
  #callCount = 0;
  /** The newest chunk with usage: some servers send it with every chunk. */
  #usageChunk: JsonObject | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#names = nameTools(context.request);
    const names = definedNames(context.request.tools ?? []);
    this.#wireNames = [...new Set([...names, ...names.map(this.#names.toWire)])];
  }

  decode(frame: Frame): readonly StreamEvent[] {
    if (this.#isOver) return [];
    const text = frame.data.trim();
    if (text === SSE_DONE) return this.#conclude();
    if (text === "") return [];
    const document = parseJson(text, { maxDepth: MAX_CHUNK_DEPTH });
    if (!document.ok) return this.#fail(malformed(`an event of the stream ${document.reason}`));
    const body = document.value;
    if (frame.event === "error") return this.#fail(faultOfError(body, null));
    if (!isJsonObject(body)) return this.#fail(malformed("an event of the stream is no object"));
    const failed = [body, ...arrayAt(body, "choices")].find(isFailed);
    if (failed !== undefined) return this.#fail(faultOfError(failed, null));
    return this.#decodeChunk(body);
  }

  end(): readonly StreamEvent[] {
    if (this.#isOver) return [];
    const choices = [...this.#choices.values()];
    const isWhole = choices.length > 0 && choices.every((choice) => choice.isFinished);
    if (isWhole) return this.#conclude();
    return this.#fail(choices.length === 0 && this.#isFiltered ? WITHHELD_FAULT : TRUNCATED);
  }

  #decodeChunk(body: JsonObject): readonly StreamEvent[] {
    const choices = arrayAt(body, "choices").filter(isJsonObject);
    if (choices.some((choice) => isJsonObject(choice["message"]) && !choice["delta"])) {
      return this.#decodeWhole(body);
    }
    if (isJsonObject(body["usage"])) this.#usageChunk = body;
    const repaired = choices.map((choice, position) =>
      this.#choiceAt(numberAt(choice, "index") ?? position).repair(choice)
    );
    if (this.#hasNamelessCall()) return this.#fail(malformed(NAMELESS_CALL));
    this.#hasContent ||= repaired.flat().some(saysSomething);
    this.#isFiltered ||= isBlocked(body);
    return this.#chunksOf(body, repaired);
  }

  /** A call that a finished choice left without a name. */
  #hasNamelessCall(): boolean {
    return this.#choices.values().some((choice) => choice.isFinished && choice.hasNamelessCall);
  }

  /** One chunk for all choices, unless one of them became several. */
  #chunksOf(
    body: JsonObject,
    repaired: readonly (readonly JsonObject[])[],
  ): readonly StreamEvent[] {
    const groups = repaired.every((pieces) => pieces.length <= 1)
      ? [repaired.flat()]
      : repaired.flat().map((piece) => [piece]);
    return groups.filter((group) => group.length > 0)
      .map((group) => ({ type: "chunk", chunk: this.#chunkOf(body, group) }));
  }

  #chunkOf(body: JsonObject, choices: readonly JsonObject[]): ChatChunk {
    this.#id ??= isFilled(body["id"]) ? body["id"] : `chatcmpl-${this.#context.requestId}`;
    const source = arrayAt(body, "choices");
    const isSame = choices.length === source.length && body["id"] === this.#id &&
      body["usage"] === undefined && choices.every((choice, index) => choice === source[index]);
    if (isSame && isChunk(body)) return body;
    const { usage: _, ...rest } = body;
    const chunk: JsonObject = { ...rest, ...this.#headOf(body), "choices": choices };
    return isChunk(chunk) ? chunk : { ...this.#headOf(body), "choices": [] };
  }

  #headOf(body: JsonObject): Pick<ChatChunk, "id" | "object" | "created" | "model"> {
    return {
      "id": this.#id ?? `chatcmpl-${this.#context.requestId}`,
      "object": "chat.completion.chunk",
      "created": numberAt(body, "created") ?? this.#context.created,
      "model": stringAt(body, "model") ?? this.#context.model.modelId,
    };
  }

  /** A whole answer where a chunk was expected; after chunks it only repeats them. */
  #decodeWhole(body: JsonObject): readonly StreamEvent[] {
    if (this.#choices.size > 0) {
      if (isJsonObject(body["usage"])) this.#usageChunk = body;
      return [];
    }
    const result = decodeAnswer(body, this.#context);
    if (result.type === "fault") return this.#fail(result.fault);
    this.#isOver = true;
    const chunks = chunksOfAnswer(result.answer);
    return [
      ...chunks.map((chunk) => ({ type: "chunk", chunk } as const)),
      doneWith(result.keepsake ?? null),
    ];
  }

  #conclude(): readonly StreamEvent[] {
    const ends = [...this.#choices.values()].flatMap((choice) => choice.conclude());
    if (this.#hasNamelessCall()) return this.#fail(malformed(NAMELESS_CALL));
    if (this.#isFiltered && !this.#hasContent) return this.#fail(WITHHELD_FAULT);
    const chunks = ends.map((choice) =>
      ({ type: "chunk", chunk: this.#chunkOf({}, [choice]) }) as const
    );
    this.#isOver = true;
    const keepsake = this.#choices.get(0)?.keepsake ?? null;
    return [...chunks, ...this.#takeUsage(), doneWith(keepsake)];
  }

  #fail(fault: UpstreamFault): readonly StreamEvent[] {
    this.#isOver = true;
    return [...this.#takeUsage(), { type: "fault", fault }];
  }

  #takeUsage(): readonly StreamEvent[] {
    const body = this.#usageChunk;
    if (body === null) return [];
    const usage = objectAt(body, "usage") ?? null;
    return [{ type: "chunk", chunk: { ...this.#chunkOf(body, []), "usage": usage } }];
  }

  #choiceAt(index: number): ChoiceTracker {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const choice = new ChoiceTracker(index, {
      createId: () => `call_${this.#context.requestId}_${this.#callCount++}`,
      soleName: soleToolName(this.#context.request),
      names: this.#names,
      wireNames: this.#wireNames,
    });
    this.#choices.set(index, choice);
    return choice;
  }
}

/** Whether what all chunks have in common is there; its choices have been repaired before. */
function isChunk(body: JsonObject): body is ChatChunk {
  return typeof body["id"] === "string" && body["object"] === "chat.completion.chunk" &&
    typeof body["created"] === "number" && typeof body["model"] === "string";
}

/** OpenRouter reports a failed upstream in the choice, too. */
function isFailed(value: JsonValue): boolean {
  return isJsonObject(value) && (hasError(value) || value["finish_reason"] === "error");
}

function doneWith(keepsake: JsonObject | null): StreamEvent {
  return keepsake === null ? { type: "done" } : { type: "done", keepsake };
}

function saysSomething(choice: JsonObject): boolean {
  const delta = objectAt(choice, "delta") ?? {};
  return (stringAt(delta, "content") ?? "").trim() !== "" ||
    arrayAt(delta, "tool_calls").length > 0 || hasOtherContent(delta);
}

function malformed(message: string): UpstreamFault {
  return { kind: "malformed", status: null, message };
}

const TRUNCATED: UpstreamFault = {
  kind: "truncated",
  status: null,
  message: "the stream ended without a finish_reason or [DONE]",
};

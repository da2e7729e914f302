/** Anthropic's event stream as OpenAI's chunks. */

import type { ChatChunk, ChatRequest } from "../core/chat.ts";
import { isJsonObject, type JsonObject, numberAt, objectAt, stringAt } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import { readJson } from "../wire/json.ts";
import type { AnswerContext, Frame, StreamDecoder, StreamEvent } from "./adapter.ts";
import {
  finishAnswer,
  isNamelessUse,
  NAMELESS_USE,
  readAnthropicUsage,
  readRefusal,
} from "./anthropic_answer.ts";
import { isBlank } from "./anthropic_block.ts";
import { decodeErrorBody } from "./anthropic_error.ts";
import { toolNamesOf } from "./anthropic_request.ts";
import { keepsakeOf, StreamedBlocks } from "./anthropic_thinking.ts";
import type { ToolNames } from "./anthropic_tools.ts";
import {
  type ChunkHead,
  finishChunk,
  reasoningChunk,
  roleChunk,
  textChunk,
  toolCallChunk,
  usageChunk,
} from "./chunk.ts";

/** A block of the answer that is being streamed. */
interface OpenBlock {
  readonly kind: "call" | "answer";
  /** The call's position among the answer's calls; unused for the answer's own tool. */
  readonly callIndex: number;
  /** The input that the block started with: it counts only when no pieces follow. */
  readonly input: JsonObject;
  hasPieces: boolean;
}

/**
 * Reads one stream. Events: https://platform.claude.com/docs/en/build-with-claude/streaming.
 * Events and blocks of unknown types are passed over. The finish reason is held until the end, so
 * an answer without content is a fault and not an end.
 */
export class AnthropicDecoder implements StreamDecoder {
  readonly #names: ToolNames;
  readonly #request: ChatRequest;
  readonly #content = new StreamedBlocks();
  readonly #blocks = new Map<number, OpenBlock>();
  #head: ChunkHead;
  #usage: JsonObject = {};
  #stopReason: string | null = null;
  #refusal: string | null = null;
  #heldText = "";
  #callCount = 0;
  #hasAnswer = false;
  #hasText = false;
  #isOpen = false;
  #isOver = false;

  /** Starts to read the answer to the context's request. */
  constructor(context: AnswerContext) {
    this.#names = toolNamesOf(context);
    this.#request = context.request;
    this.#head = {
      id: context.requestId,
      created: context.created,
      model: context.model.modelId,
    };
  }

  /** The chunks of one event. */
  decode(frame: Frame): readonly StreamEvent[] {
    if (this.#isOver || isBlank(frame.data) || frame.data.trim() === "[DONE]") return [];
    const data = readJson(frame.data);
    if (!isJsonObject(data)) {
      return this.#fail({
        kind: "malformed",
        status: null,
        message: "The upstream sent a stream event that is not a JSON object.",
      });
    }
    return this.#decodeEvent(data, stringAt(data, "type") ?? frame.event ?? "");
  }

  /** `done` after a stop reason, else the fault of a truncated stream. */
  end(): readonly StreamEvent[] {
    if (this.#isOver) return [];
    if (this.#stopReason !== null) return this.#finish();
    return this.#fail({
      kind: "truncated",
      status: null,
      message: "The upstream closed the stream before the answer was complete.",
    });
  }

  #decodeEvent(data: JsonObject, type: string): readonly StreamEvent[] {
    if (type === "error" || isJsonObject(data["error"])) return this.#fail(decodeStreamError(data));
    switch (type) {
      case "message_start":
        return this.#start(objectAt(data, "message") ?? {});
      case "content_block_start":
        return this.#startBlock(numberAt(data, "index") ?? -1, objectAt(data, "content_block"));
      case "content_block_delta":
        return this.#readDelta(numberAt(data, "index") ?? -1, objectAt(data, "delta"));
      case "content_block_stop":
        return this.#closeBlock(numberAt(data, "index") ?? -1);
      case "message_delta":
        return this.#readMessageDelta(data);
      case "message_stop":
        return this.#finish();
      default:
        return [];
    }
  }

  #start(message: JsonObject): readonly StreamEvent[] {
    this.#head = {
      id: stringAt(message, "id") ?? this.#head.id,
      created: this.#head.created,
      model: stringAt(message, "model") ?? this.#head.model,
    };
    this.#mergeUsage(objectAt(message, "usage"));
    return [];
  }

  #startBlock(index: number, block: JsonObject | undefined): readonly StreamEvent[] {
    this.#content.start(index, block);
    const type = stringAt(block, "type");
    if (type === "text") return this.#say(stringAt(block, "text") ?? "");
    if (type === "thinking") return this.#think(stringAt(block, "thinking") ?? "");
    if (type !== "tool_use") return [];
    if (isNamelessUse(block)) {
      return this.#fail({ kind: "malformed", status: null, message: NAMELESS_USE });
    }
    const name = stringAt(block, "name") ?? "";
    const input = objectAt(block, "input") ?? {};
    if (name === this.#names.answerTool) {
      // Only one answer can be the content.
      if (!this.#hasAnswer) {
        this.#blocks.set(index, { kind: "answer", callIndex: -1, input, hasPieces: false });
      }
      this.#hasAnswer = true;
      return [];
    }
    const callIndex = this.#callCount++;
    this.#blocks.set(index, { kind: "call", callIndex, input, hasPieces: false });
    return this.#emit(toolCallChunk(this.#head, {
      index: callIndex,
      id: stringAt(block, "id") ?? `call_${callIndex}`,
      name: this.#names.fromWire(name),
      arguments: "",
    }));
  }

  #readDelta(index: number, delta: JsonObject | undefined): readonly StreamEvent[] {
    this.#content.add(index, delta);
    switch (stringAt(delta, "type")) {
      case "text_delta":
        return this.#say(stringAt(delta, "text") ?? "");
      case "thinking_delta":
        return this.#think(stringAt(delta, "thinking") ?? "");
      case "input_json_delta":
        return this.#readInput(index, stringAt(delta, "partial_json") ?? "");
      default:
        return [];
    }
  }

  #readInput(index: number, piece: string): readonly StreamEvent[] {
    const block = this.#blocks.get(index);
    if (block === undefined || piece === "") return [];
    block.hasPieces = true;
    return this.#writeInput(block, piece);
  }

  #writeInput(block: OpenBlock, piece: string): readonly StreamEvent[] {
    if (block.kind === "answer") {
      this.#hasText = true;
      return this.#emit(textChunk(this.#head, piece));
    }
    return this.#emit(
      toolCallChunk(this.#head, { index: block.callIndex, arguments: piece }),
    );
  }

  /** A block without pieces has the input that it started with, `{}` as a rule. */
  #closeBlock(index: number): readonly StreamEvent[] {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (block === undefined || block.hasPieces) return [];
    return this.#writeInput(block, JSON.stringify(block.input));
  }

  /** Beside an answer's own tool, prose would spoil the JSON: it waits for the end. */
  #say(text: string): readonly StreamEvent[] {
    if (text === "") return [];
    if (this.#names.answerTool !== null) {
      this.#heldText += text;
      return [];
    }
    this.#hasText ||= !isBlank(text);
    return this.#emit(textChunk(this.#head, text));
  }

  #think(text: string): readonly StreamEvent[] {
    return text === "" ? [] : this.#emit(reasoningChunk(this.#head, text));
  }

  #readMessageDelta(data: JsonObject): readonly StreamEvent[] {
    const delta = objectAt(data, "delta");
    this.#stopReason = stringAt(delta, "stop_reason") ?? this.#stopReason;
    this.#refusal = readRefusal(delta ?? null) ?? this.#refusal;
    this.#mergeUsage(objectAt(data, "usage"));
    return [];
  }

  /** Later counts are cumulative and replace earlier ones; null says nothing. */
  #mergeUsage(usage: JsonObject | undefined): void {
    const said = Object.entries(usage ?? {}).filter(([, value]) => value !== null);
    this.#usage = { ...this.#usage, ...Object.fromEntries(said) };
  }

  #finish(): readonly StreamEvent[] {
    const rest = [...this.#blocks.keys()].flatMap((index) => this.#closeBlock(index));
    const held = this.#hasAnswer || isBlank(this.#heldText)
      ? []
      : this.#emit(textChunk(this.#head, this.#heldText));
    const finish = finishAnswer({
      stopReason: this.#stopReason,
      hasText: this.#hasText || held.length > 0,
      hasCalls: this.#callCount > 0,
      refusal: this.#refusal,
    });
    if (typeof finish !== "string") return [...rest, ...held, ...this.#fail(finish)];
    const usage = readAnthropicUsage(this.#usage);
    const last = this.#emit(finishChunk(this.#head, finish));
    this.#isOver = true;
    return [
      ...rest,
      ...held,
      ...last,
      ...(usage === null ? [] : this.#emit(usageChunk(this.#head, usage))),
      this.#done(),
    ];
  }

  #done(): StreamEvent {
    if (this.#names.answerTool !== null) return { type: "done" };
    const keepsake = keepsakeOf(this.#content.blocks, this.#request);
    return keepsake === undefined ? { type: "done" } : { type: "done", keepsake };
  }

  #emit(chunk: ChatChunk): readonly StreamEvent[] {
    const first: readonly StreamEvent[] = this.#isOpen
      ? []
      : [{ type: "chunk", chunk: roleChunk(this.#head) }];
    this.#isOpen = true;
    return [...first, { type: "chunk", chunk }];
  }

  /** What was used up to a fault was used all the same. */
  #fail(fault: UpstreamFault): readonly StreamEvent[] {
    const usage = readAnthropicUsage(this.#usage);
    const spent: readonly StreamEvent[] = usage === null
      ? []
      : [{ type: "chunk", chunk: usageChunk(this.#head, usage) }];
    this.#isOver = true;
    return [...spent, { type: "fault", fault }];
  }
}

function decodeStreamError(data: JsonObject): UpstreamFault {
  return decodeErrorBody(data, {
    status: null,
    kind: "server_error",
    message: "The upstream ended the stream with an error.",
  });
}

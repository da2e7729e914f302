/**
 * Thinking of earlier turns. It is signed: it goes back to the model that it came from as it was, or
 * not at all. https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */

import type Anthropic from "@anthropic-ai/sdk";
import type { ChatRequest } from "../core/chat.ts";
import { arrayAt, isJsonObject, type JsonObject, type JsonValue, stringAt } from "../core/json.ts";
import { readReasoning } from "../core/reasoning.ts";
import { type Block, isBlank, readCacheMark, textBlock } from "./anthropic_block.ts";

/** Whether a block is thinking, readable or not. */
export function isThinking(block: JsonValue | undefined): boolean {
  const type = stringAt(block, "type");
  return type === "thinking" || type === "redacted_thinking";
}

/**
 * What of an answer's blocks a later request must hold: thinking as it came, and between it what else
 * there was. Undefined when there is nothing that the client's own history lacks.
 */
export function keepsakeOf(
  blocks: readonly JsonValue[],
  request: ChatRequest,
): JsonObject | undefined {
  const kept = blocks.flatMap(keepBlock);
  const isStep = kept.some((block) => block["type"] === "tool_use") &&
    readReasoning(request) !== null;
  return isStep || kept.some(isThinking) ? { "content": kept } : undefined;
}

function keepBlock(block: JsonValue): readonly JsonObject[] {
  switch (stringAt(block, "type")) {
    case "thinking":
      return keepThinking(stringAt(block, "thinking"), stringAt(block, "signature"));
    case "redacted_thinking": {
      const data = stringAt(block, "data");
      return data === undefined ? [] : [
        {
          "type": "redacted_thinking",
          "data": data,
        } satisfies Anthropic.RedactedThinkingBlockParam,
      ];
    }
    case "text": {
      const text = stringAt(block, "text") ?? "";
      return isBlank(text) ? [] : [textBlock(text)];
    }
    case "tool_use":
      return [{ "type": "tool_use" }];
    default:
      return [];
  }
}

/** Thinking without its signature is refused. */
function keepThinking(
  thinking: string | undefined,
  signature: string | undefined,
): readonly JsonObject[] {
  if (thinking === undefined || signature === undefined || signature === "") return [];
  return [
    {
      "type": "thinking",
      "thinking": thinking,
      "signature": signature,
    } satisfies Anthropic.ThinkingBlockParam,
  ];
}

/** The blocks of a streamed answer as a whole answer would hold them. */
export class StreamedBlocks {
  readonly #blocks = new Map<number, Record<string, string>>();

  /** Notes how the block at this index begins. */
  start(index: number, block: JsonObject | undefined): void {
    const noted: Record<string, string> = {};
    for (const key of NOTED_KEYS) noted[key] = stringAt(block, key) ?? "";
    this.#blocks.set(index, noted);
  }

  /** Notes a delta of the block at this index. */
  add(index: number, delta: JsonObject | undefined): void {
    const noted = this.#blocks.get(index);
    if (noted === undefined) return;
    for (const key of DELTA_KEYS) noted[key] += stringAt(delta, key) ?? "";
  }

  /** The blocks so far, in the order of their beginnings. */
  get blocks(): readonly JsonObject[] {
    return [...this.#blocks.values()];
  }
}

const DELTA_KEYS = ["text", "thinking", "signature"] as const;
const NOTED_KEYS = ["type", "data", ...DELTA_KEYS] as const;

/** An assistant message on the wire, without its thinking. */
export interface SaidBlocks {
  readonly texts: readonly Block[];
  readonly uses: readonly Block[];
}

/**
 * Puts thinking back where it was among the texts and calls of its message, a cache mark of the
 * text's on the last one. Where the client has changed the text, it comes before all of it.
 */
export function restoreThinking(said: SaidBlocks, keepsake: JsonObject): readonly Block[] {
  const kept = arrayAt(keepsake, "content").filter(isJsonObject);
  if (!isUnchanged(said, kept)) return [...kept.flatMap(thinkingOf), ...said.texts, ...said.uses];
  const uses = said.uses.values();
  const mark = readCacheMark(said.texts.findLast((text) => text["cache_control"] !== undefined));
  const lastText = kept.findLastIndex((block) => block["type"] === "text");
  return kept.flatMap((block, index): readonly Block[] => {
    if (block["type"] === "text") {
      return [textBlock(stringAt(block, "text") ?? "", index === lastText ? mark : {})];
    }
    if (block["type"] !== "tool_use") return thinkingOf(block);
    const use = uses.next().value;
    return use === undefined ? [] : [use];
  });
}

function thinkingOf(block: JsonObject): readonly Block[] {
  const type = stringAt(block, "type");
  return type === "thinking" || type === "redacted_thinking" ? [{ ...block, "type": type }] : [];
}

function isUnchanged({ texts, uses }: SaidBlocks, kept: readonly JsonObject[]): boolean {
  const countOfUses = kept.filter((block) => block["type"] === "tool_use").length;
  return countOfUses === uses.length && textOf(texts) === textOf(kept);
}

function textOf(blocks: readonly JsonObject[]): string {
  return blocks.map((block) => stringAt(block, "text") ?? "").join("").replaceAll(/\s+/g, "");
}

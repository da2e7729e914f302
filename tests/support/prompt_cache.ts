/** Prompt caches as vendors document theirs; a token is four characters of JSON. */

import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import { objects } from "./anthropic_messages_validator.ts";

/** The tokens of one request's input. */
export interface CacheReading {
  /** All of them. */
  readonly input: number;
  /** Those that the cache had. */
  readonly cached: number;
  /** Those that were put into it. */
  readonly written: number;
}

/** A cache that sees the bodies of requests one after the other. */
export interface PromptCache {
  /** Looks a request's prefix up, and keeps it. */
  read(body: JsonObject): CacheReading;
}

const CHARS_PER_TOKEN = 4;

function tokensOf(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}

interface Piece {
  /** The piece and all before it, without marks. */
  readonly prefix: string;
  readonly isMarked: boolean;
}

/** The largest minimum of the present models; a smaller one would hide prefixes that are too short. */
const MIN_TOKENS = 4096;
/** How many places before a mark are looked up, its own among them. */
const LOOKBACK = 20;

/**
 * Anthropic's: prefixes in the order tools, system, messages; only what ends at a mark is kept, and
 * found again at a mark or up to 20 blocks before it. What changes how the model thinks or chooses
 * tools makes the messages others. https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export class MarkedPromptCache implements PromptCache {
  readonly #kept = new Set<string>();

  /** See `PromptCache`. */
  read(body: JsonObject): CacheReading {
    const pieces = listPieces(body);
    const marks = pieces.flatMap((piece, index) => piece.isMarked ? [index] : []);
    const found = marks.flatMap((mark) => this.#find(pieces, mark));
    const cached = Math.max(0, ...found);
    const ends = marks.map((mark) => pieces[mark]?.prefix ?? "")
      .filter((prefix) => tokensOf(prefix.length) >= MIN_TOKENS);
    for (const prefix of ends) this.#kept.add(prefix);
    const last = Math.max(0, ...ends.map((prefix) => tokensOf(prefix.length)));
    const input = tokensOf(pieces.at(-1)?.prefix.length ?? 0);
    return { input, cached, written: Math.max(0, last - cached) };
  }

  #find(pieces: readonly Piece[], mark: number): readonly number[] {
    const places = pieces.slice(Math.max(0, mark - LOOKBACK + 1), mark + 1);
    return places.filter((piece) => this.#kept.has(piece.prefix))
      .map((piece) => tokensOf(piece.prefix.length));
  }
}

function listPieces(body: JsonObject): readonly Piece[] {
  const isAllMarked = body["cache_control"] !== undefined;
  const mode = JSON.stringify([body["tool_choice"] ?? null, body["thinking"] ?? null]);
  const blocks: readonly (readonly [string, JsonObject])[] = [
    ...objects(body["tools"]).map((tool) => ["tool", tool] as const),
    ...objects(body["system"]).map((block) => ["system", block] as const),
    ...objects(body["messages"]).flatMap((message) =>
      objects(message["content"]).map((block) => [`${message["role"]} ${mode}`, block] as const)
    ),
  ];
  let prefix = "";
  return blocks.map(([place, block], index) => {
    prefix += place + JSON.stringify(block, withoutMarks);
    return { prefix, isMarked: isMarked(block) || (isAllMarked && index === blocks.length - 1) };
  });
}

function isMarked(block: JsonObject): boolean {
  return isJsonObject(block["cache_control"]) || objects(block["content"]).some(isMarked);
}

function withoutMarks(key: string, value: JsonValue): JsonValue | undefined {
  return key === "cache_control" ? undefined : value;
}

/** What a cache of the longest common prefix needs to be told. */
export interface PrefixRules {
  /** Shorter prefixes are not cached. */
  readonly minTokens: number;
  /** Prefixes are cached in steps of so many tokens. */
  readonly stepTokens: number;
}

/** https://platform.openai.com/docs/guides/prompt-caching */
export const OPENAI_RULES: PrefixRules = { minTokens: 1024, stepTokens: 128 };
/** llama.cpp keeps what the last prompt and this one have in common. */
export const LLAMA_RULES: PrefixRules = { minTokens: 1, stepTokens: 1 };

/** A cache of the longest common prefix, without marks: tools first, then messages. */
export class AutomaticPromptCache implements PromptCache {
  readonly #seen: string[] = [];
  readonly #rules: PrefixRules;

  /** An empty cache by these rules. */
  constructor(rules: PrefixRules) {
    this.#rules = rules;
  }

  /** See `PromptCache`. */
  read(body: JsonObject): CacheReading {
    const prompt = [...objects(body["tools"]), ...objects(body["messages"])]
      .map((piece) => JSON.stringify(piece)).join("\n");
    const { minTokens, stepTokens } = this.#rules;
    const common = Math.max(0, ...this.#seen.map((seen) => countCommon(seen, prompt)));
    const tokens = Math.floor(common / CHARS_PER_TOKEN);
    this.#seen.push(prompt);
    const cached = tokens < minTokens ? 0 : Math.floor(tokens / stepTokens) * stepTokens;
    return { input: tokensOf(prompt.length), cached, written: 0 };
  }
}

/** By halves: a comparison of slices costs far less than one of each character. */
function countCommon(first: string, second: string): number {
  let [same, end] = [0, Math.min(first.length, second.length)];
  while (same < end) {
    const middle = Math.ceil((same + end) / 2);
    if (first.slice(same, middle) === second.slice(same, middle)) same = middle;
    else end = middle - 1;
  }
  return same;
}

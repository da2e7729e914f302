import { type JsonObject, type JsonValue, numberAt, objectAt } from "./json.ts";

/** Who says how many tokens there were. */
export type UsageSource = "provider" | "estimated";

/** The tokens of one attempt, in the meaning of OpenAI's `usage`. */
export interface TokenUsage {
  /** Prompt tokens, those read from and written to a prompt cache included. */
  readonly inputTokens: number;
  /** The part of `inputTokens` that was read from a prompt cache. */
  readonly cachedTokens: number;
  /** The part of `inputTokens` that was written to a prompt cache. */
  readonly cacheWriteTokens: number;
  /** Completion tokens, reasoning included. */
  readonly outputTokens: number;
  /** The part of `outputTokens` that was reasoning. */
  readonly reasoningTokens: number;
  /** Where the numbers come from. */
  readonly source: UsageSource;
}

/**
 * Reads an OpenAI `usage` object; null when it has no counts.
 * Field names: https://platform.openai.com/docs/api-reference/chat/object (`cache_write_tokens`
 * is an addition of several vendors; `prompt_cache_hit_tokens` is DeepSeek's).
 */
export function readUsage(usage: JsonValue | undefined): TokenUsage | null {
  const inputTokens = numberAt(usage, "prompt_tokens");
  const outputTokens = numberAt(usage, "completion_tokens");
  if (inputTokens === undefined && outputTokens === undefined) return null;
  const promptDetails = objectAt(usage, "prompt_tokens_details");
  const completionDetails = objectAt(usage, "completion_tokens_details");
  return {
    inputTokens: inputTokens ?? 0,
    cachedTokens: numberAt(promptDetails, "cached_tokens") ??
      numberAt(usage, "prompt_cache_hit_tokens") ?? 0,
    cacheWriteTokens: numberAt(promptDetails, "cache_write_tokens") ?? 0,
    outputTokens: outputTokens ?? 0,
    reasoningTokens: numberAt(completionDetails, "reasoning_tokens") ?? 0,
    source: "provider",
  };
}

/** Writes the counts as an OpenAI `usage` object. */
export function writeUsage(usage: TokenUsage): JsonObject {
  return {
    "prompt_tokens": usage.inputTokens,
    "completion_tokens": usage.outputTokens,
    "total_tokens": usage.inputTokens + usage.outputTokens,
    "prompt_tokens_details": {
      "cached_tokens": usage.cachedTokens,
      "cache_write_tokens": usage.cacheWriteTokens,
    },
    "completion_tokens_details": { "reasoning_tokens": usage.reasoningTokens },
  };
}

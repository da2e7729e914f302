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
  /** The part of `cacheWriteTokens` that the cache keeps for an hour; absent: none. */
  readonly cacheWriteHourTokens?: number;
  /** Completion tokens, reasoning included. */
  readonly outputTokens: number;
  /** The part of `outputTokens` that was reasoning. */
  readonly reasoningTokens: number;
  /** Where the numbers come from. */
  readonly source: UsageSource;
}

/** What readers of a server's own words for cached tokens look in. */
interface UsageParts {
  readonly usage: JsonValue | undefined;
  /** Its `prompt_tokens_details`. */
  readonly prompt: JsonObject | undefined;
}

type CountReader = (parts: UsageParts) => number | undefined;

/** THE TABLE of names for tokens that were read from a cache; the first that is there counts. */
const CACHE_READS: readonly CountReader[] = [
  // OpenAI, Groq, xAI, OpenRouter: https://platform.openai.com/docs/guides/prompt-caching
  ({ prompt }) => numberAt(prompt, "cached_tokens"),
  // DeepSeek: https://api-docs.deepseek.com/guides/kv_cache
  ({ usage }) => numberAt(usage, "prompt_cache_hit_tokens"),
  // Moonshot: https://platform.moonshot.ai/docs/api/chat
  ({ usage }) => numberAt(usage, "cached_tokens"),
];

/** THE TABLE of names for tokens that were written to a cache; the first that is there counts. */
const CACHE_WRITES: readonly CountReader[] = [
  // OpenAI, OpenRouter: https://openrouter.ai/docs/guides/features/prompt-caching
  ({ prompt }) => numberAt(prompt, "cache_write_tokens"),
  // Alibaba: https://www.alibabacloud.com/help/en/model-studio/context-cache
  ({ prompt }) => numberAt(prompt, "cache_creation_input_tokens"),
];

/**
 * Reads an OpenAI `usage` object; null when it has no counts.
 * Field names: https://platform.openai.com/docs/api-reference/chat/object. The part of the written
 * tokens that stays for an hour has the name that Anthropic gives it.
 */
export function readUsage(usage: JsonValue | undefined): TokenUsage | null {
  const inputTokens = numberAt(usage, "prompt_tokens");
  const outputTokens = numberAt(usage, "completion_tokens");
  if (inputTokens === undefined && outputTokens === undefined) return null;
  const parts = { usage, prompt: objectAt(usage, "prompt_tokens_details") };
  const hour = numberAt(objectAt(parts.prompt, "cache_creation"), HOUR_KEY) ?? 0;
  const counts = {
    inputTokens: inputTokens ?? 0,
    cachedTokens: firstCount(CACHE_READS, parts),
    cacheWriteTokens: firstCount(CACHE_WRITES, parts),
    ...(hour === 0 ? {} : { cacheWriteHourTokens: hour }),
    outputTokens: outputTokens ?? 0,
    reasoningTokens: numberAt(objectAt(usage, "completion_tokens_details"), "reasoning_tokens") ??
      0,
  };
  const total = numberAt(usage, "total_tokens") ?? 0;
  return { ...counts, outputTokens: withReasoning(counts, total), source: "provider" };
}

/** Anthropic's: https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
const HOUR_KEY = "ephemeral_1h_input_tokens";

function firstCount(readers: readonly CountReader[], parts: UsageParts): number {
  for (const read of readers) {
    const count = read(parts);
    if (count !== undefined) return count;
  }
  return 0;
}

/**
 * Output tokens, reasoning included: xAI and Google count it in the total beside `completion_tokens`
 * (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/grok/capabilities/reasoning).
 * What a total has more because cached tokens are counted beside the prompt is no output.
 */
function withReasoning(counts: Omit<TokenUsage, "source">, total: number): number {
  const { inputTokens, outputTokens, cachedTokens, cacheWriteTokens } = counts;
  const rest = total - inputTokens - outputTokens;
  const isReasoning = rest > 0 && rest !== cachedTokens + cacheWriteTokens;
  return isReasoning ? outputTokens + rest : outputTokens;
}

/** Writes the counts as an OpenAI `usage` object. */
export function writeUsage(usage: TokenUsage): JsonObject {
  const hour = usage.cacheWriteHourTokens ?? 0;
  return {
    "prompt_tokens": usage.inputTokens,
    "completion_tokens": usage.outputTokens,
    "total_tokens": usage.inputTokens + usage.outputTokens,
    "prompt_tokens_details": {
      "cached_tokens": usage.cachedTokens,
      "cache_write_tokens": usage.cacheWriteTokens,
      ...(hour === 0 ? {} : { "cache_creation": { [HOUR_KEY]: hour } }),
    },
    "completion_tokens_details": { "reasoning_tokens": usage.reasoningTokens },
  };
}

/**
 * A `usage` object as its server wrote it, with what OpenAI's always has: the three counts, and
 * cached tokens under OpenAI's names whatever the server calls them. Nulls are left out, as OpenAI
 * has none there. Null when it has no counts.
 */
export function completeUsage(wire: JsonObject): JsonObject | null {
  const usage = readUsage(wire);
  if (usage === null) return null;
  const said = withoutNulls(wire);
  const prompt = withoutNulls(objectAt(said, "prompt_tokens_details") ?? {});
  const details = {
    ...(usage.cachedTokens === 0 ? {} : { "cached_tokens": usage.cachedTokens }),
    ...(usage.cacheWriteTokens === 0 ? {} : { "cache_write_tokens": usage.cacheWriteTokens }),
    ...prompt,
  };
  const completion = withoutNulls(objectAt(said, "completion_tokens_details") ?? {});
  return {
    ...said,
    "prompt_tokens": usage.inputTokens,
    "completion_tokens": usage.outputTokens,
    "total_tokens": numberAt(said, "total_tokens") ?? usage.inputTokens + usage.outputTokens,
    ...detailsAs("prompt_tokens_details", details),
    ...detailsAs("completion_tokens_details", completion),
  };
}

function detailsAs(name: string, details: JsonObject): JsonObject {
  return Object.keys(details).length === 0 ? { [name]: undefined } : { [name]: details };
}

function withoutNulls(source: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== null));
}

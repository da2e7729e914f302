/**
 * The most output tokens of hosted model families. Price lists do not carry them, and Anthropic's
 * API wants a limit in every request.
 *
 * Sources: https://platform.claude.com/docs/en/about-claude/models/overview (and the page of each
 * model), https://developers.openai.com/api/docs/models, https://ai.google.dev/gemini-api/docs/models,
 * https://api-docs.deepseek.com/quick_start/pricing.
 */

/** Model-id prefix -> the most output tokens; the longest prefix that fits counts. */
const OUTPUT_LIMITS: ReadonlyMap<string, number> = new Map([
  ["claude-fable-5", 128_000],
  ["claude-opus-5", 128_000],
  ["claude-sonnet-5", 128_000],
  ["claude-haiku-5", 128_000],
  ["claude-opus-4-8", 128_000],
  ["claude-opus-4-7", 128_000],
  ["claude-opus-4-6", 128_000],
  ["claude-sonnet-4-6", 128_000],
  ["claude-opus-4-5", 64_000],
  ["claude-sonnet-4", 64_000],
  ["claude-haiku-4", 64_000],
  ["claude-opus-4", 32_000],
  ["claude-3-7-sonnet", 64_000],
  ["claude-3-5", 8_192],
  ["claude-3", 4_096],
  ["gpt-6", 128_000],
  ["gpt-6-1", 128_000],
  ["gpt-5", 128_000],
  ["gpt-5-1", 128_000],
  ["gpt-5-2", 128_000],
  ["gpt-5-3", 128_000],
  ["gpt-5-4", 128_000],
  ["gpt-5-5", 128_000],
  ["gpt-5-6", 128_000],
  ["gpt-5-chat", 16_384],
  ["gpt-5-1-chat", 16_384],
  ["gpt-5-2-chat", 16_384],
  ["gpt-5-3-chat", 16_384],
  ["gpt-4-1", 32_768],
  ["gpt-4o", 16_384],
  ["gpt-4o-2024-05-13", 4_096],
  ["gpt-4-turbo", 4_096],
  ["o1", 100_000],
  ["o3", 100_000],
  ["o4-mini", 100_000],
  ["gemini-3", 65_536],
  ["gemini-3-1", 65_536],
  ["gemini-3-5", 65_536],
  ["gemini-3-6", 65_536],
  ["gemini-3-7", 65_536],
  ["gemini-3-8", 65_536],
  ["gemini-2-5", 65_536],
  ["gemini-2-0", 8_192],
  ["deepseek-v4", 384_000],
  ["deepseek-flash", 384_000],
]);

/**
 * The most tokens that a hosted model writes in one answer, or null when that is unknown. A vendor
 * in front (`anthropic/claude-sonnet-4.5`) and dots for dashes are understood.
 *
 * @example
 * ```ts
 * import { findOutputLimit } from "./output_limits.ts";
 * if (findOutputLimit("claude-haiku-4-5-20251001") !== 64_000) throw new Error();
 * if (findOutputLimit("qwen3:8b") !== null) throw new Error();
 * ```
 */
export function findOutputLimit(modelId: string): number | null {
  const name = modelId.slice(modelId.lastIndexOf("/") + 1).toLowerCase().replaceAll(".", "-");
  let longest = "";
  for (const prefix of OUTPUT_LIMITS.keys()) {
    if (prefix.length > longest.length && hasPrefix(name, prefix)) longest = prefix;
  }
  return OUTPUT_LIMITS.get(longest) ?? null;
}

// A prefix ends where a word ends: "gpt-4-1" is not that of "gpt-4-1106-preview".
function hasPrefix(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && /^(?:$|[-:@])/.test(name.slice(prefix.length));
}

import assert from "node:assert/strict";
import { findOutputLimit } from "../../src/core/output_limits.ts";

const CASES: Readonly<Record<string, number | null>> = {
  "claude-haiku-4-5-20251001": 64_000,
  "claude-sonnet-4-20250514": 64_000,
  "claude-sonnet-4-6": 128_000,
  "claude-opus-4-1-20250805": 32_000,
  "claude-opus-4-5": 64_000,
  "claude-opus-5-5": 128_000,
  "claude-3-5-sonnet-20241022": 8_192,
  "anthropic/claude-sonnet-4.5": 64_000,
  "gpt-6-luna": 128_000,
  "gpt-5.4-mini": 128_000,
  "gpt-5-chat-latest": 16_384,
  "gpt-4.1-nano": 32_768,
  "gpt-4o-mini": 16_384,
  "gpt-4o-2024-05-13": 4_096,
  "gpt-4-1106-preview": null,
  "o3-mini": 100_000,
  "models/gemini-3.8-flash": 65_536,
  "gemini-2.0-flash": 8_192,
  "deepseek-v4-pro": 384_000,
  "llama3.2:3b": null,
  "": null,
};

for (const [modelId, limit] of Object.entries(CASES)) {
  Deno.test(`findOutputLimit() of "${modelId}" is ${limit ?? "unknown"}`, () => {
    assert.equal(findOutputLimit(modelId), limit);
  });
}

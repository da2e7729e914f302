/** Sampling parameters, stop sequences and whatever else a request says at its top level. */

import type { ChatRequest } from "../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue, stringAt } from "../core/json.ts";
import { readReasoning } from "../core/reasoning.ts";
import { isBlank } from "./anthropic_block.ts";
import type { EncodingNotes } from "./anthropic_notes.ts";
import type { ClaudeTraits } from "./anthropic_traits.ts";

/** What the encoding of sampling parameters needs to know. */
export interface SamplingOptions {
  readonly notes: EncodingNotes;
  readonly traits: ClaudeTraits;
  /** A model that thinks accepts no sampling parameters. */
  readonly isThinking: boolean;
}

/** https://platform.claude.com/docs/en/api/messages */
const MAX_TEMPERATURE = 1;

/**
 * `temperature` (OpenAI allows 0 to 2, Anthropic 0 to 1: clamped), `top_p` and `top_k`, as far as
 * the model accepts them. Of two that exclude each other the temperature stays.
 */
export function encodeSampling(request: ChatRequest, options: SamplingOptions): JsonObject {
  const { notes, traits } = options;
  const temperature = request["temperature"] ?? null;
  const topP = request["top_p"] ?? null;
  const topK = request["top_k"] ?? null;
  if (traits.sampling === "none" || options.isThinking) {
    if (temperature !== null && temperature !== 1) notes.drop("temperature");
    if (topP !== null && topP !== 1) notes.drop("top_p");
    if (topK !== null) notes.drop("top_k");
    return {};
  }
  const isTopPRefused = traits.sampling === "one" && temperature !== null;
  if (isTopPRefused && topP !== null && topP !== 1) notes.drop("top_p");
  if (temperature !== null && temperature > MAX_TEMPERATURE) {
    notes.drop(`temperature>${MAX_TEMPERATURE}`);
  }
  return {
    ...(temperature === null
      ? {}
      : { "temperature": Math.min(MAX_TEMPERATURE, Math.max(0, temperature)) }),
    ...(topP === null || isTopPRefused ? {} : { "top_p": topP }),
    ...(topK === null ? {} : { "top_k": topK }),
  };
}

/** `stop` as `stop_sequences`; blank ones are refused by the vendor. */
export function encodeStop(request: ChatRequest, notes: EncodingNotes): JsonObject {
  const stop = request["stop"] ?? [];
  const asked = typeof stop === "string" ? [stop] : stop;
  const sequences = asked.filter((sequence) => !isBlank(sequence));
  if (sequences.length < asked.length) notes.drop("stop");
  return sequences.length === 0 ? {} : { "stop_sequences": sequences };
}

/** The end user's id as `metadata.user_id`; other metadata has no place in the dialect. */
export function encodeUser(request: ChatRequest, notes: EncodingNotes): JsonObject {
  const metadata = request["metadata"] ?? null;
  const own = stringAt(metadata, "user_id");
  if (Object.keys(metadata ?? {}).some((key) => key !== "user_id")) notes.drop("metadata");
  const user = own ?? request["user"] ?? stringAt(request, "safety_identifier") ?? "";
  return user === "" ? {} : { "metadata": { "user_id": user } };
}

/** Names every top-level field that the dialect has no word for, unless its value asks for nothing. */
export function noteUnsaidFields(request: ChatRequest, notes: EncodingNotes): void {
  if (typeof request["n"] === "number" && request["n"] > 1) {
    notes.refuse("n", "An Anthropic model gives one answer a request; send n = 1.");
  }
  const reasoning = readReasoning(request)?.fields ?? [];
  for (const [name, value] of Object.entries(request)) {
    if (SAID.has(name) || reasoning.includes(name) || value === null || value === undefined) {
      continue;
    }
    const isNeutral = NEUTRAL.get(name);
    if (isNeutral?.(value) !== true) notes.drop(name);
  }
}

/** Fields that some encoder of this dialect reads, and reports itself where it must. */
const SAID: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "functions",
  "function_call",
  "response_format",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "top_p",
  "top_k",
  "stop",
  "user",
  "safety_identifier",
  "metadata",
  "cache_control",
]);

/** Values that ask for nothing beyond what Anthropic does anyhow. */
const NEUTRAL: ReadonlyMap<string, (value: JsonValue) => boolean> = new Map<
  string,
  (value: JsonValue) => boolean
>([
  ["n", (value) => value === 1],
  ["store", (value) => value === false],
  ["logprobs", (value) => value === false],
  ["top_logprobs", (value) => value === 0],
  ["frequency_penalty", (value) => value === 0],
  ["presence_penalty", (value) => value === 0],
  ["logit_bias", (value) => isJsonObject(value) && Object.keys(value).length === 0],
  ["verbosity", (value) => value === "medium"],
  ["service_tier", (value) => value === "auto"],
  ["modalities", (value) => Array.isArray(value) && value.every((item) => item === "text")],
]);

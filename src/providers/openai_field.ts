/** Top-level fields of a request that must not go upstream, or not to every upstream. */

import type OpenAI from "openai";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";

/** A request's fields without those, and the paths of those. */
export interface Sifted<T> {
  /** What is left. */
  readonly value: T;
  /** The paths of what is not. */
  readonly dropped: readonly string[];
}

/**
 * Names (in lower case, without separators) that gateways read as "send it there, with that key": a
 * client must not direct where the user's requests go.
 */
const REDIRECTING = new Set(["apibase", "baseurl", "apikey"]);

/** Fields that hold what people, tools and models say: names in there direct nothing. */
const CONTENT_FIELDS = new Set([
  "messages",
  "tools",
  "functions",
  "tool_choice",
  "function_call",
  "response_format",
  "prediction",
  "metadata",
  "stop",
]);

/** Removes fields that could redirect the request, also from within vendors' extra objects. */
export function removeRedirects(body: JsonObject): Sifted<JsonObject> {
  const dropped: string[] = [];
  const value = siftObject(body, { path: "", dropped, isTop: true });
  return { value, dropped };
}

interface Place {
  readonly path: string;
  readonly dropped: string[];
  readonly isTop: boolean;
}

function siftObject(source: JsonObject, place: Place): JsonObject {
  let isChanged = false;
  const kept: (readonly [string, JsonValue | undefined])[] = [];
  for (const [key, item] of Object.entries(source)) {
    const path = place.path === "" ? key : `${place.path}.${key}`;
    if (REDIRECTING.has(key.toLowerCase().replace(/[_-]/g, ""))) {
      place.dropped.push(path);
      isChanged = true;
      continue;
    }
    const isContent = place.isTop && CONTENT_FIELDS.has(key);
    const clean = isContent ? item : sift(item, { ...place, path, isTop: false });
    isChanged ||= clean !== item;
    kept.push([key, clean]);
  }
  return isChanged ? Object.fromEntries(kept) : source;
}

function sift(value: JsonValue | undefined, place: Place): JsonValue | undefined {
  if (isJsonObject(value)) return siftObject(value, place);
  if (!Array.isArray(value)) return value;
  const items = value.map((item, index) =>
    sift(item, { ...place, path: `${place.path}[${index}]` })
  );
  const isChanged = items.some((item, index) => item !== value[index]);
  return isChanged ? items.map((item) => item ?? null) : value;
}

/** THE TABLE of fields: one that becomes a field of OpenAI's, and is not here, does not compile. */
const OPENAI_FIELDS = {
  "audio": true,
  "frequency_penalty": true,
  "function_call": true,
  "functions": true,
  "logit_bias": true,
  "logprobs": true,
  "max_completion_tokens": true,
  "max_tokens": true,
  "messages": true,
  "metadata": true,
  "modalities": true,
  "model": true,
  "moderation": true,
  "n": true,
  "parallel_tool_calls": true,
  "prediction": true,
  "presence_penalty": true,
  "prompt_cache_key": true,
  "prompt_cache_options": true,
  "prompt_cache_retention": true,
  "reasoning_effort": true,
  "response_format": true,
  "safety_identifier": true,
  "seed": true,
  "service_tier": true,
  "stop": true,
  "store": true,
  "stream": true,
  "stream_options": true,
  "temperature": true,
  "tool_choice": true,
  "tools": true,
  "top_logprobs": true,
  "top_p": true,
  "user": true,
  "verbosity": true,
  "web_search_options": true,
} as const satisfies Record<keyof OpenAI.Chat.Completions.ChatCompletionCreateParams, true>;

/**
 * Whether OpenAI's reference names the field. OpenAI itself refuses a request with any other; a
 * client that sends it to a router can't know which vendor will answer.
 */
export function isOpenaiField(name: string): boolean {
  return Object.hasOwn(OPENAI_FIELDS, name);
}

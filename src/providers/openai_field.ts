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

type KnownField = keyof OpenAI.Chat.Completions.ChatCompletionCreateParams;

/** A set of names, none of which is a field of OpenAI's: one that becomes one does not compile. */
function namesOutsideOpenai<const T extends string>(
  names: readonly (T extends KnownField ? never : T)[],
): ReadonlySet<string> {
  return new Set<string>(names);
}

/**
 * Parameters of other servers. OpenAI itself refuses a request with any of them; a client that sends
 * them to a router can't know which vendor will answer.
 */
export const FOREIGN_FIELDS: ReadonlySet<string> = namesOutsideOpenai([
  "top_k",
  "top_a",
  "min_p",
  "typical_p",
  "tfs_z",
  "repeat_penalty",
  "repeat_last_n",
  "repetition_penalty",
  "length_penalty",
  "mirostat",
  "mirostat_eta",
  "mirostat_tau",
  "num_ctx",
  "num_predict",
  "n_predict",
  "options",
  "keep_alive",
  "format",
  "grammar",
  "cache_prompt",
  "think",
  "thinking",
  "thinking_budget",
  "enable_thinking",
  "reasoning",
  "reasoning_format",
  "include_reasoning",
  "chat_template_kwargs",
  "guided_json",
  "guided_regex",
  "guided_choice",
  "guided_grammar",
  "ignore_eos",
  "min_tokens",
  "best_of",
  "use_beam_search",
  "skip_special_tokens",
  "safe_prompt",
  "random_seed",
  "provider",
  "models",
  "route",
  "transforms",
  "plugins",
  "usage",
  "session_id",
  "extra_body",
  "cache_control",
]);

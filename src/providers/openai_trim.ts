/**
 * What servers other than OpenAI's own don't get of a message: what says nothing, and, where all else
 * is refused, what they don't know.
 */

import type { AnyToolCall, ChatMessage, ChatRole, ContentPart } from "../core/chat.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import {
  CALL_KEYS,
  CALLED_KEYS,
  type KnownKeys,
  mapChanged,
  pickFields,
  sievePart,
  SPEAKER_KEYS,
  type StrictOptions,
} from "./openai_strict.ts";

/** The message without what SDKs echo and what says nothing; itself when it holds none of it. */
export function omitNothings(message: ChatMessage): ChatMessage {
  const calls = message["tool_calls"];
  const clean = Array.isArray(calls) ? mapChanged<AnyToolCall>(calls, omitOfCall) : calls;
  const whole = clean === calls ? message : { ...message, "tool_calls": clean ?? null };
  return omitKeys(whole, isEcho);
}

/** Content that is null means calls alone. */
function isEcho(key: string, message: JsonObject): boolean {
  const value = message[key];
  if (key === "annotations") return value === null || (Array.isArray(value) && value.length === 0);
  return value === null && key !== "content";
}

/** The index is a stream's. */
function omitOfCall(call: AnyToolCall): AnyToolCall {
  const key = call.type === "function" ? "function" : "custom";
  const spec = call[key];
  const clean = isJsonObject(spec) ? omitKeys(spec, isNull) : spec;
  const whole = clean === spec ? call : { ...call, [key]: clean };
  return omitKeys(whole, (name) => name === "index" || isNull(name, whole));
}

function isNull(key: string, source: JsonObject): boolean {
  return source[key] === null;
}

function omitKeys<T extends JsonObject>(
  source: T,
  isUnwanted: (key: string, source: JsonObject) => boolean,
): T {
  const unwanted = Object.keys(source).filter((key) => isUnwanted(key, source));
  if (unwanted.length === 0) return source;
  return { ...source, ...Object.fromEntries(unwanted.map((key) => [key, undefined])) };
}

const ASSISTANT_KEYS: KnownKeys = {
  ...SPEAKER_KEYS,
  "tool_calls": true,
  "function_call": true,
  "prefix": true, // where it is not taken, it is gone before
};

/**
 * THE TABLE of what servers that refuse all else know, by role: https://docs.mistral.ai/api,
 * https://console.groq.com/docs/api-reference.
 */
const KNOWN_KEYS: Readonly<Record<ChatRole, KnownKeys>> = {
  system: SPEAKER_KEYS,
  developer: SPEAKER_KEYS,
  user: SPEAKER_KEYS,
  assistant: ASSISTANT_KEYS,
  tool: { ...SPEAKER_KEYS, "tool_call_id": true },
  function: SPEAKER_KEYS,
};

/** The message with what such a server knows; what said something is reported. */
export function trimMessage(message: ChatMessage, { dropped }: StrictOptions): ChatMessage {
  const place = { path: "messages", dropped };
  const { content, refusal, "tool_calls": calls } = message;
  const isSaid = message.role === "assistant" && refusal !== undefined && refusal === content;
  const said = isSaid ? { ...message, "refusal": undefined } : message;
  const changes: Record<string, ChatMessage[string]> = {};
  if (Array.isArray(content)) {
    const parts = mapChanged<ContentPart>(content, (part) => sievePart(part, place));
    if (parts !== content) changes["content"] = parts;
  }
  if (Array.isArray(calls)) {
    const known = mapChanged<AnyToolCall>(calls, (call) => trimCall(call, place));
    if (known !== calls) changes["tool_calls"] = known;
  }
  const picked = pickFields(said, KNOWN_KEYS[message.role], place);
  return Object.keys(changes).length === 0 ? picked : { ...picked, ...changes };
}

function trimCall(
  call: AnyToolCall,
  place: { readonly path: string; readonly dropped: Set<string> },
): AnyToolCall {
  const picked = pickFields(call, CALL_KEYS, place);
  if (picked.type !== "function") return picked;
  const spec = pickFields(picked.function, CALLED_KEYS, place);
  return spec === picked.function ? picked : { ...picked, "function": spec };
}

/** Messages of a request as servers of the OpenAI dialect take them. */

import type { AnyToolCall, ChatMessage, ContentPart } from "../core/chat.ts";
import { arrayAt, type JsonObject } from "../core/json.ts";
import type { UpstreamCall } from "./adapter.ts";
import { regulariseHistory } from "./history.ts";
import { modernizeMessages } from "./legacy_request.ts";
import { createCallIds } from "./openai_call_id.ts";
import { REASONING_KEYS, restoreMessage, restoresReasoning } from "./openai_keepsake.ts";
import type { Quirks } from "./openai_quirk.ts";
import { isNothing, mapChanged, sieveMessage, type StrictOptions } from "./openai_strict.ts";

const CACHE_KEYS = ["cache_control"];

/** What the encoding of messages needs to know. */
export interface MessageOptions extends StrictOptions {
  readonly quirks: Quirks;
}

/**
 * Rewrites the messages for one server; one that needs nothing stays the same object, and the array
 * too. A client that still uses `functions` keeps the deprecated form, which its answers have too.
 */
export function encodeMessages(
  call: UpstreamCall,
  options: MessageOptions,
): readonly ChatMessage[] {
  const { request } = call;
  const isLegacy = arrayAt(request, "functions").length > 0;
  const messages = isLegacy ? request.messages : modernizeMessages(request.messages);
  const whole = options.quirks.isStrict ? messages : mapChanged(
    messages,
    (message, index) => prepareMessage(message, { ...options, call, index }),
  );
  const regular = regulariseHistory(whole, { ids: createCallIds(options.quirks.callIds) });
  return mapChanged(regular, (message) => {
    const plain = normaliseMessage(message, options.quirks);
    return options.quirks.isStrict ? sieveMessage(plain, options) : plain;
  });
}

interface PrepareOptions extends MessageOptions {
  readonly call: UpstreamCall;
  /** In the client's request. */
  readonly index: number;
}

/** Puts back what the vendor needs of its own answers, and takes out what it refuses. */
function prepareMessage(message: ChatMessage, options: PrepareOptions): ChatMessage {
  const { quirks, dropped } = options;
  const isAnswer = message.role === "assistant";
  const keepsake = isAnswer ? options.call.recall(options.index) : null;
  const restoring = { quirks, keepsake };
  const cache = quirks.cacheControl ? [] : CACHE_KEYS;
  const omitted = omitKeys(message, [
    ...(restoresReasoning(restoring) ? [] : REASONING_KEYS),
    ...(quirks.messageNames ? [] : ["name"]),
    ...(quirks.prefix ? [] : ["prefix"]),
    ...cache,
  ], dropped);
  const clean = cache.length === 0 ? omitted : omitMarks(omitted, dropped);
  return isAnswer ? restoreMessage(clean, restoring) : clean;
}

/** Takes cache marks out of parts and calls. */
function omitMarks(message: ChatMessage, dropped: Set<string>): ChatMessage {
  const { content, "tool_calls": calls } = message;
  const changes: Record<string, ChatMessage[string]> = {};
  if (Array.isArray(content)) {
    const parts = mapChanged<ContentPart>(content, (part) => omitKeys(part, CACHE_KEYS, dropped));
    if (parts !== content) changes["content"] = parts;
  }
  if (Array.isArray(calls)) {
    const clean = mapChanged<AnyToolCall>(calls, (call) => omitKeys(call, CACHE_KEYS, dropped));
    if (clean !== calls) changes["tool_calls"] = clean;
  }
  return Object.keys(changes).length === 0 ? message : { ...message, ...changes };
}

/** The message with a role and content that every server takes. */
function normaliseMessage(message: ChatMessage, quirks: Quirks): ChatMessage {
  const changes: Record<string, ChatMessage[string]> = {};
  if (message.role === "developer" && !quirks.developerRole) changes["role"] = "system";
  const content = normaliseContent(message, quirks);
  if (content !== message.content) changes["content"] = content;
  const calls = message["tool_calls"];
  if (calls?.length === 0) changes["tool_calls"] = undefined; // OpenAI refuses an empty list
  return Object.keys(changes).length === 0 ? message : { ...message, ...changes };
}

/** What an assistant's message may hold instead of text. */
const ALONE_KEYS = ["tool_calls", "function_call", "audio"];

/**
 * Calls may stand alone; other messages have text, if it is empty. OpenAI's `refusal` is text to
 * servers that don't know the field.
 */
function normaliseContent(message: ChatMessage, { isStrict }: Quirks): ChatMessage["content"] {
  const content = message.content ?? null;
  const isEmpty = content === null || (Array.isArray(content) && content.length === 0);
  if (!isEmpty) return message.content;
  const { refusal } = message;
  const isRefusal = message.role === "assistant" && typeof refusal === "string" && refusal !== "";
  if (isRefusal && !isStrict) return refusal;
  const isAlone = isRefusal ||
    (message.role === "assistant" && ALONE_KEYS.some((key) => !isNothing(message[key])));
  if (!isAlone) return "";
  return content === null ? message.content : null;
}

/** The object with these keys undefined, which JSON leaves out; those that said something are reported. */
function omitKeys<T extends JsonObject>(
  source: T,
  keys: readonly string[],
  dropped: Set<string>,
): T {
  const found = keys.filter((key) => source[key] !== undefined && Object.hasOwn(source, key));
  if (found.length === 0) return source;
  for (const key of found) if (!isNothing(source[key])) dropped.add(`messages.${key}`);
  return { ...source, ...Object.fromEntries(found.map((key) => [key, undefined])) };
}

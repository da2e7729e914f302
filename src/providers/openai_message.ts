/** Messages of a request as servers of the OpenAI dialect take them. */

import type { AnyToolCall, ChatMessage, ContentPart } from "../core/chat.ts";
import { arrayAt, type JsonObject } from "../core/json.ts";
import type { UpstreamCall } from "./adapter.ts";
import { regulariseHistory } from "./history.ts";
import { modernizeMessages } from "./legacy_request.ts";
import { CALL_IDS } from "./openai_call_id.ts";
import { keptReasoning, REASONING_KEYS, restoreMessage } from "./openai_keepsake.ts";
import { orderRoles } from "./openai_order.ts";
import type { Quirks } from "./openai_quirk.ts";
import {
  isNothing,
  isPlain,
  mapChanged,
  sieveMessage,
  type StrictOptions,
} from "./openai_strict.ts";
import { omitNothings, trimMessage } from "./openai_trim.ts";

const CACHE_KEY = "cache_control";

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
  const { quirks } = options;
  const whole = quirks.isStrict ? messages : prepareMessages(messages, { ...options, call });
  const regular = regulariseHistory(whole, { ids: CALL_IDS[quirks.callIds] });
  const ordered = quirks.ordersRoles ? orderRoles(regular) : regular;
  return mapChanged(ordered, (message) => {
    const hasCalls = (message["tool_calls"]?.length ?? 0) > 0;
    const isEmpty = message.content === "" && !quirks.emptyText;
    const needsMore = hasCalls && (quirks.isStrict || isEmpty);
    return !needsMore && isPlain(message) ? message : fitMessage(message, options);
  });
}

/** All but those that are right as they are, which most messages of a long history are. */
function prepareMessages(
  messages: readonly ChatMessage[],
  options: MessageOptions & { readonly call: UpstreamCall },
): readonly ChatMessage[] {
  const { quirks, call } = options;
  const needsMore = quirks.signsCalls || quirks.reasoningFiller !== null;
  return mapChanged(messages, (message, index) => {
    const isAnswer = message.role === "assistant";
    const keepsake = isAnswer ? call.recall(index) : null;
    const isReady = keepsake === null && !(isAnswer && needsMore) && isPlain(message);
    return isReady ? message : prepareMessage(message, { ...options, keepsake });
  });
}

/** Takes from a message what the server does not take. */
function fitMessage(message: ChatMessage, options: MessageOptions): ChatMessage {
  const plain = normaliseMessage(message, options.quirks);
  if (options.quirks.isStrict) return sieveMessage(plain, options);
  const clean = omitNothings(plain);
  return options.quirks.messageKeys === "known" ? trimMessage(clean, options) : clean;
}

interface PrepareOptions extends MessageOptions {
  /** Of the answer that this message was; null when unknown. */
  readonly keepsake: JsonObject | null;
}

/** Puts back what the vendor needs of its own answers, and takes out what it refuses. */
function prepareMessage(message: ChatMessage, options: PrepareOptions): ChatMessage {
  const { quirks, dropped } = options;
  const kept = keptReasoning(message, options);
  const unwanted = Object.keys(message).filter((key) =>
    isUnwanted(key, { message, quirks }) || (REASONING_NAMES.has(key) && !kept.includes(key))
  );
  const omitted = omitKeys(message, unwanted, dropped);
  const clean = quirks.cacheControl ? omitted : omitMarks(omitted, dropped);
  return message.role === "assistant" ? restoreMessage(clean, options) : clean;
}

const REASONING_NAMES: ReadonlySet<string> = new Set(REASONING_KEYS);

function isUnwanted(
  key: string,
  { message, quirks }: { readonly message: ChatMessage; readonly quirks: Quirks },
): boolean {
  if (key === "prefix") return !quirks.prefix;
  if (key === "annotations") return !quirks.annotations;
  if (key === CACHE_KEY) return !quirks.cacheControl;
  return key === "name" && !takesName(message, quirks);
}

function takesName({ role }: ChatMessage, { messageNames }: Quirks): boolean {
  return messageNames === "any" ||
    (messageNames === "results" && (role === "tool" || role === "function"));
}

/** Takes cache marks out of parts and calls. */
function omitMarks(message: ChatMessage, dropped: Set<string>): ChatMessage {
  const { content, "tool_calls": calls } = message;
  const changes: Record<string, ChatMessage[string]> = {};
  if (Array.isArray(content)) {
    const parts = mapChanged<ContentPart>(content, (part) => omitKeys(part, [CACHE_KEY], dropped));
    if (parts !== content) changes["content"] = parts;
  }
  if (Array.isArray(calls)) {
    const clean = mapChanged<AnyToolCall>(calls, (call) => omitKeys(call, [CACHE_KEY], dropped));
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
function normaliseContent(message: ChatMessage, quirks: Quirks): ChatMessage["content"] {
  const content = message.content ?? null;
  const isAnswer = message.role === "assistant";
  const hasCalls = isAnswer && ALONE_KEYS.some((key) => !isNothing(message[key]));
  const { refusal } = message;
  const isRefusal = isAnswer && typeof refusal === "string" && refusal !== "";
  const isEmpty = content === null || (Array.isArray(content) && content.length === 0) ||
    (content === "" && (isRefusal || (hasCalls && !quirks.emptyText)));
  if (!isEmpty) return message.content;
  if (isRefusal && !quirks.isStrict) return refusal;
  if (!isRefusal && !hasCalls) return "";
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

/** Messages of a request as servers of the OpenAI dialect take them. */

import type { AnyToolCall, ChatMessage, ContentPart } from "../core/chat.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Quirks } from "./openai_quirk.ts";

/** What earlier answers held and no request may hold. */
const REASONING_KEYS = ["reasoning_content", "reasoning", "reasoning_text", "reasoning_details"];
const ANSWER_KEYS = ["prefix", "annotations", "thinking_blocks", "provider_specific_fields"];
const CALL_KEYS = ["index", "extra_content"];
const CACHE_KEYS = ["cache_control"];

/** The longest id of a tool call that OpenAI takes. */
const MAX_ID_CHARS = 40;

/** The keys that this server doesn't take, by where they are. */
interface UnwantedKeys {
  readonly message: readonly string[];
  readonly call: readonly string[];
  readonly part: readonly string[];
}

/** Rewrites messages for one server; a message that needs nothing stays the same object. */
export function encodeMessages(
  messages: readonly ChatMessage[],
  options: { readonly quirks: Quirks; readonly dropped: Set<string> },
): readonly ChatMessage[] {
  const unwanted = unwantedKeys(options.quirks);
  return messages.map((message) => encodeMessage(message, { ...options, unwanted }));
}

function unwantedKeys(quirks: Quirks): UnwantedKeys {
  const cache = quirks.cacheControl ? [] : CACHE_KEYS;
  return {
    message: [
      ...(quirks.reasoningHistory ? [] : REASONING_KEYS),
      ...(quirks.isStrict ? ANSWER_KEYS : []),
      ...cache,
    ],
    call: [...(quirks.isStrict ? CALL_KEYS : []), ...cache],
    part: cache,
  };
}

interface MessageOptions {
  readonly quirks: Quirks;
  readonly unwanted: UnwantedKeys;
  readonly dropped: Set<string>;
}

function encodeMessage(message: ChatMessage, options: MessageOptions): ChatMessage {
  const changes: Record<string, ChatMessage[string]> = {};
  const role = message.role === "developer" && !options.quirks.developerRole
    ? "system"
    : message.role;
  if (role !== message.role) changes["role"] = role;
  const content = encodeContent(message, options);
  if (content !== message.content) changes["content"] = content;
  const calls = encodeCalls(message["tool_calls"], options);
  if (calls !== message["tool_calls"]) changes["tool_calls"] = calls;
  const callId = message["tool_call_id"];
  if (callId !== undefined && options.quirks.isStrict) {
    const id = shortenId(callId);
    if (id !== callId) changes["tool_call_id"] = id;
  }
  const changed = Object.keys(changes).length === 0 ? message : { ...message, ...changes };
  return omitKeys(changed, options.unwanted.message, options.dropped);
}

function encodeContent(message: ChatMessage, options: MessageOptions): ChatMessage["content"] {
  const { content } = message;
  if (message.role === "tool" && (content ?? null) === null) return "";
  if (!Array.isArray(content)) return content;
  if (content.length === 0) return (message["tool_calls"]?.length ?? 0) > 0 ? null : "";
  return mapChanged<ContentPart>(
    content,
    (part) => omitKeys(part, options.unwanted.part, options.dropped),
  );
}

function encodeCalls(
  calls: ChatMessage["tool_calls"],
  options: MessageOptions,
): ChatMessage["tool_calls"] {
  if (!Array.isArray(calls)) return calls;
  if (calls.length === 0) return undefined; // OpenAI refuses an empty list
  return mapChanged<AnyToolCall>(calls, (call) => {
    const id = options.quirks.isStrict ? shortenId(call.id) : call.id;
    const renamed = id === call.id ? call : { ...call, id };
    return omitKeys(renamed, options.unwanted.call, options.dropped);
  });
}

function mapChanged<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  const changed = items.map(change);
  return changed.some((item, index) => item !== items[index]) ? changed : items;
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

function isNothing(value: JsonValue | undefined): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/**
 * Shortens the id of a tool call that another vendor made, always to the same one, so that calls and
 * results stay paired and prompt caches stay warm.
 */
function shortenId(id: string): string {
  if (id.length <= MAX_ID_CHARS) return id;
  const digest = hashOf(id, 0x811c9dc5) + hashOf(id, 0x01000193);
  return `${id.slice(0, MAX_ID_CHARS - 1 - digest.length)}_${digest}`;
}

/** FNV-1a, 32 bits, as 8 hexadecimal digits (RFC 9923). */
function hashOf(text: string, offset: number): string {
  let hash = offset;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** What OpenAI's own reference names: a strict server refuses a request that holds anything else. */

import type OpenAI from "openai";
import type { AnyToolCall, ChatMessage, ChatRole, ContentPart, ToolCall } from "../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { nameOfTool, renameTool, type ToolNames } from "./openai_name.ts";

type Chat = OpenAI.Chat.Completions.ChatCompletionContentPart;
type Part<T extends string> = Extract<
  Chat | OpenAI.Chat.Completions.ChatCompletionContentPartRefusal,
  { readonly type: T }
>;
type Assistant = OpenAI.Chat.Completions.ChatCompletionAssistantMessageParam;

/** Names that an object may have. A table of them checks itself against OpenAI's types. */
export type KnownKeys = Readonly<Record<string, true>>;

/** What every message may hold. */
export const SPEAKER_KEYS = {
  "role": true,
  "content": true,
  "name": true,
} as const satisfies Record<
  | keyof OpenAI.Chat.Completions.ChatCompletionUserMessageParam
  | keyof OpenAI.Chat.Completions.ChatCompletionSystemMessageParam
  | keyof OpenAI.Chat.Completions.ChatCompletionDeveloperMessageParam
  | keyof OpenAI.Chat.Completions.ChatCompletionFunctionMessageParam,
  true
>;

const ASSISTANT_KEYS = {
  ...SPEAKER_KEYS,
  "refusal": true,
  "audio": true,
  "tool_calls": true,
  "function_call": true,
} as const satisfies Record<keyof Assistant, true>;

/** The name of the tool is not in the reference, but many clients send it and OpenAI takes it. */
const RESULT_KEYS = {
  ...SPEAKER_KEYS,
  "tool_call_id": true,
} as const satisfies Record<
  keyof OpenAI.Chat.Completions.ChatCompletionToolMessageParam | "name",
  true
>;

/** THE TABLE of what a message may hold, by role. */
const MESSAGE_KEYS: Readonly<Record<ChatRole, KnownKeys>> = {
  system: SPEAKER_KEYS,
  developer: SPEAKER_KEYS,
  user: SPEAKER_KEYS,
  assistant: ASSISTANT_KEYS,
  tool: RESULT_KEYS,
  function: SPEAKER_KEYS,
};

const TEXT_ONLY: readonly string[] = ["text"];

/** THE TABLE of the parts of content, by role. */
const PART_TYPES: Readonly<Record<ChatRole, readonly string[]>> = {
  system: TEXT_ONLY,
  developer: TEXT_ONLY,
  user: ["text", "image_url", "input_audio", "file"],
  assistant: ["text", "refusal"],
  tool: TEXT_ONLY,
  function: TEXT_ONLY,
};

/** What one type of part holds, and what the object in it does. */
interface PartKeys {
  readonly own: KnownKeys;
  readonly inner?: KnownKeys;
}

/** THE TABLE of parts. */
const PART_KEYS: ReadonlyMap<string, PartKeys> = new Map<string, PartKeys>([
  ["text", {
    own: { "type": true, "text": true, "prompt_cache_breakpoint": true } satisfies Record<
      keyof Part<"text">,
      true
    >,
  }],
  ["refusal", {
    own: { "type": true, "refusal": true } satisfies Record<keyof Part<"refusal">, true>,
  }],
  ["image_url", {
    own: { "type": true, "image_url": true, "prompt_cache_breakpoint": true } satisfies Record<
      keyof Part<"image_url">,
      true
    >,
    inner: { "url": true, "detail": true } satisfies Record<
      keyof Part<"image_url">["image_url"],
      true
    >,
  }],
  ["input_audio", {
    own: { "type": true, "input_audio": true, "prompt_cache_breakpoint": true } satisfies Record<
      keyof Part<"input_audio">,
      true
    >,
    inner: { "data": true, "format": true } satisfies Record<
      keyof Part<"input_audio">["input_audio"],
      true
    >,
  }],
  ["file", {
    own: { "type": true, "file": true, "prompt_cache_breakpoint": true } satisfies Record<
      keyof Part<"file">,
      true
    >,
    inner: { "file_data": true, "file_id": true, "filename": true } satisfies Record<
      keyof Part<"file">["file"],
      true
    >,
  }],
]);

/** What a call may hold. */
export const CALL_KEYS: KnownKeys = { "id": true, "type": true, "function": true, "custom": true };
/** What a call says of what it calls. */
export const CALLED_KEYS: KnownKeys = { "name": true, "arguments": true, "input": true };
const AUDIO_KEYS: KnownKeys = { "id": true } satisfies Record<
  keyof NonNullable<Assistant["audio"]>,
  true
>;

/** What the sifting of a request needs to know. */
export interface StrictOptions {
  readonly names: ToolNames;
  /** What is left out, to be told to the client. */
  readonly dropped: Set<string>;
}

/** Where in the request an object is, and what is left out of it. */
interface PickOptions {
  readonly path: string;
  readonly dropped: Set<string>;
}

/**
 * The object with the keys that are known and say something; itself when it has no others. Unknown
 * ones that say something are reported below `path`; null content stays, as it means calls alone.
 */
export function pickFields<T extends JsonObject>(
  source: T,
  keys: KnownKeys,
  { path, dropped }: PickOptions,
): T {
  const unwanted = Object.keys(source).filter((key) => {
    const value = source[key];
    if (value === undefined) return false;
    return !Object.hasOwn(keys, key) || (value === null && key !== "content");
  });
  if (unwanted.length === 0) return source;
  for (const key of unwanted) if (!isNothing(source[key])) dropped.add(`${path}.${key}`);
  return { ...source, ...Object.fromEntries(unwanted.map((key) => [key, undefined])) };
}

/** Whether a value says nothing that its absence would not. */
export function isNothing(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === "" ||
    (Array.isArray(value) && value.length === 0);
}

/** The items, changed; the same array when none of them is. */
export function mapChanged<T>(
  items: readonly T[],
  change: (item: T, index: number) => T,
): readonly T[] {
  let changed: T[] | undefined;
  let index = 0;
  for (const item of items) {
    const next = change(item, index);
    if (next !== item) {
      changed ??= [...items];
      changed[index] = next;
    }
    index += 1;
  }
  return changed ?? items;
}

/** Whether a message holds text and calls of functions alone, in words that every server knows. */
export function isPlain(message: ChatMessage): boolean {
  const { role, content, "tool_calls": calls } = message;
  const hasCalls = role === "assistant" && Array.isArray(calls) && calls.length > 0;
  if (role === "developer" || (typeof content !== "string" && !(content === null && hasCalls))) {
    return false;
  }
  for (const key in message) {
    const isKnown = key === "role" || key === "content" || (key === "tool_calls" && hasCalls) ||
      (key === "tool_call_id" && role === "tool");
    if (!isKnown) return false;
  }
  return !hasCalls || calls.every(isPlainCall);
}

function isPlainCall(call: AnyToolCall): call is ToolCall {
  for (const key in call) if (key !== "id" && key !== "type" && key !== "function") return false;
  if (call.type !== "function" || !isJsonObject(call.function)) return false;
  for (const key in call.function) if (key !== "name" && key !== "arguments") return false;
  return true;
}

/** The message with nothing that a strict server refuses; itself when it holds nothing of it. */
export function sieveMessage(message: ChatMessage, options: StrictOptions): ChatMessage {
  const picked = pickFields(message, MESSAGE_KEYS[message.role], {
    path: "messages",
    dropped: options.dropped,
  });
  const { content, name, audio, "tool_calls": calls, "function_call": call } = picked;
  const fitting = {
    content: sieveContent(picked, options),
    name: name === undefined ? undefined : sieveName(message, options),
    audio: sieveInner(audio, AUDIO_KEYS, options),
    calls: sieveCalls(calls, options),
    call: sieveInner(call, CALLED_KEYS, options),
  };
  const changes: Record<string, ChatMessage[string]> = {};
  if (fitting.content !== content) changes["content"] = fitting.content;
  if (fitting.name !== name) changes["name"] = fitting.name;
  if (fitting.audio !== audio) changes["audio"] = fitting.audio;
  if (fitting.calls !== calls) changes["tool_calls"] = fitting.calls;
  if (fitting.call !== call) changes["function_call"] = fitting.call;
  return Object.keys(changes).length === 0 ? picked : { ...picked, ...changes };
}

function sieveContent(message: ChatMessage, options: StrictOptions): ChatMessage["content"] {
  const { content } = message;
  if (!Array.isArray(content)) return content;
  const parts: readonly ContentPart[] = content;
  const types = PART_TYPES[message.role];
  const refused = parts.filter((part) => !types.includes(part.type));
  for (const part of refused) options.dropped.add(`messages.content.${part.type}`);
  const kept = refused.length === 0 ? parts : parts.filter((part) => types.includes(part.type));
  return kept.length === 0 ? "" : mapChanged(kept, (part) => sievePart(part, options));
}

/** The part with what the reference names; one of a type that it does not name stays as it is. */
export function sievePart(
  part: ContentPart,
  { dropped }: Pick<StrictOptions, "dropped">,
): ContentPart {
  const keys = PART_KEYS.get(part.type);
  if (keys === undefined) return part;
  const place = { path: "messages", dropped };
  const picked = pickFields(part, keys.own, place);
  const inner = picked[part.type];
  if (keys.inner === undefined || !isJsonObject(inner)) return picked;
  const clean = pickFields(inner, keys.inner, place);
  return clean === inner ? picked : { ...picked, [part.type]: clean };
}

function sieveCalls(
  calls: ChatMessage["tool_calls"],
  { names, dropped }: StrictOptions,
): ChatMessage["tool_calls"] {
  if (!Array.isArray(calls)) return calls;
  const place = { path: "messages", dropped };
  return mapChanged<AnyToolCall>(calls, (call) => {
    if (isPlainCall(call) && names.toWire(call.function.name) === call.function.name) return call;
    const picked = pickFields(call, CALL_KEYS, place);
    const renamed = renameTool(picked, names.toWire(nameOfTool(picked) ?? ""));
    if (renamed.type !== "function") return renamed;
    const spec = pickFields(renamed.function, CALLED_KEYS, place);
    return spec === renamed.function ? renamed : { ...renamed, "function": spec };
  });
}

function sieveInner(
  value: JsonValue | undefined,
  keys: KnownKeys,
  { dropped }: StrictOptions,
): JsonValue | undefined {
  return isJsonObject(value) ? pickFields(value, keys, { path: "messages", dropped }) : value;
}

/** People's names may hold anything but these; a tool's result has the name of the tool. */
function sieveName({ role, name = "" }: ChatMessage, { names }: StrictOptions): string {
  if (role === "tool") return names.toWire(name);
  return name.replace(/[\s<|\\/>]/g, "_").slice(0, 64);
}

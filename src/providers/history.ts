/** Conversations in the order that servers with tool messages demand, whoever wrote them. */

import {
  type AnyToolCall,
  type ChatMessage,
  type ContentPart,
  isTextPart,
  type TextPart,
} from "../core/chat.ts";
import { labelOfResult, MISSING_RESULT, type PairedCall, pairToolCalls } from "./tool_pairing.ts";
import { WireNames } from "./wire_name.ts";

/** Stands for the text of a result that has none. */
const SHOWN_BELOW = "See the content that follows.";

/** What an assistant's message may hold elsewhere, and only a user's message here. */
const MEDIA: ReadonlySet<string> = new Set(["image_url", "input_audio", "file", "video_url"]);

/** The form of the ids of calls that a server takes. */
export interface IdForm {
  /** Whether an id that is unique keeps its form. */
  readonly isRight: (id: string) => boolean;
  /** Starts to give the calls of one conversation their ids. */
  readonly create: () => WireNames;
}

/** For servers that take any id. */
export const ANY_ID: IdForm = {
  isRight: (id) => id !== "",
  create: () => new WireNames(Infinity, (id) => id),
};

/** What a target has of its own. */
export interface HistoryOptions {
  /** Left out, ids only become unique. */
  readonly ids?: IdForm;
  /** Whether media may stay in results and in the assistant's messages, as Ollama's images may. */
  readonly keepsMedia?: boolean;
}

/**
 * Orders a history so that a strict server accepts it. Tool results stand right after the message
 * that called them, in the order of its calls; a result without a call becomes the user's text, a
 * call without a result gets one that says so. Ids that repeat become unique, in call and result.
 * What is not text in a result, and media in an assistant's message, go into a user message after
 * the results, with words that say where they belong.
 *
 * A history that needs none of it is returned as the same array, and a message that needs none as
 * the same object. Linear in the history; what a message becomes depends on later ones only where
 * they are results of its calls, so that prompt caches stay warm.
 */
export function regulariseHistory(
  messages: readonly ChatMessage[],
  { ids = ANY_ID, keepsMedia = false }: HistoryOptions = {},
): readonly ChatMessage[] {
  const plainCount = countPlain(messages, { ids, keepsMedia });
  if (plainCount === messages.length) return messages;
  const plain = messages.slice(0, plainCount);
  const rest = messages.slice(plainCount);
  const pairing = pairToolCalls(rest, takeIds(plain, ids.create()));
  const regular: ChatMessage[] = [];
  for (const [index, message] of rest.entries()) {
    if (message.role === "assistant") {
      regular.push(...layOut(message, { calls: pairing.callsAt(index), keepsMedia }));
    } else if (message.role !== "tool") {
      regular.push(message);
    } else if (!pairing.isPaired(index)) {
      regular.push(toUserMessage(message));
    }
  }
  const isSame = regular.length === rest.length &&
    regular.every((message, index) => message === rest[index]);
  return isSame ? messages : [...plain, ...regular];
}

/**
 * How many messages at the start are right as they are, which most are: calls with ids of their own,
 * and after them all their results.
 */
function countPlain(
  messages: readonly ChatMessage[],
  { ids, keepsMedia }: Required<HistoryOptions>,
): number {
  const seen = new Set<string>();
  let plainCount = 0;
  let awaited: readonly AnyToolCall[] = [];
  let resultCount = 0;
  for (const [index, message] of messages.entries()) {
    const { role, "tool_call_id": id, "tool_calls": calls } = message;
    if (!keepsMedia && holdsMedia(message)) break;
    const isAwaited = resultCount < awaited.length;
    if (isAwaited !== (role === "tool")) break;
    if (isAwaited && id !== awaited[resultCount++]?.id) break;
    if (role === "assistant") [awaited, resultCount] = [calls ?? [], 0];
    for (const call of isAwaited ? [] : awaited) {
      if (seen.has(call.id) || !ids.isRight(call.id)) return plainCount;
      seen.add(call.id);
    }
    if (resultCount === awaited.length) plainCount = index + 1;
  }
  return plainCount;
}

/** Whether content of the message must move elsewhere. */
function holdsMedia({ role, content }: ChatMessage): boolean {
  if (!Array.isArray(content)) return false;
  const parts: readonly ContentPart[] = content;
  if (role === "tool") return !parts.every(isTextPart);
  return role === "assistant" && parts.some((part) => MEDIA.has(part.type));
}

/** The ids, with those of these messages taken. */
function takeIds(messages: readonly ChatMessage[], ids: WireNames): WireNames {
  for (const { role, "tool_calls": calls } of messages) {
    if (role === "assistant") { for (const call of calls ?? []) ids.assign(call.id); }
  }
  return ids;
}

/** An assistant's message, the results of its calls, and what neither of them may hold. */
function layOut(
  message: ChatMessage,
  { calls, keepsMedia }: { readonly calls: readonly PairedCall[]; readonly keepsMedia: boolean },
): readonly ChatMessage[] {
  const said = splitContent(message, (part) => keepsMedia || !MEDIA.has(part.type));
  const mayStay = keepsMedia ? () => true : isTextPart;
  const moved = said.moved.length === 0
    ? []
    : [textPart("[Content of the assistant's message]"), ...said.moved];
  const results = calls.map((paired) => {
    const { result, moved: content } = encodeResult(paired, mayStay);
    if (content.length > 0) moved.push(textPart(labelOfResult(paired.wireId)), ...content);
    return result;
  });
  const head = withCallIds(said.message, calls);
  const tail: readonly ChatMessage[] = moved.length === 0
    ? []
    : [{ "role": "user", "content": moved }];
  return [head, ...results, ...tail];
}

function withCallIds(message: ChatMessage, calls: readonly PairedCall[]): ChatMessage {
  if (calls.every(({ call, wireId }) => call.id === wireId)) return message;
  const renamed = calls.map(({ call, wireId }): AnyToolCall => (
    call.id === wireId ? call : { ...call, "id": wireId }
  ));
  return { ...message, "tool_calls": renamed };
}

function encodeResult(
  { result, wireId }: PairedCall,
  mayStay: (part: ContentPart) => boolean,
): { readonly result: ChatMessage; readonly moved: readonly ContentPart[] } {
  if (result === null) {
    const missing = { "role": "tool", "tool_call_id": wireId, "content": MISSING_RESULT } as const;
    return { result: missing, moved: [] };
  }
  const { message, moved } = splitContent(result, mayStay);
  const isBare = moved.length > 0 && (message.content?.length ?? 0) === 0;
  const told = isBare ? { ...message, "content": SHOWN_BELOW } : message;
  return {
    result: told["tool_call_id"] === wireId ? told : { ...told, "tool_call_id": wireId },
    moved,
  };
}

/** Takes the parts out of a message that may not stay in it. */
function splitContent(
  message: ChatMessage,
  mayStay: (part: ContentPart) => boolean,
): { readonly message: ChatMessage; readonly moved: readonly ContentPart[] } {
  const { content } = message;
  if (!Array.isArray(content)) return { message, moved: [] };
  const parts: readonly ContentPart[] = content;
  const moved = parts.filter((part) => !mayStay(part));
  if (moved.length === 0) return { message, moved };
  return { message: { ...message, "content": parts.filter(mayStay) }, moved };
}

/** A result that answers no call, as the user's words. */
function toUserMessage(message: ChatMessage): ChatMessage {
  const { "tool_call_id": id, name: _, content, ...rest } = message;
  const label = labelOfResult(id ?? "");
  return {
    ...rest,
    "role": "user",
    "content": Array.isArray(content)
      ? [textPart(label), ...content]
      : `${label}\n${typeof content === "string" ? content : ""}`,
  };
}

function textPart(text: string): TextPart {
  return { "type": "text", "text": text };
}

/** Whether the body of a longer conversation starts as that of its beginning did: caches live by it. */

import type { ChatMessage } from "../../src/core/chat.ts";
import { arrayAt, isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";

/**
 * Where a request could have ended before: after a user's message or the results of all calls, with
 * nothing later that belongs to what stands before.
 */
export function listCuts(messages: readonly ChatMessage[]): readonly number[] {
  return messages.keys().filter((index) => index > 0).filter((cut) => {
    const next = messages[cut]?.role;
    return isEnd(messages[cut - 1]) && next !== "tool" && next !== "function" &&
      messages.slice(0, cut).some(isAsk) &&
      isClosed(messages.slice(0, cut), messages.slice(cut));
  }).toArray();
}

function isEnd(message: ChatMessage | undefined): boolean {
  return message?.role === "tool" || (message !== undefined && isAsk(message));
}

/** Whether it is something that a user says: no client sends a request of less. */
function isAsk({ role, content }: ChatMessage): boolean {
  return role === "user" && /w[0-9a-f]{8}|data:/.test(JSON.stringify(content));
}

/** Whether no later result could answer a call from before. */
function isClosed(before: readonly ChatMessage[], after: readonly ChatMessage[]): boolean {
  const ids = (list: readonly ChatMessage[]) =>
    new Set(list.flatMap((message) => (message["tool_calls"] ?? []).map((call) => call.id)));
  const answered = new Set(after.flatMap((message) => message["tool_call_id"] ?? []));
  const later = ids(after);
  const isLegacy = before.some((message) => isJsonObject(message["function_call"]));
  const hasLegacyResult = after.some((message) => message.role === "function");
  return !(isLegacy && hasLegacyResult) &&
    [...ids(before)].every((id) => !answered.has(id) || later.has(id)) &&
    !hasOpenCalls(before);
}

/** A call without a result so far could get one later. */
function hasOpenCalls(messages: readonly ChatMessage[]): boolean {
  const open = new Map<string, number>();
  for (const message of messages) {
    for (const call of message["tool_calls"] ?? []) {
      open.set(call.id, (open.get(call.id) ?? 0) + 1);
    }
    const id = message["tool_call_id"];
    if (message.role === "tool" && id !== undefined) open.set(id, (open.get(id) ?? 0) - 1);
  }
  return open.values().some((count) => count > 0);
}

/**
 * What differs first between the start's pieces and those of the whole; null when nothing does, or
 * when one of them thinks in another way, which makes the messages others to the vendor's cache.
 * Definitions are compared where the client sends them: those of tools that the history alone names
 * can only grow with it.
 */
export function findPrefixFault(
  start: JsonObject,
  whole: JsonObject,
  { hasTools }: { readonly hasTools: boolean },
): string | null {
  const [mode, laterMode] = [start, whole].map((body) => JSON.stringify(body["thinking"]));
  if (mode !== laterMode) return null;
  const [before, after] = [piecesOf(start, hasTools), piecesOf(whole, hasTools)];
  const at = before.findIndex((piece, index) => piece !== after[index]);
  return at < 0 ? null : `piece ${at} was ${before[at]} and is ${after[at] ?? "gone"}`;
}

/** Tools, system prompt and messages, block by block, without cache marks, as texts. */
export function piecesOf(body: JsonObject, hasTools = true): readonly string[] {
  return [
    ...(hasTools ? arrayAt(body, "tools") : []),
    ...arrayAt(body, "system"),
    ...arrayAt(body, "messages").flatMap((message) => {
      const content = isJsonObject(message) ? message["content"] : null;
      if (!isJsonObject(message) || !Array.isArray(content)) return [message];
      return content.map((block: JsonValue) => ({ ...message, "content": [block] }));
    }),
  ].map((piece) => JSON.stringify(piece, withoutMarks));
}

function withoutMarks(key: string, value: unknown): unknown {
  return key === "cache_control" ? undefined : value;
}

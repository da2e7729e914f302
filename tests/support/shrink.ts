/** Finds the first request of many that something is wrong with, and makes it small. */

import type { ChatMessage, ChatRequest } from "../../src/core/chat.ts";

type Complain = (request: ChatRequest) => readonly string[];

/** The complaints about the first bad request and its smallest form; null when all are good. */
export function reportFirst(requests: readonly ChatRequest[], complain: Complain): string | null {
  const bad = requests.filter((request) => complain(request).length > 0);
  const [first] = bad;
  if (first === undefined) return null;
  const smallest = shrink(first, (request) => complain(request).length > 0);
  const head = `${bad.length} of ${requests.length} requests: ${complain(smallest).join("; ")}`;
  return `${head}\n${JSON.stringify(smallest)}`;
}

/** Leaves out fields and messages as long as what is left is still bad. */
function shrink(request: ChatRequest, isBad: (request: ChatRequest) => boolean): ChatRequest {
  for (const smaller of listSmaller(request)) {
    if (isBad(smaller)) return shrink(smaller, isBad);
  }
  return request;
}

function* listSmaller(request: ChatRequest): Generator<ChatRequest> {
  const { messages } = request;
  for (const index of messages.keys()) {
    if (messages.length > 1) yield { ...request, "messages": messages.toSpliced(index, 1) };
  }
  for (const key of Object.keys(request)) {
    if (key !== "model" && key !== "messages") yield withoutKey(request, key);
  }
  const { tools } = request;
  for (const index of tools?.keys() ?? []) {
    if (tools && tools.length > 1) yield { ...request, "tools": tools.toSpliced(index, 1) };
  }
  for (const [index, message] of messages.entries()) {
    for (const smaller of listSmallerMessages(message)) {
      yield { ...request, "messages": messages.with(index, smaller) };
    }
  }
}

function* listSmallerMessages(message: ChatMessage): Generator<ChatMessage> {
  for (const key of Object.keys(message)) {
    if (!NEEDED_KEYS.includes(key)) yield withoutKey(message, key);
  }
  const { content } = message;
  const calls = message["tool_calls"] ?? [];
  if (typeof content !== "string" && content !== null && content !== undefined) {
    for (const index of content.keys()) {
      if (content.length > 1) yield { ...message, "content": content.toSpliced(index, 1) };
    }
  }
  for (const index of calls.keys()) {
    if (calls.length > 1) yield { ...message, "tool_calls": calls.toSpliced(index, 1) };
  }
}

const NEEDED_KEYS = ["role", "content", "tool_call_id"];

function withoutKey<T extends object>(source: T, key: string): T {
  const copy = { ...source };
  Reflect.deleteProperty(copy, key);
  return copy;
}

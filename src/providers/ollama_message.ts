/** Messages, as Ollama takes them: text is one string, images are a list, arguments an object. */

import {
  type AnyToolCall,
  type ChatMessage,
  type ChatRole,
  type ContentPart,
  functionOfCall,
  isImagePart,
  isTextPart,
} from "../core/chat.ts";
import { type JsonObject, objectAt, stringAt } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import type { UpstreamCall } from "./adapter.ts";
import { parseCallArguments } from "./call_arguments.ts";
import { parseDataUri } from "./data_uri.ts";
import { regulariseHistory } from "./history.ts";

/** A message as `/api/chat` takes it: https://docs.ollama.com/api/chat */
export interface OllamaMessage extends JsonObject {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly thinking?: string;
  /** Base64, without a data URI's head. */
  readonly images?: readonly string[];
  readonly "tool_calls"?: readonly OllamaToolCall[];
  /** The name of the tool whose result this is. */
  readonly "tool_name"?: string;
  readonly "tool_call_id"?: string;
}

/** A call in a message of the history. */
export interface OllamaToolCall extends JsonObject {
  readonly id?: string;
  readonly function: JsonObject & { readonly name: string; readonly arguments: JsonObject };
}

/**
 * Puts a history into the dialect, with results where the calls are; images stay on the message they
 * came with, a tool's too.
 */
export function encodeMessages(
  { request, recall }: Pick<UpstreamCall, "request" | "recall">,
): readonly OllamaMessage[] {
  const whole = request.messages.map((message, index) => withThinking(message, recall(index)));
  const toolNames = new Map<string, string>();
  return regulariseHistory(whole, { keepsMedia: true }).map((message) => {
    const calls = message["tool_calls"] ?? [];
    for (const call of calls) toolNames.set(call.id, functionOfCall(call).name);
    return encodeMessage(message, toolNames);
  });
}

/**
 * The fault of the first content part that the dialect can't carry, else null: pirouter never
 * fetches an image, and Ollama takes neither sound nor files.
 */
export function findUnsupportedPart(messages: readonly ChatMessage[]): UpstreamFault | null {
  for (const [index, message] of messages.entries()) {
    for (const [position, part] of partsOf(message).entries()) {
      const reason = describeUnsupported(part);
      if (reason === null) continue;
      const param = `messages[${index}].content[${position}]`;
      return { kind: "unsupported", status: null, message: reason, param };
    }
  }
  return null;
}

function encodeMessage(
  message: ChatMessage,
  toolNames: ReadonlyMap<string, string>,
): OllamaMessage {
  const role = ROLES[message.role];
  const images = partsOf(message).flatMap(imageOf);
  return {
    "role": role,
    "content": textOf(message),
    ...(role === "assistant" ? encodeThinking(message) : {}),
    ...(images.length === 0 ? {} : { "images": images }),
    ...(role === "assistant" ? encodeCalls(message) : {}),
    ...(role === "tool" ? encodeToolSource(message, toolNames) : {}),
  };
}

const ROLES = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
  function: "tool",
} as const satisfies Record<ChatRole, OllamaMessage["role"]>;

function partsOf(message: ChatMessage): readonly ContentPart[] {
  return Array.isArray(message.content) ? message.content : [];
}

/** What the assistant refused to say, it said. */
function textOf(message: ChatMessage): string {
  const { content } = message;
  const refusal = message.role === "assistant" ? stringAt(message, "refusal") ?? "" : "";
  const texts = typeof content === "string"
    ? [content]
    : (content ?? []).flatMap((part) => partText(part) ?? []);
  return [...texts, refusal].filter((text) => text !== "").join("\n");
}

/** A refusal is what the assistant said, so it stays in the history as text. */
function partText(part: ContentPart): string | undefined {
  if (isTextPart(part)) return part.text;
  return part.type === "refusal" ? stringAt(part, "refusal") : undefined;
}

function imageOf(part: ContentPart): readonly string[] {
  const image = isImagePart(part) ? readImage(part) : null;
  return image === null ? [] : [image];
}

function readImage(part: JsonObject): string | null {
  const uri = parseDataUri(stringAt(objectAt(part, "image_url"), "url") ?? "");
  return uri === null || !uri.mime.startsWith("image/") ? null : padBase64(uri.base64);
}

/** Go's decoder insists on padding, which browsers and vendors do not; null when none helps. */
function padBase64(base64: string): string | null {
  const bare = base64.replace(/=+$/, "");
  return bare.length % 4 === 1 ? null : bare.padEnd(Math.ceil(bare.length / 4) * 4, "=");
}

function describeUnsupported(part: ContentPart): string | null {
  if (partText(part) !== undefined || isReasoningPart(part)) return null;
  if (!isImagePart(part)) {
    return `Ollama can't take a content part of type "${part.type}"; ` +
      "send text and images, or choose a model of another provider.";
  }
  if (readImage(part) !== null) return null;
  return "Ollama takes images as base64 data alone, and pirouter never fetches a URL; " +
    'send a data URI ("data:image/png;base64,…"), or choose a model of another provider.';
}

/** What a model thought, as the vault keeps it; nothing where it did not think. */
export function writeKeepsake(thinking: string): { readonly keepsake?: JsonObject } {
  return thinking === "" ? {} : { keepsake: { "thinking": thinking } };
}

/** The message with what its model thought, where the client did not bring that back. */
function withThinking(message: ChatMessage, keepsake: JsonObject | null): ChatMessage {
  const thinking = stringAt(keepsake ?? {}, "thinking");
  if (thinking === undefined || encodeThinking(message).thinking !== undefined) return message;
  return { ...message, "reasoning_content": thinking };
}

/** Reasoning as Anthropic's clients, and some others, have it among the parts of a message. */
const REASONING_PARTS: ReadonlySet<string> = new Set([
  "thinking",
  "redacted_thinking",
  "reasoning",
]);

/** Whether the part holds reasoning. */
export function isReasoningPart({ type }: ContentPart): boolean {
  return REASONING_PARTS.has(type);
}

/** Whether a message of this role is the result of a tool. */
export function isToolRole(role: ChatRole): boolean {
  return ROLES[role] === "tool";
}

/** Redacted reasoning has no text, and is of no use to another model. */
function reasoningOf(part: ContentPart): readonly string[] {
  if (!isReasoningPart(part)) return [];
  return [stringAt(part, "thinking") ?? stringAt(part, "text") ?? ""];
}

function encodeThinking(message: ChatMessage): { readonly thinking?: string } {
  const thinking = stringAt(message, "reasoning_content") ?? stringAt(message, "reasoning") ??
    partsOf(message).flatMap(reasoningOf).filter((text) => text !== "").join("\n");
  return thinking === "" ? {} : { "thinking": thinking };
}

function encodeCalls(
  message: ChatMessage,
): { readonly "tool_calls"?: readonly OllamaToolCall[] } {
  const calls = (message["tool_calls"] ?? []).map(encodeCall);
  return calls.length === 0 ? {} : { "tool_calls": calls };
}

function encodeCall(call: AnyToolCall): OllamaToolCall {
  return { "id": call.id, "function": encodeFunction(functionOfCall(call)) };
}

function encodeFunction(source: JsonObject): OllamaToolCall["function"] {
  return {
    "name": stringAt(source, "name") ?? "",
    "arguments": parseCallArguments(stringAt(source, "arguments") ?? ""),
  };
}

function encodeToolSource(
  message: ChatMessage,
  toolNames: ReadonlyMap<string, string>,
): { readonly "tool_name"?: string; readonly "tool_call_id"?: string } {
  const id = message["tool_call_id"];
  const name = (id === undefined ? undefined : toolNames.get(id)) ?? message.name;
  return {
    ...(name === undefined ? {} : { "tool_name": name }),
    ...(id === undefined ? {} : { "tool_call_id": id }),
  };
}

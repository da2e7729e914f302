/** How much text a request holds, as far as that can be told without the model's own vocabulary. */

import {
  type ChatMessage,
  type ChatRequest,
  functionOfCall,
  isImagePart,
  textOfContent,
} from "../core/chat.ts";
import type { Model } from "../core/catalog.ts";
import { estimateInputTokens } from "../core/features.ts";

/**
 * An estimate may be this many times the truth: it takes Chinese for up to 1.7 times the tokens of
 * newer vocabularies, English for 1.3, code and JSON for less than they are.
 */
export const ESTIMATE_FACTOR = 2;

/**
 * Estimates the tokens of the messages' text, without what may cost next to nothing: images (a model
 * makes of one what it likes), runs of the same characters, tool messages that the model is not
 * shown. Tool schemas are written anew by templates, and JSON schemas are no part of a prompt.
 */
export function estimateText(
  { messages }: Pick<ChatRequest, "messages">,
  { supportsTools }: Pick<Model, "supportsTools">,
): number {
  const shown = messages.filter((message) => supportsTools || !isOfTools(message));
  return estimateMessages(shown.map(plainMessage));
}

/** Estimates the tokens of messages, whatever they hold. */
export function estimateMessages(messages: readonly ChatMessage[]): number {
  return estimateInputTokens({ "model": "", "messages": messages });
}

/** The characters of all texts of the messages. */
export function countChars(messages: readonly ChatMessage[]): number {
  let chars = 0;
  for (const message of messages) {
    chars += textOfContent(message.content).length;
    for (const call of message["tool_calls"] ?? []) chars += functionOfCall(call).arguments.length;
  }
  return chars;
}

/** Templates of models without tools leave these out. */
function isOfTools({ role, "tool_calls": calls }: ChatMessage): boolean {
  return role === "tool" || role === "function" || (calls?.length ?? 0) > 0;
}

/** The message as far as its tokens can be estimated. */
function plainMessage(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (typeof content === "string") return { ...message, "content": shortenRuns(content) };
  if (!Array.isArray(content)) return message;
  const parts = content.filter((part) => !isImagePart(part)).map((part) => (
    typeof part["text"] === "string" ? { ...part, "text": shortenRuns(part["text"]) } : part
  ));
  return { ...message, "content": parts };
}

/**
 * Of a run of the same one to four characters (a ruler, a border) a tokenizer makes few tokens. Bounded,
 * because an expression can run out of stack on one of millions.
 */
function shortenRuns(text: string): string {
  return text.replaceAll(/(\S{1,4}?)\1{3,250}/gu, "$1$1");
}

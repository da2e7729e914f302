/** The order of roles that Mistral's server demands. */

import type { ChatMessage, ContentPart } from "../core/chat.ts";

/** Says nothing; the same each time, so that prompt caches stay warm. */
const BRIDGE: ChatMessage = { "role": "assistant", "content": "Understood." };

/**
 * Puts an assistant's message between the results of tools and what others say, and makes a system
 * message after an assistant's or a result the user's words: both orders are refused ("Unexpected role
 * 'user' after role 'tool'", see https://github.com/mistralai/mistral-common, validator). What becomes
 * of a message depends on earlier ones alone.
 */
export function orderRoles(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const ordered: ChatMessage[] = [];
  for (const message of messages) {
    const before = ordered.at(-1)?.role;
    const isAnswered = before !== "tool" || message.role === "assistant" || message.role === "tool";
    if (!isAnswered) ordered.push(BRIDGE);
    const isLate = isSystem(message) && (before === "assistant" || before === "tool");
    ordered.push(isLate ? toUserMessage(message) : message);
  }
  return ordered;
}

function isSystem({ role }: ChatMessage): boolean {
  return role === "system" || role === "developer";
}

/** A tag tells the model that this is not what the user says. */
function toUserMessage(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (!Array.isArray(content)) {
    return {
      ...message,
      "role": "user",
      "content": tagText(typeof content === "string" ? content : ""),
    };
  }
  const parts: readonly ContentPart[] = content;
  return {
    ...message,
    "role": "user",
    "content": parts.map((part) =>
      typeof part["text"] === "string" ? { ...part, "text": tagText(part["text"]) } : part
    ),
  };
}

function tagText(text: string): string {
  return `<system>\n${text}\n</system>`;
}

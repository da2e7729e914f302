/** Conversations in short: a user's text or parts, tool calls and their results. */

import type { ChatMessage } from "../../src/core/chat.ts";

/** A user's text, a user's text parts, or a whole message. */
export type Spoken = string | readonly string[] | ChatMessage;

/** The messages of a conversation. */
export function buildMessages(...spoken: readonly Spoken[]): readonly ChatMessage[] {
  return spoken.map((one) => {
    if (typeof one === "string") return { "role": "user", "content": one };
    if (!isParts(one)) return one;
    return { "role": "user", "content": one.map((text) => ({ "type": "text", "text": text })) };
  });
}

function isParts(spoken: Spoken): spoken is readonly string[] {
  return Array.isArray(spoken);
}

/** A call of a tool with its result: two messages. */
export function buildCall(
  result: string,
  call: { readonly name?: string; readonly args?: string } = {},
): readonly ChatMessage[] {
  const { name = "bash", args = '{"command":"npm test"}' } = call;
  return [
    {
      "role": "assistant",
      "content": null,
      "tool_calls": [{
        "id": "c1",
        "type": "function",
        "function": { "name": name, "arguments": args },
      }],
    },
    { "role": "tool", "tool_call_id": "c1", "content": result },
  ];
}

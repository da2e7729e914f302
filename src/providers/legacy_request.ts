/** OpenAI's older fields for tools (`functions`, `function_call`) in their present form. */

import type { ChatMessage, ChatRequest, Tool, ToolCall, ToolChoice } from "../core/chat.ts";
import { arrayAt, isJsonObject, type JsonValue, objectAt, stringAt } from "../core/json.ts";

/**
 * Rewrites the deprecated fields, see https://platform.openai.com/docs/api-reference/chat/create;
 * a request without them is returned as it is.
 */
export function modernizeRequest(request: ChatRequest): ChatRequest {
  const messages = modernizeMessages(request.messages);
  const functions = arrayAt(request, "functions");
  if (functions.length === 0) {
    return messages === request.messages ? request : { ...request, "messages": messages };
  }
  return {
    ...request,
    "messages": messages,
    "tools": request.tools ?? functions.flatMap(toTool),
    "tool_choice": request["tool_choice"] ?? toToolChoice(request["function_call"]),
    "parallel_tool_calls": false, // the older form has one call an answer
  };
}

/** Rewrites calls and results in the deprecated form; the same array when there are none. */
export function modernizeMessages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  if (!messages.some(isLegacy)) return messages;
  let openId = "";
  return messages.map((message, index) => {
    const call = objectAt(message, "function_call");
    if (message.role === "assistant" && call !== undefined) {
      openId = `function_call_${index}`;
      const calls = [...(message["tool_calls"] ?? []), toCall(call, openId)];
      return { ...message, "tool_calls": calls, "function_call": undefined };
    }
    return message.role === "function"
      ? { ...message, "role": "tool", "tool_call_id": openId }
      : message;
  });
}

function isLegacy(message: ChatMessage): boolean {
  return message.role === "function" || isJsonObject(message["function_call"]);
}

function toCall(call: JsonValue, id: string): ToolCall {
  return {
    "id": id,
    "type": "function",
    "function": {
      "name": stringAt(call, "name") ?? "",
      "arguments": stringAt(call, "arguments") ?? "",
    },
  };
}

function toTool(definition: JsonValue): readonly Tool[] {
  const name = stringAt(definition, "name");
  if (name === undefined) return [];
  const description = stringAt(definition, "description");
  const parameters = objectAt(definition, "parameters");
  return [{
    "type": "function",
    "function": {
      "name": name,
      ...(description === undefined ? {} : { "description": description }),
      ...(parameters === undefined ? {} : { "parameters": parameters }),
    },
  }];
}

function toToolChoice(choice: JsonValue | undefined): ToolChoice | null {
  if (choice === "none" || choice === "auto") return choice;
  const name = stringAt(choice, "name");
  return name === undefined ? null : { "type": "function", "function": { "name": name } };
}

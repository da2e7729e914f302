/** What a model would have given with each of a conversation's answers, had it given all of them. */

import { type ChatMessage, functionOfCall, textOfContent } from "../../src/core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import type { UpstreamCall } from "../../src/providers/adapter.ts";
import { ADAPTERS } from "../../src/providers/mod.ts";
import type { Target } from "./portable_target.ts";
import { sealRedacted, sealThinking } from "./thinking_seal.ts";

/** The request and the model that is asked. */
export type RememberedCall = Pick<UpstreamCall, "request" | "model">;

/** Recalls what the dialect's decoder keeps of the answer that each assistant message was. */
export function rememberAll(target: Target, call: RememberedCall): UpstreamCall["recall"] {
  const { messages } = call.request;
  return (index) => {
    const message = messages[index];
    if (message?.role !== "assistant") return null;
    const body = ANSWERS[target.kind](message, { ...target, index });
    const context = { requestId: "r", created: 0, request: call.request, model: call.model };
    const decoded = ADAPTERS[target.kind].decodeAnswer(body, context);
    return decoded.type === "answer" ? decoded.keepsake ?? null : null;
  };
}

interface Place extends Target {
  readonly index: number;
}

type Answer = (message: ChatMessage, place: Place) => JsonObject;

const ANSWERS: Readonly<Record<Target["kind"], Answer>> = {
  anthropic: answerOfClaude,
  openai: answerOfGateway,
  ollama: answerOfOllama,
};

function thoughtAt({ index }: Place): string {
  return `What I thought at ${index}.`;
}

function readInput(text: string): JsonObject {
  try {
    const value: JsonValue = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function answerOfClaude(message: ChatMessage, place: Place): JsonObject {
  const thought = thoughtAt(place);
  const { modelId, index } = place;
  const text = textOfContent(message.content);
  const calls = message["tool_calls"] ?? [];
  return {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": modelId,
    "content": [
      { "type": "thinking", "thinking": thought, "signature": sealThinking(modelId, thought) },
      ...(index % 3 === 0
        ? [{ "type": "redacted_thinking", "data": sealRedacted(modelId, `at${index}`) }]
        : []),
      ...(text.trim() === "" ? [] : [{ "type": "text", "text": text }]),
      ...calls.map((call) => ({
        "type": "tool_use",
        "id": call.id,
        "name": functionOfCall(call).name,
        "input": readInput(functionOfCall(call).arguments),
      })),
    ],
    "stop_reason": calls.length === 0 ? "end_turn" : "tool_use",
    "usage": { "input_tokens": 1, "output_tokens": 1 },
  };
}

function answerOfGateway(message: ChatMessage, place: Place): JsonObject {
  const thought = thoughtAt(place);
  const signature = sealThinking(place.modelId, thought);
  const calls = message["tool_calls"] ?? [];
  return {
    "id": "gen-1",
    "object": "chat.completion",
    "created": 0,
    "model": place.modelId,
    "choices": [{
      "index": 0,
      "message": {
        "role": "assistant",
        "content": textOfContent(message.content),
        "reasoning": thought,
        "reasoning_details": [{ "type": "reasoning.text", "text": thought, signature, "index": 0 }],
        ...(calls.length === 0 ? {} : {
          "tool_calls": calls.map((call) => ({
            ...call,
            "extra_content": { "google": { "thought_signature": "c2lnbmVk" } },
          })),
        }),
      },
      "finish_reason": calls.length === 0 ? "stop" : "tool_calls",
    }],
    "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 },
  };
}

function answerOfOllama(message: ChatMessage, place: Place): JsonObject {
  const calls = message["tool_calls"] ?? [];
  return {
    "model": place.modelId,
    "created_at": "2026-01-01T00:00:00Z",
    "message": {
      "role": "assistant",
      "content": textOfContent(message.content),
      "thinking": thoughtAt(place),
      ...(calls.length === 0 ? {} : {
        "tool_calls": calls.map((call) => ({
          "id": call.id,
          "function": {
            "name": functionOfCall(call).name,
            "arguments": readInput(functionOfCall(call).arguments),
          },
        })),
      }),
    },
    "done": true,
    "done_reason": "stop",
    "prompt_eval_count": 1,
    "eval_count": 1,
  };
}

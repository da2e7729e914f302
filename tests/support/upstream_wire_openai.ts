/** OpenAI's answers: https://platform.openai.com/docs/api-reference/chat-streaming */

import type { JsonObject } from "../../src/core/json.ts";
import { DEFAULT_USAGE, type ScriptedAnswer } from "./upstream_wire.ts";

const HEAD = { "id": "chatcmpl-upstream", "created": 1_700_000_000, "model": "upstream-model" };

/** The body of a whole answer. */
export function openaiWhole(answer: ScriptedAnswer): JsonObject {
  const { text, reasoning, calls } = answer;
  return {
    ...HEAD,
    "object": "chat.completion",
    "choices": [{
      "index": 0,
      "message": {
        "role": "assistant",
        "content": text === undefined ? null : text.join(""),
        "refusal": null,
        ...(reasoning ? { "reasoning_content": reasoning.join("") } : {}),
        ...(calls ? { "tool_calls": calls.map((call) => callOf(call, call.arguments)) } : {}),
      },
      "logprobs": null,
      "finish_reason": finishOf(answer),
    }],
    "usage": usageOf(answer),
  };
}

/** The events of a streamed answer. */
export function openaiEvents(answer: ScriptedAnswer): readonly string[] {
  const deltas: readonly JsonObject[] = [
    { "role": "assistant", "content": "" },
    ...(answer.reasoning ?? []).map((piece) => ({ "reasoning_content": piece })),
    ...(answer.text ?? []).map((piece) => ({ "content": piece })),
    ...(answer.calls ?? []).flatMap((call, index) => {
      const half = Math.ceil(call.arguments.length / 2);
      const pieces = [call.arguments.slice(0, half), call.arguments.slice(half)];
      return [
        { "tool_calls": [{ index, ...callOf(call, "") }] },
        ...pieces.map((piece) => ({
          "tool_calls": [{ index, "function": { "arguments": piece } }],
        })),
      ];
    }),
  ];
  return [
    ...deltas.map((delta) => openaiChunk(delta, null)),
    openaiChunk({}, finishOf(answer)),
    encode({ ...HEAD, "object": "chat.completion.chunk", "choices": [], "usage": usageOf(answer) }),
    "data: [DONE]\n\n",
  ];
}

/** One chunk of a stream. */
export function openaiChunk(delta: JsonObject, finish: string | null): string {
  const choices = [{ "index": 0, delta, "finish_reason": finish }];
  return encode({ ...HEAD, "object": "chat.completion.chunk", choices });
}

function encode(chunk: JsonObject): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

function callOf(call: { readonly id: string; readonly name: string }, args: string): JsonObject {
  return {
    "id": call.id,
    "type": "function",
    "function": { "name": call.name, "arguments": args },
  };
}

function finishOf({ calls, isCut }: ScriptedAnswer): string {
  if (isCut === true) return "length";
  return calls === undefined ? "stop" : "tool_calls";
}

function usageOf({ usage = DEFAULT_USAGE }: ScriptedAnswer): JsonObject {
  return {
    "prompt_tokens": usage.input,
    "completion_tokens": usage.output,
    "total_tokens": usage.input + usage.output,
    "prompt_tokens_details": { "cached_tokens": usage.cached ?? 0 },
  };
}

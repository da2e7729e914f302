/** Ollama's answers: https://github.com/ollama/ollama/blob/main/docs/api.md */

import type { JsonObject } from "../../src/core/json.ts";
import { DEFAULT_USAGE, type ScriptedAnswer } from "./upstream_wire.ts";

const HEAD = { "model": "upstream-model", "created_at": "2026-01-01T00:00:00.000000Z" };

/** The body of a whole answer. */
export function ollamaWhole(answer: ScriptedAnswer): JsonObject {
  const { text = [], reasoning, calls } = answer;
  const message = {
    "role": "assistant",
    "content": text.join(""),
    ...(reasoning ? { "thinking": reasoning.join("") } : {}),
    ...(calls ? { "tool_calls": calls.map(callOf) } : {}),
  };
  return { ...HEAD, message, ...endOf(answer) };
}

/** The lines of a streamed answer. */
export function ollamaLines(answer: ScriptedAnswer): readonly string[] {
  const messages: readonly JsonObject[] = [
    ...(answer.reasoning ?? []).map((piece) => ({ "content": "", "thinking": piece })),
    ...(answer.text ?? []).map((piece) => ({ "content": piece })),
    ...(answer.calls ?? []).map((call) => ({ "content": "", "tool_calls": [callOf(call)] })),
  ];
  const message = { "role": "assistant", "content": "" };
  return [
    ...messages.map((said) => ({
      ...HEAD,
      "message": { "role": "assistant", ...said },
      "done": false,
    })),
    { ...HEAD, message, ...endOf(answer) },
  ].map((line) => JSON.stringify(line) + "\n");
}

function callOf(call: { readonly id: string; readonly name: string; readonly arguments: string }) {
  const args: JsonObject = JSON.parse(call.arguments);
  return { "id": call.id, "function": { "index": 0, "name": call.name, "arguments": args } };
}

function endOf({ usage = DEFAULT_USAGE, isCut }: ScriptedAnswer): JsonObject {
  return {
    "done": true,
    "done_reason": isCut === true ? "length" : "stop",
    "total_duration": 5_000_000,
    "prompt_eval_count": usage.input,
    "eval_count": usage.output,
  };
}

/** Anthropic's answers: https://docs.anthropic.com/en/docs/build-with-claude/streaming */

import type { JsonObject } from "../../src/core/json.ts";
import { DEFAULT_USAGE, type ScriptedAnswer } from "./upstream_wire.ts";

const HEAD = {
  "id": "msg_upstream",
  "type": "message",
  "role": "assistant",
  "model": "claude-upstream",
  "stop_sequence": null,
} as const;

/** The body of a whole answer. */
export function anthropicWhole(answer: ScriptedAnswer): JsonObject {
  const { reasoning, text, calls = [] } = answer;
  return {
    ...HEAD,
    "content": [
      ...(reasoning
        ? [{ "type": "thinking", "thinking": reasoning.join(""), "signature": "sig" }]
        : []),
      ...(text ? [{ "type": "text", "text": text.join("") }] : []),
      ...calls.map(({ id, name, ...call }) => ({
        "type": "tool_use",
        id,
        name,
        "input": JSON.parse(call.arguments),
      })),
    ],
    "stop_reason": stopOf(answer),
    "usage": { ...inputUsageOf(answer), "output_tokens": outputOf(answer) },
  };
}

interface Block {
  readonly start: JsonObject;
  readonly deltas: readonly JsonObject[];
}

/** The events of a streamed answer. */
export function anthropicEvents(answer: ScriptedAnswer): readonly string[] {
  const usage = { ...inputUsageOf(answer), "output_tokens": 1 };
  const message = { ...HEAD, "content": [], "stop_reason": null, usage };
  return [
    encode("message_start", { message }),
    encode("ping", {}),
    ...blocksOf(answer).flatMap(({ start, deltas }, index) => [
      encode("content_block_start", { index, "content_block": start }),
      ...deltas.map((delta) => encode("content_block_delta", { index, delta })),
      encode("content_block_stop", { index }),
    ]),
    encode("message_delta", {
      "delta": { "stop_reason": stopOf(answer), "stop_sequence": null },
      "usage": { "output_tokens": outputOf(answer) },
    }),
    encode("message_stop", {}),
  ];
}

function blocksOf({ reasoning, text, calls = [] }: ScriptedAnswer): readonly Block[] {
  const thinking: Block[] = reasoning
    ? [{
      start: { "type": "thinking", "thinking": "", "signature": "" },
      deltas: [
        ...reasoning.map((piece) => ({ "type": "thinking_delta", "thinking": piece })),
        { "type": "signature_delta", "signature": "sig" },
      ],
    }]
    : [];
  const written: Block[] = text
    ? [{
      start: { "type": "text", "text": "" },
      deltas: text.map((piece) => ({ "type": "text_delta", "text": piece })),
    }]
    : [];
  return [
    ...thinking,
    ...written,
    ...calls.map((call): Block => {
      const half = Math.ceil(call.arguments.length / 2);
      const pieces = [call.arguments.slice(0, half), call.arguments.slice(half)];
      return {
        start: { "type": "tool_use", "id": call.id, "name": call.name, "input": {} },
        deltas: pieces.map((piece) => ({ "type": "input_json_delta", "partial_json": piece })),
      };
    }),
  ];
}

function encode(type: string, fields: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function stopOf({ calls, isCut }: ScriptedAnswer): string {
  if (isCut === true) return "max_tokens";
  return calls === undefined ? "end_turn" : "tool_use";
}

function inputUsageOf({ usage = DEFAULT_USAGE }: ScriptedAnswer): JsonObject {
  const { input, cached = 0, written = 0 } = usage;
  return {
    "input_tokens": input - cached - written,
    "cache_read_input_tokens": cached,
    "cache_creation_input_tokens": written,
  };
}

function outputOf({ usage = DEFAULT_USAGE }: ScriptedAnswer): number {
  return usage.output;
}

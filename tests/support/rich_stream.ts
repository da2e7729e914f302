/** A stream with all that a dialect has, of as few bytes as that takes: tests go through every one. */

import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";

/** The text: an emoji of several code points, combining marks, CJK, a pair of surrogates. */
export const RICH_TEXT = ["Z\u0301e ", "\u{1F469}\u200D\u{1F467}", "世界 [DONE]"] as const;

/** What the model thinks before. */
export const RICH_REASONING = "Hm… é";

/** The usage that the stream reports. */
export const RICH_USAGE = { "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18 };

/** The calls, whose pieces are interleaved where the dialect has pieces. */
export const RICH_CALLS = [
  { id: "c1", name: "f", args: '{"a":"ü"}' },
  { id: "c2", name: "g", args: '{"b":1}' },
] as const;

/** The stream's events or lines, each with the line end that completes it. */
export const RICH_STREAMS: Readonly<Record<ProviderKind, readonly string[]>> = {
  openai: openaiEvents(),
  anthropic: anthropicEvents(),
  ollama: ollamaLines(),
};

/** What stands in the event that commits, in the one that proves a whole answer, and in the last. */
export const RICH_MARKS: Readonly<
  Record<ProviderKind, { readonly commit: string; readonly end: string; readonly last: string }>
> = {
  openai: { commit: RICH_TEXT[0], end: '"finish_reason"', last: "[DONE]\n" },
  anthropic: { commit: RICH_TEXT[0], end: '"stop_reason"', last: '"message_stop"' },
  ollama: { commit: RICH_TEXT[0], end: '"done":true', last: '"done":true' },
};

function openaiEvents(): readonly string[] {
  const [first, second] = RICH_CALLS;
  const deltas: readonly JsonObject[] = [
    { "role": "assistant" },
    { "reasoning_content": RICH_REASONING },
    ...RICH_TEXT.map((content) => ({ content })),
    { "tool_calls": [openCall(0), openCall(1)] },
    { "tool_calls": [continueCall(1, second.args.slice(0, 4))] },
    { "tool_calls": [continueCall(0, first.args)] },
    { "tool_calls": [continueCall(1, second.args.slice(4))] },
  ];
  return [
    ": PROCESSING\n\n",
    ...deltas.map((delta) => sse({ "id": "u", "choices": [{ delta }] })),
    ":\n\n",
    sse({ "id": "u", "choices": [{ "delta": {}, "finish_reason": "tool_calls" }] }),
    sse({ "id": "u", "choices": [], "usage": RICH_USAGE }),
    "data: [DONE]\n\n",
  ];
}

function openCall(index: 0 | 1): JsonObject {
  const { id, name } = RICH_CALLS[index];
  return { index, id, "type": "function", "function": { name, "arguments": "" } };
}

function continueCall(index: number, args: string): JsonObject {
  return { index, "function": { "arguments": args } };
}

function anthropicEvents(): readonly string[] {
  const [first, second] = RICH_CALLS;
  const blocks: readonly JsonObject[] = [
    start(0, { "type": "thinking" }),
    delta(0, { "type": "thinking_delta", "thinking": RICH_REASONING }),
    start(1, { "type": "text" }),
    ...RICH_TEXT.map((text) => delta(1, { "type": "text_delta", text })),
    ...RICH_CALLS.map(({ id, name }, at) => start(at + 2, { "type": "tool_use", id, name })),
    input(3, second.args.slice(0, 4)),
    input(2, first.args),
    input(3, second.args.slice(4)),
    { "type": "content_block_stop", "index": 2 },
  ];
  return [
    namedSse({
      "type": "message_start",
      "message": { "id": "m", "usage": { "input_tokens": 11 } },
    }),
    namedSse({ "type": "ping" }),
    ...blocks.map(sse),
    sse({
      "type": "message_delta",
      "delta": { "stop_reason": "tool_use" },
      "usage": { "output_tokens": 7 },
    }),
    namedSse({ "type": "message_stop" }),
  ];
}

function start(index: number, block: JsonObject): JsonObject {
  return { "type": "content_block_start", index, "content_block": block };
}

function delta(index: number, piece: JsonObject): JsonObject {
  return { "type": "content_block_delta", index, "delta": piece };
}

function input(index: number, json: string): JsonObject {
  return delta(index, { "type": "input_json_delta", "partial_json": json });
}

function ollamaLines(): readonly string[] {
  const messages: readonly JsonObject[] = [
    { "thinking": RICH_REASONING },
    ...RICH_TEXT.map((content) => ({ content })),
    ...RICH_CALLS.map(({ name, args }) => ({
      "tool_calls": [{ "function": { "index": 0, name, "arguments": JSON.parse(args) } }],
    })),
  ];
  const end = { "done": true, "done_reason": "stop", "prompt_eval_count": 11, "eval_count": 7 };
  return [...messages.map((message) => ({ message })), { "message": {}, ...end }]
    .map((line) => JSON.stringify(line) + "\n");
}

function sse(event: JsonObject): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

function namedSse(event: JsonObject): string {
  return `event: ${event["type"]}\n${sse(event)}`;
}

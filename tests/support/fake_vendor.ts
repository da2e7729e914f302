/** Answers with thinking that the vendor signs, in each dialect, and what clients keep of them. */

import type { JsonObject } from "../../src/core/json.ts";
import type { Exchange } from "./upstream.ts";
import { sealRedacted, sealThinking } from "./thinking_seal.ts";

/** A piece of an answer, in the order in which the model gave it. */
export type Piece =
  | { readonly type: "thinking" | "redacted"; readonly thought: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "call"; readonly id: string; readonly name: string; readonly city: string };

/** The tokens of an answer; `input` includes those that were read from and written to a cache. */
export interface VendorUsage {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly written: number;
}

const PLAIN_USAGE: VendorUsage = { input: 100, output: 20, cached: 0, written: 0 };

interface VendorAnswer {
  readonly pieces: readonly Piece[];
  readonly model: string;
  readonly usage: VendorUsage;
}

/** Answers with these pieces, streamed or whole as the request asks. */
export async function answerWith(
  exchange: Exchange,
  pieces: readonly Piece[],
  usage: VendorUsage = PLAIN_USAGE,
): Promise<void> {
  const answer = { pieces, model: String(exchange.body["model"]), usage };
  const wire = WIRES[exchange.kind];
  if (exchange.body["stream"] !== true) return await exchange.sendWhole(200, wire.whole(answer));
  await exchange.sendBodies(wire.stream(answer));
}

interface Wire {
  readonly whole: (answer: VendorAnswer) => JsonObject;
  readonly stream: (answer: VendorAnswer) => readonly JsonObject[];
}

const WIRES: Readonly<Record<Exchange["kind"], Wire>> = {
  anthropic: { whole: wholeMessage, stream: streamMessage },
  openai: { whole: wholeCompletion, stream: streamCompletion },
  ollama: {
    whole: wholeChat,
    stream: (answer) => [
      { ...wholeChat(answer), "done": false },
      wholeChat({ ...answer, pieces: [] }),
    ],
  },
};

/** The blocks as Anthropic gives them, and as it wants its thinking back. */
export function blocksOf(pieces: readonly Piece[], model: string): readonly JsonObject[] {
  return pieces.map((piece): JsonObject => {
    switch (piece.type) {
      case "thinking": {
        const signature = sealThinking(model, piece.thought);
        return { "type": "thinking", "thinking": piece.thought, "signature": signature };
      }
      case "redacted":
        return { "type": "redacted_thinking", "data": sealRedacted(model, piece.thought) };
      case "text":
        return { "type": "text", "text": piece.text };
      case "call":
        return {
          "type": "tool_use",
          "id": piece.id,
          "name": piece.name,
          "input": { "city": piece.city },
        };
    }
  });
}

function hasCalls(pieces: readonly Piece[]): boolean {
  return pieces.some((piece) => piece.type === "call");
}

const MESSAGE_HEAD = { "id": "msg_1", "type": "message", "role": "assistant" };

function wholeMessage({ pieces, model, usage }: VendorAnswer): JsonObject {
  return {
    ...MESSAGE_HEAD,
    model,
    "content": blocksOf(pieces, model),
    "stop_reason": hasCalls(pieces) ? "tool_use" : "end_turn",
    "stop_sequence": null,
    "usage": { ...inputUsageOf(usage), "output_tokens": usage.output },
  };
}

/** https://platform.claude.com/docs/en/build-with-claude/prompt-caching: three parts that add up. */
function inputUsageOf({ input, cached, written }: VendorUsage): JsonObject {
  return {
    "input_tokens": input - cached - written,
    "cache_read_input_tokens": cached,
    "cache_creation_input_tokens": written,
  };
}

function streamMessage({ pieces, model, usage }: VendorAnswer): readonly JsonObject[] {
  const first = { ...inputUsageOf(usage), "output_tokens": 1 };
  return [
    {
      "type": "message_start",
      "message": { ...MESSAGE_HEAD, model, "content": [], "stop_reason": null, "usage": first },
    },
    ...blocksOf(pieces, model).flatMap(streamBlock),
    {
      "type": "message_delta",
      "delta": { "stop_reason": hasCalls(pieces) ? "tool_use" : "end_turn" },
      "usage": { "output_tokens": usage.output },
    },
    { "type": "message_stop" },
  ];
}

/** Long fields come in two deltas, the signature after the thinking. */
function streamBlock(block: JsonObject, index: number): readonly JsonObject[] {
  const fields: readonly (readonly [string, string, string])[] = [
    ["thinking", "thinking_delta", "thinking"],
    ["signature", "signature_delta", "signature"],
    ["text", "text_delta", "text"],
    ["input", "input_json_delta", "partial_json"],
  ];
  const long = fields.filter(([key]) => block[key] !== undefined);
  const empty = Object.fromEntries(long.map(([key]) => [key, key === "input" ? {} : ""]));
  return [
    { "type": "content_block_start", index, "content_block": { ...block, ...empty } },
    ...long.flatMap(([key, type, name]) =>
      halves(key === "input" ? JSON.stringify(block[key]) : String(block[key])).map((half) => ({
        "type": "content_block_delta",
        index,
        "delta": { type, [name]: half },
      }))
    ),
    { "type": "content_block_stop", index },
  ];
}

function halves(text: string): readonly string[] {
  const half = Math.ceil(text.length / 2);
  return [text.slice(0, half), text.slice(half)];
}

/** https://openrouter.ai/docs/use-cases/reasoning-tokens */
function detailsOf(pieces: readonly Piece[], model: string): readonly JsonObject[] {
  return pieces.flatMap((piece, index): readonly JsonObject[] => {
    if (piece.type === "redacted") {
      const data = sealRedacted(model, piece.thought);
      return [{ "type": "reasoning.encrypted", data, "format": "unknown", index }];
    }
    if (piece.type !== "thinking") return [];
    const signature = sealThinking(model, piece.thought);
    return [{ "type": "reasoning.text", "text": piece.thought, signature, "format": null, index }];
  });
}

function messageOf(pieces: readonly Piece[], model: string): JsonObject {
  const calls = pieces.flatMap((piece) => piece.type === "call" ? [piece] : []);
  const details = detailsOf(pieces, model);
  const thoughts = pieces.flatMap((piece) => piece.type === "thinking" ? [piece.thought] : []);
  return {
    "role": "assistant",
    "content": textOf(pieces),
    ...(thoughts.length === 0 ? {} : { "reasoning": thoughts.join("") }),
    ...(details.length === 0 ? {} : { "reasoning_details": details }),
    ...(calls.length === 0 ? {} : {
      "tool_calls": calls.map(({ id, name, city }, index) => ({
        index,
        id,
        "type": "function",
        "function": { "name": name, "arguments": JSON.stringify({ "city": city }) },
      })),
    }),
  };
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.flatMap((piece) => piece.type === "text" ? [piece.text] : []).join("");
}

const COMPLETION_HEAD = { "id": "gen-1", "created": 1_700_000_000 };

function completionUsageOf({ input, output, cached }: VendorUsage): JsonObject {
  return {
    "prompt_tokens": input,
    "completion_tokens": output,
    "total_tokens": input + output,
    "prompt_tokens_details": { "cached_tokens": cached },
  };
}

function wholeCompletion({ pieces, model, usage }: VendorAnswer): JsonObject {
  const finish = hasCalls(pieces) ? "tool_calls" : "stop";
  return {
    ...COMPLETION_HEAD,
    "object": "chat.completion",
    model,
    "choices": [{ "index": 0, "message": messageOf(pieces, model), "finish_reason": finish }],
    "usage": completionUsageOf(usage),
  };
}

function streamCompletion({ pieces, model, usage }: VendorAnswer): readonly JsonObject[] {
  const finish = hasCalls(pieces) ? "tool_calls" : "stop";
  const chunk = (delta: JsonObject, reason: string | null): JsonObject => ({
    ...COMPLETION_HEAD,
    "object": "chat.completion.chunk",
    model,
    "choices": [{ "index": 0, delta, "finish_reason": reason }],
  });
  const { reasoning, reasoning_details: details = [], ...said } = messageOf(pieces, model);
  const first = { "role": "assistant", "content": "", ...(reasoning ? { reasoning } : {}) };
  return [
    chunk({ ...first, "reasoning_details": details }, null),
    chunk(said, null),
    { ...chunk({}, finish), "usage": completionUsageOf(usage) },
  ];
}

function wholeChat({ pieces, model, usage }: VendorAnswer): JsonObject {
  const calls = pieces.flatMap((piece) => piece.type === "call" ? [piece] : []);
  const thoughts = pieces.flatMap((piece) => piece.type === "thinking" ? [piece.thought] : []);
  return {
    model,
    "created_at": "2026-01-01T00:00:00Z",
    "message": {
      "role": "assistant",
      "content": textOf(pieces),
      ...(thoughts.length === 0 ? {} : { "thinking": thoughts.join("") }),
      ...(calls.length === 0 ? {} : {
        "tool_calls": calls.map(({ id, name, city }, index) => ({
          id,
          "function": { index, "name": name, "arguments": { "city": city } },
        })),
      }),
    },
    "done": true,
    "done_reason": "stop",
    "prompt_eval_count": usage.input,
    "eval_count": usage.output,
  };
}

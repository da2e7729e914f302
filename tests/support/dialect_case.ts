/** What the OpenAI client asks of each dialect, and what it must get. */

import assert from "node:assert/strict";
import type OpenAI from "openai";
import type { ProviderKind } from "../../src/core/provider.ts";
import type { ScriptedAnswer } from "./upstream_wire.ts";

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;
type Message = OpenAI.ChatCompletionMessage;

const WEATHER = {
  "type": "function",
  "function": {
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {
      "type": "object",
      "properties": { "city": { "type": "string" } },
      "required": ["city"],
    },
  },
} as const;

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E" +
  "rkJggg==";

const CALLS = [
  { id: "call_one", name: "get_weather", arguments: '{"city":"Paris"}' },
  { id: "call_two", name: "get_weather", arguments: '{"city":"Rome"}' },
];

/** One request in OpenAI's words, and the answer that every dialect gives to it. */
export interface DialectCase {
  readonly name: string;
  readonly params: Omit<Params, "model" | "stream">;
  readonly answer: ScriptedAnswer;
  /** What must stand somewhere in the body that arrives, whatever the dialect. */
  readonly arrives: readonly string[];
  /** What must stand there in one dialect. */
  readonly arrivesAt?: Readonly<Record<ProviderKind, string>>;
  readonly check: (message: Message, finish: string) => void;
}

/** A plain question. */
export const ASK = { "role": "user", "content": "Hello, what is 6 × 7? 😀" } as const;

/** The requests. */
export const DIALECT_CASES: readonly DialectCase[] = [
  {
    name: "text",
    params: {
      messages: [{ role: "system", content: "Be brief." }, ASK],
      temperature: 0.5,
      stop: ["END"],
      "max_completion_tokens": 99,
    },
    answer: { text: ["It is ", "42 — ", "äöü 😀", "."] },
    arrives: ["Be brief.", ASK.content, "END", "0.5", "99"],
    check: (message, finish) => {
      assert.equal(message.content, "It is 42 — äöü 😀.");
      assert.equal(finish, "stop");
    },
  },
  {
    name: "a parallel tool call",
    params: { messages: [ASK], tools: [WEATHER], "tool_choice": "auto" },
    answer: { text: ["Looking."], calls: CALLS },
    arrives: ["get_weather", "The weather in a city", '"required":["city"]'],
    check: (message, finish) => {
      assert.equal(message.content, "Looking.");
      assert.deepEqual(readCalls(message), [
        ["get_weather", { city: "Paris" }],
        ["get_weather", { city: "Rome" }],
      ]);
      const ids = message["tool_calls"]?.map((call) => call.id);
      assert.equal(new Set(ids).size, 2);
      assert.equal(finish, "tool_calls");
    },
  },
  {
    name: "a tool round trip",
    params: {
      messages: [
        ASK,
        {
          role: "assistant",
          content: null,
          "tool_calls": CALLS.map((call) => ({
            id: call.id,
            type: "function",
            function: { name: call.name, arguments: call.arguments },
          })),
        },
        { role: "tool", "tool_call_id": "call_one", content: "12 degrees" },
        { role: "tool", "tool_call_id": "call_two", content: "21 degrees" },
      ],
      tools: [WEATHER],
    },
    answer: { text: ["Rome is warmer."] },
    arrives: ["12 degrees", "21 degrees", "Paris", "Rome", "call_one", "call_two"],
    check: (message) => assert.equal(message.content, "Rome is warmer."),
  },
  {
    name: "an image",
    params: {
      messages: [{
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", "image_url": { url: `data:image/png;base64,${PNG}` } },
        ],
      }],
    },
    answer: { text: ["A pixel."] },
    arrives: [PNG, "What is this?"],
    check: (message) => assert.equal(message.content, "A pixel."),
  },
  {
    name: "reasoning",
    params: { messages: [ASK], "reasoning_effort": "high" },
    answer: { reasoning: ["Six times ", "seven."], text: ["42"] },
    arrives: [],
    arrivesAt: {
      openai: '"reasoning_effort":"high"',
      anthropic: '"thinking":{"type":"enabled"',
      ollama: '"think":',
    },
    check: (message) => {
      assert.equal(message.content, "42");
      assert.equal(Reflect.get(message, "reasoning_content"), "Six times seven.");
    },
  },
];

function readCalls(message: Message): readonly (readonly [string, unknown])[] {
  return (message["tool_calls"] ?? []).map((call) => {
    if (call.type !== "function") throw new Error(`a call of type ${call.type}`);
    return [call.function.name, JSON.parse(call.function.arguments)] as const;
  });
}

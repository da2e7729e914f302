/** What clients ask for, and how upstreams answer it. */

import assert from "node:assert/strict";
import { arrayAt, type JsonObject, numberAt, objectAt, stringAt } from "../../src/core/json.ts";
import { deltasIn, type Got } from "../support/got.ts";
import {
  anthropicSaid,
  everywhere,
  inDialect,
  ollamaSaid,
  openaiSaid,
  type RawChoice,
  type SaidBy,
  textChoice,
} from "./answers.ts";

/** One kind of answer. */
export interface AnswerCase {
  readonly name: string;
  /** Fields of the request, beside its messages. */
  readonly fields?: JsonObject;
  readonly said: SaidBy;
  /** What the client must find, streamed or whole. */
  readonly check: (got: Got) => void;
}

const TEXT = ["It is ", "42 — ", "äöü 😀."];

function toolOf(name: string): JsonObject {
  const parameters = { "type": "object", "properties": { "city": { "type": "string" } } };
  return { "type": "function", "function": { "name": name, "description": "d", parameters } };
}

const TOOLS = { "tools": [toolOf("weather"), toolOf("now")] };
const PARIS = { id: "call_one", name: "weather", arguments: '{"city":"Paris"}' };
const ROME = { id: "call_two", name: "weather", arguments: '{"city":"Rome"}' };
const NOW = { id: "call_now", name: "now", arguments: "{}" };

/** A call whose arguments are empty, as some servers of the OpenAI dialect send it. */
const BARE_CALL: RawChoice = {
  message: { "tool_calls": [bareCall()] },
  deltas: [{ "tool_calls": [{ "index": 0, ...bareCall() }] }],
  finish: "tool_calls",
};

function bareCall(): JsonObject {
  return { "id": NOW.id, "type": "function", "function": { "name": "now", "arguments": "" } };
}

const REFUSAL: RawChoice = {
  message: { "refusal": "I can't do that." },
  deltas: [{ "refusal": "I can't " }, { "refusal": "do that." }],
  finish: "stop",
};

const TOKEN = { "token": "42", "logprob": -0.5, "bytes": [52, 50] };
const TOKENS = [{ ...TOKEN, "top_logprobs": [TOKEN] }];

function usageOf(got: Got): JsonObject | undefined {
  return got.bodies.map((body) => objectAt(body, "usage")).findLast((usage) => usage !== undefined);
}

function refusalIn(got: Got): string {
  return deltasIn(got.bodies).map((delta) => stringAt(delta, "refusal") ?? "").join("");
}

function callNames(got: Got): readonly string[] {
  return deltasIn(got.bodies).flatMap((delta) => arrayAt(delta, "tool_calls"))
    .flatMap((call) => stringAt(objectAt(call, "function"), "name") ?? []);
}

function finishIs(reason: string, text?: string): (got: Got) => void {
  return (got) => {
    assert.equal(got.finish, reason);
    if (text !== undefined) assert.equal(got.text, text);
  };
}

function callsAre(...names: readonly string[]): (got: Got) => void {
  return (got) => assert.deepEqual(callNames(got), names);
}

const JSON_TEXT = '{"answer":42}';
const SCHEMA = {
  "name": "answer",
  "schema": {
    "type": "object",
    "properties": { "answer": { "type": "integer" } },
    "required": ["answer"],
    "additionalProperties": false,
  },
};

/** THE TABLE of answers. */
export const ANSWER_CASES: readonly AnswerCase[] = [
  { name: "text", said: everywhere({ text: TEXT }), check: finishIs("stop", TEXT.join("")) },
  {
    name: "a tool call",
    fields: TOOLS,
    said: everywhere({ calls: [PARIS] }),
    check: callsAre("weather"),
  },
  {
    name: "parallel tool calls after text",
    fields: TOOLS,
    said: everywhere({ text: ["Looking."], calls: [PARIS, ROME] }),
    check: callsAre("weather", "weather"),
  },
  {
    name: "a tool call without arguments",
    fields: TOOLS,
    said: {
      ...everywhere({ calls: [NOW] }),
      openai: openaiSaid([BARE_CALL]),
    },
    check: callsAre("now"),
  },
  {
    name: "reasoning before the text",
    fields: { "reasoning_effort": "high" },
    said: everywhere({ reasoning: ["Let me ", "think."], text: TEXT }),
    check: (got) => {
      assert.equal(got.text, TEXT.join(""));
      const thought = deltasIn(got.bodies).map((delta) => delta["reasoning_content"] ?? "").join(
        "",
      );
      assert.equal(thought, "Let me think.");
    },
  },
  {
    name: "a refusal",
    said: { openai: openaiSaid([REFUSAL]) },
    check: (got) => assert.equal(refusalIn(got), "I can't do that."),
  },
  {
    name: "a cut answer",
    said: everywhere({ text: TEXT, isCut: true }),
    check: finishIs("length", TEXT.join("")),
  },
  {
    name: "a filtered answer",
    said: {
      openai: openaiSaid([textChoice("So far", "content_filter")]),
      anthropic: anthropicSaid({ text: ["So far"] }, { stop: "refusal" }),
    },
    check: finishIs("content_filter", "So far"),
  },
  {
    name: "a JSON object",
    fields: {
      // OpenAI refuses JSON mode unless a message speaks of it.
      "messages": [{ "role": "user", "content": "Answer in JSON." }],
      "response_format": { "type": "json_object" },
    },
    said: everywhere({ text: [JSON_TEXT] }),
    check: finishIs("stop", JSON_TEXT),
  },
  {
    name: "JSON by a schema",
    fields: { "response_format": { "type": "json_schema", "json_schema": SCHEMA } },
    said: everywhere({ text: ['{"answer"', ":42}"] }),
    check: finishIs("stop", JSON_TEXT),
  },
  {
    name: "log probabilities",
    fields: { "logprobs": true, "top_logprobs": 1 },
    said: {
      openai: openaiSaid([{
        ...textChoice("42"),
        logprobs: { "content": TOKENS, "refusal": null },
      }]),
      ollama: ollamaSaid({ text: ["42"] }, { each: { "logprobs": TOKENS } }),
    },
    check: (got) => {
      const lists = got.bodies.flatMap((body) => arrayAt(body, "choices"))
        .map((choice) => arrayAt(objectAt(choice, "logprobs"), "content"))
        .filter((list) => list.length > 0);
      assert.deepEqual(lists[0], TOKENS);
    },
  },
  {
    name: "two choices",
    fields: { "n": 2 },
    said: { openai: openaiSaid([textChoice("One."), textChoice("Two.")]) },
    check: (got) => {
      const indices = got.bodies.flatMap((body) => arrayAt(body, "choices"))
        .map((choice) => numberAt(choice, "index"));
      assert.deepEqual([...new Set(indices)], [0, 1]);
    },
  },
  {
    name: "no usage",
    said: {
      openai: openaiSaid([textChoice("Fine.")], { usage: null }),
      anthropic: anthropicSaid({ text: ["Fine."] }, { usage: null }),
      ollama: ollamaSaid({ text: ["Fine."] }, {
        end: { "prompt_eval_count": undefined, "eval_count": undefined },
      }),
    },
    check: finishIs("stop", "Fine."),
  },
  {
    name: "usage with cached tokens",
    said: {
      openai: inDialect("openai", {
        text: TEXT,
        usage: { input: 2_000, output: 9, cached: 1_500 },
      }),
      anthropic: anthropicSaid({ text: TEXT, usage: { input: 0, output: 9 } }, {
        usage: {
          "input_tokens": 200,
          "cache_read_input_tokens": 1_500,
          "cache_creation_input_tokens": 300,
          "cache_creation": { "ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200 },
          "output_tokens": 9,
        },
      }),
    },
    check: (got) => {
      const usage = usageOf(got);
      if (usage === undefined) return;
      assert.equal(usage["prompt_tokens"], 2_000);
      assert.equal(usage["completion_tokens"], 9);
      assert.equal(numberAt(objectAt(usage, "prompt_tokens_details"), "cached_tokens"), 1_500);
    },
  },
];

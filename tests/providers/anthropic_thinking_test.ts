import assert from "node:assert/strict";
import type { ChatMessage, ChatRequest } from "../../src/core/chat.ts";
import { arrayAt, type JsonObject } from "../../src/core/json.ts";
import type { CompatFlags } from "../../src/core/provider.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import {
  callOf,
  type CaseOptions,
  contextOf,
  decodeAll,
  encode,
  NEWEST,
  userSays,
} from "../support/anthropic_case.ts";
import { assistantCalls, assistantSays, result, text, use } from "../support/anthropic_history.ts";

const THINKING = { "type": "thinking", "thinking": "Hm.", "signature": "sig" };
const REDACTED = { "type": "redacted_thinking", "data": "ZGF0YQ==" };
const KEPT_USE = { "type": "tool_use" };
const TOOLS = [{ "type": "function", "function": { "name": "f" } }] as const;
const BUDGET = { "type": "enabled", "budget_tokens": 16_384 };

/** What the model gave with the message at each index, and what the request then holds. */
interface RestoreCase {
  readonly name: string;
  readonly messages: readonly ChatMessage[];
  readonly keepsakes: Readonly<Record<number, readonly JsonObject[]>>;
  readonly request?: Partial<ChatRequest>;
  readonly options?: CaseOptions;
  /** The blocks of the assistant's turns. */
  readonly turns: readonly (readonly JsonObject[])[];
  /** Whether the model thinks. */
  readonly thinks: boolean;
}

const CALL = assistantCalls(["x", "f", "{}"]);

const CASES: readonly RestoreCase[] = [
  {
    name: "puts thinking back before the call that it led to",
    messages: [userSays("a"), CALL, result("x", "1")],
    keepsakes: { 1: [THINKING, REDACTED, KEPT_USE] },
    turns: [[THINKING, REDACTED, use("x", "f", {})]],
    thinks: true,
  },
  {
    name: "puts thinking back between texts and calls",
    messages: [
      userSays("a"),
      { ...assistantCalls(["x", "f", "{}"], ["y", "f", "{}"]), "content": "One.\n\nTwo." },
      result("x", "1"),
      result("y", "2"),
    ],
    keepsakes: { 1: [THINKING, text("One."), KEPT_USE, REDACTED, text("\n\nTwo."), KEPT_USE] },
    turns: [[
      THINKING,
      text("One."),
      use("x", "f", {}),
      REDACTED,
      text("\n\nTwo."),
      use("y", "f", {}),
    ]],
    thinks: true,
  },
  {
    name: "puts thinking first where the client changed the text",
    messages: [userSays("a"), { ...CALL, "content": "Changed." }, result("x", "1")],
    keepsakes: { 1: [text("One."), THINKING, KEPT_USE] },
    turns: [[THINKING, text("Changed."), use("x", "f", {})]],
    thinks: true,
  },
  {
    name: "keeps the order of thinking where the client has marked the text",
    messages: [
      userSays("a"),
      {
        ...CALL,
        "content": [{ "type": "text", "text": "One.", "cache_control": { "type": "ephemeral" } }],
      },
      result("x", "1"),
    ],
    keepsakes: { 1: [THINKING, text("One."), REDACTED, KEPT_USE] },
    turns: [[
      THINKING,
      { ...text("One."), "cache_control": { "type": "ephemeral" } },
      REDACTED,
      use("x", "f", {}),
    ]],
    thinks: true,
  },
  {
    name: "puts a message's mark on no thinking",
    messages: [
      userSays("a"),
      { ...assistantSays("b"), "cache_control": { "type": "ephemeral" } },
      userSays("c"),
    ],
    keepsakes: { 1: [text("b"), THINKING] },
    turns: [[{ ...text("b"), "cache_control": { "type": "ephemeral" } }, THINKING]],
    thinks: true,
  },
  {
    name: "puts thinking back in turns that are over",
    messages: [userSays("a"), assistantSays("b"), userSays("c")],
    keepsakes: { 1: [THINKING, text("b")] },
    turns: [[THINKING, text("b")]],
    thinks: true,
  },
  {
    name: "lets the model think on after a step that it took without thinking",
    messages: [
      userSays("a"),
      CALL,
      result("x", "1"),
      assistantCalls(["y", "f", "{}"]),
      result("y", "2"),
    ],
    keepsakes: { 1: [THINKING, KEPT_USE], 3: [KEPT_USE] },
    turns: [[THINKING, use("x", "f", {})], [use("y", "f", {})]],
    thinks: true,
  },
  {
    name: "stops thinking where another model took a step",
    messages: [
      userSays("a"),
      CALL,
      result("x", "1"),
      assistantCalls(["y", "f", "{}"]),
      result("y", "2"),
    ],
    keepsakes: { 1: [THINKING, KEPT_USE] },
    turns: [[use("x", "f", {})], [use("y", "f", {})]],
    thinks: false,
  },
  {
    name: "thinks again with the next question, whoever took the steps before",
    messages: [userSays("a"), CALL, result("x", "1"), assistantSays("b"), userSays("c")],
    keepsakes: {},
    turns: [[use("x", "f", {})], [text("b")]],
    thinks: true,
  },
  {
    name: "sends no thinking to a model that is not to think",
    messages: [userSays("a"), CALL, result("x", "1")],
    keepsakes: { 1: [THINKING, KEPT_USE] },
    request: { "reasoning_effort": null },
    turns: [[use("x", "f", {})]],
    thinks: false,
  },
  {
    name: "sends no thinking after the model refused it",
    messages: [userSays("a"), CALL, result("x", "1")],
    keepsakes: { 1: [THINKING, KEPT_USE] },
    options: { refusedFields: ["thinking"] },
    turns: [[use("x", "f", {})]],
    thinks: false,
  },
  {
    name: "puts thinking back for a model that thinks as it sees fit, whoever took other steps",
    messages: [
      userSays("a"),
      CALL,
      result("x", "1"),
      assistantCalls(["y", "f", "{}"]),
      result("y", "2"),
    ],
    keepsakes: { 1: [THINKING, KEPT_USE] },
    options: { modelId: NEWEST },
    turns: [[THINKING, use("x", "f", {})], [use("y", "f", {})]],
    thinks: true,
  },
  {
    name: "puts thinking back for a model that always thinks, unasked",
    messages: [userSays("a"), CALL, result("x", "1")],
    keepsakes: { 1: [THINKING, KEPT_USE] },
    request: { "reasoning_effort": null },
    options: { modelId: "claude-fable-5" },
    turns: [[THINKING, use("x", "f", {})]],
    thinks: false,
  },
];

for (const { name, messages, keepsakes, request, options, turns, thinks } of CASES) {
  Deno.test(`encodeRequest() ${name}`, () => {
    const asked = { messages, tools: TOOLS, "reasoning_effort": "high", ...request };
    const kept = Object.entries(keepsakes).map(([index, content]) => [index, { content }]);
    const call = callOf(asked, { ...options, keepsakes: Object.fromEntries(kept) });
    const encoded = anthropic.encodeRequest(call);
    if (encoded.type === "refused") throw new Error(encoded.fault.message);
    const hasThinking = /"type":"(?:redacted_)?thinking"/.test(JSON.stringify(turns));
    assert.deepEqual(encoded.hidden, hasThinking ? ["thinking"] : undefined);
    const body = JSON.parse(JSON.stringify(encoded.body));
    const said = body.messages.filter((turn: JsonObject) => turn["role"] === "assistant")
      .map((turn: JsonObject) => turn["content"]);
    assert.deepEqual(said, turns);
    assert.equal(body.thinking !== undefined, thinks);
    const isLost = asked["reasoning_effort"] !== null && !thinks;
    assert.deepEqual(encoded.dropped, isLost ? ["reasoning_effort"] : []);
  });
}

const TEXT = { "type": "text", "text": "One." };
const USE = { "type": "tool_use", "id": "toolu_1", "name": "f", "input": {} };

/** The blocks of an answer, and what is kept of them. */
const KEEPS: Readonly<Record<string, readonly [readonly JsonObject[], unknown]>> = {
  "thinking and what stands between": [
    [THINKING, TEXT, REDACTED, USE],
    [THINKING, TEXT, REDACTED, KEPT_USE],
  ],
  "a step without thinking": [[TEXT, USE], [TEXT, KEPT_USE]],
  "nothing of an answer without both": [[TEXT], undefined],
  "no thinking that lacks its signature": [
    [{ "type": "thinking", "thinking": "Hm." }, TEXT],
    undefined,
  ],
};

for (const [name, [blocks, kept]] of Object.entries(KEEPS)) {
  const context = contextOf({ "reasoning_effort": "high", tools: TOOLS });
  const keepsake = kept === undefined ? undefined : { content: kept };

  Deno.test(`decodeAnswer() keeps ${name}`, () => {
    const body = { "id": "m", "content": blocks, "stop_reason": "end_turn" };
    const decoded = anthropic.decodeAnswer(body, context);
    assert.deepEqual(decoded.type === "answer" ? decoded.keepsake : "fault", keepsake);
  });

  Deno.test(`a decoder keeps ${name}`, () => {
    const events = [
      { "type": "message_start", "message": { "id": "m" } },
      ...blocks.flatMap((block, index) => streamOf(block, index)),
      { "type": "message_delta", "delta": { "stop_reason": "end_turn" } },
      { "type": "message_stop" },
    ];
    const done = decodeAll(events, context).at(-1);
    assert.equal(done?.type, "done");
    assert.deepEqual(done?.type === "done" ? done.keepsake : null, keepsake);
  });
}

/** A block in pieces. */
function streamOf(block: JsonObject, index: number): readonly JsonObject[] {
  const empty = { ...block, "text": "", "thinking": "", "signature": "" };
  const start = { ...block, ...("data" in block || "input" in block ? {} : empty) };
  const half = (value: unknown) => String(value).slice(0, 1);
  const rest = (value: unknown) => String(value).slice(1);
  const deltas = ["text", "thinking", "signature"].flatMap((key) =>
    typeof block[key] !== "string" ? [] : [half(block[key]), rest(block[key])].map((piece) => ({
      "type": "content_block_delta",
      index,
      "delta": { "type": `${key}_delta`, [key]: piece },
    }))
  );
  return [
    { "type": "content_block_start", index, "content_block": start },
    ...deltas,
    { "type": "content_block_stop", index },
  ];
}

for (
  const message of [
    "messages.1.content.0: Invalid `signature` in `thinking` block",
    "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.",
  ]
) {
  Deno.test(`decodeError() takes "${message}" for thinking that can be left out`, () => {
    const body = { "type": "error", "error": { "type": "invalid_request_error", message } };
    const fault = anthropic.decodeError({ status: 400, headers: new Headers(), body });
    assert.equal(fault.refusedField, "thinking");
    assert.equal(fault.isValueRefused, true);
  });
}

Deno.test("encodeRequest() sends a thinking budget", () => {
  const encoded = anthropic.encodeRequest(callOf({ "reasoning_effort": "high" }));
  assert.deepEqual(encoded.type === "request" ? encoded.body["thinking"] : null, BUDGET);
});

/** Flags of the config, and what they change for a model that nobody knows. */
const FLAGS: readonly (readonly [CompatFlags, Partial<ChatRequest>, JsonObject])[] = [
  [{ thinking: "none" }, { "reasoning_effort": "high" }, {}],
  [{ thinking: "adaptive" }, { "reasoning_effort": "high" }, {
    "thinking": { "type": "adaptive", "display": "summarized" },
  }],
  [{ sampling: "none" }, { "temperature": 0.5, "top_p": 0.5 }, {}],
  [{ sampling: "one" }, { "temperature": 0.5, "top_p": 0.5 }, { "temperature": 0.5 }],
  [{}, { "temperature": 0.5, "top_p": 0.5 }, { "temperature": 0.5, "top_p": 0.5 }],
];

for (const [compat, request, sent] of FLAGS) {
  Deno.test(`encodeRequest() heeds compat = ${JSON.stringify(compat)}`, () => {
    const { body } = encode(request, { modelId: "other-vendors-model", compat });
    const found = ["thinking", "temperature", "top_p"].flatMap((key) =>
      body[key] === undefined ? [] : [[key, body[key]]]
    );
    assert.deepEqual(Object.fromEntries(found), sent);
  });
}

Deno.test("compat.structured_output and compat.prefill decide for unknown models", () => {
  const schema = { "type": "object", "properties": {}, "additionalProperties": false };
  const format = { "type": "json_schema", "json_schema": { "name": "x", schema } };
  const options = { modelId: "other-vendors-model" };
  const asked = { "response_format": format };
  const compat = { structuredOutput: true };
  assert.ok(encode(asked, { ...options, compat }).body["output_config"] !== undefined);
  assert.ok(encode(asked, options).body["tools"] !== undefined);
  const whole = { "id": "m", "content": [TEXT], "stop_reason": "end_turn" };
  const context = contextOf(asked, { ...options, compat });
  assert.equal(anthropic.decodeAnswer(whole, context).type, "answer");
  const started = { "messages": [userSays("a"), assistantSays("b")] };
  const rolesOf = (flags: CompatFlags) =>
    arrayAt(encode(started, { ...options, compat: flags }).body, "messages").length;
  assert.deepEqual([rolesOf({}), rolesOf({ prefill: false })], [2, 3]);
});

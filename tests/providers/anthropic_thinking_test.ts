import assert from "node:assert/strict";
import type { ChatMessage, ChatRequest } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import { callOf, type CaseOptions, NEWEST, userSays } from "../support/anthropic_case.ts";
import { assistantCalls, assistantSays, result, text, use } from "../support/anthropic_history.ts";

const THINKING = { "type": "thinking", "thinking": "Hm.", "signature": "sig" };
const REDACTED = { "type": "redacted_thinking", "data": "ZGF0YQ==" };
const KEPT_USE = { "type": "tool_use" };
const TOOLS = [{ "type": "function", "function": { "name": "f" } }] as const;
const MARK = { "cache_control": { "type": "ephemeral" } } as const;
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
const ONE_STEP = [userSays("a"), CALL, result("x", "1")];
const TWO_STEPS = [...ONE_STEP, assistantCalls(["y", "f", "{}"]), result("y", "2")];

const CASES: readonly RestoreCase[] = [
  {
    name: "puts thinking back before the call that it led to",
    messages: ONE_STEP,
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
    name: "keeps the mark of a text that the client marks when thinking comes back",
    messages: [
      userSays("a"),
      { "role": "assistant", "content": [{ "type": "text", "text": "b", ...MARK }] },
      userSays("c"),
    ],
    keepsakes: { 1: [THINKING, text("b")] },
    turns: [[THINKING, { ...text("b"), ...MARK }]],
    thinks: true,
  },
  {
    name: "puts texts back as they were where the client changed white space alone",
    messages: [userSays("a"), { ...CALL, "content": "One. Two." }, result("x", "1")],
    keepsakes: { 1: [THINKING, text("One.\n\n"), text("Two."), KEPT_USE] },
    turns: [[THINKING, text("One.\n\n"), text("Two."), use("x", "f", {})]],
    thinks: true,
  },
  {
    name: "makes no turn of thinking alone where an answer says nothing",
    messages: [userSays("a"), assistantSays(""), userSays("c")],
    keepsakes: { 1: [THINKING] },
    turns: [],
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
    messages: TWO_STEPS,
    keepsakes: { 1: [THINKING, KEPT_USE], 3: [KEPT_USE] },
    turns: [[THINKING, use("x", "f", {})], [use("y", "f", {})]],
    thinks: true,
  },
  {
    name: "stops thinking where another model took a step",
    messages: TWO_STEPS,
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
    messages: ONE_STEP,
    keepsakes: { 1: [THINKING, KEPT_USE] },
    request: { "reasoning_effort": null },
    turns: [[use("x", "f", {})]],
    thinks: false,
  },
  {
    name: "sends no thinking after the model refused it",
    messages: ONE_STEP,
    keepsakes: { 1: [THINKING, KEPT_USE] },
    options: { refusedFields: ["thinking"] },
    turns: [[use("x", "f", {})]],
    thinks: false,
  },
  {
    name: "puts thinking back for a model that thinks as it sees fit, whoever took other steps",
    messages: TWO_STEPS,
    keepsakes: { 1: [THINKING, KEPT_USE] },
    options: { modelId: NEWEST },
    turns: [[THINKING, use("x", "f", {})], [use("y", "f", {})]],
    thinks: true,
  },
  {
    name: "puts thinking back for a model that always thinks, unasked",
    messages: ONE_STEP,
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

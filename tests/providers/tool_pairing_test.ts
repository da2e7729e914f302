import assert from "node:assert/strict";
import type { AnyToolCall, ChatMessage } from "../../src/core/chat.ts";
import { pairToolCalls } from "../../src/providers/tool_pairing.ts";
import { assertLinear } from "../support/openai_linear.ts";

const ID = "call_0";
const CALL: AnyToolCall = {
  "id": ID,
  "type": "function",
  "function": { "name": "f", "arguments": "{}" },
};

function callsOf(count: number): ChatMessage {
  return {
    "role": "assistant",
    "content": "",
    "tool_calls": Array.from({ length: count }, () => CALL),
  };
}

function resultOf(content: string): ChatMessage {
  return { "role": "tool", "tool_call_id": ID, "content": content };
}

/** What answers the calls of each assistant's message. */
function answersTo(messages: readonly ChatMessage[]): readonly (readonly (string | null)[])[] {
  const pairing = pairToolCalls(messages);
  return messages.flatMap(({ role }, index) =>
    role === "assistant"
      ? [pairing.callsAt(index).map(({ result }) => `${result?.content ?? "none"}`)]
      : []
  );
}

Deno.test("pairToolCalls() gives calls of one id and message their results in order", () => {
  assert.deepEqual(answersTo([callsOf(3), resultOf("a"), resultOf("b")]), [["a", "b", "none"]]);
});

Deno.test("pairToolCalls() gives the latest message's calls of an id their results first", () => {
  const messages = [callsOf(2), resultOf("a"), callsOf(1), resultOf("b"), resultOf("c")];
  assert.deepEqual(answersTo(messages), [["a", "c"], ["b"]]);
});

Deno.test("pairToolCalls() leaves a result unpaired when all calls of its id have one", () => {
  const pairing = pairToolCalls([callsOf(1), resultOf("a"), resultOf("b")]);
  assert.deepEqual([1, 2].map((index) => pairing.isPaired(index)), [true, false]);
});

Deno.test("pairToolCalls() pairs many calls of one id in one message in time that is linear", () => {
  assertLinear(5000, (size) => {
    pairToolCalls([callsOf(size), ...Array.from({ length: size }, () => resultOf("r"))]);
  });
});

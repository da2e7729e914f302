import assert from "node:assert/strict";
import { encode, userSays } from "../support/anthropic_case.ts";
import {
  answered,
  assistantCalls,
  assistantSays,
  result,
  text,
  type TurnCase,
  unanswered,
  use,
} from "../support/anthropic_history.ts";

const CASES: readonly TurnCase[] = [
  {
    name: "puts results in the order of their calls, before the user's text",
    messages: [
      userSays("a"),
      assistantCalls(["x", "f", '{"n":1}'], ["y", "g", ""]),
      result("y", "two"),
      result("x", "one"),
      userSays("b"),
    ],
    turns: [
      ["user", text("a")],
      ["assistant", use("x", "f", { "n": 1 }), use("y", "g", {})],
      ["user", answered("x", "one"), answered("y", "two"), text("b")],
    ],
  },
  {
    name: "moves a late result next to its call",
    messages: [userSays("a"), assistantCalls(["x", "f", "{}"]), userSays("b"), result("x", "one")],
    turns: [
      ["user", text("a")],
      ["assistant", use("x", "f", {})],
      ["user", answered("x", "one"), text("b")],
    ],
  },
  {
    name: "says that a call has no recorded result",
    messages: [userSays("a"), assistantCalls(["x", "f", "{}"]), userSays("b")],
    turns: [
      ["user", text("a")],
      ["assistant", use("x", "f", {})],
      ["user", unanswered("x"), text("b")],
    ],
  },
  {
    name: "turns a result without a call into the user's text",
    messages: [userSays("a"), result("z", "lost"), assistantSays("b"), userSays("c")],
    turns: [
      ["user", text("a"), text('[Result of tool call "z"]'), text("lost")],
      ["assistant", text("b")],
      ["user", text("c")],
    ],
  },
  {
    name: "pairs ids that a client uses again in every turn",
    messages: [
      userSays("a"),
      assistantCalls(["x", "f", "{}"]),
      result("x", "one"),
      assistantCalls(["x", "f", "{}"]),
      result("x", "two"),
    ],
    turns: [
      ["user", text("a")],
      ["assistant", use("x", "f", {})],
      ["user", answered("x", "one")],
      ["assistant", use("x_2", "f", {})],
      ["user", answered("x_2", "two")],
    ],
  },
  {
    name: "gives a result to the latest call of its id",
    messages: [
      userSays("a"),
      assistantCalls(["x", "f", "{}"]),
      userSays("b"),
      assistantCalls(["x", "f", "{}"], ["x", "g", "{}"]),
      result("x", "one"),
      result("x", "two"),
    ],
    turns: [
      ["user", text("a")],
      ["assistant", use("x", "f", {})],
      ["user", unanswered("x"), text("b")],
      ["assistant", use("x_2", "f", {}), use("x_3", "g", {})],
      ["user", answered("x_2", "one"), answered("x_3", "two")],
    ],
  },
  {
    name: "gives ids that differ in refused characters different wire ids",
    messages: [
      userSays("a"),
      assistantCalls(["a.b", "f", "{}"], ["a:b", "f", "{}"]),
      result("a:b", "colon"),
      result("a.b", "dot"),
    ],
    turns: [
      ["user", text("a")],
      ["assistant", use("a_b", "f", {}), use("a_b_2", "f", {})],
      ["user", answered("a_b", "dot"), answered("a_b_2", "colon")],
    ],
  },
];

for (const { name, messages, turns } of CASES) {
  Deno.test(`encodeRequest() ${name}`, () => {
    assert.deepEqual(
      encode({ messages }).body["messages"],
      turns.map(([role, ...content]) => ({ "role": role, "content": content })),
    );
  });
}

import assert from "node:assert/strict";
import type { ChatMessage, ChatRequest } from "../../src/core/chat.ts";
import { arrayAt, isJsonObject, type JsonValue, objectAt } from "../../src/core/json.ts";
import { type CaseOptions, encode, userSays } from "../support/anthropic_case.ts";
import { assistantCalls, assistantSays, result, text } from "../support/anthropic_history.ts";

const SYSTEM: ChatMessage = { "role": "system", "content": "Be brief." };
const TOOLS = [
  { "type": "function", "function": { "name": "f" } },
  { "type": "function", "function": { "name": "g" } },
] as const;
const CALL = assistantCalls(["x", "f", "{}"]);
const MARK = { "cache_control": { "type": "ephemeral" } } as const;

/** Calls of a tool and their results, two blocks a round. */
function manyRounds(count: number): readonly ChatMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `call${index}`;
    return [assistantCalls([id, "f", "{}"]), result(id, "1")];
  }).flat();
}

/** Where the marks of a request are. */
const CASES: readonly (readonly [
  name: string,
  request: Partial<ChatRequest>,
  places: readonly string[],
  options?: CaseOptions,
])[] = [
  ["no lone question of a script", { messages: [userSays("a")] }, []],
  [
    "a lone question that somebody reads along with",
    { messages: [userSays("a")] },
    ["messages.0.content.0"],
    { stream: true },
  ],
  ["the system prompt of a script's question", { messages: [SYSTEM, userSays("a")] }, ["system.0"]],
  [
    "tools, system prompt and the end of a first question with tools",
    { messages: [SYSTEM, userSays("a")], tools: TOOLS },
    ["tools.1", "system.0", "messages.0.content.0"],
  ],
  [
    "the end of a conversation now and a turn ago",
    { messages: [userSays("a"), assistantSays("b"), userSays("c"), userSays("d")] },
    ["messages.0.content.0", "messages.2.content.1"],
  ],
  [
    "the last two of many turns",
    {
      messages: [userSays("a"), CALL, result("x", "1"), assistantSays("b"), userSays("c")],
      tools: TOOLS,
    },
    ["tools.1", "messages.2.content.0", "messages.4.content.0"],
  ],
  [
    "a long conversation farther back as well, in place of its tools",
    { messages: [SYSTEM, userSays("start"), ...manyRounds(14), userSays("end")], tools: TOOLS },
    ["system.0", "messages.8.content.0", "messages.26.content.0", "messages.28.content.1"],
  ],
  [
    "a long conversation without a system prompt farther back as well",
    { messages: [userSays("start"), ...manyRounds(14), userSays("end")], tools: TOOLS },
    ["tools.1", "messages.8.content.0", "messages.26.content.0", "messages.28.content.1"],
  ],
  [
    "nothing where the config says so",
    { messages: [SYSTEM, userSays("a")], tools: TOOLS },
    [],
    { promptCache: false },
  ],
  [
    "nothing but what the client marks",
    { messages: [{ ...SYSTEM, ...MARK }, userSays("a"), assistantSays("b"), userSays("c")] },
    ["system.0"],
  ],
  [
    "nothing where the client marks the request as a whole",
    { messages: [SYSTEM, userSays("a")], tools: TOOLS, ...MARK },
    ["."],
  ],
  [
    "the last three of many that the client marks beside the request as a whole",
    {
      messages: [
        { ...userSays("a"), ...MARK },
        { ...assistantSays("b"), ...MARK },
        { ...userSays("c"), ...MARK },
        { ...assistantSays("d"), ...MARK },
        userSays("e"),
      ],
      ...MARK,
    },
    [".", "messages.1.content.0", "messages.2.content.0", "messages.3.content.0"],
  ],
];

for (const [name, request, places, options] of CASES) {
  Deno.test(`encodeRequest() marks ${name}`, () => {
    const { body } = encode(request, { promptCache: true, ...options });
    assert.deepEqual(findMarks(body).sort(), [...places].sort());
  });
}

Deno.test("encodeRequest() lets no cache mark live longer than one before it", () => {
  const long = { "cache_control": { "type": "ephemeral", "ttl": "1h" } } as const;
  const [first, second, third] = [userSays("a"), assistantSays("b"), userSays("c")];
  const messages = [{ ...first, ...long }, { ...second, ...MARK }, { ...third, ...long }];
  const { body } = encode({ messages, ...long });
  const marks = arrayAt(body, "messages").map((turn) => arrayAt(turn, "content").at(0))
    .map((block) => objectAt(block, "cache_control"));
  const [longMark, mark] = [long["cache_control"], MARK["cache_control"]];
  assert.deepEqual([...marks, body["cache_control"]], [longMark, mark, mark, mark]);
});

Deno.test("encodeRequest() keeps cache marks of parts and messages", () => {
  const mark = { "cache_control": { "type": "ephemeral", "ttl": "1h" } };
  const { body } = encode({
    messages: [
      { "role": "system", "content": [{ "type": "text", "text": "s", ...mark }] },
      { "role": "user", "content": "a", ...mark },
    ],
  });
  assert.deepEqual(body["system"], [{ ...text("s"), ...mark }]);
  assert.deepEqual(body["messages"], [{ "role": "user", "content": [{ ...text("a"), ...mark }] }]);
});

Deno.test("encodeRequest() keeps the cache mark of an empty result", () => {
  const { body } = encode({
    messages: [userSays("a"), assistantCalls(["x", "f", "{}"]), { ...result("x", []), ...MARK }],
  });
  const block = arrayAt(arrayAt(body, "messages").at(-1), "content").at(0);
  assert.deepEqual(block, { "type": "tool_result", "tool_use_id": "x", ...MARK });
});

Deno.test("encodeRequest() keeps the last four of too many cache marks", () => {
  const part = { "type": "text", "text": "t", ...MARK };
  const { body } = encode({
    messages: [
      { "role": "system", "content": [part, part] },
      { "role": "user", "content": [part, part, part] },
    ],
  });
  assert.deepEqual(body["system"], [text("t"), { ...text("t"), ...MARK }]);
});

/** The paths of what carries a mark. */
function findMarks(value: JsonValue | undefined, path = ""): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: JsonValue, index) => findMarks(item, `${path}.${index}`));
  }
  if (!isJsonObject(value)) return [];
  const own = value["cache_control"] === undefined ? [] : [path.slice(1) || "."];
  const nested = Object.entries(value).flatMap(([key, item]) => findMarks(item, `${path}.${key}`));
  return [...own, ...nested];
}

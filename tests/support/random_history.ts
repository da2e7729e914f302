/** Histories as clients really send them, well formed and not, at random. */

import fc from "fast-check";
import type { JsonObject } from "../../src/core/json.ts";
import {
  assistantContent,
  cacheMark,
  filledText,
  markWord,
  resultContent,
  systemContent,
  userContent,
} from "./random_content.ts";

/** Names of tools, as vendors and clients write them: some are none of their neighbours'. */
export const TOOL_NAMES = [
  "get_weather",
  "read-file",
  "fs.read",
  "mcp__files__read",
  "a:b/c",
  `long_${"x".repeat(70)}`,
] as const;

/** How many numbers of calls there are: few, so that they come again in later turns. */
const NUMBER_COUNT = 4;

function numberOf(word: string): number {
  return Number.parseInt(word.at(-1) ?? "0", 16) % NUMBER_COUNT;
}

/** Ids of calls, as vendors write them; `call_0` and its like come in every turn. */
const CALL_ID_FORMS: readonly ((word: string) => string)[] = [
  (word) => `toolu_01${word}AbCdEfGh`,
  (word) => `call_${word}`,
  (word) => `functions.get:${numberOf(word)}`,
  (word) => `chatcmpl-tool.${word}:1`,
  (word) => `${word}${"-0123456789".repeat(5)}`.padEnd(64, "z").slice(0, 64),
  (word) => `call_${numberOf(word)}`,
  () => "call_0",
];

const ARGUMENT_FORMS: readonly ((word: string) => string)[] = [
  (word) => JSON.stringify({ "city": word }),
  (word) => JSON.stringify({ "nested": { "list": [1, { "deep": word }], "none": null } }),
  (word) => `{"cut": "${word}`,
  (word) => JSON.stringify([word]),
  () => "",
  () => "{}",
];

/** A call of a tool. */
const toolCall: fc.Arbitrary<JsonObject> = fc.record({
  id: fc.tuple(fc.constantFrom(...CALL_ID_FORMS), markWord).map(([form, word]) => form(word)),
  name: fc.constantFrom(...TOOL_NAMES),
  args: fc.tuple(fc.constantFrom(...ARGUMENT_FORMS), markWord).map(([form, word]) => form(word)),
  extra: fc.constantFrom<JsonObject>(
    {},
    {},
    { "index": 0 },
    { "extra_content": { "google": { "thought_signature": "c2lnbmF0dXJl" } } },
    { "cache_control": { "type": "ephemeral" } },
  ),
}).map(({ id, name, args, extra }) => ({
  "id": id,
  "type": "function",
  "function": { "name": name, "arguments": args },
  ...extra,
}));

/** What clients keep of answers beside their content, by the vendor that gave it. */
const ANSWER_EXTRAS: readonly JsonObject[] = [
  {},
  { "reasoning_content": "I thought about it." },
  { "reasoning": "I thought about it.", "reasoning_content": null },
  {
    "reasoning_details": [{ "type": "reasoning.text", "text": "I thought.", "signature": "sig-r" }],
  },
  { "annotations": [], "refusal": null, "audio": null, "function_call": null },
  { "annotations": [{ "type": "url_citation", "url_citation": { "url": "https://a.example" } }] },
  { "provider_specific_fields": { "a": 1 }, "thinking_blocks": [{ "type": "thinking" }] },
  { "name": "assistant-1", "tool_calls": null },
  { "x_unknown": { "deep": [1, 2] } },
];

const answerExtra: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.constantFrom(...ANSWER_EXTRAS) },
  { weight: 1, arbitrary: filledText.map((text) => ({ "content": null, "refusal": text })) },
);

type Turn = readonly JsonObject[];

const systemTurn: fc.Arbitrary<Turn> = fc.record({
  role: fc.constantFrom("system", "developer"),
  content: systemContent,
  mark: cacheMark,
}).map(({ role, content, mark }) => [{ "role": role, "content": content, ...mark }]);

const userTurn: fc.Arbitrary<Turn> = fc.record({
  content: userContent,
  extra: fc.constantFrom<JsonObject>({}, {}, {}, { "name": "Ann" }, { "name": null }),
  mark: cacheMark,
}).map(({ content, extra, mark }) => [{ "role": "user", "content": content, ...extra, ...mark }]);

const assistantTurn: fc.Arbitrary<Turn> = fc.record({
  content: assistantContent,
  extra: answerExtra,
  calls: fc.constantFrom<JsonObject>({}, {}, { "tool_calls": [] }),
  prefix: fc.constantFrom<JsonObject>({}, {}, {}, { "prefix": true }),
}).map(({ content, extra, calls, prefix }) => [
  { "role": "assistant", "content": content, ...calls, ...extra, ...prefix },
]);

/** The results of a turn's calls: in order, reversed, missing, twice, after something else, or none. */
const RESULT_ORDERS = [
  "all",
  "all",
  "all",
  "reversed",
  "missing",
  "twice",
  "late",
  "none",
] as const;

function orderResults(results: Turn, order: (typeof RESULT_ORDERS)[number]): Turn {
  if (order === "reversed") return results.toReversed();
  if (order === "missing") return results.slice(1);
  if (order === "twice") return [...results, ...results.slice(-1)];
  return order === "none" ? [] : results;
}

const toolTurn: fc.Arbitrary<Turn> = fc.record({
  content: assistantContent,
  extra: answerExtra,
  calls: fc.array(fc.tuple(toolCall, resultContent), { minLength: 1, maxLength: 3 }),
  order: fc.constantFrom(...RESULT_ORDERS),
  between: fc.oneof(userTurn, systemTurn),
  named: fc.boolean(),
  mark: cacheMark,
}).map(({ content, extra, calls, order, between, named, mark }) => {
  const { refusal: _refusal, tool_calls: _none, ...kept } = extra;
  const asked = {
    "role": "assistant",
    "content": content,
    ...kept,
    "tool_calls": calls.map(([call]) => call),
  };
  const results = calls.map(([call, result]): JsonObject => ({
    "role": "tool",
    "tool_call_id": call["id"],
    "content": result,
    ...(named ? { "name": "get_weather" } : {}),
    ...mark,
  }));
  return [asked, ...(order === "late" ? between : []), ...orderResults(results, order)];
});

/** A result whose call is gone: clients cut the start of long histories off. */
const orphanTurn: fc.Arbitrary<Turn> = fc.tuple(markWord, resultContent)
  .map(([word, content]) => [
    { "role": "tool", "tool_call_id": `call_${word}`, "content": content },
  ]);

/** Calls in OpenAI's older form. */
const legacyTurn: fc.Arbitrary<Turn> = fc.tuple(markWord, filledText).map(([word, text]) => [
  {
    "role": "assistant",
    "content": null,
    "function_call": { "name": "get_weather", "arguments": JSON.stringify({ "city": word }) },
  },
  { "role": "function", "name": "get_weather", "content": text },
]);

/** Messages in any order that clients bring about. */
export const history: fc.Arbitrary<readonly JsonObject[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: systemTurn },
    { weight: 6, arbitrary: userTurn },
    { weight: 4, arbitrary: assistantTurn },
    { weight: 7, arbitrary: toolTurn },
    { weight: 1, arbitrary: orphanTurn },
    { weight: 1, arbitrary: legacyTurn },
  ),
  { minLength: 1, maxLength: 7 },
).map((turns) => turns.flat()).filter(saysSomething);

/** Vendors refuse a request that says nothing at all, and so may pirouter. */
function saysSomething(messages: readonly JsonObject[]): boolean {
  return messages.some((message) =>
    message["role"] === "user" && /w[0-9a-f]{8}/.test(JSON.stringify(message))
  );
}

import assert from "node:assert/strict";
import type { ChatRequest } from "../../src/core/chat.ts";
import { fingerprintOf, isContinued } from "../../src/core/fingerprint.ts";
import { buildRequest } from "../support/models.ts";

function conversation(system: string, ...texts: readonly string[]): ChatRequest {
  const turns = texts.map((content, index) => ({
    "role": index % 2 === 0 ? "user" : "assistant",
    "content": content,
  }));
  return buildRequest("", { "messages": [{ "role": "system", "content": system }, ...turns] });
}

const KEY = fingerprintOf(conversation("You help.", "Mend the parser"), "salt");

Deno.test("fingerprintOf() is the same for every request of a conversation", () => {
  assert.match(KEY ?? "", /^[0-9a-f]{15,28}$/);
  for (
    const longer of [
      conversation("You help.", "Mend the parser", "Done.", "Now the lexer"),
      conversation("You help.", "Mend the parser", "Done.", "Now the lexer", "Done", "Thanks"),
      { ...conversation("You help.", "Mend the parser"), "temperature": 1, "model": "x" },
    ]
  ) assert.equal(fingerprintOf(longer, "salt"), KEY);
});

Deno.test("fingerprintOf() does not mind dates in the system prompt, nor what is far behind in it", () => {
  const dated = (date: string) => fingerprintOf(conversation(`Today is ${date}.`, "Hi"), "s");
  assert.equal(dated("2026-11-25 18:00"), dated("2027-01-02 03:44"));
  const long = (end: string) => fingerprintOf(conversation("a".repeat(300) + end, "Hi"), "s");
  assert.equal(long("one"), long("two"));
});

Deno.test("fingerprintOf() tells other openings, other system prompts and other salts apart", () => {
  const keys = [
    KEY,
    fingerprintOf(conversation("You help.", "Mend the parser"), "pepper"),
    fingerprintOf(conversation("You help!", "Mend the parser"), "salt"),
    fingerprintOf(conversation("You help.", "Mend the Parser"), "salt"),
    fingerprintOf(buildRequest("Mend the parser"), "salt"),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("fingerprintOf() finds no two of 20,000 openings alike", () => {
  const keys = Array.from({ length: 20_000 }, (_, index) => {
    const word = index.toString(36).replaceAll(/\d/g, (digit) => "ABCDEFGHIJ"[Number(digit)] ?? "");
    return fingerprintOf(buildRequest(`task ${word}`), "s");
  });
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("fingerprintOf() is null where the user has said nothing", () => {
  assert.equal(
    fingerprintOf(buildRequest("", { "messages": [{ "role": "system", "content": "x" }] }), "s"),
    null,
  );
});

Deno.test("isContinued() asks for an answer in the history", () => {
  assert.equal(isContinued(conversation("s", "q")), false);
  assert.equal(isContinued(conversation("s", "q", "a", "q")), true);
});

/** Aider's request: examples, files that change with each edit, then what is asked. */
function aiderRequest(file: string, ...texts: readonly string[]): ChatRequest {
  const turns = [
    "Change get_factorial() to use math.factorial",
    "Ok.",
    "I switched to a new code base. Please don't consider the above files.",
    "Ok.",
    `I have *added these files to the chat* so you can go ahead and edit them.\n\n${file}`,
    "Ok, any changes I propose will be to those files.",
  ];
  return conversation("Act as an expert software developer.", ...turns, ...texts);
}

Deno.test("fingerprintOf() looks past a client's examples and files", () => {
  const first = fingerprintOf(aiderRequest("a = 1", "Mend the parser"), "s");
  assert.equal(
    fingerprintOf(aiderRequest("a = two", "Mend the parser", "Done", "Go on"), "s"),
    first,
  );
  assert.notEqual(fingerprintOf(aiderRequest("a = 1", "Write a lexer"), "s"), first);
  const reminded = [{
    "type": "text",
    "text": "<system-reminder>\nIt is late.\n</system-reminder>",
  }, { "type": "text", "text": "Mend it" }];
  assert.equal(
    fingerprintOf(buildRequest("", { "messages": [{ "role": "user", "content": reminded }] }), "s"),
    fingerprintOf(buildRequest("Mend it"), "s"),
  );
});

import assert from "node:assert/strict";
import type { ChatMessage } from "../../src/core/chat.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { type Said, Vault } from "../../src/engine/vault.ts";
import { buildModel } from "../support/models.ts";
import { assistantCalls, assistantSays, result } from "../support/anthropic_history.ts";

const CLAUDE = buildModel({ alias: "claude", provider: "anthropic", modelId: "claude-1" });
const KEEPSAKE = { "content": [{ "type": "thinking", "thinking": "Hm.", "signature": "s" }] };
const ASK: ChatMessage = { "role": "user", "content": "What is the weather?" };
const RANDOM_ID = "toolu_01A09q90qw90lq917835lq9";

/** What the vault knows of an answer to these messages. */
function recall(vault: Vault, { message, before }: Said, model = CLAUDE): JsonObject | null {
  return vault.recaller(model, [...before, message])(before.length);
}

/** What a client does to a message between two requests, and whether it is still known. */
interface ReturnCase {
  readonly name: string;
  readonly kept: ChatMessage;
  readonly brought: ChatMessage;
  readonly before?: readonly ChatMessage[];
  readonly isKnown: boolean;
}

const CASES: readonly ReturnCase[] = [
  {
    name: "the same text",
    kept: assistantSays("It is sunny."),
    brought: assistantSays("It is sunny."),
    isKnown: true,
  },
  {
    name: "a text that was trimmed",
    kept: assistantSays("It is sunny.\n"),
    brought: assistantSays("It is sunny."),
    isKnown: true,
  },
  {
    name: "a text as parts",
    kept: assistantSays("It is sunny."),
    brought: { "role": "assistant", "content": [{ "type": "text", "text": "It is sunny." }] },
    isKnown: true,
  },
  {
    name: "another text",
    kept: assistantSays("It is sunny."),
    brought: assistantSays("It rains."),
    isKnown: false,
  },
  {
    name: "the same text after another question",
    kept: assistantSays("Done."),
    brought: assistantSays("Done."),
    before: [{ "role": "user", "content": "Delete it." }],
    isKnown: false,
  },
  {
    name: "the text as the user's",
    kept: assistantSays("It is sunny."),
    brought: { "role": "user", "content": "It is sunny." },
    isKnown: false,
  },
  {
    name: "a call with an id of its own, whatever stands before it",
    kept: assistantCalls([RANDOM_ID, "get_weather", '{"city": "Rome"}']),
    brought: assistantCalls([RANDOM_ID, "get_weather", '{"city":"Rome"}']),
    before: [{ "role": "user", "content": "What is the weather? <context/>" }],
    isKnown: true,
  },
  {
    name: "a call with a counted id and the same arguments",
    kept: assistantCalls(["call_0", "get_weather", '{"city": "Rome"}']),
    brought: assistantCalls(["call_0", "get_weather", '{"city":"Rome"}']),
    isKnown: true,
  },
  {
    name: "a call with a counted id whose arguments were written anew",
    kept: assistantCalls(["call_0", "get_weather", '{"city": "Orl\\u00e9ans", "days": 2}']),
    brought: assistantCalls(["call_0", "get_weather", '{"days":2,"city":"Orléans"}']),
    isKnown: true,
  },
  {
    name: "a call with a counted id and other arguments",
    kept: assistantCalls(["functions.get_weather:0", "get_weather", '{"city":"Rome"}']),
    brought: assistantCalls(["functions.get_weather:0", "get_weather", '{"city":"Oslo"}']),
    isKnown: false,
  },
];

for (const { name, kept, brought, before = [ASK], isKnown } of CASES) {
  Deno.test(`recall() ${isKnown ? "knows" : "does not know"} ${name}`, () => {
    const vault = new Vault();
    vault.keep(CLAUDE, { message: kept, before: [ASK] }, KEEPSAKE);
    const found = recall(vault, { message: brought, before });
    assert.deepEqual(found, isKnown ? KEEPSAKE : null);
  });
}

Deno.test("recall() gives no model what another one gave", () => {
  const vault = new Vault();
  const said = { message: assistantSays("It is sunny."), before: [ASK] };
  vault.keep(CLAUDE, said, KEEPSAKE);
  const others = [{ ...CLAUDE, modelId: "claude-2" }, { ...CLAUDE, provider: "gateway" }];
  assert.deepEqual(others.map((model) => recall(vault, said, model)), [null, null]);
  assert.deepEqual(recall(vault, said, { ...CLAUDE, alias: "renamed" }), KEEPSAKE);
});

Deno.test("recaller() tells apart what was said twice in answer to the same", () => {
  const vault = new Vault();
  const go: ChatMessage = { "role": "user", "content": "continue" };
  const done = assistantSays("Done.");
  const keepsakes = ["first", "second"].map((thinking) => ({ "content": [{ thinking }] }));
  vault.keep(CLAUDE, { message: done, before: [go] }, keepsakes[0] ?? {});
  vault.keep(CLAUDE, { message: done, before: [go, done, go] }, keepsakes[1] ?? {});
  const recall = vault.recaller(CLAUDE, [go, done, go, done, go]);
  assert.deepEqual([1, 3].map(recall), keepsakes);
});

Deno.test("recall() looks at what a call answers, not at the steps between", () => {
  const vault = new Vault();
  const message = assistantCalls(["call_1", "read", "{}"]);
  const steps = [ASK, assistantCalls(["call_0", "list", "{}"]), result("call_0", "a.txt")];
  vault.keep(CLAUDE, { message, before: steps }, KEEPSAKE);
  assert.deepEqual(recall(vault, { message, before: steps }), KEEPSAKE);
  assert.equal(recall(vault, { message, before: [ASK] }), null);
});

Deno.test("keep() lets go of what was used longest ago", () => {
  const saidOf = (text: string) => ({ message: assistantSays(text), before: [ASK] });
  const size = (text: string) => {
    const vault = new Vault(10_000);
    let count = 0;
    for (; count < 200; count++) {
      vault.keep(CLAUDE, saidOf(`${text}${count}`), KEEPSAKE);
      if (recall(vault, saidOf(`${text}0`)) === null) break;
    }
    return count;
  };
  assert.equal(size("x"), 200, "what is used stays");
  const vault = new Vault(1_000);
  for (let count = 0; count < 100; count++) vault.keep(CLAUDE, saidOf(`${count}`), KEEPSAKE);
  const known = Array.from({ length: 100 }, (_, count) => recall(vault, saidOf(`${count}`)));
  const first = known.findIndex((entry) => entry !== null);
  assert.ok(first > 90 && first < 98, `entries from ${first} on`);
  assert.ok(known.slice(first).every((entry) => entry !== null));
});

Deno.test("keep() keeps nothing that is larger than the vault, and the rest", () => {
  const vault = new Vault(1_000);
  const small = { message: assistantSays("small"), before: [ASK] };
  const large = { message: assistantSays("large"), before: [ASK] };
  vault.keep(CLAUDE, small, KEEPSAKE);
  vault.keep(CLAUDE, large, { "content": "x".repeat(1_001) });
  assert.deepEqual(recall(vault, small), KEEPSAKE);
  assert.equal(recall(vault, large), null);
});

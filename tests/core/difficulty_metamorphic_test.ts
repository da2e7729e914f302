import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChatMessage } from "../../src/core/chat.ts";
import type { Difficulty } from "../../src/core/difficulty.ts";
import { DIFFICULTY_TIERS } from "../../src/core/difficulty_tier.ts";
import { ASKS, TRANSLATED_ASKS } from "../support/asks.ts";
import { buildCall, buildMessages } from "../support/conversation.ts";
import { buildFeatures, buildRequest } from "../support/models.ts";
import { WRAPPINGS } from "../support/wrappings.ts";

/**
 * At most these shares of translations may be of another tier than the English ask, and two tiers
 * away. Some may: small models are less good at most other languages, and the labels say so.
 */
const MAX_TRANSLATION_SHARE = 0.45;
const MAX_FAR_SHARE = 0.05;

const ANSWER = { "role": "assistant", "content": "Done." } as const;

function judge(
  messages: readonly ChatMessage[],
  fields: Readonly<Record<string, unknown>> = {},
): Difficulty {
  return buildFeatures(buildRequest("", { "messages": messages, ...fields })).difficulty;
}

function judgeText(ask: string): Difficulty {
  return judge(buildMessages(ask));
}

/** Asserts that nothing but the reasons may differ. */
function assertSame(actual: Difficulty, expected: Difficulty, ask: string): void {
  assert.deepEqual([actual.tier, actual.score], [expected.tier, expected.score], ask);
}

Deno.test("the asks are of every tier", () => {
  const tiers = new Set(ASKS.map((ask) => judgeText(ask).tier));
  assert.deepEqual([...tiers].sort(), [...DIFFICULTY_TIERS].sort());
});

for (const count of [1, 50]) {
  Deno.test(`difficulty is the same with ${count} tools`, () => {
    const tools = Array.from({ length: count }, (_, index) => ({
      "type": "function",
      "function": { "name": `debug_${index}`, "description": "Proves theorems, step by step" },
    }));
    for (const ask of ASKS) assertSame(judge(buildMessages(ask), { tools }), judgeText(ask), ask);
  });
}

Deno.test("difficulty is the same with a system prompt of 20 KB", () => {
  const content = "You debug distributed systems and prove theorems, step by step. ".repeat(320);
  for (const role of ["system", "developer"] as const) {
    for (const ask of ASKS) {
      const messages: readonly ChatMessage[] = [{ role, content }, ...buildMessages(ask)];
      assertSame(judge(messages), judgeText(ask), ask);
    }
  }
});

Deno.test("difficulty is the same with an image", () => {
  const image = { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } };
  for (const ask of ASKS) {
    const content = [{ "type": "text", "text": ask }, image];
    assertSame(judge([{ "role": "user", content }]), judgeText(ask), ask);
  }
});

Deno.test("difficulty is the same after other matters", () => {
  for (const ask of ASKS) {
    const before = [...buildMessages(ASKS.at(-1) ?? ""), ANSWER, ...buildCall("error: no"), ANSWER];
    assertSame(judge([...before, ...buildMessages(ask)]), judgeText(ask), ask);
  }
});

for (const { client, wrap } of WRAPPINGS) {
  Deno.test(`difficulty is the same in the wrapping of ${client}`, () => {
    for (const ask of ASKS) {
      const { ask: { text }, difficulty, trajectory } = buildFeatures(
        buildRequest("", { "messages": buildMessages(...wrap(ask)) }),
      );
      assert.equal(text, ask);
      // A client's complaint about an error is evidence of trouble as well.
      if (trajectory.lift === 0) assertSame(difficulty, judgeText(ask), ask);
      else assert.ok(difficulty.score >= judgeText(ask).score, ask);
    }
  });
}

/** Changes the lines of an ask without fences. */
function varyProse(ask: string, vary: (line: string) => string): string {
  return ask.includes("```") ? ask : ask.split("\n").map(vary).join("\n");
}

const SPACES: Readonly<Record<string, (ask: string) => string>> = {
  "spaces at the ends of lines": (ask) => ask.replaceAll("\n", "  \n") + "   ",
  "blank lines around it": (ask) => `\n\n${ask}\n\n\n`,
  "more blank lines within": (ask) => ask.replaceAll("\n\n", "\n\n\n\n"),
  "spaces that are doubled": (ask) => varyProse(ask, (line) => line.replaceAll(" ", "  ")),
  "spaces that do not break": (ask) => varyProse(ask, (line) => line.replaceAll(" ", "\u00a0")),
  "indented lines": (ask) => varyProse(ask, (line) => `    ${line}`),
  "line ends of Windows": (ask) => ask.replaceAll("\n", "\r\n"),
  "a time before it": (ask) => `[2026-09-17 09:30:12 UTC] ${ask}`,
  "a date above it": (ask) => `Today's date is Monday, November 23, 2026.\n\n${ask}`,
};

for (const [what, vary] of Object.entries(SPACES)) {
  Deno.test(`difficulty is the same with ${what}`, () => {
    for (const ask of ASKS) assertSame(judgeText(vary(ask)), judgeText(ask), ask);
  });
}

Deno.test(`at most ${MAX_TRANSLATION_SHARE} of translations are of another tier, and ${MAX_FAR_SHARE} two tiers away`, () => {
  const distances = TRANSLATED_ASKS.flatMap(([english, ...others]) =>
    others.map((ask) => Math.abs(rankOf(ask) - rankOf(english)))
  );
  const shareOf = (least: number) =>
    distances.filter((distance) => distance >= least).length / distances.length;
  assert.ok(shareOf(1) <= MAX_TRANSLATION_SHARE, `${shareOf(1)} of another tier`);
  assert.ok(shareOf(2) <= MAX_FAR_SHARE, `${shareOf(2)} two tiers away`);
});

function rankOf(ask: string): number {
  return DIFFICULTY_TIERS.indexOf(judgeText(ask).tier);
}

/** Evidence of trouble; each may come any number of times. */
const EVIDENCE = fc.constantFrom<readonly ChatMessage[]>(
  buildCall("Exit code 1\nerror: no such thing"),
  buildCall("=== 3 failed, 1 passed in 1s ===", { args: '{"command":"pytest"}' }),
  [ANSWER, ...buildMessages("still fails")],
  [ANSWER, ...buildMessages("nein, ich meinte etwas anderes")],
  [ANSWER, ...buildMessages("还是不行")],
  [ANSWER, ...buildMessages("[ERROR] You did not use a tool in your previous response!")],
);

/** A call that was made before the history begins to tell: made again, it brings the same. */
const AGAIN = buildCall("const b = 2;", { args: '{"path":"b"}' });

/** What may come between, success among it. */
const HISTORY = fc.oneof(
  EVIDENCE,
  fc.constantFrom<readonly ChatMessage[]>(
    buildCall("const error = 1;", { args: "{}" }),
    buildCall("=== 4 passed in 1s ===", { args: '{"command":"pytest"}' }),
    [ANSWER],
    [ANSWER, ...buildMessages("continue")],
  ),
);

Deno.test("more evidence of trouble never lowers the tier or the score", () => {
  const cases = fc.tuple(
    fc.constantFrom(...ASKS),
    fc.array(HISTORY, { maxLength: 20 }),
    fc.array(fc.oneof(EVIDENCE, fc.constant(AGAIN)), { minLength: 1, maxLength: 6 }),
  );
  fc.assert(
    fc.property(cases, ([ask, history, evidence]) => {
      let messages = [...buildMessages(ask), ...history.flat(), ...AGAIN];
      let before = judge(messages);
      for (const more of evidence) {
        messages = [...messages, ...more];
        const after = judge(messages);
        const rank = (one: Difficulty) => DIFFICULTY_TIERS.indexOf(one.tier);
        assert.ok(after.score >= before.score, `${before.score} -> ${after.score}`);
        assert.ok(after.score <= 1 && rank(after) >= rank(before));
        before = after;
      }
    }),
    { numRuns: 300 },
  );
});

import assert from "node:assert/strict";
import { BASE, problemsOf } from "./sample.ts";

function rules(...conditions: readonly string[]): string {
  return BASE +
    conditions.map((when, index) =>
      `[[rules]]\nname = "r${index}"\nwhen = ${when}\nthen = { primary = "local" }\n`
    ).join("");
}

/** An earlier condition, a later one, and why the later can never match; null when it can. */
const PAIRS: readonly (readonly [earlier: string, later: string, why: string | null])[] = [
  ["{ always = true }", "{ has_tools = true }", "matches every request"],
  ["{ tokens_in_gt = 500 }", "{ tokens_in_gt = 500 }", "has the same condition"],
  [
    "{ has_tools = true, has_images = true }",
    "{ all = [{ has_images = true }, { has_tools = true }] }",
    "has the same condition",
  ],
  [
    "{ tokens_in_gt = 500 }",
    "{ tokens_in_gt = 1000 }",
    "takes all its requests (tokens_in_gt 500)",
  ],
  ["{ tokens_in_gt = 1000 }", "{ tokens_in_gt = 500 }", null],
  ["{ tokens_in_lt = 9 }", "{ tokens_in_lt = 5 }", "takes all its requests (tokens_in_lt 9)"],
  ["{ tokens_in_lt = 5 }", "{ tokens_in_lt = 9 }", null],
  ["{ tokens_in_lt = 500 }", "{ tokens_in_gt = 1000 }", null],
  ["{ has_tools = true }", "{ has_tools = false }", null],
  ["{ has_tools = true }", "{ has_images = true }", null],
  [
    "{ has_tools = true }",
    "{ has_tools = true, tokens_in_gt = 5 }",
    "takes all its requests (has_tools)",
  ],
  ["{ has_tools = true, tokens_in_gt = 5 }", "{ has_tools = true }", null],
  [
    '{ header = { name = "X-Team", any_value = true } }',
    '{ header = { name = "x-team", equals = "a" } }',
    "takes all its requests (header x-team)",
  ],
  [
    '{ header = { name = "x-team", equals = "a" } }',
    '{ header = { name = "x-team", any_value = true } }',
    null,
  ],
  [
    '{ prompt_matches = "a" }',
    '{ prompt_matches = "a", difficulty = "hard" }',
    "takes all its requests (prompt_matches /a/)",
  ],
  ['{ prompt_matches = "a" }', '{ prompt_matches = "b" }', null],
  ['{ prompt_matches = "a" }', '{ system_matches = "a" }', null],
  [
    "{ any = [{ has_tools = true }, { has_images = true }] }",
    "{ all = [{ any = [{ has_tools = true }, { has_images = true }] }, { tokens_in_gt = 5 }] }",
    "takes all its requests ((has_tools or has_images))",
  ],
  ["{ any = [{ has_tools = true }, { has_images = true }] }", "{ has_tools = true }", null],
  ["{ not = { tokens_in_gt = 5 } }", "{ not = { tokens_in_gt = 9 } }", null],
];

for (const [earlier, later, why] of PAIRS) {
  Deno.test(`${later} behind ${earlier} ${why === null ? "can match" : "can never match"}`, async () => {
    const expected = why === null
      ? []
      : [`config.toml: rules[1] can never match: rules[0] ("r0") ${why}; move it up, or remove it`];
    assert.deepEqual(await problemsOf(rules(earlier, later)), expected);
  });
}

/** Conditions that no request meets -> the two terms that exclude each other. */
const CONTRADICTIONS: readonly (readonly [when: string, terms: string])[] = [
  ["{ tokens_in_gt = 500, tokens_in_lt = 100 }", "tokens_in_gt 500 and tokens_in_lt 100"],
  ["{ tokens_in_lt = 6, tokens_in_gt = 5 }", "tokens_in_lt 6 and tokens_in_gt 5"],
  [
    "{ all = [{ has_tools = true }, { has_images = true }, { has_tools = false }] }",
    "has_tools and not has_tools",
  ],
  [
    '{ difficulty = "easy", all = [{ difficulty = "hard" }] }',
    'difficulty "easy" and difficulty "hard"',
  ],
];

for (const [when, terms] of CONTRADICTIONS) {
  Deno.test(`when = ${when} can never match, and hides no other rule`, async () => {
    assert.deepEqual(await problemsOf(rules(when, when, "{ always = true }")), [
      `config.toml: rules[0].when can never match: no request has ${terms}; ` +
      "change one of them, or remove the rule",
      `config.toml: rules[1].when can never match: no request has ${terms}; ` +
      "change one of them, or remove the rule",
    ]);
  });
}

Deno.test("tokens_in_gt and tokens_in_lt with a number between them can match", async () => {
  assert.deepEqual(await problemsOf(rules("{ tokens_in_gt = 5, tokens_in_lt = 7 }")), []);
});

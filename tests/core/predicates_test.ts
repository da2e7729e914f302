import assert from "node:assert/strict";
import type { Features } from "../../src/core/features.ts";
import { parseCondition, PREDICATES } from "../../src/core/predicates.ts";
import { buildFeatures, buildRequest } from "../support/models.ts";

const FEATURES: Features = {
  ...buildFeatures(
    buildRequest("Please review the SQL migration", { "model": "fast" }),
    { "x-team": "blue", "x-empty": "", "x-pirouter-difficulty": "easy" },
  ),
  inputTokens: 500,
  hasImages: true,
  systemText: "You are a reviewer",
};

const MATCHES: readonly (readonly [unknown, boolean])[] = [
  [{ always: true }, true],
  [{ "has_images": true }, true],
  [{ "has_images": false }, false],
  [{ "has_tools": false }, true],
  [{ "tokens_in_gt": 499 }, true],
  [{ "tokens_in_gt": 500 }, false],
  [{ "tokens_in_lt": 501 }, true],
  [{ "tokens_in_lt": 500 }, false],
  [{ "system_matches": "review(er|ing)" }, true],
  [{ "prompt_matches": "sql" }, false],
  [{ "prompt_matches": "(?i)sql" }, true],
  [{ "model_alias_eq": "fast" }, true],
  [{ "model_alias_eq": "slow" }, false],
  [{ difficulty: "easy" }, true],
  [{ difficulty: "hard" }, false],
  [{ header: { name: "X-Team", equals: "blue" } }, true],
  [{ header: { name: "x-team", equals: "red" } }, false],
  [{ header: { name: "x-team", "any_value": true } }, true],
  [{ header: { name: "x-empty", "any_value": true } }, false],
  [{ header: { name: "constructor", "any_value": true } }, false],
  [{ "has_images": true, "tokens_in_gt": 600 }, false],
  [{ all: [{ "has_images": true }, { "tokens_in_gt": 400 }] }, true],
  [{ any: [{ "has_tools": true }, { "tokens_in_gt": 400 }] }, true],
  [{ not: { "has_images": true } }, false],
  [{ not: { any: [{ "has_tools": true }, { all: [{ "tokens_in_gt": 900 }] }] } }, true],
];

for (const [when, expected] of MATCHES) {
  Deno.test(`a rule with when = ${JSON.stringify(when)} ${expected ? "matches" : "does not match"}`, () => {
    const condition = parseCondition(when, "when");
    assert.ok(condition.ok, JSON.stringify(condition));
    assert.equal(condition.value.test(FEATURES), expected);
  });
}

const ERRORS: readonly (readonly [unknown, string, RegExp])[] = [
  [{}, "when", /is empty/],
  [true, "when", /must be a table/],
  [{ "tokns_in_gt": 5 }, "when.tokns_in_gt", /not a known predicate/],
  [{ "__proto__x": 5 }, "when.__proto__x", /not a known predicate/],
  [{ "tokens_in_gt": "5" }, "when.tokens_in_gt", /must be a positive integer/],
  [{ "tokens_in_gt": 0 }, "when.tokens_in_gt", /must be a positive integer/],
  [{ always: false }, "when.always", /must be true/],
  [{ "prompt_matches": "(" }, "when.prompt_matches", /not a valid regular expression/],
  [{ difficulty: "extreme" }, "when.difficulty", /must be one of "easy"/],
  [{ header: { name: "x y", equals: "a" } }, "when.header", /needs name/],
  [{ header: { name: "x" } }, "when.header", /exactly one of/],
  [{ header: { name: "x", equals: "a", "any_value": true } }, "when.header", /exactly one of/],
  [{ header: { name: "x", is: "a" } }, "when.header", /unknown key "is"/],
  [{ any: [] }, "when.any", /non-empty array/],
  [{ all: [{ always: true }, {}] }, "when.all[1]", /is empty/],
  [{ not: { "has_tool": true } }, "when.not.has_tool", /not a known predicate/],
];

for (const [when, path, message] of ERRORS) {
  Deno.test(`parseCondition() refuses ${JSON.stringify(when)}`, () => {
    const condition = parseCondition(when, "when");
    assert.ok(!condition.ok);
    assert.equal(condition.issues[0]?.path, path);
    assert.match(condition.issues[0]?.message ?? "", message);
  });
}

Deno.test("parseCondition() tells every problem at once, with the nearest known name", () => {
  const condition = parseCondition({ "tokns_in_gt": 5, difficulty: 1 }, "rules[0].when");
  assert.ok(!condition.ok);
  assert.deepEqual(condition.issues.map((issue) => issue.path), [
    "rules[0].when.tokns_in_gt",
    "rules[0].when.difficulty",
  ]);
  assert.equal(condition.issues[0]?.hint, 'did you mean "tokens_in_gt"?');
});

Deno.test("parseCondition() refuses nesting that has no end", () => {
  let when: unknown = { always: true };
  for (let depth = 0; depth < 1_000; depth++) when = { not: when };
  assert.ok(!parseCondition(when, "when").ok);
});

Deno.test("a condition knows when it holds for every request", () => {
  const isAlways = (when: unknown) => {
    const condition = parseCondition(when, "when");
    return condition.ok && condition.value.terms.length === 0;
  };
  assert.ok(isAlways({ always: true }));
  assert.ok(isAlways({ any: [{ "has_tools": true }, { always: true }] }));
  assert.ok(!isAlways({ all: [{ "has_tools": true }, { always: true }] }));
  assert.ok(!isAlways({ not: { always: true } }));
});

Deno.test("conditions with one text but other meanings are not taken for the same", () => {
  const subjectsOf = (any: unknown) => {
    const condition = parseCondition({ any }, "when");
    return condition.ok ? condition.value.terms.map((term) => term.subject) : [];
  };
  const one = subjectsOf([{ "prompt_matches": "x/ or prompt_matches /y" }, { "has_tools": true }]);
  const other = subjectsOf([
    { "prompt_matches": "x" },
    { "prompt_matches": "y" },
    { "has_tools": true },
  ]);
  assert.equal(one.length, 1);
  assert.notDeepEqual(one, other);
});

Deno.test("every predicate says what it takes and what it means", () => {
  for (const [name, spec] of PREDICATES) {
    assert.match(name, /^[a-z_]+$/);
    assert.ok(spec.takes.length > 3 && spec.summary.endsWith("."), name);
  }
});

import assert from "node:assert/strict";
import { parseCondition } from "../../src/core/predicates.ts";
import { matchRules, type Rule } from "../../src/core/rules.ts";
import { buildFeatures, buildRequest } from "../support/models.ts";

function rule(name: string, when: unknown, primary: Rule["primary"]): Rule {
  const condition = parseCondition(when, "when");
  assert.ok(condition.ok);
  return { name, when: condition.value, primary, cascade: [] };
}

const RULES = [
  rule("tools", { "has_tools": true }, { type: "alias", alias: "a" }),
  rule("header", { always: true }, { type: "header", header: "x-pick" }),
  rule("rest", { always: true }, { type: "alias", alias: "b" }),
];

Deno.test("matchRules() gives the first match and tells why earlier rules were passed over", () => {
  const outcome = matchRules(RULES, buildFeatures(buildRequest("hi")));
  assert.equal(outcome.match?.rule.name, "rest");
  assert.equal(outcome.match?.alias, "b");
  assert.deepEqual(outcome.passed, [
    'rule "tools" does not match: has_tools',
    'rule "header" matches, but its header is not in the request',
  ]);
});

Deno.test("matchRules() reads the alias from the header", () => {
  const features = buildFeatures(buildRequest("hi"), { "x-pick": " c " });
  assert.equal(matchRules(RULES, features).match?.alias, "c");
});

Deno.test("matchRules() gives no match when no rule matches", () => {
  const outcome = matchRules(RULES.slice(0, 1), buildFeatures(buildRequest("hi")));
  assert.equal(outcome.match, null);
});

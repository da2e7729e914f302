import assert from "node:assert/strict";
import type { RoutingSettings } from "../../src/core/policy.ts";
import { parseCondition } from "../../src/core/predicates.ts";
import type { RouteDecision, RouteTable } from "../../src/core/plan.ts";
import { decideRoute } from "../../src/core/route.ts";
import type { Rule, RuleTarget } from "../../src/core/rules.ts";
import { buildCatalog, buildFeatures, buildModel, buildRequest } from "../support/models.ts";

const CATALOG = buildCatalog(
  buildModel({ alias: "cheap", quality: "basic" }),
  buildModel({ alias: "good", quality: "strong" }),
  buildModel({ alias: "best", quality: "premium" }),
  buildModel({ alias: "keyless", unusable: "environment variable KEY is not set" }),
  buildModel({ alias: "small", quality: "basic", contextWindow: 10, supportsTools: false }),
);

const ROUTING: RoutingSettings = {
  profile: "balanced",
  autoCascade: true,
  maxPolicyFallbacks: 3,
  unknownModel: "auto",
};

function rule(
  name: string,
  when: unknown,
  then: { primary: RuleTarget; cascade?: string[] },
): Rule {
  const condition = parseCondition(when, "when");
  assert.ok(condition.ok);
  return { name, when: condition.value, primary: then.primary, cascade: then.cascade ?? [] };
}

const toAlias = (alias: string): RuleTarget => ({ type: "alias", alias });
const HEADER_RULE = rule("override", { header: { name: "x-pick", "any_value": true } }, {
  primary: { type: "header", header: "x-pick" },
});

interface Ask {
  readonly model?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly rules?: readonly Rule[];
  readonly routing?: Partial<RoutingSettings>;
  readonly prompt?: string;
}

function decide(ask: Ask): RouteDecision {
  const request = buildRequest(ask.prompt ?? "Say hi", { "model": ask.model ?? "auto" });
  const table: RouteTable = {
    catalog: CATALOG,
    rules: ask.rules ?? [],
    routing: { ...ROUTING, ...ask.routing },
  };
  return decideRoute(buildFeatures(request, ask.headers), table);
}

function summarize(decision: RouteDecision): string {
  if (decision.type === "refusal") return decision.refusal.type;
  const aliases = decision.plan.candidates.map(({ model }) => model.alias);
  return `${decision.plan.ruleName}: ${aliases.join(" ")}`;
}

const CASES: readonly (readonly [string, Ask, string])[] = [
  ["auto goes to the policy", {}, "policy:balanced: cheap good best"],
  [
    "a profile name is that profile for one request",
    { model: "best-quality" },
    "policy:best-quality: best",
  ],
  ["an alias is obeyed, without a cascade", { model: "good" }, "model: good"],
  ["an unknown model is routed as auto", { model: "gpt-99" }, "policy:balanced: cheap good best"],
  ["an unknown model is refused on request", {
    model: "gpt-99",
    routing: { unknownModel: "reject" },
  }, "unknown_model"],
  ["a model named like a property of objects is unknown", {
    model: "constructor",
    routing: { unknownModel: "reject" },
  }, "unknown_model"],
  [
    "auto_cascade = false leaves one candidate",
    { routing: { autoCascade: false } },
    "policy:balanced: cheap",
  ],
  [
    "max_policy_fallbacks limits the candidates",
    { routing: { maxPolicyFallbacks: 1 } },
    "policy:balanced: cheap good",
  ],
  ["the route header names an alias", { headers: { "x-pirouter-route": "best" } }, "header: best"],
  ["the route header goes before the model", {
    model: "good",
    headers: { "x-pirouter-route": "best" },
  }, "header: best"],
  [
    "the route header can name a profile",
    { headers: { "x-pirouter-route": "best-quality" } },
    "policy:best-quality: best",
  ],
  [
    "an unknown alias in the route header is an error",
    { headers: { "x-pirouter-route": "bset" } },
    "unknown_alias",
  ],
  ["an alias without a key can't be used", { model: "keyless" }, "no_candidate"],
];

for (const [name, ask, expected] of CASES) {
  Deno.test(`decideRoute(): ${name}`, () => assert.equal(summarize(decide(ask)), expected));
}

Deno.test("decideRoute(): the first rule that matches decides, before header and model", () => {
  const rules = [
    rule("never", { "tokens_in_gt": 1_000_000 }, { primary: toAlias("cheap") }),
    rule("first", { always: true }, { primary: toAlias("good"), cascade: ["best", "good"] }),
    rule("second", { always: true }, { primary: toAlias("cheap") }),
  ];
  const decision = decide({ rules, model: "cheap", headers: { "x-pirouter-route": "cheap" } });
  assert.equal(summarize(decision), "first: good best");
});

Deno.test("decideRoute(): a rule takes its alias from a header", () => {
  const rules = [HEADER_RULE];
  assert.equal(summarize(decide({ rules, headers: { "x-pick": "good" } })), "override: good");
  assert.equal(summarize(decide({ rules })), "policy:balanced: cheap good best");
});

Deno.test("decideRoute(): an unknown alias in a rule's header names the header", () => {
  const decision = decide({ rules: [HEADER_RULE], headers: { "x-pick": "nope" } });
  assert.deepEqual(decision, {
    type: "refusal",
    refusal: { type: "unknown_alias", source: "x-pick", alias: "nope" },
  });
});

Deno.test("decideRoute(): a rule goes on to its cascade when its primary has no key", () => {
  const rules = [rule("r", { always: true }, { primary: toAlias("keyless"), cascade: ["good"] })];
  const decision = decide({ rules });
  assert.equal(summarize(decision), "r: good");
  assert.ok(decision.type === "plan");
  assert.match(decision.plan.rejected[0]?.reason ?? "", /KEY is not set/);
});

Deno.test("decideRoute(): a rule's model is obeyed with a caution when it seems unfit", () => {
  const decision = decide({ model: "small" });
  assert.ok(decision.type === "plan");
  assert.match(decision.plan.candidates[0]?.caution ?? "", /window of 10 tokens/);
});

Deno.test("decideRoute(): every model that the policy leaves out has a reason", () => {
  const decision = decide({});
  assert.ok(decision.type === "plan");
  assert.deepEqual(decision.plan.rejected.map(({ alias }) => alias), ["keyless", "small"]);
  assert.ok(decision.plan.reasons.some((reason) => reason.includes("difficulty easy")));
});

Deno.test("decideRoute(): the same request gets the same decision", () => {
  assert.deepEqual(decide({ prompt: "Prove it" }), decide({ prompt: "Prove it" }));
});

Deno.test("decideRoute() never gives a chat request to an embeddings model, however it is named", () => {
  const catalog = buildCatalog(
    buildModel({ alias: "embed", type: "embeddings" }),
    buildModel({ alias: "chat" }),
  );
  const byRule = rule("wrong", { always: true }, { primary: toAlias("embed") });
  const ways: readonly (readonly [string, Ask])[] = [
    ["model", { model: "embed" }],
    ["header", { headers: { "x-pirouter-route": "embed" } }],
    ["override", { headers: { "x-pick": "embed" }, rules: [HEADER_RULE] }],
    ["wrong", { rules: [byRule] }],
  ];
  for (const [ruleName, { model = "auto", headers, rules = [] }] of ways) {
    const features = buildFeatures(buildRequest("Say hi", { "model": model }), headers);
    const decision = decideRoute(features, { catalog, rules, routing: ROUTING });
    const rejected = [{ alias: "embed", cause: "type", reason: "is an embeddings model" }];
    const refusal = { type: "no_candidate", ruleName, rejected };
    assert.deepEqual(decision, { type: "refusal", refusal });
  }
});

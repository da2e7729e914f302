import assert from "node:assert/strict";
import type { Model } from "../../src/core/catalog.ts";
import { explainPlan, explainRefusal, type Explanation } from "../../src/core/explain.ts";
import type { ProfileName } from "../../src/core/profile.ts";
import type { ChatRequest } from "../../src/core/chat.ts";
import type { Condition } from "../../src/core/condition.ts";
import { parseCondition } from "../../src/core/predicates.ts";
import type { RouteTable } from "../../src/core/plan.ts";
import { decideRoute } from "../../src/core/route.ts";
import type { Rule } from "../../src/core/rules.ts";
import { buildCatalog, buildFeatures, buildModel, buildRequest } from "../support/models.ts";

const CHEAP = { inputUsdPerMTok: 1, outputUsdPerMTok: 1, source: "config" } as const;
const DEAR = { inputUsdPerMTok: 9, outputUsdPerMTok: 9, source: "config" } as const;

interface World {
  readonly models: readonly Model[];
  readonly profile?: ProfileName;
  readonly rules?: readonly Rule[];
  readonly unknownModel?: "auto" | "reject";
  /** The models that cool down. */
  readonly cooling?: readonly string[];
}

function tableOf(
  { models, profile = "balanced", rules = [], cooling = [], ...rest }: World,
): RouteTable {
  const { unknownModel = "auto" } = rest;
  const cooldown = {
    remainingMs: 5_000,
    isLater: true,
    reason: "cools down after rate_limit, 5 s to go",
  };
  return {
    catalog: buildCatalog(...models),
    rules,
    routing: { profile, autoCascade: true, maxPolicyFallbacks: 3, unknownModel },
    cooldownOf: ({ alias }) => cooling.includes(alias) ? cooldown : null,
  };
}

function explain(
  world: World,
  request: ChatRequest = buildRequest("hi"),
  headers: Readonly<Record<string, string>> = {},
): Explanation {
  const table = tableOf(world);
  const features = buildFeatures(request, headers);
  const decision = decideRoute(features, table);
  return decision.type === "plan"
    ? explainPlan(decision.plan, { features, table })
    : explainRefusal(decision.refusal, { features, table });
}

function ruleTo(alias: string, cascade: readonly string[] = [], name = "drafts"): Rule {
  const when = conditionOf({ "always": true });
  return { name, when, primary: { type: "alias", alias }, cascade };
}

function conditionOf(value: unknown): Condition {
  const parsed = parseCondition(value, "when");
  assert.ok(parsed.ok);
  return parsed.value;
}

const BASIC = buildModel({ alias: "basic", quality: "basic", price: CHEAP });
const STANDARD = buildModel({ alias: "standard", quality: "standard", price: CHEAP });
const RIVAL = buildModel({ alias: "rival", quality: "standard", price: DEAR });
const STRONG = buildModel({ alias: "strong", quality: "strong", price: DEAR });
const LOCAL = buildModel({ alias: "local", quality: "basic", local: true, price: null });
const UNPRICED = buildModel({ alias: "unpriced", quality: "standard", price: null });
const TWIN = buildModel({ alias: "twin", quality: "standard", price: CHEAP });

const RUNNERS_UP: readonly (readonly [string, World, string, string])[] = [
  ["a dearer one", { models: [STANDARD, RIVAL] }, "rival", "it costs more than standard"],
  ["one without a price", { models: [UNPRICED, STANDARD] }, "unpriced", "its price is unknown"],
  [
    "an equal one",
    { models: [STANDARD, TWIN] },
    "twin",
    "it is equal to standard, which is named before it in the config",
  ],
  [
    "a stronger one",
    { models: [STRONG, STANDARD] },
    "strong",
    "it costs more than standard, and its tier strong is not needed",
  ],
  [
    "a weaker one, for the best quality",
    { models: [STANDARD, STRONG], profile: "best-quality" },
    "standard",
    "it is weaker (standard, strong strong)",
  ],
  [
    "one that is not local",
    { models: [STANDARD, LOCAL], profile: "local-first" },
    "standard",
    "it is not local",
  ],
];

for (const [what, world, alias, reason] of RUNNERS_UP) {
  Deno.test(`otherwise the policy would have taken ${what}`, () => {
    const { profile = "balanced" } = world;
    assert.deepEqual(explain(world).otherwise, {
      alias,
      reason: `is the next in ${profile}'s order: ${reason}`,
    });
  });
}

Deno.test("a runner-up that the cascade leaves out is named all the same", () => {
  const hard = buildRequest("hi");
  const world = { models: [STANDARD, STRONG, BASIC] };
  const { otherwise, rejected } = explain(world, hard, { "x-pirouter-difficulty": "hard" });
  assert.deepEqual(otherwise, {
    alias: "standard",
    reason: "is the next in balanced's order: its tier standard is below strong",
  });
  assert.ok(rejected.some(({ alias }) => alias === "standard"));
});

Deno.test("where no model is adequate the weaker one is the next", () => {
  const world = { models: [STANDARD, BASIC] };
  const { otherwise } = explain(world, undefined, { "x-pirouter-difficulty": "hard" });
  assert.equal(
    otherwise?.reason,
    "is the next in balanced's order: it is weaker (basic, standard standard)",
  );
});

Deno.test("a model that cools down would have been the choice otherwise", () => {
  const { otherwise, candidates } = explain({ models: [STANDARD, RIVAL], cooling: ["standard"] });
  assert.deepEqual(candidates.map(({ alias }) => alias), ["rival", "standard"]);
  assert.equal(candidates[1]?.note, "cools down after rate_limit, 5 s to go");
  assert.deepEqual(otherwise, {
    alias: "standard",
    reason: "is before rival in balanced's order, but cools down after rate_limit, 5 s to go",
  });
});

const ALONE: readonly (readonly [string, World])[] = [
  ["no other model is configured", { models: [STANDARD] }],
  ["no other model can take the request", {
    models: [STANDARD, buildModel({ alias: "off", enabled: false })],
  }],
];

for (const [what, world] of ALONE) {
  Deno.test(`otherwise there is nothing, where ${what}`, () => {
    assert.equal(explain(world).otherwise, null);
  });
}

const NAMED: readonly (readonly [string, World, string, string])[] = [
  ["a rule", { models: [BASIC, STRONG], rules: [ruleTo("strong")] }, "auto", 'rule "drafts"'],
  ["a model name", { models: [BASIC, STRONG] }, "strong", "the request's model name"],
];

for (const [what, world, model, subject] of NAMED) {
  Deno.test(`without ${what} the policy would have chosen`, () => {
    const { otherwise, candidates } = explain(world, buildRequest("hi", { model }));
    assert.equal(candidates[0]?.alias, "strong");
    assert.deepEqual(otherwise, {
      alias: "basic",
      reason: `would be the choice of policy:balanced alone, without ${subject}`,
    });
  });
}

Deno.test("without the header the policy would have chosen", () => {
  const headers = { "x-pirouter-route": "strong" };
  const { otherwise } = explain({ models: [BASIC, STRONG] }, undefined, headers);
  assert.equal(
    otherwise?.reason,
    "would be the choice of policy:balanced alone, without the request's header",
  );
});

Deno.test("a rule that chooses as the policy would is said to", () => {
  const { otherwise } = explain({ models: [BASIC, STRONG], rules: [ruleTo("basic")] });
  assert.match(otherwise?.reason ?? "", /^would also be the choice of policy:balanced alone/);
});

Deno.test("candidates have their expected costs, and notes of what they lack", () => {
  const noTools = buildModel({ alias: "plain", supportsTools: false, price: null });
  const tools = [{ "type": "function", "function": { "name": "f" } }];
  const world = { models: [noTools, STRONG], rules: [ruleTo("plain", ["strong"])] };
  const { candidates } = explain(world, buildRequest("hi", { tools }));
  const [plain, strong] = candidates;
  assert.deepEqual(plain, {
    "alias": "plain",
    "expected_cost_usd": null,
    "note": "does not support tools",
  });
  assert.ok((strong?.["expected_cost_usd"] ?? 0) > 0);
  assert.equal(strong?.note, null);
});

Deno.test("the policy's reasons say why the request is as difficult as it is", () => {
  const { reasons } = explain({ models: [STANDARD] });
  assert.match(reasons[0] ?? "", /^difficulty easy: a small model's .+ %; a very short ask/);
  assert.equal(reasons.at(-1), "standard is the first of balanced's order");
});

Deno.test("a refusal says why, which models can't, and what would have been", () => {
  const off = buildModel({ alias: "off", enabled: false });
  assert.deepEqual(explain({ models: [off, BASIC], rules: [ruleTo("off")] }), {
    reasons: ['no model of rule "drafts" can take the request'],
    candidates: [],
    rejected: [{ alias: "off", reason: "is disabled in the config" }],
    otherwise: {
      alias: "basic",
      reason: 'would be the choice of policy:balanced alone, without rule "drafts"',
    },
  });
  const none = explain({ models: [off] });
  assert.deepEqual(none.reasons, ["no model of policy:balanced can take the request"]);
  assert.equal(none.otherwise, null);
});

Deno.test("a refused name is told", () => {
  const header = explain({ models: [BASIC] }, undefined, { "x-pirouter-route": "nope" });
  assert.deepEqual(header.reasons, ["x-pirouter-route names what is no alias"]);
  const model = explain(
    { models: [BASIC], unknownModel: "reject" },
    buildRequest("hi", { "model": "nope" }),
  );
  assert.deepEqual(model.reasons, [
    'the request\'s model is no alias, and routing.unknown_model = "reject"',
  ]);
  assert.equal(model.otherwise?.alias, "basic");
});

Deno.test("an explanation is bounded, however large the config is", () => {
  const long = "x".repeat(5_000);
  const when = conditionOf({ "prompt_matches": long });
  const models = Array.from(
    { length: 500 },
    (_, index) => buildModel({ alias: `m${index}`, unusable: index === 0 ? null : `is ${long}` }),
  );
  const rules = Array.from({ length: 500 }, (_, index) => ({
    ...ruleTo("m0", [], `rule ${index}`),
    when,
  }));
  const explanation = explain({ models, rules }, buildRequest("hi", { "model": long }));
  assert.equal(explanation.rejected.length, 50);
  assert.match(explanation.reasons[1] ?? "", /^\d+ reasons before these are left out$/);
  assert.equal(explanation.reasons.at(-1), "m0 is the first of balanced's order");
  const texts = [...explanation.reasons, ...explanation.rejected.map(({ reason }) => reason)];
  assert.ok(texts.every((text) => text.length <= 200));
  assert.ok(JSON.stringify(explanation).length < 15_000);
});

Deno.test("an explanation of ten models is about a kilobyte, without a word of the request", () => {
  const qualities = ["basic", "standard", "strong", "premium"] as const;
  const models = Array.from(
    { length: 10 },
    (_, index) => buildModel({ alias: `model-${index}`, quality: qualities[index % 4] ?? "basic" }),
  );
  const secret = "zebra crossing";
  const text = JSON.stringify(explain({ models }, buildRequest(`Please debug this ${secret}`)));
  assert.ok(text.length < 1_500, `${text.length} characters`);
  assert.doesNotMatch(text, /zebra|crossing/);
});

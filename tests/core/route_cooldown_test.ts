import assert from "node:assert/strict";
import { candidateAfterWeak } from "../../src/core/cascade.ts";
import { parseCondition } from "../../src/core/predicates.ts";
import type { RoutePlan, RouteTable } from "../../src/core/plan.ts";
import { decideRoute } from "../../src/core/route.ts";
import type { RuleTarget } from "../../src/core/rules.ts";
import { buildCatalog, buildFeatures, buildModel, buildRequest } from "../support/models.ts";

const CATALOG = buildCatalog(
  buildModel({ alias: "cheap", quality: "basic" }),
  buildModel({ alias: "good", quality: "strong" }),
  buildModel({ alias: "best", quality: "premium" }),
);

/** A plan while these models cool down for so many milliseconds. */
function planWhile(
  cooling: Readonly<Record<string, number>>,
  options: Partial<RouteTable["routing"]> & {
    readonly cascade?: readonly string[];
    readonly model?: string;
    readonly difficulty?: string;
    readonly catalog?: RouteTable["catalog"];
  } = {},
): RoutePlan {
  const { cascade, model = "auto", difficulty = "easy", catalog = CATALOG, ...routing } = options;
  const when = parseCondition({ always: true }, "when");
  assert.ok(when.ok);
  const [primary = "", ...rest] = cascade ?? [];
  const target: RuleTarget = primary.startsWith("$header:")
    ? { type: "header", header: primary.slice("$header:".length) }
    : { type: "alias", alias: primary };
  const rule = { name: "mine", when: when.value, primary: target, cascade: rest };
  const headers = { "x-pirouter-difficulty": difficulty, "x-pick": "cheap" };
  const request = buildRequest("Say hi", { "model": model });
  const decision = decideRoute(buildFeatures(request, headers), {
    catalog,
    rules: cascade === undefined ? [] : [rule],
    routing: {
      profile: "balanced",
      autoCascade: true,
      maxPolicyFallbacks: 3,
      unknownModel: "auto",
      ...routing,
    },
    cooldownOf: ({ alias }) => {
      const remainingMs = cooling[alias];
      const reason = `cools down (${alias})`;
      return remainingMs === undefined ? null : { remainingMs, isLater: true, reason };
    },
  });
  assert.ok(decision.type === "plan");
  return decision.plan;
}

const aliasesOf = (plan: RoutePlan) => plan.candidates.map(({ model }) => model.alias).join(" ");
const rejectedOf = (plan: RoutePlan) =>
  plan.rejected.map(({ alias, cause, reason }) => `${alias} ${cause}: ${reason}`);

Deno.test("decideRoute(): the policy skips who cools down, and gives that as the reason", () => {
  const plan = planWhile({ cheap: 1_000 });
  assert.equal(aliasesOf(plan), "good best");
  assert.deepEqual(rejectedOf(plan), ["cheap cooldown: cools down (cheap)"]);
});

Deno.test("decideRoute(): an equal or stronger model that cools down is the last to be asked", () => {
  const plan = planWhile({ good: 1_000 });
  assert.equal(aliasesOf(plan), "cheap best good");
  assert.match(plan.reasons.at(-1) ?? "", /^good cools down \(good\): it is asked last$/);
  assert.deepEqual(plan.candidates.map(({ cooldown }) => cooldown?.remainingMs ?? null), [
    null,
    null,
    1_000,
  ]);
});

Deno.test("decideRoute(): who cools down takes no place from a fallback that is well", () => {
  const plan = planWhile({ good: 1_000 }, { maxPolicyFallbacks: 1 });
  assert.equal(aliasesOf(plan), "cheap best");
  assert.deepEqual(rejectedOf(plan), ["good cooldown: cools down (good)"]);
});

Deno.test("decideRoute(): who cools down takes no place for being at another provider, either", () => {
  const models = ["one", "two", "three"].map((alias) => buildModel({ alias }));
  const away = buildModel({ alias: "away", provider: "elsewhere" });
  const catalog = buildCatalog(...models, away);
  const plans = [{}, { away: 1_000 }].map((cooling) =>
    aliasesOf(planWhile(cooling, { catalog, maxPolicyFallbacks: 1 }))
  );
  assert.deepEqual(plans, ["one away", "one two"]);
});

Deno.test("decideRoute(): where everybody cools down, the soonest is asked first", () => {
  const plan = planWhile({ cheap: 3_000, good: 1_000, best: 2_000 });
  assert.equal(aliasesOf(plan), "good best cheap");
  assert.ok(plan.reasons.some((reason) => reason.endsWith("no other is left to ask")));
});

Deno.test("decideRoute(): a rule's models keep their order, but for those that cool down", () => {
  const cascade = ["cheap", "good", "best"];
  assert.equal(aliasesOf(planWhile({ cheap: 1_000 }, { cascade })), "good best cheap");
  assert.equal(aliasesOf(planWhile({}, { cascade })), "cheap good best");
});

Deno.test("decideRoute(): no inadequate model is taken while an adequate one cools down", () => {
  const plan = planWhile({ good: 1_000, best: 2_000 }, { difficulty: "hard" });
  assert.equal(aliasesOf(plan), "good best");
  assert.ok(plan.reasons.includes("good is the first of balanced's order"));
});

Deno.test("decideRoute(): a model that a header names keeps its place before the rule's cascade", () => {
  const plan = planWhile({ cheap: 1_000 }, { cascade: ["$header:x-pick", "good"] });
  assert.equal(aliasesOf(plan), "cheap good");
});

Deno.test("decideRoute(): a model that is named is asked even while it cools down", () => {
  const plan = planWhile({ cheap: 1_000 }, { model: "cheap" });
  assert.equal(aliasesOf(plan), "cheap");
  assert.equal(plan.candidates[0]?.cooldown?.remainingMs, 1_000);
});

Deno.test("decideRoute(): without a cascade the policy still skips who cools down", () => {
  const plan = planWhile({ cheap: 1_000 }, { autoCascade: false });
  assert.equal(aliasesOf(plan), "good");
});

Deno.test("candidateAfterWeak() never leads back to who was put behind", () => {
  const cascade = ["cheap", "good", "best"];
  const plan = planWhile({ cheap: 1_000 }, { cascade });
  assert.equal(aliasesOf(plan), "good best cheap");
  assert.equal(candidateAfterWeak(plan, [0]), 1);
  assert.equal(candidateAfterWeak(plan, [0, 1]), null);
  const strongIsOut = planWhile({ good: 1_000 }, { cascade });
  assert.equal(aliasesOf(strongIsOut), "cheap best good");
  assert.equal(candidateAfterWeak(strongIsOut, [0]), 1);
  assert.equal(candidateAfterWeak(strongIsOut, [0, 1]), null);
});

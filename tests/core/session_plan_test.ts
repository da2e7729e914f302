import assert from "node:assert/strict";
import type { BoundModel } from "../../src/core/bound_model.ts";
import { candidateAfterWeak } from "../../src/core/cascade.ts";
import type { Circumstances } from "../../src/core/circumstances.ts";
import type { RoutePlan } from "../../src/core/plan.ts";
import type { RoutingSettings } from "../../src/core/policy.ts";
import { decideRoute } from "../../src/core/route.ts";
import { buildCatalog, buildFeatures, buildModel, buildRequest } from "../support/models.ts";

const price = (usd: number) =>
  ({ inputUsdPerMTok: usd, outputUsdPerMTok: usd, source: "config" }) as const;
const CATALOG = buildCatalog(
  buildModel({ alias: "small", quality: "basic", price: price(1) }),
  buildModel({ alias: "plain", quality: "standard", price: price(2) }),
  buildModel({ alias: "other", quality: "standard", price: null }),
  buildModel({ alias: "large", quality: "strong", price: price(9) }),
);

const ROUTING: RoutingSettings = {
  profile: "balanced",
  autoCascade: true,
  maxPolicyFallbacks: 3,
  unknownModel: "auto",
};

function plan(moment: Circumstances): RoutePlan {
  const decision = decideRoute(buildFeatures(buildRequest("Say hi")), {
    catalog: CATALOG,
    rules: [],
    routing: ROUTING,
    ...moment,
  });
  assert.ok(decision.type === "plan");
  return decision.plan;
}

const bound = (alias: string): BoundModel => ({
  alias,
  cause: "escalation",
  cachedTokens: 0,
  primary: null,
  isProbeDue: false,
});

const aliasesOf = ({ candidates }: RoutePlan) => candidates.map(({ model }) => model.alias);

Deno.test("decideRoute(): a weak answer of who holds a conversation leads to the next, whatever its place", () => {
  const held = plan({ bound: bound("other") });
  assert.deepEqual(aliasesOf(held), ["other", "plain", "large"]);
  assert.equal(candidateAfterWeak(held, [0]), 1);
  assert.equal(candidateAfterWeak(held, [0, 1]), 2);
});

Deno.test("decideRoute(): the policy's own first stays known, so that a conversation can come back to it", () => {
  assert.equal(plan({ bound: bound("other") }).homeAlias, "small");
  assert.equal(plan({}).homeAlias, "small");
});

Deno.test("decideRoute(): a cool-down of another model changes nothing else of the order", () => {
  const budget = { share: 0.1, threshold: 0.9, isSpent: true };
  const features = buildFeatures(buildRequest("Implement a red-black tree in Rust with tests"));
  const table = {
    catalog: buildCatalog(
      buildModel({ alias: "small", quality: "basic", price: price(1) }),
      buildModel({ alias: "gone", quality: "basic", price: price(1) }),
      buildModel({ alias: "large", quality: "strong", price: price(9) }),
    ),
    rules: [],
    routing: ROUTING,
    budget,
  } as const;
  const first = (cooling: readonly string[]) => {
    const decision = decideRoute(features, {
      ...table,
      cooldownOf: ({ alias }) =>
        cooling.includes(alias) ? { remainingMs: 9, isLater: true, reason: "cools down" } : null,
    });
    return decision.type === "plan" ? aliasesOf(decision.plan)[0] : null;
  };
  assert.deepEqual([first([]), first(["gone"])], ["small", "small"]);
});

Deno.test("decideRoute(): a cool-down does not turn best-quality away from the best", () => {
  const catalog = buildCatalog(
    buildModel({ alias: "plain", quality: "standard", price: price(1) }),
    buildModel({ alias: "gone", quality: "basic", price: price(1) }),
    buildModel({ alias: "best", quality: "strong", price: price(9) }),
  );
  const decision = decideRoute(
    buildFeatures(buildRequest("Implement a red-black tree in Rust with tests")),
    {
      catalog,
      rules: [],
      routing: { ...ROUTING, profile: "best-quality" },
      cooldownOf: ({ alias }) =>
        alias === "gone" ? { remainingMs: 9, isLater: true, reason: "cools down" } : null,
      calibrationOf: ({ alias }) =>
        alias === "best" ? { offset: -3, count: 300, state: "learned" } : null,
    },
  );
  assert.ok(decision.type === "plan");
  assert.equal(aliasesOf(decision.plan)[0], "best");
});

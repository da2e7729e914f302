import assert from "node:assert/strict";
import type { Calibration } from "../../src/core/adequacy.ts";
import type { Model } from "../../src/core/catalog.ts";
import type { Circumstances } from "../../src/core/circumstances.ts";
import type { Features } from "../../src/core/features.ts";
import { rankModels, requireQuality } from "../../src/core/policy.ts";
import type { ProfileName } from "../../src/core/profile.ts";
import type { ReadinessFacts } from "../../src/core/readiness.ts";
import { buildCatalog, buildFeatures, buildModel, buildRequest } from "../support/models.ts";

const price = (usd: number) =>
  ({ inputUsdPerMTok: usd, outputUsdPerMTok: usd, source: "config" }) as const;
const FREE: Partial<Model> = {
  provider: "ollama",
  local: true,
  price: { inputUsdPerMTok: 0, outputUsdPerMTok: 0, source: "local" },
};
const CATALOG = buildCatalog(
  buildModel({ alias: "best", quality: "premium", price: price(20) }),
  buildModel({ alias: "cloud", quality: "standard", price: price(1) }),
  buildModel({ alias: "home", quality: "standard", ...FREE }),
);

function featuresOf(score: number, isHinted = false): Features {
  const features = buildFeatures(buildRequest("hi"));
  const tier = score < 0.3 ? "easy" : score < 0.7 ? "standard" : "hard";
  return { ...features, difficulty: { tier, score, isHinted, reasons: [] } };
}

function order(
  score: number,
  circumstances: Circumstances,
  profile: ProfileName = "balanced",
): readonly string[] {
  const { kept } = rankModels(CATALOG, { features: featuresOf(score), profile, circumstances });
  return kept.map(({ model }) => model.alias);
}

function ready(facts: Partial<ReadinessFacts>): Circumstances {
  const known = {
    isLoaded: true,
    ahead: 0,
    loadMs: 5_000,
    prefillTokensPerSec: 300,
    answerMs: 4_000,
    atOnce: 1,
    isSpeedKnown: true,
  };
  return { readinessOf: ({ local }) => local ? { ...known, ...facts } : null };
}

const WAITS: readonly (readonly [string, Partial<ReadinessFacts>, ProfileName, string])[] = [
  ["is loaded and free", {}, "balanced", "home"],
  ["must load for some seconds", { isLoaded: false }, "balanced", "home"],
  ["must load for a minute", { isLoaded: false, loadMs: 60_000 }, "balanced", "cloud"],
  ["must load for a minute", { isLoaded: false, loadMs: 60_000 }, "local-first", "home"],
  ["serves three others first", { ahead: 3 }, "balanced", "cloud"],
  ["serves ten long ones first", { ahead: 10 }, "local-first", "home"],
  ["serves a hundred others first", { ahead: 100 }, "local-first", "cloud"],
];

for (const [what, facts, profile, first] of WAITS) {
  Deno.test(`rankModels() puts ${first} first for ${profile} when the local model ${what}`, () => {
    assert.equal(order(0.5, ready(facts), profile)[0], first);
  });
}

Deno.test("rankModels() counts the expected escalation where weak answers are noticed", () => {
  const catalog = buildCatalog(
    buildModel({ alias: "cheap", quality: "basic", price: price(1) }),
    buildModel({ alias: "good", quality: "standard", price: price(1.5) }),
  );
  const first = (score: number, hasChecks: boolean) => {
    const features = {
      ...featuresOf(score),
      difficulty: { ...featuresOf(score).difficulty, tier: "easy" as const },
    };
    const { kept } = rankModels(catalog, {
      features,
      profile: "balanced",
      circumstances: { hasChecks },
    });
    return kept[0]?.model.alias;
  };
  assert.equal(first(0.02, true), "cheap");
  assert.equal(first(0.5, false), "cheap");
  assert.equal(first(0.5, true), "good");
});

Deno.test("rankModels() takes a model for what its own answers have shown", () => {
  const learned = (offset: number): Circumstances => ({
    calibrationOf: ({ alias }): Calibration | null =>
      alias === "home" ? { offset, count: 300, state: "learned" } : null,
  });
  assert.equal(order(0.5, learned(0))[0], "home");
  assert.equal(order(0.5, learned(1))[0], "home");
  assert.equal(order(0.5, learned(-0.05))[0], "home", "a little worse is not a tier lower");
  assert.equal(order(0.5, learned(-1.5))[0], "cloud");
  assert.equal(order(0.1, learned(-3))[0], "home", "the lowest tier is enough for easy ones");
  assert.equal(order(0.9, learned(0))[0], "best");
});

const BUDGET = { share: 0.2, threshold: 0.6, isSpent: false };

Deno.test("requireQuality() gives the strong tiers to the hardest share alone", () => {
  const of = (score: number, change = {}, isHinted = false) => {
    const { quality, isStrongAllowed } = requireQuality(featuresOf(score, isHinted), {
      ...BUDGET,
      ...change,
    });
    return `${quality} ${isStrongAllowed}`;
  };
  assert.equal(of(0.9), "strong true");
  assert.equal(of(0.6), "strong true", "from the threshold on, whatever the fixed tiers say");
  assert.equal(of(0.59), "standard false");
  assert.equal(of(0.2, { threshold: 0.1 }), "basic false", "an easy one never needs it");
  assert.equal(of(0.1), "basic false");
  assert.equal(of(0.9, { isSpent: true }), "standard false");
  assert.equal(of(0.9, { isSpent: true }, true), "strong true", "the client's own word stands");
  assert.equal(of(0.75, { threshold: 0.8 }), "standard false");
});

Deno.test("rankModels() takes a strong model out of the budget only where nobody else can", () => {
  assert.deepEqual(order(0.9, { budget: BUDGET }), ["best", "home", "cloud"]);
  assert.deepEqual(order(0.9, { budget: { ...BUDGET, isSpent: true } }), ["home", "cloud", "best"]);
  assert.deepEqual(order(0.1, { budget: BUDGET }, "best-quality").at(-1), "best");
});

Deno.test("rankModels() prices what the conversation's models have in their caches", () => {
  const features = { ...featuresOf(0.5), inputTokens: 50_000 };
  const catalog = buildCatalog(buildModel({
    alias: "claude",
    price: { ...price(3), cacheReadUsdPerMTok: 0.3, cacheWriteUsdPerMTok: 3.75 },
  }));
  const costOf = (cachedTokens: number, alias = "claude") => {
    const bound = {
      alias,
      cause: "answer",
      cachedTokens,
      primary: null,
      isProbeDue: false,
      cachedElsewhere: { claude: cachedTokens },
    } as const;
    const circumstances = { bound };
    return rankModels(catalog, { features, profile: "balanced", circumstances }).kept[0]
      ?.expectedCostUsd ?? 0;
  };
  const output = 600 * 3 / 1e6;
  assert.ok(Math.abs(costOf(0) - (50_000 * 3.75 / 1e6 + output)) < 1e-9);
  assert.ok(Math.abs(costOf(60_000) - (50_000 * 0.3 / 1e6 + output)) < 1e-9);
  assert.equal(costOf(60_000, "another"), costOf(60_000), "its own cache is warm still");
});

Deno.test("rankModels() lets no guessed speed keep a local model from a long input", () => {
  const features = { ...featuresOf(0.5), inputTokens: 30_000 };
  const dear = new Map(
    [...CATALOG].map(([alias, model]) =>
      [alias, model.local ? model : { ...model, price: price(100) }] as const
    ),
  );
  const first = (isSpeedKnown: boolean) =>
    rankModels(dear, { features, profile: "balanced", circumstances: ready({ isSpeedKnown }) })
      .kept[0]?.model.alias;
  assert.deepEqual([first(false), first(true)], ["home", "cloud"]);
});

Deno.test("rankModels() takes strong models of the user's own out of no budget", () => {
  const catalog = buildCatalog(
    buildModel({ alias: "own", quality: "strong", ...FREE }),
    buildModel({ alias: "hosted", quality: "strong", price: price(1) }),
  );
  const circumstances = { budget: { ...BUDGET, isSpent: true } };
  const { kept } = rankModels(catalog, {
    features: featuresOf(0.9),
    profile: "balanced",
    circumstances,
  });
  assert.deepEqual(kept.map(({ model, isOverBudget }) => [model.alias, isOverBudget]), [
    ["own", false],
    ["hosted", true],
  ]);
});

Deno.test("rankModels() reckons an escalation with those that it may lead to in turn", () => {
  const catalog = buildCatalog(
    buildModel({ alias: "basic", quality: "basic", price: price(1) }),
    buildModel({ alias: "middle", quality: "standard", price: price(2) }),
    buildModel({ alias: "top", quality: "premium", price: price(8) }),
  );
  const features = featuresOf(0.5);
  const { kept } = rankModels(catalog, {
    features,
    profile: "balanced",
    circumstances: { hasChecks: true },
  });
  const of = (alias: string) => kept.find(({ model }) => model.alias === alias) ?? assert.fail();
  const [basic, middle, top] = [of("basic"), of("middle"), of("top")];
  const costs = [basic, middle, top].map(({ expectedCostUsd }) => expectedCostUsd ?? 0);
  const [one = 0, two = 0, three = 0] = costs;
  const fromMiddle = two + (1 - middle.adequacy) * three;
  assert.equal(top.expectedTotalUsd, three);
  assert.ok(Math.abs((middle.expectedTotalUsd ?? 0) - fromMiddle) < 1e-12);
  const next = Math.min(fromMiddle, three);
  assert.ok(Math.abs((basic.expectedTotalUsd ?? 0) - (one + (1 - basic.adequacy) * next)) < 1e-12);
});

Deno.test("rankModels() puts a strong model that is out of the budget behind dearer weak ones", () => {
  const catalog = buildCatalog(
    buildModel({ alias: "bargain", quality: "strong", price: price(0.1) }),
    buildModel({ alias: "weak", quality: "basic", price: price(1) }),
  );
  const first = (isSpent: boolean) =>
    rankModels(catalog, {
      features: featuresOf(0.65),
      profile: "balanced",
      circumstances: { budget: { ...BUDGET, isSpent } },
    }).kept[0]?.model.alias;
  assert.deepEqual([first(false), first(true)], ["bargain", "weak"]);
});

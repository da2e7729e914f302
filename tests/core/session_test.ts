import assert from "node:assert/strict";
import type { BoundModel } from "../../src/core/bound_model.ts";
import type { Circumstances } from "../../src/core/circumstances.ts";
import type { Cooldown } from "../../src/core/health.ts";
import type { Features } from "../../src/core/features.ts";
import { rankModels } from "../../src/core/policy.ts";
import { orderForSession } from "../../src/core/session.ts";
import { buildCatalog, buildFeatures, buildModel, buildRequest } from "../support/models.ts";

const rates = (input: number) => ({
  inputUsdPerMTok: input,
  outputUsdPerMTok: 5 * input,
  cacheReadUsdPerMTok: input / 10,
  cacheWriteUsdPerMTok: 1.25 * input,
  source: "config",
} as const);
const CATALOG = buildCatalog(
  buildModel({ alias: "small", quality: "basic", price: rates(0.5) }),
  buildModel({ alias: "middle", quality: "standard", price: rates(1) }),
  buildModel({ alias: "large", quality: "strong", price: rates(3) }),
);
const COOLING: Cooldown = { remainingMs: 5_000, isLater: true, reason: "cools down" };

function featuresOf(score: number, inputTokens: number): Features {
  const tier = score < 0.3 ? "easy" : score < 0.7 ? "standard" : "hard";
  const difficulty = { tier, score, isHinted: false, reasons: [] } as const;
  return { ...buildFeatures(buildRequest("hi")), inputTokens, difficulty };
}

interface Case {
  readonly bound: Partial<BoundModel> & { readonly alias: string };
  readonly score?: number;
  readonly inputTokens?: number;
  readonly cooling?: readonly string[];
  readonly moment?: Circumstances;
  /** How far the task is. */
  readonly task?: Partial<Features["trajectory"]>;
}

function decide(given: Case): { readonly first: string | undefined; readonly reason: string } {
  const { score = 0.1, inputTokens = 20_000, cooling = [] } = given;
  const bound = {
    cause: "answer",
    cachedTokens: inputTokens,
    primary: null,
    isProbeDue: false,
    ...given.bound,
  } as const;
  const plain = featuresOf(score, inputTokens);
  const features = { ...plain, trajectory: { ...plain.trajectory, ...given.task } };
  const circumstances: Circumstances = {
    bound,
    cooldownOf: ({ alias }) => cooling.includes(alias) ? COOLING : null,
    ...given.moment,
  };
  const options = { features, profile: "balanced", circumstances } as const;
  const { kept } = rankModels(CATALOG, options);
  const isCooling = ({ model }: typeof kept[number]) => cooling.includes(model.alias);
  const ready = kept.filter((ranked) => !isCooling(ranked));
  const { order, reason } = orderForSession([...ready, ...kept.filter(isCooling)], options);
  assert.equal(new Set(order).size, kept.length, "nobody is lost or doubled");
  return { first: order[0]?.model.alias, reason: reason ?? "" };
}

const CASES: readonly (readonly [string, Case, string, RegExp])[] = [
  [
    "keeps its model while that is the first anyway",
    { bound: { alias: "small" } },
    "small",
    /^small keeps the conversation: about 20000 tokens are in its cache/,
  ],
  [
    "keeps its model while the cache is warm and a cheaper one would not pay",
    { bound: { alias: "middle" }, inputTokens: 60_000 },
    "middle",
    /^middle keeps/,
  ],
  [
    "leaves a model that is too weak for the ask",
    { bound: { alias: "small" }, score: 0.9 },
    "large",
    /^small had the conversation, but is too weak/,
  ],
  [
    "leaves a model that cools down",
    { bound: { alias: "middle" }, cooling: ["middle"] },
    "small",
    /^middle had the conversation, but cools down/,
  ],
  [
    "leaves a dear model when moving pays, its cache priced in",
    { bound: { alias: "large", cachedTokens: 0 } },
    "small",
    /cheaper with small, its lost prompt cache included/,
  ],
  [
    "goes where the cache holds much of it still, when a new ask is easy",
    { bound: { alias: "large", cachedElsewhere: { small: 15_000 } }, inputTokens: 20_000 },
    "small",
    /cheaper with small, its lost prompt cache included/,
  ],
  [
    "stays where nobody else has any of it in a cache",
    { bound: { alias: "middle", cachedElsewhere: { large: 15_000 } }, inputTokens: 20_000 },
    "middle",
    /^middle keeps/,
  ],
  [
    "goes to no weaker model in the midst of a task, however cheap it is",
    { bound: { alias: "large", cachedTokens: 0 }, task: { rounds: 1 } },
    "large",
    /^large keeps/,
  ],
  [
    "goes to no weaker model when the user says that it is not right",
    { bound: { alias: "large", cachedTokens: 0 }, task: { corrections: 1 } },
    "large",
    /^large keeps/,
  ],
  [
    "goes to a stronger model in the midst of a task",
    { bound: { alias: "small" }, score: 0.9, task: { rounds: 3 } },
    "large",
    /^small had the conversation, but is too weak/,
  ],
  [
    "keeps a strong model that the budget keeps for harder requests, in the midst of a task",
    {
      bound: { alias: "large", cachedTokens: 0 },
      task: { rounds: 2 },
      moment: { budget: { share: 0.1, threshold: 0.9, isSpent: true } },
    },
    "large",
    /^large keeps/,
  ],
  [
    "keeps a strong model that an ask below the budget's threshold does not spend",
    {
      bound: { alias: "large" },
      score: 0.5,
      inputTokens: 80_000,
      moment: { budget: { share: 0.1, threshold: 0.6, isSpent: false } },
    },
    "large",
    /^large keeps/,
  ],
  [
    "goes to no cheaper model that it was too long for already",
    { bound: { alias: "large", cachedTokens: 0, tooSmall: ["small"] } },
    "large",
    /^large keeps/,
  ],
  [
    "ends where another profile is asked for",
    { bound: { alias: "large", cachedTokens: 0, profile: "best-quality" } },
    "small",
    /^large had the conversation by the profile best-quality/,
  ],
  [
    "is free once who failed can't take the request",
    { bound: { alias: "large", cachedTokens: 0, cause: "fault", primary: "gone" } },
    "small",
    /cheaper with small/,
  ],
  [
    "tries no model that the budget has nothing left for",
    {
      bound: { alias: "middle", cause: "fault", primary: "large", isProbeDue: true },
      score: 0.5,
      moment: { budget: { share: 0.1, threshold: 0.9, isSpent: true } },
    },
    "middle",
    /^middle keeps/,
  ],
  [
    "stays after an escalation, however cheap others are",
    { bound: { alias: "large", cachedTokens: 0, cause: "escalation" } },
    "large",
    /a weaker model's answer was not enough/,
  ],
  [
    "stays where a fault has led it",
    { bound: { alias: "middle", cachedTokens: 0, cause: "fault", primary: "small" } },
    "middle",
    /small failed/,
  ],
  [
    "tries its former model again when that is due",
    { bound: { alias: "middle", cause: "fault", primary: "small", isProbeDue: true } },
    "small",
    /^small is tried again/,
  ],
  [
    "does not try it while it cools down",
    {
      bound: { alias: "middle", cause: "fault", primary: "small", isProbeDue: true },
      cooling: ["small"],
    },
    "middle",
    /^middle keeps/,
  ],
  [
    "does not try it when it is too weak for the ask",
    { bound: { alias: "middle", cause: "fault", primary: "small", isProbeDue: true }, score: 0.5 },
    "middle",
    /^middle keeps/,
  ],
  [
    "goes on without a model that can't take the request",
    { bound: { alias: "gone" } },
    "small",
    /^gone had the conversation, but can't take this request/,
  ],
  [
    "leaves a strong model that the budget does not cover",
    {
      bound: { alias: "large" },
      moment: { budget: { share: 0.1, threshold: 0.9, isSpent: true } },
    },
    "small",
    /strong_share/,
  ],
];

for (const [what, given, first, reason] of CASES) {
  Deno.test(`orderForSession(): a conversation ${what}`, () => {
    const decided = decide(given);
    assert.equal(decided.first, first, decided.reason);
    assert.match(decided.reason, reason);
  });
}

Deno.test("orderForSession() moves less readily the more is in the cache", () => {
  const stays = [0, 5_000, 20_000, 60_000].map((cachedTokens) =>
    decide({ bound: { alias: "large", cachedTokens }, inputTokens: 60_000 }).first === "large"
  );
  assert.deepEqual(stays, [false, false, false, true]);
});

Deno.test("orderForSession() prices the time that a local model needs to read all of it again", () => {
  const local = buildModel({
    alias: "home",
    quality: "basic",
    local: true,
    price: { inputUsdPerMTok: 0, outputUsdPerMTok: 0, source: "local" },
  });
  const catalog = buildCatalog(
    local,
    buildModel({ alias: "cloud", quality: "standard", price: rates(0.2) }),
  );
  const first = (inputTokens: number) => {
    const features = featuresOf(0.1, inputTokens);
    const bound = {
      alias: "cloud",
      cause: "answer",
      cachedTokens: inputTokens,
      primary: null,
      isProbeDue: false,
    } as const;
    const facts = {
      isLoaded: true,
      ahead: 0,
      loadMs: 0,
      prefillTokensPerSec: 300,
      answerMs: 2_000,
      atOnce: 1,
      isSpeedKnown: true,
    };
    const options = {
      features,
      profile: "balanced",
      circumstances: {
        bound,
        readinessOf: ({ local }: { local: boolean }) => local ? facts : null,
      },
    } as const;
    return orderForSession(rankModels(catalog, options).kept, options).order[0]?.model.alias;
  };
  assert.equal(first(300), "home");
  assert.equal(first(8_000), "cloud");
});

Deno.test("orderForSession() says nothing of a request that goes on with no conversation", () => {
  const options = {
    features: featuresOf(0.1, 10),
    profile: "balanced",
    circumstances: {},
  } as const;
  const { kept } = rankModels(CATALOG, options);
  assert.deepEqual(orderForSession(kept, options), { order: kept, reason: null, isHeld: false });
});

Deno.test("orderForSession() goes on to a stronger model though that is too weak as well", () => {
  const catalog = buildCatalog(
    buildModel({ alias: "small", quality: "basic", price: rates(0.5) }),
    buildModel({ alias: "middle", quality: "standard", price: rates(1) }),
  );
  const bound = {
    alias: "small",
    cause: "answer",
    cachedTokens: 20_000,
    primary: null,
    isProbeDue: false,
  } as const;
  const features = featuresOf(0.9, 20_000);
  const options = { features, profile: "balanced", circumstances: { bound } } as const;
  const { order } = orderForSession(rankModels(catalog, options).kept, options);
  assert.deepEqual(order.map(({ model }) => model.alias), ["middle", "small"]);
});

import assert from "node:assert/strict";
import type { Model } from "../../src/core/catalog.ts";
import { pickFallbacks, rankModels } from "../../src/core/policy.ts";
import type { ProfileName } from "../../src/core/profile.ts";
import { buildCatalog, buildFeatures, buildModel, buildRequest } from "../support/models.ts";

const LOCAL: Partial<Model> = {
  provider: "ollama",
  local: true,
  price: { inputUsdPerMTok: 0, outputUsdPerMTok: 0, source: "local" },
};
const price = (usd: number) =>
  ({ inputUsdPerMTok: usd, outputUsdPerMTok: usd, source: "config" }) as const;

const CATALOG = buildCatalog(
  buildModel({ alias: "premium", quality: "premium", price: price(50) }),
  buildModel({ alias: "strong", quality: "strong", price: price(10) }),
  buildModel({ alias: "strong-cheap", quality: "strong", price: price(5) }),
  buildModel({ alias: "standard", quality: "standard", price: price(1) }),
  buildModel({ alias: "basic", quality: "basic", price: price(0.5) }),
  buildModel({ alias: "local-standard", quality: "standard", ...LOCAL }),
  buildModel({ alias: "local-basic", quality: "basic", ...LOCAL }),
);

function rank(profile: ProfileName, difficulty: string, catalog = CATALOG): readonly string[] {
  const features = buildFeatures(buildRequest("hi"), { "x-pirouter-difficulty": difficulty });
  return rankModels(catalog, { features, profile }).kept.map(({ model }) => model.alias);
}

const ORDERS: readonly (readonly [ProfileName, string, string])[] = [
  ["balanced", "easy", "local-basic local-standard basic standard strong-cheap strong premium"],
  ["balanced", "standard", "local-standard standard strong-cheap strong premium local-basic basic"],
  ["balanced", "hard", "strong-cheap strong premium"],
  ["local-first", "easy", "local-basic local-standard basic standard"],
  ["local-first", "standard", "local-basic local-standard standard strong-cheap"],
  ["local-first", "hard", "local-standard strong-cheap strong premium"],
  ["best-quality", "easy", "premium strong-cheap strong"],
  ["cloud-only", "easy", "basic standard strong-cheap"],
];

for (const [profile, difficulty, order] of ORDERS) {
  Deno.test(`rankModels() orders ${difficulty} requests for ${profile}: ${order}`, () => {
    const expected = order.split(" ");
    assert.deepEqual(rank(profile, difficulty).slice(0, expected.length), expected);
  });
}

Deno.test("rankModels() keeps no local model for cloud-only and says why", () => {
  const features = buildFeatures(buildRequest("hi"));
  const { kept, rejected } = rankModels(CATALOG, { features, profile: "cloud-only" });
  assert.ok(kept.every(({ model }) => !model.local));
  assert.deepEqual(rejected.map(({ alias, cause }) => [alias, cause]), [
    ["local-standard", "profile"],
    ["local-basic", "profile"],
  ]);
});

Deno.test("rankModels() puts an unknown price after every known one of its tier", () => {
  const catalog = buildCatalog(
    buildModel({ alias: "unknown", price: null }),
    buildModel({ alias: "dear", price: price(1_000) }),
  );
  assert.deepEqual(rank("balanced", "standard", catalog), ["dear", "unknown"]);
});

Deno.test("rankModels() takes the strongest model when none is adequate", () => {
  const catalog = buildCatalog(
    buildModel({ alias: "basic", quality: "basic" }),
    buildModel({ alias: "standard", quality: "standard" }),
  );
  assert.deepEqual(rank("balanced", "hard", catalog), ["standard", "basic"]);
});

const TOOL = { "type": "function", "function": { "name": "t" } };
const IMAGE_CONTENT = [{ "type": "image_url", "image_url": { "url": "data:image/png;base64,AA" } }];

const REJECTIONS: readonly (readonly [string, Partial<Model>, Record<string, unknown>, RegExp])[] =
  [
    ["disabled", { enabled: false }, {}, /is disabled/],
    ["unusable", { unusable: "environment variable K is not set" }, {}, /K is not set/],
    ["tools", { supportsTools: false }, { "tools": [TOOL] }, /tools/],
    ["images", { supportsVision: false }, {
      "messages": [{ "role": "user", "content": IMAGE_CONTENT }],
    }, /images/],
    ["context", { contextWindow: 2_000 }, { "max_tokens": 1_999 }, /window of 2000 tokens/],
    ["context", { contextWindow: 1_000 }, {}, /window of 1000 tokens/],
  ];

for (const [cause, model, fields, reason] of REJECTIONS) {
  Deno.test(`rankModels() rejects ${JSON.stringify(model)} with its reason`, () => {
    const catalog = buildCatalog(buildModel({ alias: "m", ...model }));
    const features = buildFeatures(buildRequest("hi", fields));
    const { kept, rejected } = rankModels(catalog, { features, profile: "balanced" });
    assert.deepEqual(kept, []);
    assert.match(rejected[0]?.reason ?? "", reason);
    const known = cause === "disabled" || cause === "unusable" ? "unavailable" : cause;
    assert.equal(rejected[0]?.cause, known);
  });
}

Deno.test("rankModels() never asks for more output room than the model can write", () => {
  const catalog = buildCatalog(
    buildModel({ alias: "m", contextWindow: 8_000, maxOutputTokens: 4_000 }),
  );
  const features = buildFeatures(buildRequest("hi", { "max_tokens": 32_000 }));
  assert.equal(rankModels(catalog, { features, profile: "balanced" }).kept.length, 1);
});

Deno.test("pickFallbacks() picks stronger or equal models only, at most the limit", () => {
  const features = buildFeatures(buildRequest("hi"), { "x-pirouter-difficulty": "standard" });
  const { kept } = rankModels(CATALOG, { features, profile: "local-first" });
  const primary = kept.find(({ model }) => model.alias === "standard");
  assert.ok(primary);
  const aliases = (limit: number) =>
    pickFallbacks(kept, { primary, limit }).picked.map(({ model }) => model.alias);
  assert.deepEqual(aliases(2), ["local-standard", "strong-cheap"]);
  assert.deepEqual(aliases(0), []);
  assert.ok(aliases(99).every((alias) => !alias.endsWith("basic")));
});

Deno.test("pickFallbacks() keeps the last place for another provider", () => {
  const catalog = buildCatalog(
    ...["a", "b", "c", "d"].map((alias) => buildModel({ alias, provider: "home", local: true })),
    buildModel({ alias: "cloud", provider: "cloud" }),
    buildModel({ alias: "late", provider: "late" }),
  );
  const features = buildFeatures(buildRequest("hi"));
  const { kept } = rankModels(catalog, { features, profile: "local-first" });
  const [primary] = kept;
  assert.ok(primary);
  const aliases = (limit: number) =>
    pickFallbacks(kept, { primary, limit }).picked.map(({ model }) => model.alias);
  assert.deepEqual(aliases(3), ["b", "c", "cloud"]);
  assert.deepEqual(aliases(1), ["cloud"]);
  assert.deepEqual(aliases(0), []);
  assert.deepEqual(aliases(5), ["b", "c", "d", "cloud", "late"]);
  const ready = (alias: string) =>
    pickFallbacks(kept, { primary, limit: 3, isReady: ({ model }) => model.alias !== alias })
      .picked.map(({ model }) => model.alias);
  assert.deepEqual(ready("cloud"), ["b", "c", "late"], "one that cools down takes nobody's place");
});

Deno.test("pickFallbacks() says why a model that could take the request is no candidate", () => {
  const features = buildFeatures(buildRequest("hi"), { "x-pirouter-difficulty": "hard" });
  const { kept } = rankModels(CATALOG, { features, profile: "balanced" });
  const [primary] = kept;
  assert.ok(primary);
  const { picked, left } = pickFallbacks(kept, { primary, limit: 1 });
  assert.deepEqual(picked.map(({ model }) => model.alias), ["strong"]);
  assert.deepEqual(left.map(({ alias, reason }) => `${alias} ${reason}`), [
    "premium would be one candidate too many",
    "local-standard is weaker than strong-cheap",
    "standard is weaker than strong-cheap",
    "local-basic is weaker than strong-cheap",
    "basic is weaker than strong-cheap",
  ]);
});

Deno.test("rankModels() leaves out embeddings models, whatever else they lack, and says why", () => {
  const embed = { type: "embeddings", supportsTools: false, contextWindow: 1 } as const;
  const catalog = buildCatalog(
    buildModel({ alias: "chat" }),
    buildModel({ alias: "embed", ...embed, enabled: false }),
  );
  const features = buildFeatures(buildRequest("hi", { "tools": [{ "type": "function" }] }));
  const { kept, rejected } = rankModels(catalog, { features, profile: "balanced" });
  assert.deepEqual(kept.map(({ model }) => model.alias), ["chat"]);
  const reason = "is an embeddings model";
  assert.deepEqual(rejected, [{ alias: "embed", cause: "type", reason }]);
});

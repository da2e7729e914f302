import assert from "node:assert/strict";
import fc from "fast-check";
import type { Model } from "../../src/core/catalog.ts";
import { guaranteedWindow, type GuaranteeTable } from "../../src/core/guarantee.ts";
import { DEFAULT_OUTPUT_RESERVE, isEligible } from "../../src/core/filter.ts";
import { PROFILE_NAMES, type ProfileName } from "../../src/core/profile.ts";
import { parseCondition } from "../../src/core/predicates.ts";
import type { RoutePlan } from "../../src/core/plan.ts";
import { decideRoute } from "../../src/core/route.ts";
import type { Rule } from "../../src/core/rules.ts";
import { buildCatalog, buildFeatures, buildModel, buildRequest } from "../support/models.ts";

function rule(when: unknown, primary: string, ...cascade: string[]): Rule {
  const condition = parseCondition(when, "when");
  assert.ok(condition.ok);
  const target = primary.startsWith("$")
    ? { type: "header", header: primary.slice(1) } as const
    : { type: "alias", alias: primary } as const;
  return { name: `to-${primary}`, when: condition.value, primary: target, cascade };
}

const MODELS: readonly Model[] = [
  buildModel({ alias: "small", contextWindow: 8_000, local: true }),
  buildModel({ alias: "middle", contextWindow: 100_000 }),
  buildModel({ alias: "textual", contextWindow: 500_000, supportsTools: false }),
  buildModel({ alias: "huge", contextWindow: 1_000_000, enabled: false }),
  buildModel({ alias: "dark", contextWindow: null }),
  buildModel({ alias: "embed", contextWindow: 2_000_000, type: "embeddings" }),
];

interface Case {
  readonly models?: readonly Model[];
  readonly rules?: readonly Rule[];
  readonly name?: string;
  readonly profile?: ProfileName;
  readonly hasFallback?: boolean;
}

function windowOf(given: Case): number | null {
  const { models = MODELS, rules = [], profile = "balanced", hasFallback = true } = given;
  const catalog = buildCatalog(...models);
  return guaranteedWindow({ catalog, rules, hasFallback }, { name: given.name ?? "auto", profile });
}

const ALWAYS = { always: true };

const CASES: readonly (readonly [string, Case, number | null])[] = [
  ["the largest window that takes tools, without rules", {}, 100_000],
  ["the largest window of models without tools, where none takes any", {
    models: MODELS.map((model) => ({ ...model, supportsTools: false })),
  }, 500_000],
  ["unknown where no window is known", {
    models: MODELS.filter(({ alias }) => alias === "dark"),
  }, null],
  ["unknown without a usable model", { models: [] }, null],
  ["unknown where the profile refuses every model whose window is known", {
    models: MODELS.filter(({ alias }) => alias === "small"),
    profile: "cloud-only",
  }, null],
  ["what a rule has room for", { rules: [rule({ has_images: true }, "small")] }, 8_000],
  ["the largest window of a rule's candidates", {
    rules: [rule({ has_images: true }, "small", "middle")],
  }, 100_000],
  ["the first window of a rule where faults lead nowhere", {
    rules: [rule({ has_images: true }, "small", "middle")],
    hasFallback: false,
  }, 8_000],
  ["not limited by a rule whose window is unknown", {
    rules: [rule({ has_tools: true }, "small", "dark")],
  }, 100_000],
  ["not limited by a rule that has no usable model", {
    rules: [rule({ has_tools: true }, "huge")],
  }, 100_000],
  ["not limited by a rule for requests that are short enough", {
    rules: [rule({ tokens_in_lt: 6_977 }, "small")],
  }, 100_000],
  ["not limited by a rule that no number of tokens meets", {
    rules: [rule({ all: [{ tokens_in_gt: 5 }, { tokens_in_lt: 6 }] }, "tiny")],
    models: [...MODELS, buildModel({ alias: "tiny", contextWindow: 500 })],
  }, 100_000],
  ["limited by a rule for requests that may be too long with their answer", {
    rules: [rule({ tokens_in_lt: 6_978 }, "small")],
  }, 8_000],
  ["limited by an `any` of short requests and others", {
    rules: [rule({ any: [{ tokens_in_lt: 1_000 }, { has_images: true }] }, "small")],
  }, 8_000],
  ["not limited by a rule for a client's header", {
    rules: [
      rule({ header: { name: "x-team", any_value: true } }, "small"),
      rule(ALWAYS, "$x-pick"),
    ],
  }, 100_000],
  ["not limited by a rule for another model name", {
    rules: [rule({ model_alias_eq: "gpt-4" }, "small")],
  }, 100_000],
  ["limited by a rule for its own name", {
    rules: [rule({ model_alias_eq: "cloud-only" }, "small")],
    name: "cloud-only",
    profile: "cloud-only",
  }, 8_000],
  ["that of a rule that takes everything, whatever the profile and later rules have", {
    rules: [rule(ALWAYS, "textual"), rule({ has_tools: true }, "small")],
    profile: "cloud-only",
  }, 500_000],
  ["that of the long requests' rule where a later one only gets short ones", {
    rules: [rule({ tokens_in_gt: 4_000 }, "textual"), rule(ALWAYS, "small")],
  }, 500_000],
  ["up to where a rule for long requests without room begins", {
    rules: [rule({ tokens_in_gt: 50_000 }, "small")],
  }, 50_000],
];

for (const [name, given, window] of CASES) {
  Deno.test(`guaranteedWindow() is ${name}`, () => assert.equal(windowOf(given), window));
}

const ALIASES = ["a", "b", "c", "d"] as const;
const anyWindow = fc.constantFrom(null, 2_000, 8_000, 32_000, 200_000);

const anyModels = fc.tuple(...ALIASES.map((alias) =>
  fc.record({
    contextWindow: anyWindow,
    maxOutputTokens: fc.constantFrom(null, 500, 4_000),
    supportsTools: fc.boolean(),
    local: fc.boolean(),
    enabled: fc.boolean(),
    type: fc.constantFrom("chat", "chat", "chat", "embeddings"),
    quality: fc.constantFrom("basic", "standard", "premium"),
  }).map((traits): Model => buildModel({ alias, ...traits } as Partial<Model> & { alias: string }))
));

const anyTerm = fc.oneof(
  fc.constantFrom(1_000, 3_000, 7_000, 30_000).map((limit) => ({ tokens_in_lt: limit })),
  fc.constantFrom(1_000, 3_000, 7_000, 30_000).map((limit) => ({ tokens_in_gt: limit })),
  fc.boolean().map((value) => ({ has_tools: value })),
  fc.constantFrom("easy", "standard", "hard").map((tier) => ({ difficulty: tier })),
  fc.constantFrom("auto", "balanced", "other").map((name) => ({ model_alias_eq: name })),
  fc.constant({ header: { name: "x-team", any_value: true } }),
  fc.constant({ prompt_matches: "odd" }),
  fc.constant(ALWAYS),
);

const anyCondition = fc.oneof(
  anyTerm,
  fc.array(anyTerm, { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
  fc.array(anyTerm, { minLength: 1, maxLength: 2 }).map((any) => ({ any })),
  anyTerm.map((not) => ({ not })),
);

const anyRules = fc.array(
  fc.tuple(anyCondition, fc.uniqueArray(fc.constantFrom(...ALIASES), { minLength: 1 }))
    .map(([when, [primary = "a", ...cascade]]) => rule(when, primary, ...cascade)),
  { maxLength: 4 },
);

const anyAsk = fc.record({
  /** Tokens of input and output, as a share of what is guaranteed. */
  share: fc.double({ min: 0.01, max: 1, noNaN: true }),
  output: fc.option(fc.integer({ min: 1, max: DEFAULT_OUTPUT_RESERVE }), { nil: null }),
  hasTools: fc.boolean(),
  prompt: fc.constantFrom("odd", "even"),
  tier: fc.constantFrom("easy", "standard", "hard"),
});

interface Size {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

function hasRoom({ contextWindow, maxOutputTokens }: Model, size: Size): boolean {
  const outputTokens = Math.min(size.outputTokens, maxOutputTokens ?? Infinity);
  return size.inputTokens + outputTokens <= (contextWindow ?? Infinity);
}

Deno.test("guaranteedWindow() is kept by decideRoute(), whatever the models, rules and requests", () => {
  let knownCount = 0;
  fc.assert(
    fc.property(
      anyModels,
      anyRules,
      fc.constantFrom("auto", ...PROFILE_NAMES),
      fc.boolean(),
      fc.array(anyAsk, { minLength: 5, maxLength: 5 }),
      (models, rules, name, hasFallback, asks) => {
        const catalog = buildCatalog(...models);
        const profile = name === "auto" ? "balanced" : name;
        const table: GuaranteeTable = { catalog, rules, hasFallback };
        const window = guaranteedWindow(table, { name, profile });
        if (window === null) return;
        knownCount++;
        const hasToolModel = models.some((model) =>
          isEligible(model, profile) && model.supportsTools
        );
        for (const ask of asks) {
          const tokens = Math.floor(ask.share * window);
          const outputTokens = ask.output ?? DEFAULT_OUTPUT_RESERVE;
          const inputTokens = tokens - outputTokens;
          if (inputTokens < 1) continue;
          const base = buildFeatures(buildRequest(ask.prompt, { "model": name }), {});
          const features = {
            ...base,
            inputTokens,
            requestedOutputTokens: ask.output,
            hasTools: ask.hasTools && hasToolModel,
            difficulty: { ...base.difficulty, tier: ask.tier },
          };
          const routing = {
            profile,
            autoCascade: true,
            maxPolicyFallbacks: 3,
            unknownModel: "auto",
          } as const;
          const decision = decideRoute(features, { catalog, rules, routing });
          if (decision.type === "refusal") {
            const isOfRule = decision.refusal.type === "no_candidate" &&
              !decision.refusal.ruleName.startsWith("policy:");
            assert.ok(isOfRule, JSON.stringify(decision.refusal)); // its models are unusable
            continue;
          }
          assertRoom(decision.plan, { inputTokens, outputTokens, hasFallback });
        }
      },
    ),
    { seed: 20_261_125, numRuns: 3_000 },
  );
  assert.ok(knownCount > 1_000, `${knownCount} windows`);
});

function assertRoom(plan: RoutePlan, of: Size & { readonly hasFallback: boolean }): void {
  const asked = plan.candidates.slice(0, of.hasFallback ? undefined : 1);
  const hasAny = asked.some(({ model }) => hasRoom(model, of));
  const shown = asked.map(({ model }) => `${model.alias} ${model.contextWindow}`).join(", ");
  assert.ok(hasAny, `${plan.ruleName} gives ${of.inputTokens}+${of.outputTokens} to ${shown}`);
}

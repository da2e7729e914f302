import assert from "node:assert/strict";
import fc from "fast-check";
import { canEscalate } from "../../src/core/cascade.ts";
import type { BoundModel } from "../../src/core/bound_model.ts";
import { recordDecision } from "../../src/core/decision_record.ts";
import { DIFFICULTY_TIERS } from "../../src/core/difficulty_tier.ts";
import type { JsonValue } from "../../src/core/json.ts";
import type { RouteTable } from "../../src/core/plan.ts";
import type { RoutingSettings } from "../../src/core/policy.ts";
import { parseCondition } from "../../src/core/predicates.ts";
import { PROFILE_NAMES } from "../../src/core/profile.ts";
import { type PastRequest, type Replay, replayRequests } from "../../src/core/replay.ts";
import { decideRoute } from "../../src/core/route.ts";
import type { Rule, RuleTarget } from "../../src/core/rules.ts";
import {
  buildCatalog,
  buildFeatures,
  buildModel,
  buildRequest,
  CASCADE_SETTINGS,
} from "../support/models.ts";

const price = (usd: number) =>
  ({
    inputUsdPerMTok: usd,
    outputUsdPerMTok: usd,
    cacheReadUsdPerMTok: usd / 10,
    source: "config",
  }) as const;
const CATALOG = buildCatalog(
  buildModel({
    alias: "home",
    quality: "standard",
    local: true,
    provider: "ollama",
    supportsVision: false,
    price: { inputUsdPerMTok: 0, outputUsdPerMTok: 0, source: "local" },
  }),
  buildModel({ alias: "mini", quality: "basic", price: price(1) }),
  buildModel({ alias: "large", quality: "strong", price: price(10) }),
  buildModel({ alias: "keyless", unusable: "no key" }),
);
const ROUTING: RoutingSettings = {
  profile: "balanced",
  autoCascade: true,
  maxPolicyFallbacks: 3,
  unknownModel: "auto",
};

function rule(name: string, when: unknown, primary: RuleTarget): Rule {
  const condition = parseCondition(when, "when");
  assert.ok(condition.ok);
  return { name, when: condition.value, primary, cascade: [] };
}

const toAlias = (alias: string): RuleTarget => ({ type: "alias", alias });
const RULES: readonly Rule[] = [
  rule("picked", { header: { name: "x-pick", "any_value": true } }, {
    type: "header",
    header: "x-pick",
  }),
  rule("legal", {
    any: [{ "prompt_matches": "(?i)contract" }, { header: { name: "x-team", equals: "legal" } }],
  }, toAlias("home")),
  rule(
    "no-drafts",
    { "system_matches": "expert", not: { "prompt_matches": "^draft" } },
    toAlias("large"),
  ),
  rule("long", { "tokens_in_gt": 20_000 }, toAlias("large")),
  rule("never", { "tokens_in_gt": 5_000_000 }, toAlias("mini")),
];

interface Moment {
  readonly text: string;
  readonly system: string;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cooling: readonly string[];
  readonly bound: BoundModel | null;
  readonly offset: number;
  readonly isLoaded: boolean | null;
  readonly ahead: number;
  readonly isSpent: boolean;
  readonly routing: Partial<RoutingSettings>;
}

/** What the ledger would have of a request of this moment, and its decision. */
function past(
  moment: Moment,
  table: Pick<RouteTable, "rules" | "catalog">,
  id: string,
): PastRequest {
  const request = buildRequest("", {
    "model": moment.model,
    "messages": [
      ...(moment.system === "" ? [] : [{ "role": "system", "content": moment.system }]),
      { "role": "user", "content": moment.text },
    ],
    ...moment.fields,
  });
  const features = buildFeatures(request, moment.headers);
  const routing = { ...ROUTING, ...moment.routing };
  const full: RouteTable = {
    ...table,
    routing,
    cooldownOf: ({ alias }) =>
      moment.cooling.includes(alias)
        ? { remainingMs: 5_000.5, isLater: true, reason: "cools down" }
        : null,
    bound: moment.bound,
    budget: routing.strongShare === undefined
      ? null
      : { share: routing.strongShare, threshold: 0.123456789, isSpent: moment.isSpent },
    calibrationOf: ({ alias }) =>
      alias === "home" ? { offset: moment.offset, count: 300, state: "learned" } : null,
    readinessOf: ({ local }) =>
      local
        ? {
          isLoaded: moment.isLoaded,
          ahead: moment.ahead,
          loadMs: 7_000.25,
          prefillTokensPerSec: 311.7,
          answerMs: 4_321,
          atOnce: 2,
          isSpeedKnown: moment.ahead % 3 === 0,
        }
        : null,
    hasChecks: canEscalate(features, { cascade: CASCADE_SETTINGS, routing }),
  };
  const decision = decideRoute(features, full);
  const isPlan = decision.type === "plan";
  const record: JsonValue = JSON.parse(
    JSON.stringify(recordDecision(features, { table: full, conversation: "c" + id })),
  );
  return {
    id,
    ts: 1,
    requestedModel: moment.model,
    isStreamed: features.isStreamed,
    primaryModel: isPlan ? decision.plan.candidates[0]?.model.alias ?? "" : "",
    routeRule: isPlan ? decision.plan.ruleName : "",
    inputTokens: 1_000_000,
    outputTokens: 0,
    cachedTokens: 0,
    costUsd: null,
    decision: record,
  };
}

const PLAIN: Moment = {
  text: "Say hi",
  system: "",
  model: "auto",
  headers: {},
  fields: {},
  cooling: [],
  bound: null,
  offset: 0,
  isLoaded: true,
  ahead: 0,
  isSpent: false,
  routing: {},
};

/** An agent in the midst of a task. */
const WORKING = [
  { "role": "user", "content": "Say hi" },
  {
    "role": "assistant",
    "content": null,
    "tool_calls": [{
      "id": "c",
      "type": "function",
      "function": { "name": "t", "arguments": "{}" },
    }],
  },
  { "role": "tool", "tool_call_id": "c", "content": "hi ".repeat(9_000) },
];

/** A conversation that the local model has. */
const AT_HOME: BoundModel = {
  alias: "home",
  cause: "answer",
  cachedTokens: 900,
  primary: null,
  isProbeDue: false,
};

const alias = fc.constantFrom("home", "mini", "large", "keyless", "gone");
const moments: fc.Arbitrary<Moment> = fc.record({
  text: fc.constantFrom(
    "Say hi",
    "draft a contract",
    "Prove it, design it, debug it step by step",
    "draft",
    "x ".repeat(60_000),
  ),
  system: fc.constantFrom("", "You are an expert", "You help"),
  model: fc.constantFrom(
    "auto",
    "gpt-99",
    "large",
    "local-first",
    "cloud-only",
    "best-quality",
    "keyless",
  ),
  headers: fc.constantFrom(
    {},
    { "x-pick": "mini" },
    { "x-pick": "secret text of a client" },
    { "x-team": "legal" },
    { "x-pirouter-route": "large" },
    { "x-pirouter-difficulty": "hard" },
  ),
  fields: fc.constantFrom(
    {},
    { "stream": true },
    {
      "tools": [{ "type": "function", "function": { "name": "t" } }],
    },
    { "max_tokens": 90_000 },
    { "messages": WORKING },
  ),
  cooling: fc.subarray(["home", "mini", "large"]),
  bound: fc.option(fc.record({
    alias,
    cause: fc.constantFrom("answer", "fault", "escalation"),
    cachedTokens: fc.integer({ min: 0, max: 100_000 }),
    primary: fc.option(alias),
    isProbeDue: fc.boolean(),
    profile: fc.constantFrom(null, ...PROFILE_NAMES),
    tooSmall: fc.subarray(["home", "mini", "large"]),
    cachedElsewhere: fc.dictionary(alias, fc.integer({ min: 0, max: 100_000 })),
  })),
  offset: fc.constantFrom(0, -1.25, 2.5),
  isLoaded: fc.constantFrom(true, false, null),
  ahead: fc.integer({ min: 0, max: 20 }),
  isSpent: fc.boolean(),
  routing: fc.record({ profile: fc.constantFrom(...PROFILE_NAMES) }),
});

function replay(requests: readonly PastRequest[], change: Partial<RouteTable> = {}): Replay {
  const table = { catalog: CATALOG, rules: RULES, routing: ROUTING, ...change };
  return replayRequests(requests, { table, cascade: CASCADE_SETTINGS, priorScores: [] });
}

Deno.test("replayRequests() finds no flip with the same configuration, whatever the moment was", () => {
  fc.assert(
    fc.property(
      fc.array(moments, { maxLength: 4 }),
      fc.constantFrom(undefined, 0.3),
      fc.constantFrom(...PROFILE_NAMES),
      (list, share, profile) => {
        const routing = { profile, ...(share === undefined ? {} : { strongShare: share }) };
        const table = { catalog: CATALOG, rules: RULES };
        const requests = list.map((moment, index) =>
          past({ ...moment, routing }, table, String(index))
        );
        const result = replay(requests, { routing: { ...ROUTING, ...routing } });
        assert.deepEqual(result.flips, []);
        assert.equal(result.decidedCount, requests.length);
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("recordDecision() keeps no text of the request, of its system prompt or its headers", () => {
  const moment = {
    ...PLAIN,
    text: "my secret contract",
    system: "private expert",
    headers: { "x-pick": "sk-secret", "x-team": "hidden", "authorization": "Bearer sk-secret" },
  };
  const record = JSON.stringify(past(moment, { catalog: CATALOG, rules: RULES }, "1").decision);
  for (const word of ["secret", "private", "hidden", "Bearer"]) {
    assert.ok(!record.includes(word), record);
  }
  assert.match(record, /"prompt_matches \/\(\?i\)contract\/":true/);
});

Deno.test("replayRequests() tells flips, their costs, and rules that never fire", () => {
  const table = { catalog: CATALOG, rules: [] };
  const requests = [
    past(PLAIN, table, "a"),
    past({ ...PLAIN, fields: { "max_tokens": 5 } }, table, "b"),
    past({ ...PLAIN, model: "large" }, table, "c"),
  ];
  const result = replay(requests, {
    rules: [
      rule("short", { "tokens_in_lt": 1_000, "model_alias_eq": "auto" }, toAlias("mini")),
      rule("never", { "tokens_in_gt": 5_000_000 }, toAlias("mini")),
    ],
  });
  assert.deepEqual(
    result.flips.map((
      { id, fromModel, toModel, toRule, fromUsd, toUsd },
    ) => [id, fromModel, toModel, toRule, fromUsd, toUsd]),
    [
      ["a", "home", "mini", "short", null, 1],
      ["b", "home", "mini", "short", null, 1],
    ],
  );
  assert.deepEqual([...result.ruleCounts], [["short", 2], ["never", 0], ["model", 1]]);
});

Deno.test("replayRequests() says which conditions it can't decide, and decides the rest", () => {
  const table = { catalog: CATALOG, rules: RULES };
  const requests = [past(PLAIN, table, "a"), past({ ...PLAIN, model: "large" }, table, "b")];
  const fresh = [rule("new", { "prompt_matches": "invoice" }, toAlias("mini"))];
  const result = replay(requests, { rules: fresh });
  assert.deepEqual([...result.unknownTests], [["prompt_matches /invoice/", 2]]);
  assert.equal(result.decidedCount, 0);
  const guarded = [
    rule("new", { "tokens_in_gt": 5_000, "prompt_matches": "invoice" }, toAlias("mini")),
  ];
  assert.equal(replay(requests, { rules: guarded }).decidedCount, 2, "only where it is asked");
});

Deno.test("replayRequests() follows a conversation that has gone elsewhere", () => {
  const table = { catalog: CATALOG, rules: [] };
  const first = past(PLAIN, table, "x");
  const second = { ...past({ ...PLAIN, bound: AT_HOME }, table, "x"), cachedTokens: 1_000_000 };
  const { flips } = replay([first, second], {
    rules: [],
    routing: { ...ROUTING, profile: "cloud-only" },
  });
  assert.deepEqual(flips.map(({ toModel, toUsd }) => [toModel, toUsd]), [["mini", 1], [
    "mini",
    0.1,
  ]]);
});

Deno.test("replayRequests() decides the share of the strong tiers anew where it is another", () => {
  const table = {
    catalog: buildCatalog(
      buildModel({ alias: "m", price: price(1) }),
      buildModel({ alias: "s", quality: "strong", price: price(9) }),
    ),
    rules: [],
  };
  const hints = DIFFICULTY_TIERS;
  assert.equal(hints.length, 3);
  const texts = Array.from(
    { length: 100 },
    (_, index) => "Prove it, design it and debug it. " + "Think. ".repeat(index),
  );
  const requests = texts.map((text, index) => past({ ...PLAIN, text }, table, String(index)));
  const strongBefore = requests.filter(({ primaryModel }) => primaryModel === "s").length;
  const { flips } = replayRequests(requests, {
    cascade: CASCADE_SETTINGS,
    table: { ...table, routing: { ...ROUTING, strongShare: 0.1 } },
    priorScores: [],
  });
  const strong = strongBefore - flips.filter(({ fromModel }) => fromModel === "s").length +
    flips.filter(({ toModel }) => toModel === "s").length;
  assert.ok(strongBefore > 50 && strong <= 20, `${strongBefore} then, ${strong} now`);
});

Deno.test("replayRequests() counts rows without a record", () => {
  const row = { ...past(PLAIN, { catalog: CATALOG, rules: [] }, "a"), decision: undefined };
  const { unrecordedCount, decidedCount } = replay([row, { ...row, decision: { "v": 99 } }]);
  assert.deepEqual([unrecordedCount, decidedCount], [2, 0]);
});

Deno.test("replayRequests() lets no rule hold a conversation that the policy has later", () => {
  const table = { catalog: CATALOG, rules: [] };
  const first = past({ ...PLAIN, fields: { "max_tokens": 5 } }, table, "x");
  const second = past({ ...PLAIN, text: "Say hi again, and again", bound: AT_HOME }, table, "x");
  const { flips } = replay([first, second], {
    rules: [rule("short", { "tokens_in_lt": 7 }, toAlias("large"))],
  });
  assert.deepEqual(flips.map(({ toRule }) => toRule), ["short"]);
});

Deno.test("replayRequests() does not mind which keys are set where it runs", () => {
  const table = { catalog: CATALOG, rules: [] };
  const requests = [past(PLAIN, table, "a"), past({ ...PLAIN, model: "keyless" }, table, "b")];
  const keyless = new Map(
    [...CATALOG].map(([name, model]) => [name, { ...model, unusable: "no key" }]),
  );
  assert.deepEqual(replay(requests, { catalog: keyless, rules: [] }).flips, []);
});

Deno.test("replayRequests() reckons what an escalated request has really cost", () => {
  const row = { ...past(PLAIN, { catalog: CATALOG, rules: [] }, "a"), costUsd: 0.15 };
  const { flips } = replay([row], { rules: [rule("all", { always: true }, toAlias("mini"))] });
  assert.deepEqual(flips.map(({ fromUsd, toUsd }) => [fromUsd, toUsd]), [[0.15, 1]]);
});

Deno.test("replayRequests() keeps a conversation where the new configuration has put it", () => {
  const table = { catalog: CATALOG, rules: [] };
  const routing = { profile: "local-first" } as const;
  const bound = { ...AT_HOME, cachedTokens: 100_000 };
  const long = "x ".repeat(9_000);
  const first = past(
    { ...PLAIN, text: long, headers: { "x-pirouter-difficulty": "hard" }, routing },
    table,
    "x",
  );
  const second = past(
    { ...PLAIN, text: long, headers: { "x-pirouter-difficulty": "hard" }, bound, routing },
    table,
    "x",
  );
  const third = past({ ...PLAIN, bound, fields: { "messages": WORKING }, routing }, table, "x");
  const requests = [first, second, third].map((request) => ({ ...request, cachedTokens: 900_000 }));
  assert.deepEqual(requests.map(({ primaryModel }) => primaryModel), ["home", "home", "home"]);
  const { flips } = replay(requests, { rules: [] });
  assert.deepEqual(flips.map(({ toModel }) => toModel), ["large", "large", "large"]);
});
